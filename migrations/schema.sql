CREATE SCHEMA access;

ALTER SCHEMA access OWNER TO amanat;

CREATE SCHEMA audit;

ALTER SCHEMA audit OWNER TO amanat;

CREATE SCHEMA ledger;

ALTER SCHEMA ledger OWNER TO amanat;

CREATE SCHEMA service;

ALTER SCHEMA service OWNER TO amanat;

CREATE TYPE ledger.kind AS ENUM (
    'normal',
    'reversal',
    'close'
);

ALTER TYPE ledger.kind OWNER TO amanat;

CREATE FUNCTION access.actor() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('amanat.actor'::text, true), ''::text);

ALTER FUNCTION access.actor() OWNER TO amanat;

CREATE FUNCTION access.admit(who text, scopes text[], at timestamp with time zone, source text, action text) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    on_day date := (at AT TIME ZONE 'Asia/Karachi')::date;
    roles text[];
BEGIN
    PERFORM set_config('amanat.actor', who, true), set_config('amanat.today', on_day::text, true),
        set_config('amanat.now', at::text, true), set_config('amanat.source', source, true),
        set_config('amanat.action', action, true);
    WITH held AS (
        SELECT a.role, a.below, coalesce(o.book_id, 0) AS node
        FROM access.appointment a LEFT JOIN service.organisation o ON o.code = a.organisation
        WHERE a.person = who AND a.from_on <= on_day AND a.to_on > on_day
    ), opened AS (
        SELECT r."right", h.node, h.below OR r.always_below AS below
        FROM held h JOIN access.role_right r USING (role)
        WHERE scopes IS NULL OR r."right" = 'see' OR r."right" = ANY (scopes)
    ), settings AS (
        SELECT r.name, array_agg(o.node) FILTER (WHERE o.below) AS below,
            array_agg(o.node) FILTER (WHERE NOT o.below) AS alone
        FROM (SELECT DISTINCT "right" AS name FROM access.role_right) AS r
        LEFT JOIN opened o ON o."right" = r.name
        GROUP BY r.name
    ), done AS (
        SELECT set_config('amanat.' || name, coalesce(below, '{}')::text, true),
            set_config('amanat.' || name || '_alone', coalesce(alone, '{}')::text, true)
        FROM settings
    ), above AS (
        SELECT set_config('amanat.above', coalesce(array_agg(DISTINCT u.node_id), '{}')::text, true)
        FROM held h JOIN ledger.under u
            ON u.book_id = h.node AND u.from_on <= on_day AND u.to_on > on_day
    )
    SELECT array_agg(DISTINCT h.role ORDER BY h.role) INTO roles
    FROM (SELECT count(*) AS n FROM done) AS d, above, held h WHERE d.n > 0;
    RETURN coalesce(roles, '{}');
END $$;

ALTER FUNCTION access.admit(who text, scopes text[], at timestamp with time zone, source text, action text) OWNER TO amanat;

CREATE FUNCTION access.enter_by_key(key text, secret uuid, asked text[], at timestamp with time zone, source text, action text) RETURNS TABLE(person text, name text, roles text[], scopes text[], session uuid, csrf text, stale boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    k record;
BEGIN
    SELECT p.code, p.name, ARRAY (SELECT unnest(e.scopes) INTERSECT SELECT unnest(asked)) AS scopes INTO k
    FROM access.key e JOIN access.person p ON p.code = e.person
    JOIN access.key_secret t ON t.person = e.person AND t.id = enter_by_key.secret
    WHERE e.person = enter_by_key.key AND e.revoked_at IS NULL AND e.expires_at > at
        AND p.disabled_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > at;
    IF FOUND THEN
        RETURN QUERY SELECT k.code, k.name,
            access.admit(k.code, k.scopes, at, source || ' key ' || k.code, action),
            k.scopes, NULL::uuid, NULL::text, false;
    END IF;
END $$;

ALTER FUNCTION access.enter_by_key(key text, secret uuid, asked text[], at timestamp with time zone, source text, action text) OWNER TO amanat;

CREATE FUNCTION access.enter_by_session(token_hash bytea, at timestamp with time zone, source text, action text) RETURNS TABLE(person text, name text, roles text[], scopes text[], session uuid, csrf text, stale boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    s record;
BEGIN
    SELECT e.id, e.csrf, e.used_at, p.code, p.name INTO s
    FROM access.session e JOIN access.person p ON p.code = e.person
    LEFT JOIN access.device d ON d.id = e.device
    WHERE e.token_hash = enter_by_session.token_hash AND e.revoked_at IS NULL AND e.expires_at > at
        AND e.used_at > at - interval '2 hours' AND p.disabled_at IS NULL AND d.revoked_at IS NULL;
    IF FOUND THEN
        RETURN QUERY SELECT s.code, s.name,
            access.admit(s.code, NULL, at, source || ' session ' || s.id, action),
            NULL::text[], s.id, s.csrf, s.used_at < at - interval '5 minutes';
    END IF;
END $$;

ALTER FUNCTION access.enter_by_session(token_hash bytea, at timestamp with time zone, source text, action text) OWNER TO amanat;

CREATE FUNCTION access.first_session_ends() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT min(s.expires_at) FROM access.session AS s
$$;

ALTER FUNCTION access.first_session_ends() OWNER TO amanat;

CREATE FUNCTION access.forget_sessions(since timestamp with time zone, before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM set_config('amanat.action', 'purge', true);
    DELETE FROM access.session AS s
    WHERE s.expires_at >= since AND s.expires_at < least(before, clock_timestamp());
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        PERFORM audit.append('house', '', json_build_array(json_build_object(
            'table', 'session', 'change', 'deleted', 'before', json_build_array(json_build_object(
                'rows', gone, 'expired_since', since, 'expired_before', before)))));
    END IF;
    RETURN gone;
END $$;

ALTER FUNCTION access.forget_sessions(since timestamp with time zone, before timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION access.forget_signing_keys(before timestamp with time zone) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH gone AS (
        DELETE FROM access.signing_key AS k
        WHERE k.made_at < least(before, clock_timestamp() - interval '2 days') RETURNING 1
    )
    SELECT count(*) FROM gone
$$;

ALTER FUNCTION access.forget_signing_keys(before timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION access.may("right" text, book bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN current_setting('role', true) = 'amanat_system' OR 0 = ANY (access.nodes("right"))
        OR EXISTS (
            SELECT FROM ledger.under u
            WHERE u.book_id = book AND u.from_on <= access.today() AND u.to_on > access.today()
                AND (u.node_id = ANY (access.nodes("right"))
                    OR u.node_id = book AND book = ANY (access.nodes("right" || '_alone'))));
END $$;

ALTER FUNCTION access.may("right" text, book bigint) OWNER TO amanat;

CREATE FUNCTION access.may_below("right" text, book bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN current_setting('role', true) = 'amanat_system' OR 0 = ANY (access.nodes("right"))
        OR EXISTS (
            SELECT FROM ledger.under u
            WHERE u.book_id = book AND u.from_on <= access.today() AND u.to_on > access.today()
                AND u.node_id = ANY (access.nodes("right")))
        OR access.may("right", book) AND NOT EXISTS (
            SELECT FROM ledger.under u WHERE u.node_id = book AND u.book_id <> book);
END $$;

ALTER FUNCTION access.may_below("right" text, book bigint) OWNER TO amanat;

CREATE FUNCTION access.nodes("right" text) RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting(('amanat.'::text || "right"), true), ''::text))::bigint[];

ALTER FUNCTION access.nodes("right" text) OWNER TO amanat;

CREATE FUNCTION access.may_register_somewhere() RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (cardinality(access.nodes('register'::text)) > 0);

ALTER FUNCTION access.may_register_somewhere() OWNER TO amanat;

CREATE FUNCTION access.refuse_alone(e_book bigint[], e_kind text[], e_counterpart_book bigint[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('role', true) = 'amanat_app' AND EXISTS (
        SELECT FROM unnest(e_book, e_kind, e_counterpart_book) AS e (book, kind, other)
        WHERE (e.kind = 'reversal' OR e.other IS NOT NULL)
            AND (e.book = ANY (access.nodes('carried'))) IS NOT TRUE)
    THEN
        RAISE EXCEPTION 'I9: a reversal or a transfer is not posted by one officer alone'
            USING ERRCODE = 'AM010';
    END IF;
END $$;

ALTER FUNCTION access.refuse_alone(e_book bigint[], e_kind text[], e_counterpart_book bigint[]) OWNER TO amanat;

CREATE FUNCTION access.refuse_orphan() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('role', true) = 'amanat_app' AND NOT 0 = ANY (access.nodes('register'))
        AND NOT EXISTS (
            SELECT FROM ledger.under u
            WHERE u.book_id = NEW.book_id AND u.node_id = ANY (access.nodes('register')))
    THEN
        RAISE EXCEPTION 'I10: organisation % is registered outside of what is open to %',
            NEW.code, access.actor() USING ERRCODE = 'AM010';
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION access.refuse_orphan() OWNER TO amanat;

CREATE FUNCTION access.refuse_outside("right" text, books bigint[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    outside bigint;
BEGIN
    IF current_setting('role', true) = 'amanat_app'
        AND (0 = ANY (access.nodes("right"))) IS NOT TRUE
    THEN
        SELECT b INTO outside FROM unnest(books) AS b WHERE b IS NULL OR NOT EXISTS (
            SELECT FROM ledger.under AS u
            WHERE u.book_id = b AND u.from_on <= access.today() AND u.to_on > access.today()
                AND (u.node_id = ANY (access.nodes("right"))
                    OR u.node_id = b AND b = ANY (access.nodes("right" || '_alone')))
        ) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'I10: book % is not open to % to %', outside, access.actor(), "right"
                USING ERRCODE = 'AM010';
        END IF;
    END IF;
END $$;

ALTER FUNCTION access.refuse_outside("right" text, books bigint[]) OWNER TO amanat;

CREATE FUNCTION access.refuse_uncarried(book bigint) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM access.refuse_outside('prepare', ARRAY [book]);
    IF current_setting('role', true) = 'amanat_app' AND (book = ANY (access.nodes('carried'))) IS NOT TRUE THEN
        RAISE EXCEPTION 'I9: nothing is pledged or released by one officer alone' USING ERRCODE = 'AM010';
    END IF;
END $$;

ALTER FUNCTION access.refuse_uncarried(book bigint) OWNER TO amanat;

CREATE FUNCTION access.refuse_unless_all_below("right" text, nodes bigint[]) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    outside bigint;
BEGIN
    SELECT n INTO outside FROM unnest(nodes) AS n WHERE access.may_below("right", n) IS NOT TRUE LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'I10: not all below book % is open to % to %', outside, access.actor(), "right"
            USING ERRCODE = 'AM010';
    END IF;
END $$;

ALTER FUNCTION access.refuse_unless_all_below("right" text, nodes bigint[]) OWNER TO amanat;

CREATE FUNCTION access.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('amanat.today'::text, true), ''::text))::date;

ALTER FUNCTION access.today() OWNER TO amanat;

CREATE FUNCTION access.unplaced(organisation text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT NOT EXISTS (
            SELECT FROM service.membership m WHERE unplaced.organisation IN (m.organisation, m.parent))
        AND NOT EXISTS (
            SELECT FROM service.organisation o JOIN ledger.book b ON b.id = o.book_id
            WHERE o.code = unplaced.organisation AND b.last_no > 0)
$$;

ALTER FUNCTION access.unplaced(organisation text) OWNER TO amanat;

CREATE FUNCTION audit.append(about text, code text, changes json) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_variable
DECLARE
    t audit.trail;
BEGIN
    INSERT INTO audit.chain AS k VALUES (about, code, 1, sha256(convert_to('amanat-audit-1', 'UTF8')))
    ON CONFLICT ON CONSTRAINT chain_pkey DO UPDATE SET last_no = k.last_no + 1
    RETURNING k.last_no, k.head_hash INTO t.no, t.prev_hash;
    t.about := about;
    t.code := code;
    t.at := coalesce(nullif(current_setting('amanat.now', true), '')::timestamptz, clock_timestamp());
    t.actor := coalesce(access.actor(), 'database: ' || session_user);
    t.source := coalesce(current_setting('amanat.source', true), '');
    t.action := coalesce(current_setting('amanat.action', true), '');
    t.changes := changes;
    t.hash := audit.sealed(t);
    INSERT INTO audit.trail SELECT (t).*;
    UPDATE audit.chain k SET head_hash = t.hash WHERE k.about = t.about AND k.code = t.code;
END $$;

ALTER FUNCTION audit.append(about text, code text, changes json) OWNER TO amanat;

CREATE FUNCTION audit.broken() RETURNS TABLE(about text, code text, no bigint, what text)
    LANGUAGE sql STABLE
    AS $$
    SELECT t.about, t.code, t.no, CASE
        WHEN t.hash <> audit.sealed(t.link) THEN 'it does not say what was sealed'
        WHEN t.no <> t.no_before + 1 THEN 'links before it are missing'
        ELSE 'it does not continue the link before it' END
    FROM (
        SELECT r AS link, r.*, lag(r.no, 1, 0::bigint) OVER w AS no_before,
            lag(r.hash, 1, sha256(convert_to('amanat-audit-1', 'UTF8'))) OVER w AS hash_before
        FROM audit.trail r
        WINDOW w AS (PARTITION BY r.about, r.code ORDER BY r.no)
    ) AS t
    WHERE t.no <> t.no_before + 1 OR t.prev_hash <> t.hash_before OR t.hash <> audit.sealed(t.link)
    UNION ALL
    SELECT about, code, greatest(c.last_no, r.no), 'it is not where the chain ends'
    FROM audit.chain c
    FULL JOIN (
        SELECT DISTINCT ON (t.about, t.code) t.about, t.code, t.no, t.hash
        FROM audit.trail t ORDER BY t.about, t.code, t.no DESC
    ) AS r USING (about, code)
    WHERE (c.last_no, c.head_hash) IS DISTINCT FROM (r.no, r.hash)
    ORDER BY 1, 2, 3
$$;

ALTER FUNCTION audit.broken() OWNER TO amanat;

CREATE FUNCTION audit.discreet(r jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (r ?| ARRAY['hash'::text, 'secret_hash'::text, 'token_hash'::text, 'code_hash'::text, 'csrf'::text, 'spare_key'::text, 'cnic'::text, 'phone'::text]) THEN (((r - ARRAY['hash'::text, 'secret_hash'::text, 'token_hash'::text, 'code_hash'::text, 'csrf'::text, 'spare_key'::text]) || CASE WHEN ((r ->> 'cnic'::text) IS NULL) THEN '{}'::jsonb ELSE jsonb_build_object('cnic', ('*****-*****'::text || "right"((r ->> 'cnic'::text), 4))) END) || CASE WHEN ((r ->> 'phone'::text) IS NULL) THEN '{}'::jsonb ELSE jsonb_build_object('phone', ('*******'::text || "right"((r ->> 'phone'::text), 3))) END) ELSE r END;

ALTER FUNCTION audit.discreet(r jsonb) OWNER TO amanat;

CREATE FUNCTION audit.note() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    about text := TG_ARGV[0];
    field text := TG_ARGV[1];
    action text := current_setting('amanat.action', true);
BEGIN
    IF action = 'import' AND current_setting('role', true) = 'amanat_system' AND TG_TABLE_NAME <> 'bundle'
        OR action = 'touch' AND TG_TABLE_NAME = 'session'
    THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO audit.noted (about, code, change)
        SELECT p.about, p.code,
            jsonb_build_object('table', TG_TABLE_NAME, 'change', 'inserted', 'after', g.after)
        FROM (
            SELECT r ->> field AS code, jsonb_agg(audit.discreet(r)) AS after
            FROM (SELECT to_jsonb(new_row) AS r FROM new_rows AS new_row) AS rows GROUP BY 1
        ) AS g
        CROSS JOIN LATERAL audit.place(about, g.code) AS p;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO audit.noted (about, code, change)
        SELECT p.about, p.code,
            jsonb_build_object('table', TG_TABLE_NAME, 'change', 'deleted', 'before', g.before)
        FROM (
            SELECT r ->> field AS code, jsonb_agg(audit.discreet(r)) AS before
            FROM (SELECT to_jsonb(old_row) AS r FROM old_rows AS old_row) AS rows GROUP BY 1
        ) AS g
        CROSS JOIN LATERAL audit.place(about, g.code) AS p;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit.noted (about, code, change)
        SELECT p.about, p.code, jsonb_build_object('table', TG_TABLE_NAME, 'change', 'updated',
            'before', coalesce(g.before, '[]'), 'after', coalesce(g.after, '[]'))
        FROM (
            SELECT r ->> field AS code,
                jsonb_agg(audit.discreet(r)) FILTER (WHERE NOT is_new) AS before,
                jsonb_agg(audit.discreet(r)) FILTER (WHERE is_new) AS after
            FROM (SELECT to_jsonb(old_row) AS r, false AS is_new FROM old_rows AS old_row
                  UNION ALL SELECT to_jsonb(new_row), true FROM new_rows AS new_row) AS rows
            GROUP BY 1
        ) AS g
        CROSS JOIN LATERAL audit.place(about, g.code) AS p;
    ELSE
        INSERT INTO audit.noted (about, code, change)
        VALUES ('house', '', jsonb_build_object('table', TG_TABLE_NAME, 'change', 'truncated'));
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION audit.note() OWNER TO amanat;

CREATE FUNCTION audit.note_reading(what json) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT audit.append('person', access.actor(), json_build_array(what))
$$;

ALTER FUNCTION audit.note_reading(what json) OWNER TO amanat;

CREATE FUNCTION audit.place(about text, code text, OUT about text, OUT code text) RETURNS record
    LANGUAGE sql STABLE
    AS $_$
    SELECT CASE WHEN w.whose IS NULL THEN 'house' WHEN $1 = 'person' THEN 'person' ELSE 'organisation' END,
        coalesce(w.whose, '')
    FROM (SELECT CASE $1
        WHEN 'loan' THEN (SELECT l.lender FROM service.loan l WHERE l.code = $2)
        WHEN 'book' THEN (SELECT b.organisation FROM ledger.book b WHERE b.id = $2::bigint)
        WHEN 'house' THEN NULL
        ELSE $2 END) AS w (whose)
$_$;

ALTER FUNCTION audit.place(about text, code text, OUT about text, OUT code text) OWNER TO amanat;

CREATE FUNCTION audit.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'audit.% is never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'AM004';
END $$;

ALTER FUNCTION audit.refuse_change() OWNER TO amanat;

CREATE FUNCTION audit.seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        WITH gone AS (
            DELETE FROM audit.noted WHERE xact = pg_current_xact_id() RETURNING about, code, n, change
        )
        SELECT about, code, json_agg(change ORDER BY n) AS changes
        FROM gone GROUP BY about, code ORDER BY about, code
    LOOP
        PERFORM audit.append(c.about, c.code, c.changes);
    END LOOP;
    RETURN NULL;
END $$;

ALTER FUNCTION audit.seal() OWNER TO amanat;

CREATE FUNCTION ledger.sealed(text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN concat(octet_length($1), ':', $1, ';');

ALTER FUNCTION ledger.sealed(text) OWNER TO amanat;

CREATE TABLE audit.trail (
    about text NOT NULL,
    code text NOT NULL,
    no bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    action text NOT NULL,
    changes json NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL
);

ALTER TABLE audit.trail OWNER TO amanat;

COMMENT ON COLUMN audit.trail.about IS 'Whose chain it is: of an organisation, a person, or the house where a row names neither';

COMMENT ON COLUMN audit.trail.source IS 'From where: the address, and the session or key';

COMMENT ON COLUMN audit.trail.changes IS 'Per table what was inserted, updated or deleted, before and after; or what was read';

CREATE FUNCTION audit.sealed(t audit.trail) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(concat('amanat-audit-1;', ledger.sealed((t).about), ledger.sealed((t).code), (t).no, '|', ((EXTRACT(epoch FROM (t).at) * (1000000)::numeric))::bigint, '|', ledger.sealed((t).actor), ledger.sealed((t).source), ledger.sealed((t).action), ledger.sealed(((t).changes)::text), encode((t).prev_hash, 'hex'::text)), 'UTF8'::name));

ALTER FUNCTION audit.sealed(t audit.trail) OWNER TO amanat;

CREATE TABLE ledger.turnover (
    book_id bigint NOT NULL,
    fund text NOT NULL,
    code text NOT NULL,
    counterparty bigint NOT NULL,
    kind ledger.kind NOT NULL,
    day date NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ledger.turnover OWNER TO amanat;

COMMENT ON TABLE ledger.turnover IS 'What each book turned over on a day, as far as it is folded';

COMMENT ON COLUMN ledger.turnover.counterparty IS 'The book that the account faces; 0 for none';

CREATE FUNCTION ledger.add_to_rollup(turnover ledger.turnover[], nodes bigint[], sign integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    INSERT INTO ledger.rollup AS r (
        node_id, span, day, code, fund, kind, gender,
        debit, credit, eliminated_debit, eliminated_credit)
    SELECT s.node_id, w.span, ledger.span_start(w.span, s.day), s.code, s.fund, s.kind, s.gender,
        sign * sum(s.debit), sign * sum(s.credit),
        sign * sum(s.eliminated_debit), sign * sum(s.eliminated_credit)
    FROM ledger.spread(turnover, nodes) AS s
    CROSS JOIN ledger.summed AS m
    JOIN (VALUES (0), (1), (2)) AS w (span) ON w.span = 0 OR s.day < m.until
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (node_id, span, day, code, fund, kind, gender) DO UPDATE SET
        debit = r.debit + excluded.debit, credit = r.credit + excluded.credit,
        eliminated_debit = r.eliminated_debit + excluded.eliminated_debit,
        eliminated_credit = r.eliminated_credit + excluded.eliminated_credit
$$;

ALTER FUNCTION ledger.add_to_rollup(turnover ledger.turnover[], nodes bigint[], sign integer) OWNER TO amanat;

CREATE FUNCTION ledger.bounds(anyarray) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$ SELECT coalesce(array_dims($1), $1::text) $_$;

ALTER FUNCTION ledger.bounds(anyarray) OWNER TO amanat;

CREATE FUNCTION ledger.check_pairs(e_book bigint[], e_no bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    refused text;
BEGIN
    SELECT CASE
        WHEN bool_or(e.counterpart_book IS NOT NULL AND (o.book_id IS NULL
                OR (o.counterpart_book, o.counterpart_no) IS DISTINCT FROM (e.book_id, e.no)
                OR o.value_date <> e.value_date OR o.posted_at <> e.posted_at))
            THEN 'I8: a half of a transfer is missing or disagrees'
        WHEN bool_or(e.counterpart_book IS NOT NULL AND (NOT EXISTS (
                SELECT FROM ledger.delta d
                WHERE d.book_id = e.book_id AND d.entry_no = e.no AND d.counterparty = o.book_id)
                OR EXISTS (
                (SELECT d.fund, sum(d.debit - d.credit) FROM ledger.delta d
                 WHERE d.book_id = e.book_id AND d.entry_no = e.no AND d.counterparty = o.book_id
                 GROUP BY d.fund)
                EXCEPT
                (SELECT d.fund, sum(d.credit - d.debit) FROM ledger.delta d
                 WHERE d.book_id = o.book_id AND d.entry_no = o.no AND d.counterparty = e.book_id
                 GROUP BY d.fund))))
            THEN 'I8: the two halves of a transfer disagree in amount'
        WHEN bool_or(e.reverses IS NOT NULL AND (r.book_id IS NULL
                OR r.kind = 'reversal' OR r.no >= e.no OR r.value_date > e.value_date))
            THEN 'I4: a reversal names no entry that can be reversed'
        WHEN bool_or(e.reverses IS NOT NULL
                AND (r.counterpart_book, r.counterpart_no)
                    IS DISTINCT FROM (o.book_id, o.reverses))
            THEN 'I8: a transfer is reversed in both books together'
        WHEN bool_or(e.reverses IS NOT NULL AND EXISTS (
                (SELECT n, account_no, subject, debit, credit FROM ledger.line l
                 WHERE l.book_id = r.book_id AND l.entry_no = r.no AND l.value_date = r.value_date
                 UNION ALL
                 SELECT n, account_no, subject, credit, debit FROM ledger.line l
                 WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date)
                EXCEPT
                (SELECT n, account_no, subject, debit, credit FROM ledger.line l
                 WHERE l.book_id = r.book_id AND l.entry_no = r.no AND l.value_date = r.value_date
                 INTERSECT
                 SELECT n, account_no, subject, credit, debit FROM ledger.line l
                 WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date)))
            THEN 'I4: a reversal does not mirror its entry'
        END INTO refused
    FROM unnest(e_book, e_no) AS g (book, no)
    JOIN ledger.entry e ON e.book_id = g.book AND e.no = g.no
    LEFT JOIN ledger.entry o ON o.book_id = e.counterpart_book AND o.no = e.counterpart_no
    LEFT JOIN ledger.entry r ON r.book_id = e.book_id AND r.no = e.reverses;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM008';
    END IF;
END $$;

ALTER FUNCTION ledger.check_pairs(e_book bigint[], e_no bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.close_period(book bigint, up_to date, by_actor text, why text, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM access.refuse_outside('approve', ARRAY [book]);
    UPDATE ledger.book b SET closed_to = up_to
    WHERE b.id = book AND (b.closed_to IS NULL OR b.closed_to < up_to)
        AND up_to < (at AT TIME ZONE 'Asia/Karachi')::date
        AND at <= clock_timestamp() + interval '5 minutes'
    RETURNING b.last_no INTO last;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'book % cannot be closed to %', book, up_to USING ERRCODE = 'AM007';
    END IF;
    INSERT INTO ledger.closing VALUES (book, up_to, by_actor, why, at, last);
END $$;

ALTER FUNCTION ledger.close_period(book bigint, up_to date, by_actor text, why text, at timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION ledger.fold(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    found ledger.turnover [];
    deltas bigint;
BEGIN
    PERFORM ledger.lock_rollup();
    WITH gone AS (
        DELETE FROM ledger.delta
        WHERE ctid = ANY (ARRAY (SELECT d.ctid FROM ledger.delta AS d LIMIT most))
        RETURNING *
    ), together AS (
        SELECT g.book_id, g.fund, g.code, coalesce(g.counterparty, 0) AS counterparty, g.kind,
            g.value_date AS day, sum(g.debit)::bigint AS debit, sum(g.credit)::bigint AS credit,
            count(*) AS deltas
        FROM gone AS g GROUP BY 1, 2, 3, 4, 5, 6
    ), kept AS (
        INSERT INTO ledger.turnover AS t
        SELECT g.book_id, g.fund, g.code, g.counterparty, g.kind, g.day, g.debit, g.credit
        FROM together AS g
        ORDER BY g.book_id, g.code, g.fund, g.day
        ON CONFLICT (book_id, code, fund, counterparty, kind, day) DO UPDATE SET
            debit = t.debit + excluded.debit, credit = t.credit + excluded.credit
    )
    SELECT array_agg(ROW (g.book_id, g.fund, g.code, g.counterparty, g.kind, g.day, g.debit,
            g.credit)::ledger.turnover), coalesce(sum(g.deltas), 0)
    INTO found, deltas FROM together AS g;
    IF deltas > 0 THEN
        PERFORM ledger.add_to_rollup(found, NULL, 1);
    END IF;
    RETURN deltas;
END $$;

ALTER FUNCTION ledger.fold(most integer) OWNER TO amanat;

CREATE FUNCTION ledger.free_savings(book bigint, party text, since date) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT min(d.free)::bigint
    FROM (
        SELECT sum(sum(c.free)) OVER (ORDER BY c.day) AS free
        FROM (
            SELECT free_savings.since AS day, 0::bigint AS free
            UNION ALL
            SELECT greatest(l.value_date, free_savings.since), l.credit - l.debit
            FROM ledger.account AS a
            JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
            WHERE a.book_id = free_savings.book AND a.party = free_savings.party
                AND a.code IN ('2000', '2010')
            UNION ALL
            SELECT greatest(p.from_on, free_savings.since), -p.amount FROM ledger.pledge AS p
            WHERE p.book_id = free_savings.book AND p.party = free_savings.party
            UNION ALL
            SELECT greatest(p.to_on, free_savings.since), p.amount FROM ledger.pledge AS p
            WHERE p.book_id = free_savings.book AND p.party = free_savings.party
                AND p.to_on IS NOT NULL
        ) AS c
        GROUP BY c.day
    ) AS d
$$;

ALTER FUNCTION ledger.free_savings(book bigint, party text, since date) OWNER TO amanat;

CREATE FUNCTION ledger.genesis(organisation text, currency text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(concat('amanat-book-1;', ledger.sealed(organisation), ledger.sealed(currency)), 'UTF8'::name));

ALTER FUNCTION ledger.genesis(organisation text, currency text) OWNER TO amanat;

CREATE FUNCTION ledger.known(known_by timestamp with time zone, books bigint[]) RETURNS TABLE(book_id bigint, last_no bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT b.id, CASE WHEN known_by IS NULL THEN b.last_no ELSE coalesce(
        (SELECT max(e.no) FROM ledger.entry e WHERE e.book_id = b.id AND e.posted_at <= known_by), 0)
        END
    FROM ledger.book b
    WHERE books IS NULL OR b.id = ANY (books)
$$;

ALTER FUNCTION ledger.known(known_by timestamp with time zone, books bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.known_later(known_by timestamp with time zone, nodes bigint[]) RETURNS ledger.turnover[]
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_custom_plan'
    SET enable_seqscan TO 'on'
    SET enable_nestloop TO 'on'
    AS $$
DECLARE
    few CONSTANT integer := 1000;
    books bigint [] := ARRAY (
        SELECT u.book_id FROM ledger.under AS u WHERE u.node_id = ANY (nodes) LIMIT few + 1);
BEGIN
    IF nodes IS NULL OR cardinality(books) > few THEN
        books := NULL;
    END IF;
    RETURN (
        SELECT array_agg(ROW (
            e.book_id, a.fund, a.code, coalesce(a.counterparty, 0), e.kind, e.value_date,
            -l.debit, -l.credit)::ledger.turnover)
        FROM ledger.entry AS e
        JOIN ledger.line AS l
            ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE e.posted_at > known_by AND (books IS NULL OR e.book_id = ANY (books))
    );
END $$;

ALTER FUNCTION ledger.known_later(known_by timestamp with time zone, nodes bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.lock_and_read(books bigint[], w_book bigint[], w_code text[], w_fund text[], w_party text[], w_since date[], k_book bigint[], k_key text[], s_book bigint[], s_subject text[], r_book bigint[], r_no bigint[], m_book bigint[], m_code text[], m_fund text[], m_party text[]) RETURNS TABLE(what text, book_id bigint, no bigint, a text, b text, c text, x bigint, net bigint, days date[], nets bigint[], nos bigint[], faces bigint[], digest bytea, posted_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    behind bigint[];
BEGIN
    PERFORM access.refuse_outside('prepare', books);
    RETURN QUERY
    SELECT 'head', b.id, b.last_no,
        CASE WHEN b.import_xact = pg_current_xact_id_if_assigned() THEN 'importing' END,
        NULL::text, NULL::text, b.last_account, NULL::bigint,
        CASE WHEN b.closed_to IS NOT NULL THEN ARRAY [b.closed_to] END,
        NULL::bigint[], NULL::bigint[], NULL::bigint[], b.head_hash, b.last_posted_at
    FROM ledger.book b WHERE b.id = ANY (books) ORDER BY b.id FOR UPDATE;

    -- All accounts asked for, as arrays in the order asked; then the later days of the few
    -- that have any, each with the place of its account: a statement over all years, which
    -- costs most sheets more to begin than all else that they ask.
    SELECT array_agg(f.net), array_agg(f.no), array_agg(f.counterparty),
        array_agg(f.place) FILTER (WHERE f.last_on > f.since)
    INTO nets, nos, faces, behind
    FROM (
        SELECT w.place, w.since, a.no, a.counterparty, a.debit - a.credit AS net, a.last_on
        FROM unnest(w_book, w_code, w_fund, w_party, w_since) WITH ORDINALITY
            AS w (book_id, code, fund, party, since, place)
        LEFT JOIN ledger.account a USING (book_id, code, fund, party)
        ORDER BY w.place
    ) AS f;
    what := 'accounts';
    RETURN NEXT;

    IF behind IS NOT NULL THEN
        RETURN QUERY
        SELECT 'later', w_book[f.place], f.place, NULL::text, NULL::text, NULL::text, NULL::bigint,
            NULL::bigint, later.days, later.nets, NULL::bigint[], NULL::bigint[], NULL::bytea,
            NULL::timestamptz
        FROM unnest(behind) AS f (place)
        CROSS JOIN LATERAL (
            SELECT array_agg(d.value_date ORDER BY d.value_date) AS days,
                array_agg(d.net ORDER BY d.value_date) AS nets
            FROM (
                SELECT l.value_date, sum(l.debit - l.credit)::bigint AS net
                FROM ledger.line l
                WHERE l.book_id = w_book[f.place] AND l.account_no = nos[f.place]
                    AND l.value_date > w_since[f.place]
                GROUP BY l.value_date
            ) AS d
        ) AS later;
    END IF;

IF cardinality(k_book) > 0 THEN
        RETURN QUERY
        SELECT 'key', e.book_id, e.no, e.key, NULL::text, NULL::text, NULL::bigint, NULL::bigint,
            NULL::date[], NULL::bigint[], NULL::bigint[], NULL::bigint[], e.request_digest,
            NULL::timestamptz
        FROM unnest(k_book, k_key) AS w (book_id, key)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.entry e
            WHERE e.book_id = w.book_id AND e.key = w.key AND e.key <> '' OFFSET 0
        ) AS e;
    END IF;

    IF cardinality(s_book) > 0 THEN
        RETURN QUERY
        SELECT 'subject', s.book_id, NULL::bigint, s.subject, s.code, NULL::text, NULL::bigint,
            s.debit - s.credit, NULL::date[], NULL::bigint[], NULL::bigint[],
            NULL::bigint[], NULL::bytea, NULL::timestamptz
        FROM unnest(s_book, s_subject) AS w (book_id, subject)
        JOIN ledger.subject s ON s.book_id = w.book_id AND s.subject = w.subject;
    END IF;

    IF EXISTS (SELECT FROM ledger.pledge p WHERE p.book_id = ANY (books)) THEN
        RETURN QUERY
        SELECT f.what, f.book_id, NULL::bigint, f.party, NULL::text, NULL::text, f.amount, f.saved,
            f.days, f.nets, NULL::bigint[], NULL::bigint[], NULL::bytea, NULL::timestamptz
        FROM ledger.pledged(w_book, w_code, w_party, w_since) AS f;
    END IF;

    IF cardinality(r_book) > 0 THEN
        RETURN QUERY
        SELECT 'reversed', e.book_id, e.reverses, NULL::text, NULL::text, NULL::text, NULL::bigint,
            NULL::bigint, NULL::date[], NULL::bigint[], NULL::bigint[], NULL::bigint[], NULL::bytea,
            NULL::timestamptz
        FROM unnest(r_book, r_no) AS w (book_id, no)
        JOIN ledger.entry e ON e.book_id = w.book_id AND e.reverses = w.no;
    END IF;

    IF cardinality(m_book) > 0 THEN
        RETURN QUERY
        SELECT 'move', a.book_id, NULL::bigint, a.code, a.fund, a.party, sum(l.debit)::bigint,
            sum(l.credit)::bigint, ARRAY [l.value_date],
            CASE l.kind WHEN 'reversal' THEN ARRAY [1::bigint] END, NULL::bigint[], NULL::bigint[],
            NULL::bytea, NULL::timestamptz
        FROM unnest(m_book, m_code, m_fund, m_party) AS w (book_id, code, fund, party)
        JOIN ledger.account a USING (book_id, code, fund, party)
        JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no
        GROUP BY a.book_id, a.no, l.value_date, l.kind;
        IF '' = ANY (m_code) THEN
            RETURN QUERY
            SELECT 'named', w.book_id, NULL::bigint, a.code, NULL::text, w.party, NULL::bigint,
                sum(l.debit - l.credit)::bigint, ARRAY [l.value_date], NULL::bigint[], NULL::bigint[],
                NULL::bigint[], NULL::bytea, NULL::timestamptz
            FROM unnest(m_book, m_code, m_party) AS w (book_id, code, party)
            JOIN ledger.line l
                ON l.book_id = w.book_id AND l.subject = w.party AND l.subject <> ''
            JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
            WHERE w.code = '' AND l.kind <> 'close'
            GROUP BY w.book_id, w.party, a.code, l.value_date;
        END IF;
    END IF;
END $$;

ALTER FUNCTION ledger.lock_and_read(books bigint[], w_book bigint[], w_code text[], w_fund text[], w_party text[], w_since date[], k_book bigint[], k_key text[], s_book bigint[], s_subject text[], r_book bigint[], r_no bigint[], m_book bigint[], m_code text[], m_fund text[], m_party text[]) OWNER TO amanat;

CREATE FUNCTION ledger.lock_rollup() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pg_advisory_xact_lock(hashtext('ledger.rollup'))
$$;

ALTER FUNCTION ledger.lock_rollup() OWNER TO amanat;

CREATE FUNCTION ledger.make_partition(fiscal_year integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    partition text := format('line_fy%s', fiscal_year);
BEGIN
    IF fiscal_year IS NULL OR fiscal_year NOT BETWEEN 1980 AND 2200 THEN
        RAISE EXCEPTION 'fiscal year % is out of range', fiscal_year USING ERRCODE = 'AM007';
    END IF;
    IF to_regclass('ledger.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Not an advisory lock: only a lock on a relation makes a session look again at what it
    -- believes not to exist, and attaching takes this one anyway.
    LOCK TABLE ONLY ledger.line IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass('ledger.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE ledger.%I (LIKE ledger.line INCLUDING ALL)', partition);
    EXECUTE format(
        'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.%I
         FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', partition);
    EXECUTE format(
        'ALTER TABLE ledger.line ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
        partition, make_date(fiscal_year - 1, 7, 1), make_date(fiscal_year, 7, 1));
END $$;

ALTER FUNCTION ledger.make_partition(fiscal_year integer) OWNER TO amanat;

CREATE TABLE ledger.book (
    id bigint NOT NULL,
    organisation text NOT NULL,
    currency text DEFAULT 'PKR'::text NOT NULL,
    last_no bigint DEFAULT 0 NOT NULL,
    last_account bigint DEFAULT 0 NOT NULL,
    head_hash bytea NOT NULL,
    last_posted_at timestamp with time zone,
    closed_to date,
    import_xact xid8,
    gender text DEFAULT ''::text NOT NULL,
    CONSTRAINT book_head_hash_check CHECK ((octet_length(head_hash) = 32))
)
WITH (fillfactor='50');

ALTER TABLE ledger.book OWNER TO amanat;

COMMENT ON COLUMN ledger.book.import_xact IS 'The transaction whose import wrote all entries of the book, while it did';

CREATE FUNCTION ledger.open_books(organisations text[]) RETURNS SETOF ledger.book
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    INSERT INTO ledger.book (organisation, currency, head_hash)
    SELECT o, 'PKR', ledger.genesis(o, 'PKR') FROM unnest(organisations) WITH ORDINALITY AS g (o, n)
    ORDER BY n
    RETURNING *;
$$;

ALTER FUNCTION ledger.open_books(organisations text[]) OWNER TO amanat;

CREATE FUNCTION ledger.place_books(books bigint[], book bigint[], node bigint[], from_on date[], to_on date[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    changed_books bigint [];
    changed_nodes bigint [];
BEGIN
    PERFORM ledger.lock_rollup();
    WITH wanted AS (
        SELECT * FROM unnest(book, node, from_on, to_on) AS w (book_id, node_id, from_on, to_on)
    ), stands AS (
        SELECT u.book_id, u.node_id, u.from_on, u.to_on FROM ledger.under AS u
        WHERE u.book_id = ANY (books)
    ), changed AS (
        (SELECT * FROM wanted EXCEPT SELECT * FROM stands)
        UNION ALL
        (SELECT * FROM stands EXCEPT SELECT * FROM wanted)
    )
    SELECT array_agg(DISTINCT c.book_id), array_agg(DISTINCT c.node_id)
    INTO changed_books, changed_nodes FROM changed AS c;
    IF changed_books IS NULL THEN
        RETURN;
    END IF;
    PERFORM ledger.refold(changed_books, changed_nodes, -1);
    DELETE FROM ledger.under AS u WHERE u.book_id = ANY (changed_books);
    INSERT INTO ledger.under (book_id, node_id, from_on, to_on)
    SELECT w.* FROM unnest(book, node, from_on, to_on) AS w (book_id, node_id, from_on, to_on)
    WHERE w.book_id = ANY (changed_books);
    PERFORM ledger.refold(changed_books, changed_nodes, 1);
END $$;

ALTER FUNCTION ledger.place_books(books bigint[], book bigint[], node bigint[], from_on date[], to_on date[]) OWNER TO amanat;

CREATE FUNCTION ledger.pledge_savings(in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM access.refuse_uncarried(in_book);
    PERFORM FROM ledger.book WHERE id = in_book FOR UPDATE;
    IF recorded > clock_timestamp() + interval '5 minutes'
        OR since > (recorded AT TIME ZONE 'Asia/Karachi')::date
    THEN
        RAISE EXCEPTION 'I7: a pledge begins in the future' USING ERRCODE = 'AM007';
    END IF;
    INSERT INTO ledger.pledge (book_id, no, party, subject, amount, from_on, recorded_at)
    SELECT in_book, coalesce(max(p.no), 0) + 1, of_party, for_subject, paisa, since, recorded
    FROM ledger.pledge AS p WHERE p.book_id = in_book
    RETURNING no INTO made;
    IF ledger.free_savings(in_book, of_party, since) < 0 THEN
        RAISE EXCEPTION 'I6: more is pledged of the savings of % in book % than is free', of_party, in_book
            USING ERRCODE = 'AM006';
    END IF;
    RETURN made;
END $$;

ALTER FUNCTION ledger.pledge_savings(in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION ledger.pledged(w_book bigint[], w_code text[], w_party text[], w_since date[]) RETURNS TABLE(what text, book_id bigint, party text, amount bigint, saved bigint, days date[], nets bigint[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH asked AS MATERIALIZED (
        SELECT w.book_id, w.party, min(w.since) AS since
        FROM unnest(w_book, w_code, w_party, w_since) AS w (book_id, code, party, since)
        WHERE w.code IN ('2000', '2010') AND EXISTS (
            SELECT FROM ledger.pledge AS p
            WHERE p.book_id = w.book_id AND p.party = w.party OFFSET 0)
        GROUP BY w.book_id, w.party
    )
    SELECT 'pledge' AS what, p.book_id, p.party, p.amount, NULL::bigint, ARRAY [p.from_on, p.to_on],
        NULL::bigint []
    FROM asked AS w JOIN ledger.pledge AS p ON p.book_id = w.book_id AND p.party = w.party
    UNION ALL
    SELECT 'saved', w.book_id, w.party, NULL, coalesce(s.saved, 0), l.days, l.nets
    FROM asked AS w
    CROSS JOIN LATERAL (
        SELECT sum(a.credit - a.debit)::bigint AS saved FROM ledger.account AS a
        WHERE a.book_id = w.book_id AND a.party = w.party AND a.code IN ('2000', '2010')
    ) AS s
    CROSS JOIN LATERAL (
        SELECT array_agg(d.day ORDER BY d.day) AS days, array_agg(d.net ORDER BY d.day) AS nets
        FROM (
            SELECT l.value_date AS day, sum(l.credit - l.debit)::bigint AS net
            FROM ledger.account AS a
            JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
            WHERE a.book_id = w.book_id AND a.party = w.party AND a.code IN ('2000', '2010')
                AND l.value_date > w.since
            GROUP BY l.value_date
        ) AS d
    ) AS l
    ORDER BY what
$$;

ALTER FUNCTION ledger.pledged(w_book bigint[], w_code text[], w_party text[], w_since date[]) OWNER TO amanat;

CREATE FUNCTION ledger.post(recorded timestamp with time zone, e_book bigint[], e_no bigint[], e_value_date date[], e_posted_at timestamp with time zone[], e_kind text[], e_narrative text[], e_actor text[], e_reference text[], e_key text[], e_part smallint[], e_digest bytea[], e_reverses bigint[], e_counterpart_book bigint[], e_counterpart_no bigint[], e_hash bytea[], a_entry integer[], a_no bigint[], a_code text[], a_fund text[], a_party text[], a_counterparty bigint[], l_entry integer[], l_n integer[], l_account bigint[], l_subject text[], l_debit bigint[], l_credit bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
DECLARE
    kinds ledger.kind[] := e_kind;
    floored_debits text[];
    floored_credits text[];
    by_subject text[];
    money text[];
    day date;
    heads integer;
    taken boolean;
    refused text;
    opened text[];
    bodies text[];
    moneyless boolean;
    behind_book bigint[];
    behind_account bigint[];
    behind_since date[];
BEGIN
    IF (ledger.bounds(e_book) = format('[1:%s]', cardinality(e_book))
        AND ledger.bounds(e_book) = ALL (ARRAY [
            ledger.bounds(e_no), ledger.bounds(e_value_date), ledger.bounds(e_posted_at),
            ledger.bounds(e_kind), ledger.bounds(e_narrative), ledger.bounds(e_actor),
            ledger.bounds(e_reference), ledger.bounds(e_key), ledger.bounds(e_part),
            ledger.bounds(e_digest), ledger.bounds(e_reverses), ledger.bounds(e_counterpart_book),
            ledger.bounds(e_counterpart_no), ledger.bounds(e_hash)])
        AND ledger.bounds(a_entry) IN ('{}', format('[1:%s]', cardinality(a_entry)))
        AND ledger.bounds(a_entry) = ALL (ARRAY [
            ledger.bounds(a_no), ledger.bounds(a_code), ledger.bounds(a_fund),
            ledger.bounds(a_party), ledger.bounds(a_counterparty)])
        AND ledger.bounds(l_entry) IN ('{}', format('[1:%s]', cardinality(l_entry)))
        AND ledger.bounds(l_entry) = ALL (ARRAY [
            ledger.bounds(l_n), ledger.bounds(l_account), ledger.bounds(l_subject), ledger.bounds(l_debit),
            ledger.bounds(l_credit)])) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'I3: the arrays of a posting do not lie side by side' USING ERRCODE = 'AM003';
    END IF;

    PERFORM access.refuse_outside('prepare', e_book);
    PERFORM access.refuse_alone(e_book, e_kind, e_counterpart_book);
    PERFORM FROM ledger.book WHERE id = ANY (e_book) ORDER BY id FOR UPDATE;

    taken := EXISTS (
        SELECT FROM unnest(e_book, e_key) AS g (book, key)
        WHERE g.key <> '' AND EXISTS (
            SELECT FROM ledger.entry e
            WHERE e.book_id = g.book AND e.key = g.key AND e.key <> '' OFFSET 0));
    IF cardinality(e_book) > 1 THEN
        taken := taken OR EXISTS (
            SELECT FROM unnest(e_book, e_key, e_digest) AS g (book, key, digest) WHERE g.key <> ''
            GROUP BY g.book, g.key HAVING count(DISTINCT g.digest) > 1);
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'I5: a key belongs to another request' USING ERRCODE = 'AM005';
    END IF;

    FOREACH day IN ARRAY e_value_date LOOP
        IF to_regclass('ledger.line_fy' || extract(year FROM day + interval '6 months')) IS NULL THEN
            PERFORM ledger.make_partition(extract(year FROM day + interval '6 months')::integer);
        END IF;
    END LOOP;

    -- Accounts are opened by few entries: their numbers continue, and the entry seals them.
    IF cardinality(a_entry) > 0 THEN
        INSERT INTO ledger.account (book_id, no, code, fund, party, counterparty, opened_in)
        SELECT e_book[a.entry], a.no, a.code, a.fund, a.party, a.counterparty, e_no[a.entry]
        FROM unnest(a_entry, a_no, a_code, a_fund, a_party, a_counterparty)
            AS a (entry, no, code, fund, party, counterparty);
        WITH o AS (
            SELECT e_book[a.entry] AS book_id, count(*) AS opened FROM unnest(a_entry) AS a (entry)
            GROUP BY 1
        ), moved AS (
            UPDATE ledger.book b SET last_account = b.last_account + o.opened
            FROM o
            WHERE b.id = o.book_id AND b.last_account + o.opened
                = (SELECT max(a.no) FROM ledger.account a WHERE a.book_id = b.id)
            RETURNING b.id
        )
        SELECT (SELECT count(*) FROM o) - (SELECT count(*) FROM moved) INTO heads;
        IF heads <> 0 THEN
            RAISE EXCEPTION 'I3: the account numbers of a book do not continue' USING ERRCODE = 'AM003';
        END IF;
        opened := ARRAY (
            SELECT string_agg(
                ledger.sealed_account(o.no, o.counterparty, o.code, o.fund, o.party), '' ORDER BY o.no)
                FILTER (WHERE o.no IS NOT NULL)
            FROM generate_subscripts(e_book, 1) AS e (place)
            LEFT JOIN unnest(a_entry, a_no, a_code, a_fund, a_party, a_counterparty)
                AS o (entry, no, code, fund, party, counterparty) ON o.entry = e.place
            GROUP BY e.place ORDER BY e.place);
    END IF;

    SELECT array_agg(c.code) FILTER (WHERE c.floored AND c.sign = 1),
        array_agg(c.code) FILTER (WHERE c.floored AND c.sign = -1),
        array_agg(c.code) FILTER (WHERE c.by_subject), array_agg(c.code) FILTER (WHERE c.money)
    INTO floored_debits, floored_credits, by_subject, money FROM ledger.chart c;

    -- Lines, totals and deltas in one pass; what the checks need comes back from it. Totals
    -- move first, and tell what each account is: no account is looked up twice.
    WITH nets AS (
        SELECT e_book[l.entry] AS book_id, l.account, max(e_value_date[l.entry]) AS last_on,
            sum(l.debit)::bigint AS debit, sum(l.credit)::bigint AS credit,
            min(e_value_date[l.entry]) FILTER (WHERE l.credit > 0) AS credited_on,
            min(e_value_date[l.entry]) FILTER (WHERE l.debit > 0) AS debited_on
        FROM unnest(l_entry, l_account, l_debit, l_credit) AS l (entry, account, debit, credit)
        GROUP BY 1, 2
    ), moved AS (
        UPDATE ledger.account a
        SET debit = a.debit + nets.debit, credit = a.credit + nets.credit,
            last_on = greatest(a.last_on, nets.last_on)
        FROM nets WHERE a.book_id = nets.book_id AND a.no = nets.account
        RETURNING a.book_id, a.no, a.code, a.fund, a.counterparty, a.debit, a.credit, a.last_on,
            nets.credited_on, nets.debited_on
    ), given AS MATERIALIZED (
        SELECT l.entry, m.book_id, e_no[l.entry] AS no, e_value_date[l.entry] AS value_date,
            kinds[l.entry] AS kind, l.n, l.account, l.subject, l.debit, l.credit, m.code, m.fund,
            m.counterparty
        FROM unnest(l_entry, l_n, l_account, l_subject, l_debit, l_credit)
            AS l (entry, n, account, subject, debit, credit)
        JOIN moved m ON m.book_id = e_book[l.entry] AND m.no = l.account
    ), written AS (
        INSERT INTO ledger.line
            (book_id, entry_no, account_no, debit, credit, value_date, kind, n, subject)
        SELECT book_id, no, account, debit, credit, value_date, kind, n, subject FROM given
    ), turnover AS (
        SELECT entry, e_book[entry] AS book_id, e_no[entry] AS no, fund, code, counterparty,
            kinds[entry] AS kind, e_value_date[entry] AS value_date,
            sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
        FROM given GROUP BY entry, fund, code, counterparty
    ), waiting AS (
        INSERT INTO ledger.delta
            (book_id, entry_no, n, fund, code, counterparty, kind, value_date, debit, credit)
        SELECT book_id, no, row_number() OVER (PARTITION BY entry), fund, code, counterparty, kind,
            value_date, debit, credit
        FROM turnover
    ), funds AS (
        SELECT sum(debit) <> sum(credit) AS unbalanced,
            bool_and(kind <> 'close' AND code <> ALL (money)) AS unpaid
        FROM turnover GROUP BY entry, fund
    ), lowered AS (
        SELECT m.book_id, m.no, m.last_on,
            CASE WHEN m.code = ANY (floored_debits) THEN m.debit - m.credit ELSE m.credit - m.debit END
                AS balance,
            CASE WHEN m.code = ANY (floored_debits) THEN m.credited_on ELSE m.debited_on END AS since
        FROM moved m
        WHERE m.credited_on IS NOT NULL AND m.code = ANY (floored_debits)
            OR m.debited_on IS NOT NULL AND m.code = ANY (floored_credits)
    ), behind AS (
        SELECT array_agg(book_id) FILTER (WHERE last_on > since) AS books,
            array_agg(no) FILTER (WHERE last_on > since) AS nos,
            array_agg(since) FILTER (WHERE last_on > since) AS sinces,
            bool_or(balance < 0) AS fallen
        FROM lowered
    ), texts AS (
        SELECT entry, count(*) AS lines, min(n) <> 1 OR max(n) <> count(*) AS misnumbered,
            string_agg(ledger.sealed_line(n, account, debit, credit, subject), '' ORDER BY n) AS body
        FROM given GROUP BY entry
    ), sealed AS (
        SELECT array_agg(body ORDER BY entry) AS bodies, sum(lines) AS lines, count(*) AS entries,
            bool_or(misnumbered) AS misnumbered
        FROM texts
    ), balanced AS (
        SELECT bool_or(unbalanced) AS none, bool_or(unpaid) AS unpaid FROM funds
    )
    SELECT
        s.bodies, f.unpaid, b.books, b.nos, b.sinces,
        CASE
            WHEN coalesce(s.lines, 0) <> cardinality(l_entry)
                THEN 'I2: a line names an account that its book does not have'
            WHEN s.entries <> cardinality(e_book) THEN 'I3: an entry has no lines'
            WHEN s.misnumbered THEN 'I3: the lines of an entry are not numbered from 1'
            WHEN f.none THEN 'I1: an entry does not balance within each fund'
            WHEN 'close' = ANY (kinds)
                AND EXISTS (SELECT FROM turnover WHERE kind = 'close' AND code = ANY (money))
                THEN 'I1: a closing entry moves money'
            WHEN b.fallen THEN 'I6: an account falls below its floor'
        END
    INTO bodies, moneyless, behind_book, behind_account, behind_since, refused
    FROM behind b, sealed s, balanced f;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM001';
    END IF;

    IF behind_book IS NOT NULL THEN
        SELECT format('I6: account %s of book %s falls below its floor on %s', b.account, b.book, d.value_date)
        INTO refused
        FROM unnest(behind_book, behind_account, behind_since) AS b (book, account, since)
        JOIN ledger.account a ON a.book_id = b.book AND a.no = b.account
        JOIN ledger.chart c ON c.code = a.code
        CROSS JOIN LATERAL (
            SELECT l.value_date, a.debit - a.credit - coalesce(sum(sum(l.debit - l.credit)) OVER (
                    ORDER BY l.value_date DESC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW), 0) AS net
            FROM ledger.line l
            WHERE l.book_id = b.book AND l.account_no = b.account AND l.value_date >= b.since
            GROUP BY l.value_date
        ) AS d
        WHERE c.sign * d.net < 0
        LIMIT 1;
        IF refused IS NOT NULL THEN
            RAISE EXCEPTION '%', refused USING ERRCODE = 'AM006';
        END IF;
    END IF;

    -- What few entries leave behind: totals of what their lines are about, and that they moved
    -- no money.
    IF EXISTS (SELECT FROM ledger.pledge p WHERE p.book_id = ANY (e_book)) THEN
        PERFORM ledger.refuse_pledged(e_book, e_value_date, l_entry, l_account, l_debit);
    END IF;
    IF array_to_string(l_subject, '') <> '' THEN
        INSERT INTO ledger.subject AS s (book_id, subject, code, debit, credit)
        SELECT a.book_id, l.subject, a.code, sum(l.debit), sum(l.credit)
        FROM unnest(l_entry, l_account, l_subject, l_debit, l_credit)
            AS l (entry, account, subject, debit, credit)
        JOIN ledger.account a ON a.book_id = e_book[l.entry] AND a.no = l.account
        WHERE l.subject <> '' AND a.code = ANY (by_subject)
        GROUP BY a.book_id, l.subject, a.code
        ON CONFLICT (book_id, subject, code) DO UPDATE SET
            debit = s.debit + excluded.debit, credit = s.credit + excluded.credit;
    END IF;
    IF moneyless THEN
        INSERT INTO ledger.moneyless (book_id, value_date, entry_no, fund)
        SELECT d.book_id, d.value_date, d.entry_no, d.fund
        FROM unnest(e_book, e_no) AS e (book_id, no)
        JOIN ledger.delta d ON d.book_id = e.book_id AND d.entry_no = e.no
        WHERE d.kind <> 'close'
        GROUP BY d.book_id, d.value_date, d.entry_no, d.fund HAVING NOT bool_or(d.code = ANY (money));
    END IF;

    -- Entries: numbers continue, the chain continues, the seal fits, moments move forward.
    WITH given AS MATERIALIZED (
        SELECT e.*, row_number() OVER book AS step, lead(e.no) OVER book IS NULL AS newest,
            lag(e.posted_at) OVER book AS posted_before,
            coalesce(lag(e.hash) OVER book, b.head_hash) AS prev_hash,
            b.last_no, b.last_posted_at, b.closed_to, b.import_xact
        FROM unnest(e_book, e_no, e_value_date, e_posted_at, kinds, e_narrative,
            e_actor, e_reference, e_key, e_part, e_digest, e_reverses, e_counterpart_book,
            e_counterpart_no, e_hash) WITH ORDINALITY
            AS e (book_id, no, value_date, posted_at, kind, narrative, actor, reference, key, part,
                digest, reverses, counterpart_book, counterpart_no, hash, place)
        JOIN ledger.book b ON b.id = e.book_id AND b.id = ANY (e_book)
        WINDOW book AS (PARTITION BY e.book_id ORDER BY e.no)
    ), written AS (
        INSERT INTO ledger.entry
            (book_id, no, value_date, posted_at, recorded_at, kind, narrative, actor, reference, key,
                part, request_digest, reverses, counterpart_book, counterpart_no, prev_hash, hash)
        SELECT book_id, no, value_date, posted_at, recorded, kind, narrative, actor, reference, key,
            part, digest, reverses, counterpart_book, counterpart_no, prev_hash, hash
        FROM given
    ), moved AS (
        UPDATE ledger.book b
        SET last_no = g.no, head_hash = g.hash, last_posted_at = g.posted_at,
            import_xact = CASE WHEN g.posted_at < recorded THEN pg_current_xact_id() END
        FROM given g
        WHERE g.newest AND b.id = g.book_id
            AND (g.no <= b.last_no OR g.posted_at <= b.last_posted_at) IS NOT TRUE
    )
    SELECT CASE
        WHEN count(*) <> cardinality(e_book) THEN 'I3: an entry names no book'
        WHEN bool_or(no <> last_no + step) THEN 'I3: the numbers do not continue'
        WHEN bool_or(posted_at <= coalesce(posted_before, last_posted_at)) THEN 'I3: moments must move forward'
        WHEN bool_or(posted_at > greatest(recorded, last_posted_at) + interval '1 second'
                OR posted_at > clock_timestamp() + interval '6 minutes')
            THEN 'I7: posted in the future'
        WHEN bool_or(value_date > (posted_at AT TIME ZONE 'Asia/Karachi')::date)
            THEN 'I7: an entry is dated in the future'
        WHEN bool_or(value_date <= closed_to) THEN 'I7: an entry is dated in a closed period'
        WHEN recorded > clock_timestamp() + interval '5 minutes' THEN 'I7: recorded in the future'
        WHEN bool_or(posted_at < recorded AND last_no > 0
                AND import_xact IS DISTINCT FROM pg_current_xact_id())
            THEN 'I7: only an import into an empty book says when it was posted'
        WHEN bool_or(hash <> ledger.seal(ROW (book_id, no, value_date, posted_at, recorded, kind,
                narrative, actor, reference, key, part, digest, reverses, counterpart_book,
                counterpart_no, prev_hash, hash)::ledger.entry, coalesce(opened[place], ''), bodies[place]))
            THEN 'I3: the seal does not fit the entry'
        END INTO refused
    FROM given;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM003';
    END IF;

    IF array_remove(e_counterpart_book, NULL) <> '{}' OR array_remove(e_reverses, NULL) <> '{}' THEN
        PERFORM ledger.check_pairs(e_book, e_no);
    END IF;
END $$;

ALTER FUNCTION ledger.post(recorded timestamp with time zone, e_book bigint[], e_no bigint[], e_value_date date[], e_posted_at timestamp with time zone[], e_kind text[], e_narrative text[], e_actor text[], e_reference text[], e_key text[], e_part smallint[], e_digest bytea[], e_reverses bigint[], e_counterpart_book bigint[], e_counterpart_no bigint[], e_hash bytea[], a_entry integer[], a_no bigint[], a_code text[], a_fund text[], a_party text[], a_counterparty bigint[], l_entry integer[], l_n integer[], l_account bigint[], l_subject text[], l_debit bigint[], l_credit bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.refold(books bigint[], nodes bigint[], sign integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    chunk bigint [];
BEGIN
    FOR place IN 1..cardinality(books) BY 500 LOOP
        chunk := books[place:place + 499];
        PERFORM ledger.add_to_rollup(array_agg(t), nodes, sign)
        FROM (
            SELECT t::ledger.turnover AS t FROM ledger.turnover AS t WHERE t.book_id = ANY (chunk)
            UNION ALL
            SELECT t::ledger.turnover FROM ledger.turnover AS t
            WHERE t.counterparty <> 0 AND t.counterparty = ANY (chunk) AND t.book_id <> ALL (books)
        ) AS touched (t)
        HAVING count(*) > 0;
    END LOOP;
END $$;

ALTER FUNCTION ledger.refold(books bigint[], nodes bigint[], sign integer) OWNER TO amanat;

CREATE FUNCTION ledger.refuse_backward() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.organisation <> OLD.organisation OR NEW.currency <> OLD.currency
        OR NEW.last_no < OLD.last_no OR NEW.last_account < OLD.last_account
        OR NEW.last_posted_at < OLD.last_posted_at OR NEW.closed_to < OLD.closed_to
        OR (NEW.last_posted_at IS NULL AND OLD.last_posted_at IS NOT NULL)
        OR (NEW.closed_to IS NULL AND OLD.closed_to IS NOT NULL)
        OR (NEW.last_no = OLD.last_no AND NEW.head_hash <> OLD.head_hash)
    THEN
        RAISE EXCEPTION 'the head of book % only moves forward', OLD.id USING ERRCODE = 'AM003';
    END IF;
    RETURN NEW;
END $$;

ALTER FUNCTION ledger.refuse_backward() OWNER TO amanat;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is never changed or deleted: reverse the entry instead', TG_TABLE_NAME
        USING ERRCODE = 'AM004';
END $$;

ALTER FUNCTION ledger.refuse_change() OWNER TO amanat;

CREATE FUNCTION ledger.refuse_other_than_release() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.to_on IS NOT NULL OR to_jsonb(NEW) - ARRAY ['to_on', 'released_at']
        <> to_jsonb(OLD) - ARRAY ['to_on', 'released_at']
    THEN
        RAISE EXCEPTION 'I4: ledger.pledge is never changed, only released once' USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;

ALTER FUNCTION ledger.refuse_other_than_release() OWNER TO amanat;

CREATE FUNCTION ledger.refuse_pledged(e_book bigint[], e_value_date date[], l_entry integer[], l_account bigint[], l_debit bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    lowered record;
BEGIN
    SELECT w.book_id, w.party INTO lowered
    FROM (
        SELECT a.book_id, a.party, min(e_value_date[l.entry]) AS since
        FROM unnest(l_entry, l_account, l_debit) AS l (entry, account, debit)
        JOIN ledger.account AS a ON a.book_id = e_book[l.entry] AND a.no = l.account
        WHERE l.debit > 0 AND a.code IN ('2000', '2010') AND EXISTS (
            SELECT FROM ledger.pledge AS p
            WHERE p.book_id = a.book_id AND p.party = a.party OFFSET 0)
        GROUP BY a.book_id, a.party
    ) AS w
    WHERE ledger.free_savings(w.book_id, w.party, w.since) < 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'I6: the savings of % in book % fall below what is pledged of them',
            lowered.party, lowered.book_id USING ERRCODE = 'AM006';
    END IF;
END $$;

ALTER FUNCTION ledger.refuse_pledged(e_book bigint[], e_value_date date[], l_entry integer[], l_account bigint[], l_debit bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM access.refuse_uncarried(in_book);
    PERFORM FROM ledger.book WHERE id = in_book FOR UPDATE;
    IF recorded > clock_timestamp() + interval '5 minutes'
        OR released_on > (recorded AT TIME ZONE 'Asia/Karachi')::date
    THEN
        RAISE EXCEPTION 'I7: a pledge is released in the future' USING ERRCODE = 'AM007';
    END IF;
    UPDATE ledger.pledge SET to_on = released_on, released_at = recorded
    WHERE book_id = in_book AND no = pledge_no AND to_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'I4: pledge % of book % is released already, or there is none', pledge_no, in_book
            USING ERRCODE = 'AM004';
    END IF;
END $$;

ALTER FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION ledger.rolled(nodes bigint[], days date[], known_by timestamp with time zone) RETURNS TABLE(node_id bigint, on_day date, fund text, code text, kind text, gender text, debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    summed_until date := (SELECT until FROM ledger.summed);
    latest date := (SELECT max(d) FROM unnest(days) AS d);
    places bigint [] := coalesce(nodes, ARRAY (SELECT id FROM ledger.book));
    later ledger.turnover [] :=
        CASE WHEN known_by IS NOT NULL THEN ledger.known_later(known_by, nodes) END;
    waiting bigint [] := ARRAY (
        SELECT DISTINCT d.book_id FROM ledger.delta AS d WHERE d.value_date <= latest);
    facing ledger.turnover [] := ARRAY (
        SELECT ROW (
            d.book_id, d.fund, d.code, d.counterparty, d.kind, d.value_date, d.debit, d.credit
        )::ledger.turnover
        FROM ledger.delta AS d WHERE d.counterparty IS NOT NULL AND d.value_date <= latest);
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT n.node_id, d.on_day, least(d.on_day, summed_until) AS summed_on
        FROM unnest(places) AS n (node_id) CROSS JOIN unnest(days) AS d (on_day)
    ),

    stays AS MATERIALIZED (
        SELECT u.book_id, u.node_id, u.from_on, u.to_on, b.gender
        FROM ledger.under AS u
        JOIN (SELECT id, gender FROM ledger.book WHERE id = ANY (waiting)) AS b ON b.id = u.book_id
        WHERE nodes IS NULL AND u.book_id = ANY (waiting) AND u.node_id <> u.book_id
        UNION ALL
        SELECT u.book_id, u.node_id, u.from_on, u.to_on,
            (SELECT b.gender FROM ledger.book AS b WHERE b.id = u.book_id)
        FROM ledger.under AS u
        WHERE u.node_id = ANY (nodes) AND u.book_id = ANY (waiting) AND u.node_id <> u.book_id
    ),

    own AS (
        SELECT a.node_id, a.on_day, t.fund, t.code, t.kind, t.debit, t.credit
        FROM asked AS a
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.turnover AS x
            WHERE x.book_id = a.node_id AND x.day <= a.on_day OFFSET 0
        ) AS t
        UNION ALL
        SELECT a.node_id, a.on_day, d.fund, d.code, d.kind, d.debit, d.credit
        FROM asked AS a
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.delta AS x
            WHERE x.book_id = a.node_id AND x.value_date <= a.on_day OFFSET 0
        ) AS d
        UNION ALL
        SELECT a.node_id, a.on_day, t.fund, t.code, t.kind, t.debit, t.credit
        FROM unnest(later) AS t JOIN asked AS a ON a.node_id = t.book_id AND t.day <= a.on_day
    ),

    unfolded AS MATERIALIZED (
        SELECT s.node_id, greatest(d.value_date, s.from_on) AS day, s.to_on, d.fund, d.code, d.kind,
            d.value_date < s.from_on AS moves, s.gender, sum(d.debit) AS debit, sum(d.credit) AS credit
        FROM ledger.delta AS d
        JOIN stays AS s ON s.book_id = d.book_id AND s.to_on > d.value_date
        WHERE d.value_date <= latest
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ),

    apart AS (
        SELECT u.node_id, u.day, u.fund, u.code,
            CASE WHEN u.moves THEN 'move' ELSE u.kind::text END AS kind, u.gender, u.debit, u.credit
        FROM unfolded AS u
        UNION ALL
        SELECT u.node_id, u.to_on, u.fund, u.code, 'move', u.gender, -u.debit, -u.credit
        FROM unfolded AS u WHERE u.to_on < '9999-01-01'
    ),

    together AS (
        SELECT a.node_id, a.on_day, r.fund, r.code, r.kind, r.gender,
            r.debit, r.credit, r.eliminated_debit, r.eliminated_credit
        FROM asked AS a
        CROSS JOIN LATERAL (VALUES
            (2, '-infinity'::date, ledger.span_start(2, a.summed_on)),
            (1, ledger.span_start(2, a.summed_on), ledger.span_start(1, a.summed_on)),
            (0, ledger.span_start(1, a.summed_on), a.on_day + 1)
        ) AS w (span, first_on, until)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.rollup AS x
            WHERE x.node_id = a.node_id AND x.span = w.span
                AND x.day >= w.first_on AND x.day < w.until OFFSET 0
        ) AS r
        UNION ALL
        SELECT o.node_id, o.on_day, o.fund, o.code, o.kind::text,
            (SELECT b.gender FROM ledger.book AS b WHERE b.id = o.node_id),
            sum(o.debit), sum(o.credit), 0, 0
        FROM own AS o GROUP BY o.node_id, o.on_day, o.fund, o.code, o.kind
        UNION ALL
        SELECT a.node_id, a.on_day, f.fund, f.code, f.kind, f.gender, f.debit, f.credit, 0, 0
        FROM apart AS f
        JOIN asked AS a ON a.node_id = f.node_id AND f.day <= a.on_day
        UNION ALL
        SELECT a.node_id, a.on_day, s.fund, s.code, s.kind, s.gender, 0, 0,
            s.eliminated_debit, s.eliminated_credit
        FROM ledger.spread(facing, nodes) AS s
        JOIN asked AS a ON a.node_id = s.node_id AND s.day <= a.on_day
        UNION ALL
        SELECT a.node_id, a.on_day, s.fund, s.code, s.kind, s.gender, s.debit, s.credit,
            s.eliminated_debit, s.eliminated_credit
        FROM ledger.spread(later, nodes) AS s
        JOIN asked AS a ON a.node_id = s.node_id AND s.day <= a.on_day
    )

    SELECT node_id, on_day, fund, code, kind, gender, sum(debit)::bigint, sum(credit)::bigint,
        sum(eliminated_debit)::bigint, sum(eliminated_credit)::bigint
    FROM together
    GROUP BY node_id, on_day, fund, code, kind, gender
    ORDER BY node_id, on_day, fund, code, kind, gender;
END $$;

ALTER FUNCTION ledger.rolled(nodes bigint[], days date[], known_by timestamp with time zone) OWNER TO amanat;

CREATE TABLE ledger.entry (
    book_id bigint NOT NULL,
    no bigint NOT NULL,
    value_date date NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    kind ledger.kind NOT NULL,
    narrative text NOT NULL,
    actor text NOT NULL,
    reference text NOT NULL,
    key text NOT NULL,
    part smallint NOT NULL,
    request_digest bytea NOT NULL,
    reverses bigint,
    counterpart_book bigint,
    counterpart_no bigint,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT entry_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT entry_check CHECK (((kind = 'reversal'::ledger.kind) = (reverses IS NOT NULL))),
    CONSTRAINT entry_check1 CHECK (((counterpart_book IS NULL) = (counterpart_no IS NULL))),
    CONSTRAINT entry_check2 CHECK ((counterpart_book <> book_id))
);

ALTER TABLE ledger.entry OWNER TO amanat;

CREATE FUNCTION ledger.sealed_text(e ledger.entry, opened text, body text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN concat('amanat-entry-1;', (e).book_id, '|', (e).no, '|', to_char(((e).value_date)::timestamp without time zone, 'YYYY-MM-DD'::text), '|', ((EXTRACT(epoch FROM (e).posted_at) * (1000000)::numeric))::bigint, '|', ((EXTRACT(epoch FROM (e).recorded_at) * (1000000)::numeric))::bigint, '|', (e).kind, '|', ledger.sealed((e).narrative), ledger.sealed((e).actor), ledger.sealed((e).reference), ledger.sealed((e).key), (e).part, '|', encode((e).request_digest, 'hex'::text), '|', (e).reverses, '|', (e).counterpart_book, '|', (e).counterpart_no, '|', encode((e).prev_hash, 'hex'::text), '|', opened, '#', body);

ALTER FUNCTION ledger.sealed_text(e ledger.entry, opened text, body text) OWNER TO amanat;

CREATE FUNCTION ledger.seal(e ledger.entry, opened text, body text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to(ledger.sealed_text(e, opened, body), 'UTF8'::name));

ALTER FUNCTION ledger.seal(e ledger.entry, opened text, body text) OWNER TO amanat;

CREATE FUNCTION ledger.sealed_account(no bigint, counterparty bigint, code text, fund text, party text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN concat(no, '|', counterparty, '|', ledger.sealed(code), ledger.sealed(fund), ledger.sealed(party));

ALTER FUNCTION ledger.sealed_account(no bigint, counterparty bigint, code text, fund text, party text) OWNER TO amanat;

CREATE FUNCTION ledger.sealed_line(n bigint, account bigint, debit bigint, credit bigint, subject text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN concat_ws('|'::text, n, account, debit, credit, CASE WHEN (subject = ''::text) THEN '0:;'::text ELSE ledger.sealed(subject) END);

ALTER FUNCTION ledger.sealed_line(n bigint, account bigint, debit bigint, credit bigint, subject text) OWNER TO amanat;

CREATE FUNCTION ledger.set_genders(books bigint[], genders text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    changed bigint [];
BEGIN
    PERFORM ledger.lock_rollup();
    SELECT array_agg(b.id) INTO changed
    FROM ledger.book AS b JOIN unnest(books, genders) AS g (book, gender) ON g.book = b.id
    WHERE b.gender <> g.gender;
    IF changed IS NULL THEN
        RETURN;
    END IF;
    PERFORM ledger.refold(changed, NULL, -1);
    UPDATE ledger.book AS b SET gender = g.gender
    FROM unnest(books, genders) AS g (book, gender) WHERE g.book = b.id AND b.id = ANY (changed);
    PERFORM ledger.refold(changed, NULL, 1);
END $$;

ALTER FUNCTION ledger.set_genders(books bigint[], genders text[]) OWNER TO amanat;

CREATE FUNCTION ledger.settled_before() RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(min(xact_start), clock_timestamp())
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
        AND backend_type = 'client backend';
$$;

ALTER FUNCTION ledger.settled_before() OWNER TO amanat;

CREATE FUNCTION ledger.span_start(span integer, day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE span WHEN 0 THEN day WHEN 1 THEN (date_trunc('month'::text, (day)::timestamp without time zone))::date ELSE ((date_trunc('year'::text, ((day)::timestamp without time zone - '6 mons'::interval)) + '6 mons'::interval))::date END;

ALTER FUNCTION ledger.span_start(span integer, day date) OWNER TO amanat;

CREATE FUNCTION ledger.spread(turnover ledger.turnover[], nodes bigint[]) RETURNS TABLE(node_id bigint, day date, code text, fund text, kind text, gender text, debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    books bigint [] := ARRAY (SELECT DISTINCT t.book_id FROM unnest(turnover) AS t);
    faced bigint [] := ARRAY (SELECT DISTINCT t.counterparty FROM unnest(turnover) AS t
        WHERE t.counterparty <> 0);
BEGIN
    IF cardinality(books) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT t.*, b.gender
        FROM unnest(turnover) AS t
        JOIN (SELECT id, gender FROM ledger.book WHERE id = ANY (books)) AS b ON b.id = t.book_id
    ),

    stays AS MATERIALIZED (
        SELECT u.book_id, u.node_id, u.from_on, u.to_on FROM ledger.under AS u
        WHERE u.book_id = ANY (books) AND (nodes IS NULL OR u.node_id = ANY (nodes))
    ),

    facing AS MATERIALIZED (
        SELECT u.book_id, u.node_id, u.from_on, u.to_on FROM ledger.under AS u
        WHERE u.book_id = ANY (faced) AND (nodes IS NULL OR u.node_id = ANY (nodes))
    ),

    parts AS MATERIALIZED (
        SELECT u.node_id, greatest(t.day, u.from_on) AS from_on, u.to_on, t.code, t.fund, t.kind,
            t.day < u.from_on AS moves, t.gender, sum(t.debit)::bigint AS debit,
            sum(t.credit)::bigint AS credit, 0::bigint AS eliminated_debit,
            0::bigint AS eliminated_credit
        FROM given AS t
        JOIN stays AS u ON u.book_id = t.book_id AND u.node_id <> t.book_id AND u.to_on > t.day
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        UNION ALL
        SELECT u.node_id, greatest(t.day, u.from_on, o.from_on), least(u.to_on, o.to_on), t.code,
            t.fund, t.kind, t.day < greatest(u.from_on, o.from_on), t.gender, 0, 0,
            sum(t.debit)::bigint, sum(t.credit)::bigint
        FROM given AS t
        JOIN stays AS u ON u.book_id = t.book_id AND u.to_on > t.day
        JOIN facing AS o
            ON o.book_id = t.counterparty AND o.node_id = u.node_id AND o.to_on > t.day
            AND o.from_on < u.to_on AND o.to_on > u.from_on
        WHERE t.counterparty <> 0
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    )

    SELECT p.node_id, p.from_on, p.code, p.fund,
        CASE WHEN p.moves THEN 'move' ELSE p.kind::text END, p.gender, p.debit, p.credit,
        p.eliminated_debit, p.eliminated_credit
    FROM parts AS p
    UNION ALL
    SELECT p.node_id, p.to_on, p.code, p.fund, 'move', p.gender, -p.debit, -p.credit,
        -p.eliminated_debit, -p.eliminated_credit
    FROM parts AS p WHERE p.to_on < '9999-01-01';
END $$;

ALTER FUNCTION ledger.spread(turnover ledger.turnover[], nodes bigint[]) OWNER TO amanat;

CREATE FUNCTION ledger.sum_up(upto date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    since date;
    made bigint;
BEGIN
    PERFORM ledger.lock_rollup();
    SELECT until INTO since FROM ledger.summed;
    IF upto <= since THEN
        RETURN 0;
    END IF;
    INSERT INTO ledger.rollup AS r (
        node_id, span, day, code, fund, kind, gender,
        debit, credit, eliminated_debit, eliminated_credit)
    SELECT d.node_id, w.span, ledger.span_start(w.span, d.day), d.code, d.fund, d.kind, d.gender,
        sum(d.debit), sum(d.credit), sum(d.eliminated_debit), sum(d.eliminated_credit)
    FROM ledger.book AS b
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.rollup AS x
        WHERE x.node_id = b.id AND x.span = 0 AND x.day >= since AND x.day < upto OFFSET 0
    ) AS d
    CROSS JOIN generate_series(1, 2) AS w (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (node_id, span, day, code, fund, kind, gender) DO UPDATE SET
        debit = r.debit + excluded.debit, credit = r.credit + excluded.credit,
        eliminated_debit = r.eliminated_debit + excluded.eliminated_debit,
        eliminated_credit = r.eliminated_credit + excluded.eliminated_credit;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE ledger.summed SET until = upto;
    RETURN made;
END $$;

ALTER FUNCTION ledger.sum_up(upto date) OWNER TO amanat;

CREATE FUNCTION ledger.turned_in_quarters(nodes bigint[], on_day date, known_by timestamp with time zone, codes text[], first_on date) RETURNS TABLE(node_id bigint, quarter date, code text, reversal boolean, debit bigint, credit bigint)
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    since date := coalesce(first_on, '-infinity');
    summed_until date := least(ledger.span_start(1, on_day), (SELECT until FROM ledger.summed));
    whole_from date := CASE WHEN since = ledger.span_start(1, since) THEN since ELSE 'infinity' END;
    apart ledger.turnover [] := ledger.unfolded(nodes, known_by);
    places bigint [] := coalesce(nodes, ARRAY (SELECT id FROM ledger.book));
BEGIN
    RETURN QUERY
    WITH moved AS (
        SELECT r.node_id, r.day, r.code, r.kind, r.debit, r.credit, r.eliminated_debit,
            r.eliminated_credit
        FROM unnest(places) AS n (node_id)
        CROSS JOIN (VALUES
            (1, whole_from, summed_until),
            (0, CASE WHEN whole_from < summed_until THEN summed_until ELSE since END, on_day + 1)
        ) AS w (span, first_on, until)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.rollup AS x
            WHERE x.node_id = n.node_id AND x.span = w.span
                AND x.day >= w.first_on AND x.day < w.until OFFSET 0
        ) AS r
        UNION ALL
        SELECT t.book_id, t.day, t.code, t.kind::text, t.debit, t.credit, 0, 0
        FROM unnest(places) AS n (node_id)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.turnover AS x
            WHERE x.book_id = n.node_id AND x.day >= since AND x.day <= on_day OFFSET 0
        ) AS t
        UNION ALL
        SELECT t.book_id, t.day, t.code, t.kind::text, t.debit, t.credit, 0, 0
        FROM unnest(apart) AS t
        JOIN unnest(places) AS n (node_id) ON n.node_id = t.book_id
        WHERE t.day >= since AND t.day <= on_day
        UNION ALL
        SELECT s.node_id, s.day, s.code, s.kind, s.debit, s.credit, s.eliminated_debit,
            s.eliminated_credit
        FROM ledger.spread(apart, nodes) AS s
        WHERE s.day >= since AND s.day <= on_day
    )

    SELECT m.node_id, date_trunc('quarter', m.day::timestamp)::date, m.code, m.kind = 'reversal',
        sum(m.debit - m.eliminated_debit)::bigint, sum(m.credit - m.eliminated_credit)::bigint
    FROM moved AS m
    WHERE m.kind IN ('normal', 'reversal') AND m.code = ANY (codes)
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4;
END $$;

ALTER FUNCTION ledger.turned_in_quarters(nodes bigint[], on_day date, known_by timestamp with time zone, codes text[], first_on date) OWNER TO amanat;

CREATE FUNCTION ledger.unfolded(nodes bigint[], known_by timestamp with time zone) RETURNS ledger.turnover[]
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    later ledger.turnover [] := CASE WHEN known_by IS NOT NULL THEN ledger.known_later(known_by, nodes) END;
    books bigint [];
BEGIN
    books := ARRAY (
        SELECT DISTINCT u.book_id FROM ledger.under AS u
        WHERE (nodes IS NULL OR u.node_id = ANY (nodes)) AND u.book_id = ANY (ARRAY (
            SELECT d.book_id FROM ledger.delta AS d
            UNION SELECT l.book_id FROM unnest(later) AS l)));
    RETURN (
        SELECT array_agg(apart.a)
        FROM (
            SELECT d.book_id, ROW (
                d.book_id, d.fund, d.code, coalesce(d.counterparty, 0), d.kind, d.value_date,
                d.debit, d.credit)::ledger.turnover
            FROM ledger.delta AS d
            UNION ALL
            SELECT l.book_id, l::ledger.turnover FROM unnest(later) AS l
        ) AS apart (book_id, a)
        JOIN unnest(books) AS b (book_id) ON b.book_id = apart.book_id
    );
END $$;

ALTER FUNCTION ledger.unfolded(nodes bigint[], known_by timestamp with time zone) OWNER TO amanat;

CREATE FUNCTION service.carry_out(request text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    r service.request;
    opened bigint[];
BEGIN
    SELECT * INTO r FROM service.request q WHERE q.code = carry_out.request FOR UPDATE;
    IF r.code IS NULL OR r.state <> 'approved' OR r.outcome IS NOT NULL
        OR r.decided_by IS DISTINCT FROM access.actor() OR r.asked_by = r.decided_by
    THEN
        RAISE EXCEPTION 'I9: request % is not approved by %', carry_out.request, access.actor()
            USING ERRCODE = 'AM010';
    END IF;
    SELECT array_agg(o.book_id) INTO opened
    FROM service.organisation o WHERE o.code IN (r.organisation, r.decider);
    IF opened IS NULL THEN
        PERFORM set_config('amanat.carried', '{0}', true);
    ELSE
        PERFORM set_config('amanat.' || right_, (access.nodes(right_) || opened)::text, true)
        FROM unnest(ARRAY ['read_alone', 'prepare_alone', 'register_alone']) AS right_;
        PERFORM set_config('amanat.above', (access.nodes('above') || opened)::text, true),
            set_config('amanat.carried', opened::text, true);
    END IF;
END $$;

ALTER FUNCTION service.carry_out(request text) OWNER TO amanat;

CREATE FUNCTION service.codes_taken(codes text[]) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.document'), l.lock)
    FROM (SELECT DISTINCT hashtext(c) AS lock FROM unnest(codes) AS c ORDER BY 1) AS l;
    RETURN QUERY SELECT d.code FROM service.document AS d WHERE d.code = ANY (codes);
END $$;

ALTER FUNCTION service.codes_taken(codes text[]) OWNER TO amanat;

CREATE FUNCTION service.desk(home text, sheet text, people text[], key text) RETURNS TABLE(book_id bigint, kind text, limited boolean, back_dated_days integer, withdrawal bigint, taken boolean, asked boolean, strangers text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.document'), hashtext(sheet));
    RETURN QUERY
    SELECT
        o.book_id, o.kind, l.organisation IS NOT NULL, l.back_dated_days, l.withdrawal,
        EXISTS (SELECT FROM service.document AS d WHERE d.code = desk.sheet),
        EXISTS (SELECT FROM service.request AS r WHERE r.organisation = home AND r.key = desk.key),
        ARRAY(
            SELECT p.code FROM unnest(people) AS p (code)
            LEFT JOIN service.member AS m ON m.code = p.code
            WHERE m.organisation IS DISTINCT FROM home
        )
    FROM service.organisation AS o
    LEFT JOIN service.limits AS l ON l.organisation = o.code
    WHERE o.code = home AND access.may('prepare', o.book_id);
END $$;

ALTER FUNCTION service.desk(home text, sheet text, people text[], key text) OWNER TO amanat;

CREATE FUNCTION service.refresh_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    ANALYZE ledger.book, ledger.account, ledger.entry, ledger.line, ledger.under, ledger.delta,
        service.organisation, service.membership, service.member, service.loan, service.instalment,
        service.sheet, service.event;
END $$;

ALTER FUNCTION service.refresh_statistics() OWNER TO amanat;

CREATE FUNCTION service.refuse_other_than_undoing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL OR to_jsonb(NEW) - ARRAY ['undone_at', 'undone_by']
        <> to_jsonb(OLD) - ARRAY ['undone_at', 'undone_by']
    THEN
        RAISE EXCEPTION 'I4: service.loan_change is never changed, only undone once' USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;

ALTER FUNCTION service.refuse_other_than_undoing() OWNER TO amanat;

CREATE FUNCTION service.refuse_reopened() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.entry_no IS NOT NULL AND (NEW.state NOT IN (OLD.state, 'reversed')
        OR to_jsonb(NEW) - ARRAY ['state', 'version'] <> to_jsonb(OLD) - ARRAY ['state', 'version'])
    THEN
        RAISE EXCEPTION 'I4: sheet % is posted: reverse it instead', OLD.code USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;

ALTER FUNCTION service.refuse_reopened() OWNER TO amanat;

CREATE FUNCTION service.take_code() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO service.document (code) SELECT n.code FROM new_rows AS n;
    RETURN NULL;
END $$;

ALTER FUNCTION service.take_code() OWNER TO amanat;

CREATE TABLE access.appointment (
    id uuid NOT NULL,
    person text NOT NULL,
    role text NOT NULL,
    organisation text,
    below boolean NOT NULL,
    from_on date NOT NULL,
    to_on date DEFAULT 'infinity'::date NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT appointment_check CHECK ((from_on <= to_on)),
    CONSTRAINT appointment_check1 CHECK (((organisation IS NOT NULL) OR below)),
    CONSTRAINT appointment_check2 CHECK (((role <> 'auditor'::text) OR (to_on < 'infinity'::date))),
    CONSTRAINT appointment_role_check CHECK ((role = ANY (ARRAY['accountant'::text, 'president'::text, 'manager'::text, 'treasurer'::text, 'field_officer'::text, 'auditor'::text, 'administrator'::text])))
);

ALTER TABLE access.appointment OWNER TO amanat;

COMMENT ON TABLE access.appointment IS 'A role on an organisation, alone or with all below it, from a day until the day before to_on';

COMMENT ON COLUMN access.appointment.organisation IS 'Null: the whole house';

CREATE TABLE access.device (
    id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    registered_by text NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT device_name_check CHECK ((name <> ''::text))
);

ALTER TABLE access.device OWNER TO amanat;

COMMENT ON TABLE access.device IS 'A phone that several people may share, each with a PIN that is good on it alone';

CREATE TABLE access.key (
    person text NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

ALTER TABLE access.key OWNER TO amanat;

COMMENT ON TABLE access.key IS 'A machine as OAuth 2 client: what it may ask at most, and until when';

CREATE TABLE access.key_secret (
    id uuid NOT NULL,
    person text NOT NULL,
    hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);

ALTER TABLE access.key_secret OWNER TO amanat;

CREATE TABLE access.password (
    person text NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone NOT NULL
);

ALTER TABLE access.password OWNER TO amanat;

CREATE TABLE access.person (
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    name_ur text,
    phone text,
    organisation text,
    disabled_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    member text,
    CONSTRAINT person_code_check CHECK ((code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'::text)),
    CONSTRAINT person_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'machine'::text]))),
    CONSTRAINT person_name_check CHECK ((name <> ''::text))
);

ALTER TABLE access.person OWNER TO amanat;

COMMENT ON TABLE access.person IS 'Whoever may sign in; a machine does so by its key. The code is what entries name as actor';

COMMENT ON COLUMN access.person.organisation IS 'Whose administrators look after the person; null: those of the whole house';

COMMENT ON COLUMN access.person.member IS 'Who of the members this person is: nobody decides on her own loan';

CREATE TABLE access.pin (
    device uuid NOT NULL,
    person text NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone NOT NULL
);

ALTER TABLE access.pin OWNER TO amanat;

CREATE TABLE access.recovery (
    person text NOT NULL,
    code_hash bytea NOT NULL,
    given_by text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE access.recovery OWNER TO amanat;

CREATE TABLE access.role_right (
    role text NOT NULL,
    "right" text NOT NULL,
    always_below boolean DEFAULT false NOT NULL
);

ALTER TABLE access.role_right OWNER TO amanat;

COMMENT ON TABLE access.role_right IS 'What a role may do where it is held; always_below: on all below, too, however it is held';

CREATE TABLE access.session (
    id uuid NOT NULL,
    token_hash bytea NOT NULL,
    csrf text NOT NULL,
    person text NOT NULL,
    device uuid,
    proven_by text DEFAULT 'password'::text NOT NULL,
    source text NOT NULL,
    agent text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT session_proven_by_check CHECK ((proven_by = ANY (ARRAY['password'::text, 'pin'::text])))
);

ALTER TABLE access.session OWNER TO amanat;

CREATE TABLE access.signing_key (
    id uuid NOT NULL,
    secret bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT signing_key_secret_check CHECK ((octet_length(secret) >= 32))
);

ALTER TABLE access.signing_key OWNER TO amanat;

COMMENT ON TABLE access.signing_key IS 'What access tokens are signed with; the newest signs, those of the last day verify';

CREATE TABLE access.throttle (
    who text NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    open_at timestamp with time zone NOT NULL
);

ALTER TABLE access.throttle OWNER TO amanat;

COMMENT ON TABLE access.throttle IS 'Failed attempts in a row, of an account or an address, and when the next one is heard';

CREATE TABLE access.vault (
    id uuid NOT NULL,
    person text NOT NULL,
    spare_key bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT vault_spare_key_check CHECK ((octet_length(spare_key) = 32))
);

ALTER TABLE access.vault OWNER TO amanat;

COMMENT ON TABLE access.vault IS 'What opens what a person keeps locked on a phone; no use without the phone';

CREATE TABLE audit.chain (
    about text NOT NULL,
    code text NOT NULL,
    last_no bigint NOT NULL,
    head_hash bytea NOT NULL,
    CONSTRAINT chain_about_check CHECK ((about = ANY (ARRAY['organisation'::text, 'person'::text, 'house'::text])))
)
WITH (fillfactor='50');

ALTER TABLE audit.chain OWNER TO amanat;

CREATE UNLOGGED TABLE audit.noted (
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    n bigint NOT NULL,
    about text NOT NULL,
    code text NOT NULL,
    change jsonb NOT NULL
)
WITH (toast_tuple_target='8160');

ALTER TABLE audit.noted OWNER TO amanat;

COMMENT ON TABLE audit.noted IS 'What running transactions have changed so far; empty between them';

ALTER TABLE audit.noted ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.noted_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ledger.account (
    book_id bigint NOT NULL,
    no bigint NOT NULL,
    code text NOT NULL,
    fund text NOT NULL,
    party text NOT NULL,
    counterparty bigint,
    opened_in bigint NOT NULL,
    debit bigint DEFAULT 0 NOT NULL,
    credit bigint DEFAULT 0 NOT NULL,
    last_on date DEFAULT '-infinity'::date NOT NULL,
    CONSTRAINT account_credit_check CHECK ((credit >= 0)),
    CONSTRAINT account_debit_check CHECK ((debit >= 0)),
    CONSTRAINT account_fund_check CHECK ((fund <> ''::text)),
    CONSTRAINT account_no_check CHECK ((no > 0))
)
WITH (fillfactor='70');

ALTER TABLE ledger.account OWNER TO amanat;

COMMENT ON COLUMN ledger.account.counterparty IS 'The book of the organisation that the account faces; fixed at opening';

COMMENT ON COLUMN ledger.account.opened_in IS 'The entry that opened it and seals its code, fund, party and counterparty';

ALTER TABLE ledger.book ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME ledger.book_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ledger.chart (
    code text NOT NULL,
    name text NOT NULL,
    sign smallint NOT NULL,
    floored boolean NOT NULL,
    by_subject boolean DEFAULT false NOT NULL,
    money boolean DEFAULT false NOT NULL,
    CONSTRAINT chart_code_check CHECK ((code ~ '^[1-5][0-9]{3}$'::text)),
    CONSTRAINT chart_sign_check CHECK ((sign = ANY (ARRAY[1, '-1'::integer])))
);

ALTER TABLE ledger.chart OWNER TO amanat;

COMMENT ON TABLE ledger.chart IS 'What each code is; sign 1 is debit-normal; floored never falls below zero';

CREATE TABLE ledger.closing (
    book_id bigint NOT NULL,
    closed_to date NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    after_no bigint NOT NULL,
    CONSTRAINT closing_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT closing_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE ledger.closing OWNER TO amanat;

COMMENT ON COLUMN ledger.closing.after_no IS 'The last entry of the book when it was closed; later ones are dated later';

CREATE TABLE ledger.delta (
    book_id bigint NOT NULL,
    entry_no bigint NOT NULL,
    n integer NOT NULL,
    fund text NOT NULL,
    code text NOT NULL,
    counterparty bigint,
    kind ledger.kind NOT NULL,
    value_date date NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

ALTER TABLE ledger.delta OWNER TO amanat;

COMMENT ON TABLE ledger.delta IS 'What each entry adds to the roll-up, until it is folded into it';

CREATE TABLE ledger.line (
    book_id bigint NOT NULL,
    entry_no bigint NOT NULL,
    account_no bigint NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    value_date date NOT NULL,
    kind ledger.kind NOT NULL,
    n integer NOT NULL,
    subject text NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
)
PARTITION BY RANGE (value_date);

ALTER TABLE ledger.line OWNER TO amanat;

CREATE TABLE ledger.line_fy2023 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2023 OWNER TO amanat;

CREATE TABLE ledger.line_fy2024 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2024 OWNER TO amanat;

CREATE TABLE ledger.line_fy2025 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2025 OWNER TO amanat;

CREATE TABLE ledger.line_fy2026 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2026 OWNER TO amanat;

CREATE TABLE ledger.line_fy2027 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2027 OWNER TO amanat;

CREATE TABLE ledger.line_fy2028 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2028 OWNER TO amanat;

CREATE TABLE ledger.line_fy2029 (
    book_id bigint CONSTRAINT line_book_id_not_null NOT NULL,
    entry_no bigint CONSTRAINT line_entry_no_not_null NOT NULL,
    account_no bigint CONSTRAINT line_account_no_not_null NOT NULL,
    debit bigint CONSTRAINT line_debit_not_null NOT NULL,
    credit bigint CONSTRAINT line_credit_not_null NOT NULL,
    value_date date CONSTRAINT line_value_date_not_null NOT NULL,
    kind ledger.kind CONSTRAINT line_kind_not_null NOT NULL,
    n integer CONSTRAINT line_n_not_null NOT NULL,
    subject text CONSTRAINT line_subject_not_null NOT NULL,
    CONSTRAINT line_check CHECK (((debit >= 0) AND (credit >= 0) AND ((debit = 0) <> (credit = 0))))
);

ALTER TABLE ledger.line_fy2029 OWNER TO amanat;

CREATE TABLE ledger.moneyless (
    book_id bigint NOT NULL,
    value_date date NOT NULL,
    entry_no bigint NOT NULL,
    fund text NOT NULL
);

ALTER TABLE ledger.moneyless OWNER TO amanat;

COMMENT ON TABLE ledger.moneyless IS 'Entries that moved no money in a fund, other than by a closing entry';

CREATE TABLE ledger.pledge (
    book_id bigint NOT NULL,
    no bigint NOT NULL,
    party text NOT NULL,
    subject text NOT NULL,
    amount bigint NOT NULL,
    from_on date NOT NULL,
    to_on date,
    recorded_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    CONSTRAINT pledge_amount_check CHECK ((amount > 0)),
    CONSTRAINT pledge_check CHECK ((to_on >= from_on)),
    CONSTRAINT pledge_check1 CHECK (((to_on IS NULL) = (released_at IS NULL))),
    CONSTRAINT pledge_no_check CHECK ((no > 0)),
    CONSTRAINT pledge_party_check CHECK ((party <> ''::text)),
    CONSTRAINT pledge_subject_check CHECK ((subject <> ''::text))
);

ALTER TABLE ledger.pledge OWNER TO amanat;

COMMENT ON TABLE ledger.pledge IS 'What of a party''s savings stays, and for what (the subject), from one day until before another';

COMMENT ON COLUMN ledger.pledge.to_on IS 'The day of its release, on which it holds no longer';

CREATE TABLE ledger.rollup (
    node_id bigint NOT NULL,
    span smallint NOT NULL,
    day date NOT NULL,
    code text NOT NULL,
    fund text NOT NULL,
    kind text NOT NULL,
    gender text NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    eliminated_debit bigint NOT NULL,
    eliminated_credit bigint NOT NULL,
    CONSTRAINT rollup_kind_check CHECK ((kind = ANY (ARRAY['normal'::text, 'reversal'::text, 'close'::text, 'move'::text]))),
    CONSTRAINT rollup_span_check CHECK ((span = ANY (ARRAY[0, 1, 2])))
)
WITH (fillfactor='70');

ALTER TABLE ledger.rollup OWNER TO amanat;

COMMENT ON TABLE ledger.rollup IS 'What the other books under a node come to there, and what faces one of them, its own included';

COMMENT ON COLUMN ledger.rollup.span IS 'Over a day, a month or a fiscal year, of which `day` is the first';

COMMENT ON COLUMN ledger.rollup.kind IS 'move: what a book held when it came under the node; negative, when it left';

CREATE TABLE ledger.subject (
    book_id bigint NOT NULL,
    subject text NOT NULL,
    code text NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    CONSTRAINT subject_subject_check CHECK ((subject <> ''::text))
)
WITH (fillfactor='80');

ALTER TABLE ledger.subject OWNER TO amanat;

COMMENT ON TABLE ledger.subject IS 'What the lines about a subject come to, of codes by subject';

CREATE TABLE ledger.summed (
    until date NOT NULL,
    CONSTRAINT summed_until_check CHECK ((until = (date_trunc('month'::text, (until)::timestamp without time zone))::date))
);

ALTER TABLE ledger.summed OWNER TO amanat;

COMMENT ON TABLE ledger.summed IS 'Of days before `until` the roll-up has months and fiscal years too';

CREATE TABLE ledger.under (
    book_id bigint NOT NULL,
    node_id bigint NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    CONSTRAINT under_check CHECK ((from_on < to_on))
);

ALTER TABLE ledger.under OWNER TO amanat;

COMMENT ON TABLE ledger.under IS 'A book is under a node from from_on until the day before to_on; a node is a book';

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE public.alembic_version OWNER TO amanat;

CREATE TABLE service.organisation (
    code text NOT NULL,
    book_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    name_ur text,
    gender text,
    place_id bigint,
    formed_on date NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT organisation_code_check CHECK ((code <> ''::text)),
    CONSTRAINT organisation_gender_check CHECK ((gender = ANY (ARRAY['women'::text, 'men'::text, 'mixed'::text]))),
    CONSTRAINT organisation_kind_check CHECK ((kind = ANY (ARRAY['RSPN'::text, 'RSP'::text, 'NETWORK'::text, 'LSO'::text, 'VO'::text, 'CO'::text]))),
    CONSTRAINT organisation_name_check CHECK ((name <> ''::text))
);

ALTER TABLE service.organisation OWNER TO amanat;

CREATE VIEW service.book_number AS
 SELECT code,
    book_id
   FROM service.organisation;

ALTER VIEW service.book_number OWNER TO amanat;

COMMENT ON VIEW service.book_number IS 'The number of every organisation''s book, beneath row-level security';

CREATE TABLE service.bundle (
    digest text NOT NULL,
    name text NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    imported_by text NOT NULL,
    entries integer NOT NULL
);

ALTER TABLE service.bundle OWNER TO amanat;

CREATE TABLE service.document (
    code text NOT NULL
);

ALTER TABLE service.document OWNER TO amanat;

COMMENT ON TABLE service.document IS 'The codes of all sheets and events; a trigger of each keeps them';

CREATE TABLE service.due_total (
    business_date date NOT NULL,
    node text NOT NULL,
    week_principal bigint NOT NULL,
    week_charge bigint NOT NULL,
    month_principal bigint NOT NULL,
    month_charge bigint NOT NULL,
    run uuid NOT NULL
);

ALTER TABLE service.due_total OWNER TO amanat;

COMMENT ON TABLE service.due_total IS 'What falls due in the 7 and in the 31 days after that day';

CREATE TABLE service.event (
    code text NOT NULL,
    organisation text NOT NULL,
    kind text NOT NULL,
    happened_on date NOT NULL,
    fund text,
    paid_by text NOT NULL,
    counterparty text,
    loan text,
    amount bigint,
    narrative text NOT NULL,
    resolution text,
    reverses text,
    actor text NOT NULL,
    entry_no bigint NOT NULL,
    CONSTRAINT event_amount_check CHECK ((amount > 0)),
    CONSTRAINT event_check CHECK (((kind = 'reversal'::text) = (reverses IS NOT NULL))),
    CONSTRAINT event_code_check CHECK ((code <> ''::text))
);

ALTER TABLE service.event OWNER TO amanat;

COMMENT ON COLUMN service.event.entry_no IS 'The voucher in the book of its organisation';

CREATE TABLE service.holiday (
    day date NOT NULL,
    name text DEFAULT ''::text NOT NULL
);

ALTER TABLE service.holiday OWNER TO amanat;

CREATE TABLE service.instalment (
    loan text NOT NULL,
    n integer NOT NULL,
    due_on date NOT NULL,
    principal bigint NOT NULL,
    charge bigint NOT NULL,
    before bigint NOT NULL,
    CONSTRAINT instalment_before_check CHECK ((before >= 0)),
    CONSTRAINT instalment_charge_check CHECK ((charge >= 0)),
    CONSTRAINT instalment_n_check CHECK ((n > 0)),
    CONSTRAINT instalment_principal_check CHECK ((principal >= 0))
);

ALTER TABLE service.instalment OWNER TO amanat;

COMMENT ON TABLE service.instalment IS 'The schedule of a loan, frozen when it is paid out';

COMMENT ON COLUMN service.instalment.before IS 'What all earlier instalments ask for, charge and principal';

CREATE TABLE service.job_part (
    job text NOT NULL,
    business_date date NOT NULL,
    step text NOT NULL,
    first_book bigint NOT NULL,
    run uuid NOT NULL,
    rows_made bigint DEFAULT 0 NOT NULL,
    done_at timestamp with time zone NOT NULL
);

ALTER TABLE service.job_part OWNER TO amanat;

COMMENT ON TABLE service.job_part IS 'The parts of steps that are cut; the step itself is done when all are';

CREATE TABLE service.job_run (
    id uuid NOT NULL,
    job text NOT NULL,
    business_date date NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    asked_by text NOT NULL,
    rows_made bigint,
    step text,
    parts integer,
    seen_at timestamp with time zone,
    failed_at timestamp with time zone,
    failure text,
    CONSTRAINT job_run_check CHECK (((failed_at IS NULL) = (failure IS NULL)))
);

ALTER TABLE service.job_run OWNER TO amanat;

CREATE TABLE service.job_step (
    job text NOT NULL,
    business_date date NOT NULL,
    step text NOT NULL,
    run uuid NOT NULL,
    done_at timestamp with time zone NOT NULL,
    purged_at timestamp with time zone
);

ALTER TABLE service.job_step OWNER TO amanat;

COMMENT ON COLUMN service.job_step.purged_at IS 'Since when its results are no longer kept';

CREATE TABLE service.leader (
    one boolean DEFAULT true NOT NULL,
    backend integer NOT NULL,
    host text NOT NULL,
    process integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT leader_one_check CHECK (one)
);

ALTER TABLE service.leader OWNER TO amanat;

CREATE TABLE service.limits (
    organisation text NOT NULL,
    back_dated_days integer,
    withdrawal bigint,
    CONSTRAINT limits_back_dated_days_check CHECK ((back_dated_days >= 0)),
    CONSTRAINT limits_withdrawal_check CHECK ((withdrawal >= 0))
);

ALTER TABLE service.limits OWNER TO amanat;

COMMENT ON TABLE service.limits IS 'From where on a second officer is asked: days back, and what a member withdraws at one meeting';

CREATE TABLE service.loan (
    code text NOT NULL,
    lender text NOT NULL,
    member text,
    organisation text,
    product text NOT NULL,
    principal bigint NOT NULL,
    applied_on date NOT NULL,
    approved_on date NOT NULL,
    resolution text,
    disbursed_on date,
    first_due_on date NOT NULL,
    instalments integer NOT NULL,
    purpose text,
    product_version integer DEFAULT 1 NOT NULL,
    instalment bigint,
    seasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    in_tranches boolean DEFAULT false NOT NULL,
    refinances text,
    cancelled_on date,
    afresh boolean DEFAULT false NOT NULL,
    CONSTRAINT loan_check CHECK (((member IS NULL) <> (organisation IS NULL))),
    CONSTRAINT loan_code_check CHECK ((code <> ''::text)),
    CONSTRAINT loan_instalment_check CHECK ((instalment > 0)),
    CONSTRAINT loan_instalments_check CHECK ((instalments > 0)),
    CONSTRAINT loan_principal_check CHECK ((principal > 0)),
    CONSTRAINT loan_seasons_check CHECK ((jsonb_typeof(seasons) = 'array'::text))
);

ALTER TABLE service.loan OWNER TO amanat;

COMMENT ON COLUMN service.loan.member IS 'The borrower, where a member borrows; else organisation does';

COMMENT ON COLUMN service.loan.instalment IS 'One that was agreed, in paisa, in place of one worked out';

COMMENT ON COLUMN service.loan.seasons IS 'Of a seasonal loan: each a day and a share of its principal';

COMMENT ON COLUMN service.loan.refinances IS 'The loan that it pays off when it is paid out';

COMMENT ON COLUMN service.loan.cancelled_on IS 'It was approved, and is not to be paid out any more';

COMMENT ON COLUMN service.loan.afresh IS 'Whether what it asks for depends on what happens after it is paid out';

CREATE TABLE service.loan_application (
    code text NOT NULL,
    lender text NOT NULL,
    member text,
    organisation text,
    product text NOT NULL,
    amount bigint NOT NULL,
    instalments integer NOT NULL,
    purpose text NOT NULL,
    mip text DEFAULT ''::text NOT NULL,
    applied_on date NOT NULL,
    entered_by text NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    appraised_on date,
    appraised_by text,
    appraised_amount bigint,
    appraisal text,
    ended_on date,
    ended_by text,
    ended_as text,
    ended_because text,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT loan_application_amount_check CHECK ((amount > 0)),
    CONSTRAINT loan_application_appraised_amount_check CHECK ((appraised_amount > 0)),
    CONSTRAINT loan_application_check CHECK (((member IS NULL) <> (organisation IS NULL))),
    CONSTRAINT loan_application_check1 CHECK (((appraised_on IS NULL) = (appraised_by IS NULL))),
    CONSTRAINT loan_application_check2 CHECK (((appraised_on IS NULL) = (appraised_amount IS NULL))),
    CONSTRAINT loan_application_check3 CHECK (((ended_on IS NULL) = (ended_as IS NULL))),
    CONSTRAINT loan_application_check4 CHECK (((ended_on IS NULL) = (ended_by IS NULL))),
    CONSTRAINT loan_application_code_check CHECK ((code <> ''::text)),
    CONSTRAINT loan_application_ended_as_check CHECK ((ended_as = ANY (ARRAY['declined'::text, 'withdrawn'::text]))),
    CONSTRAINT loan_application_instalments_check CHECK ((instalments > 0)),
    CONSTRAINT loan_application_purpose_check CHECK ((purpose <> ''::text))
);

ALTER TABLE service.loan_application OWNER TO amanat;

COMMENT ON TABLE service.loan_application IS 'What was applied for; the loan that comes of it has the same code';

COMMENT ON COLUMN service.loan_application.mip IS 'The household''s micro investment plan: which one, and what of it';

CREATE TABLE service.loan_arrears (
    business_date date NOT NULL,
    loan text NOT NULL,
    outstanding_principal bigint NOT NULL,
    due_principal bigint NOT NULL,
    due_charge bigint NOT NULL,
    paid_principal bigint NOT NULL,
    paid_charge bigint NOT NULL,
    overdue_principal bigint NOT NULL,
    overdue_charge bigint NOT NULL,
    days_past_due integer NOT NULL,
    run uuid NOT NULL,
    lender_book bigint NOT NULL,
    borrower_book bigint,
    overdue_fine bigint DEFAULT 0 NOT NULL
);

ALTER TABLE service.loan_arrears OWNER TO amanat;

COMMENT ON COLUMN service.loan_arrears.borrower_book IS 'The organisation that borrows; none for a member';

CREATE TABLE service.loan_change (
    loan text NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL,
    on_day date NOT NULL,
    rate_percent numeric,
    dues date[],
    grace_principal integer DEFAULT 0 NOT NULL,
    grace_charge integer DEFAULT 0 NOT NULL,
    overdue_too boolean DEFAULT false NOT NULL,
    amount bigint,
    reason text NOT NULL,
    resolution text,
    actor text NOT NULL,
    known_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    undone_by text,
    CONSTRAINT loan_change_amount_check CHECK ((amount > 0)),
    CONSTRAINT loan_change_check CHECK ((undone_at >= known_at)),
    CONSTRAINT loan_change_check1 CHECK (((kind <> 'rate'::text) OR (rate_percent IS NOT NULL))),
    CONSTRAINT loan_change_check2 CHECK (((kind = 'reschedule'::text) = (dues IS NOT NULL))),
    CONSTRAINT loan_change_check3 CHECK (((kind = 'fine'::text) = (amount IS NOT NULL))),
    CONSTRAINT loan_change_check4 CHECK (((undone_at IS NULL) = (undone_by IS NULL))),
    CONSTRAINT loan_change_grace_charge_check CHECK ((grace_charge >= 0)),
    CONSTRAINT loan_change_grace_principal_check CHECK ((grace_principal >= 0)),
    CONSTRAINT loan_change_kind_check CHECK ((kind = ANY (ARRAY['rate'::text, 'reschedule'::text, 'fine'::text]))),
    CONSTRAINT loan_change_n_check CHECK ((n > 0)),
    CONSTRAINT loan_change_rate_percent_check CHECK ((rate_percent >= (0)::numeric)),
    CONSTRAINT loan_change_reason_check CHECK ((reason <> ''::text))
);

ALTER TABLE service.loan_change OWNER TO amanat;

COMMENT ON TABLE service.loan_change IS 'Rates, due dates and fines that were agreed of a loan, in force from a day on';

CREATE TABLE service.loan_due (
    business_date date NOT NULL,
    loan text NOT NULL,
    lender_book bigint NOT NULL,
    borrower_book bigint,
    due_on date NOT NULL,
    principal bigint NOT NULL,
    charge bigint NOT NULL,
    run uuid NOT NULL
);

ALTER TABLE service.loan_due OWNER TO amanat;

COMMENT ON TABLE service.loan_due IS 'What falls due in the month after that day, less what is paid by then';

CREATE TABLE service.loan_guarantee (
    loan text NOT NULL,
    n integer NOT NULL,
    member text NOT NULL,
    resolution text,
    replaces integer,
    book_id bigint,
    pledge bigint,
    from_on date,
    to_on date,
    CONSTRAINT loan_guarantee_check CHECK ((to_on >= from_on)),
    CONSTRAINT loan_guarantee_check1 CHECK (((book_id IS NULL) = (pledge IS NULL))),
    CONSTRAINT loan_guarantee_check2 CHECK (((from_on IS NULL) = (pledge IS NOT NULL))),
    CONSTRAINT loan_guarantee_check3 CHECK ((replaces < n)),
    CONSTRAINT loan_guarantee_check4 CHECK (((to_on IS NULL) OR (pledge IS NULL))),
    CONSTRAINT loan_guarantee_n_check CHECK ((n > 0))
);

ALTER TABLE service.loan_guarantee OWNER TO amanat;

COMMENT ON TABLE service.loan_guarantee IS 'Who stands surety for a loan; a borrower only pledges';

COMMENT ON COLUMN service.loan_guarantee.pledge IS 'What of the member''s savings is pledged for it, and when; null for surety alone';

COMMENT ON COLUMN service.loan_guarantee.from_on IS 'Where nothing is pledged: else the pledge says it';

CREATE TABLE service.member (
    code text NOT NULL,
    organisation text NOT NULL,
    name text NOT NULL,
    name_ur text,
    father_or_husband text,
    gender text NOT NULL,
    cnic text,
    phone text,
    household text,
    psc smallint,
    psc_on date,
    joined_on date NOT NULL,
    left_on date,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT member_check CHECK ((left_on >= joined_on)),
    CONSTRAINT member_cnic_check CHECK ((cnic ~ '^[0-9]{5}-[0-9]{7}-[0-9]$'::text)),
    CONSTRAINT member_code_check CHECK ((code <> ''::text)),
    CONSTRAINT member_gender_check CHECK ((gender = ANY (ARRAY['female'::text, 'male'::text]))),
    CONSTRAINT member_name_check CHECK ((name <> ''::text)),
    CONSTRAINT member_psc_check CHECK (((psc >= 0) AND (psc <= 100)))
);

ALTER TABLE service.member OWNER TO amanat;

CREATE TABLE service.membership (
    organisation text NOT NULL,
    parent text NOT NULL,
    from_on date NOT NULL,
    to_on date DEFAULT 'infinity'::date NOT NULL,
    CONSTRAINT membership_check CHECK ((from_on < to_on)),
    CONSTRAINT membership_check1 CHECK ((organisation <> parent))
);

ALTER TABLE service.membership OWNER TO amanat;

CREATE TABLE service.mobilisation_total (
    business_date date NOT NULL,
    period text NOT NULL,
    node text NOT NULL,
    category text NOT NULL,
    amount bigint NOT NULL,
    run uuid NOT NULL
);

ALTER TABLE service.mobilisation_total OWNER TO amanat;

COMMENT ON TABLE service.mobilisation_total IS 'The quarter of the business date, as far as that day';

CREATE TABLE service.nomination (
    member text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    from_on date NOT NULL,
    to_on date DEFAULT 'infinity'::date NOT NULL,
    CONSTRAINT nomination_check CHECK ((from_on < to_on)),
    CONSTRAINT nomination_role_check CHECK ((role = ANY (ARRAY['president'::text, 'manager'::text, 'treasurer'::text])))
);

ALTER TABLE service.nomination OWNER TO amanat;

CREATE TABLE service.place (
    id bigint NOT NULL,
    level text NOT NULL,
    name text NOT NULL,
    within bigint,
    from_on date DEFAULT '-infinity'::date NOT NULL,
    to_on date DEFAULT 'infinity'::date NOT NULL,
    CONSTRAINT place_check CHECK ((from_on < to_on)),
    CONSTRAINT place_level_check CHECK ((level = ANY (ARRAY['province'::text, 'district'::text, 'tehsil'::text, 'union_council'::text, 'village'::text]))),
    CONSTRAINT place_name_check CHECK ((name <> ''::text))
);

ALTER TABLE service.place OWNER TO amanat;

COMMENT ON TABLE service.place IS 'Geography: a dated reference list, separate from federation';

ALTER TABLE service.place ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME service.place_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE service.portfolio_at_risk (
    business_date date CONSTRAINT portfolio_at_risk_business_date_not_null1 NOT NULL,
    node text CONSTRAINT portfolio_at_risk_node_not_null1 NOT NULL,
    outstanding bigint NOT NULL,
    over_1 bigint NOT NULL,
    over_30 bigint NOT NULL,
    over_60 bigint NOT NULL,
    over_90 bigint NOT NULL,
    over_180 bigint NOT NULL,
    over_365 bigint NOT NULL,
    run uuid CONSTRAINT portfolio_at_risk_run_not_null1 NOT NULL
);

ALTER TABLE service.portfolio_at_risk OWNER TO amanat;

COMMENT ON TABLE service.portfolio_at_risk IS 'Principal outstanding, and of loans later than so many days';

CREATE TABLE service.product (
    code text NOT NULL,
    name text NOT NULL,
    fund text NOT NULL,
    charge text NOT NULL,
    repayment text NOT NULL,
    rate_percent numeric NOT NULL,
    rate_per text NOT NULL,
    frequency text NOT NULL,
    instalments integer NOT NULL,
    charge_step bigint NOT NULL,
    instalment_step bigint NOT NULL,
    rounding text NOT NULL,
    grace_principal integer NOT NULL,
    grace_charge integer NOT NULL,
    grace_days integer NOT NULL,
    charge_basis text NOT NULL,
    on_holiday text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    from_on date,
    resolution text,
    every integer DEFAULT 1 NOT NULL,
    day_count text DEFAULT 'period'::text NOT NULL,
    early text DEFAULT 'next_instalments'::text NOT NULL,
    pay_off text DEFAULT 'whole_charge'::text NOT NULL,
    payment_order text[] DEFAULT '{fine,charge,principal}'::text[] NOT NULL,
    fees jsonb DEFAULT '[]'::jsonb NOT NULL,
    fine jsonb,
    recognition text DEFAULT 'cash'::text NOT NULL,
    limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT product_charge_step_check CHECK ((charge_step > 0)),
    CONSTRAINT product_code_check CHECK ((code <> ''::text)),
    CONSTRAINT product_every_check CHECK ((every > 0)),
    CONSTRAINT product_fees_check CHECK ((jsonb_typeof(fees) = 'array'::text)),
    CONSTRAINT product_fund_check CHECK ((fund <> ''::text)),
    CONSTRAINT product_instalment_step_check CHECK ((instalment_step > 0)),
    CONSTRAINT product_instalments_check CHECK ((instalments > 0)),
    CONSTRAINT product_limits_check CHECK ((jsonb_typeof(limits) = 'object'::text)),
    CONSTRAINT product_rate_percent_check CHECK ((rate_percent >= (0)::numeric)),
    CONSTRAINT product_version_check CHECK ((version > 0))
);

ALTER TABLE service.product OWNER TO amanat;

COMMENT ON COLUMN service.product.from_on IS 'Of loans approved from this day on; null: whenever';

COMMENT ON COLUMN service.product.fees IS 'Each name, amount in paisa, rate as a fraction, taken';

CREATE TABLE service.proof_finding (
    business_date date NOT NULL,
    n bigint NOT NULL,
    about text NOT NULL,
    code text NOT NULL,
    book_id bigint,
    no bigint,
    account_no bigint,
    what text NOT NULL,
    run uuid NOT NULL,
    CONSTRAINT proof_finding_about_check CHECK ((about = ANY (ARRAY['book'::text, 'organisation'::text, 'person'::text, 'house'::text])))
);

ALTER TABLE service.proof_finding OWNER TO amanat;

COMMENT ON COLUMN service.proof_finding.about IS 'A book, or whose audit trail';

COMMENT ON COLUMN service.proof_finding.no IS 'The entry of a book, or the link of a trail';

ALTER TABLE service.proof_finding ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME service.proof_finding_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE service.proof_part (
    business_date date NOT NULL,
    step text NOT NULL,
    first bigint NOT NULL,
    books bigint DEFAULT 0 NOT NULL,
    entries bigint DEFAULT 0 NOT NULL,
    lines bigint DEFAULT 0 NOT NULL,
    links bigint DEFAULT 0 NOT NULL,
    findings bigint NOT NULL,
    proven_at timestamp with time zone NOT NULL,
    run uuid NOT NULL
);

ALTER TABLE service.proof_part OWNER TO amanat;

COMMENT ON COLUMN service.proof_part.first IS 'The first book of a stretch, or the number of a share';

CREATE TABLE service.request (
    code text NOT NULL,
    kind text NOT NULL,
    organisation text,
    decider text,
    decided_with text NOT NULL,
    about text NOT NULL,
    content json NOT NULL,
    difference json NOT NULL,
    reason text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    decision text,
    outcome json,
    CONSTRAINT request_asked_by_check CHECK ((asked_by <> ''::text)),
    CONSTRAINT request_check CHECK (((state = 'waiting'::text) = (decided_by IS NULL))),
    CONSTRAINT request_check1 CHECK (((decided_by IS NULL) = (decided_at IS NULL))),
    CONSTRAINT request_check2 CHECK (
CASE state
    WHEN 'withdrawn'::text THEN (decided_by = asked_by)
    ELSE (decided_by <> asked_by)
END),
    CONSTRAINT request_check3 CHECK (((outcome IS NULL) OR (state = 'approved'::text))),
    CONSTRAINT request_check4 CHECK (((organisation IS NULL) = (decider IS NULL))),
    CONSTRAINT request_check5 CHECK (((organisation IS NOT NULL) OR (decided_with = 'administer'::text))),
    CONSTRAINT request_code_check CHECK ((code <> ''::text)),
    CONSTRAINT request_decided_with_check CHECK ((decided_with = ANY (ARRAY['approve'::text, 'register'::text, 'administer'::text]))),
    CONSTRAINT request_key_check CHECK ((key <> ''::text)),
    CONSTRAINT request_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT request_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text])))
);

ALTER TABLE service.request OWNER TO amanat;

COMMENT ON COLUMN service.request.organisation IS 'Whose officer asks; null where it concerns the whole house';

COMMENT ON COLUMN service.request.decider IS 'Whose officer decides: the same, or the organisation that is to accept';

COMMENT ON COLUMN service.request.content IS 'What is done on approval, in the words in which it was asked';

COMMENT ON COLUMN service.request.difference IS 'What will be otherwise: before and after';

CREATE TABLE service.reserve_class (
    from_on date NOT NULL,
    days_from integer NOT NULL,
    name text NOT NULL,
    percent numeric(5,2) NOT NULL,
    CONSTRAINT reserve_class_days_from_check CHECK ((days_from >= 0)),
    CONSTRAINT reserve_class_name_check CHECK ((name <> ''::text)),
    CONSTRAINT reserve_class_percent_check CHECK (((percent >= (0)::numeric) AND (percent <= (100)::numeric)))
);

ALTER TABLE service.reserve_class OWNER TO amanat;

COMMENT ON COLUMN service.reserve_class.days_from IS 'Days past due with which the class begins';

COMMENT ON COLUMN service.reserve_class.percent IS 'Of the principal outstanding';

CREATE TABLE service.reserve_scheme (
    from_on date NOT NULL,
    resolution text NOT NULL,
    CONSTRAINT reserve_scheme_resolution_check CHECK ((resolution <> ''::text))
);

ALTER TABLE service.reserve_scheme OWNER TO amanat;

COMMENT ON TABLE service.reserve_scheme IS 'From which day on loans are reserved for how; never changed';

CREATE TABLE service.settled_loan (
    loan text NOT NULL,
    turnover bigint NOT NULL,
    settled_on date NOT NULL
);

ALTER TABLE service.settled_loan OWNER TO amanat;

COMMENT ON TABLE service.settled_loan IS 'Loans that owed nothing more when this was all that was posted on them; may be emptied at any time';

CREATE TABLE service.sheet (
    code text NOT NULL,
    organisation text NOT NULL,
    held_on date NOT NULL,
    state text NOT NULL,
    present text[] NOT NULL,
    cash_counted bigint,
    version integer DEFAULT 1 NOT NULL,
    prepared_by text NOT NULL,
    prepared_at timestamp with time zone NOT NULL,
    entry_no bigint,
    lines jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT sheet_check CHECK ((((entry_no IS NULL) = (state = ANY (ARRAY['draft'::text, 'submitted'::text]))) AND ((entry_no IS NULL) OR (cash_counted IS NOT NULL)))),
    CONSTRAINT sheet_code_check CHECK ((code <> ''::text)),
    CONSTRAINT sheet_lines_check CHECK ((jsonb_typeof(lines) = 'array'::text)),
    CONSTRAINT sheet_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'closed'::text, 'reversed'::text])))
);

ALTER TABLE service.sheet OWNER TO amanat;

COMMENT ON COLUMN service.sheet.cash_counted IS 'Net cash of the meeting as counted: taken in less paid out';

COMMENT ON COLUMN service.sheet.entry_no IS 'The voucher that it was closed with, in the book of its organisation';

CREATE TABLE service.steady_job (
    job text NOT NULL,
    done_at timestamp with time zone,
    failed_at timestamp with time zone,
    failure text,
    CONSTRAINT steady_job_check CHECK (((failed_at IS NULL) = (failure IS NULL)))
)
WITH (fillfactor='50');

ALTER TABLE service.steady_job OWNER TO amanat;

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2023 FOR VALUES FROM ('2022-07-01') TO ('2023-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2024 FOR VALUES FROM ('2023-07-01') TO ('2024-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2025 FOR VALUES FROM ('2024-07-01') TO ('2025-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2026 FOR VALUES FROM ('2025-07-01') TO ('2026-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2027 FOR VALUES FROM ('2026-07-01') TO ('2027-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2028 FOR VALUES FROM ('2027-07-01') TO ('2028-07-01');

ALTER TABLE ONLY ledger.line ATTACH PARTITION ledger.line_fy2029 FOR VALUES FROM ('2028-07-01') TO ('2029-07-01');

ALTER TABLE ONLY access.appointment
    ADD CONSTRAINT appointment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.device
    ADD CONSTRAINT device_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY access.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (person);

ALTER TABLE ONLY access.key_secret
    ADD CONSTRAINT key_secret_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.password
    ADD CONSTRAINT password_pkey PRIMARY KEY (person);

ALTER TABLE ONLY access.person
    ADD CONSTRAINT person_phone_key UNIQUE (phone);

ALTER TABLE ONLY access.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (code);

ALTER TABLE ONLY access.pin
    ADD CONSTRAINT pin_pkey PRIMARY KEY (device, person);

ALTER TABLE ONLY access.recovery
    ADD CONSTRAINT recovery_pkey PRIMARY KEY (person);

ALTER TABLE ONLY access.role_right
    ADD CONSTRAINT role_right_pkey PRIMARY KEY (role, "right");

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY access.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY access.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (who);

ALTER TABLE ONLY access.vault
    ADD CONSTRAINT vault_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.chain
    ADD CONSTRAINT chain_pkey PRIMARY KEY (about, code);

ALTER TABLE ONLY audit.noted
    ADD CONSTRAINT noted_pkey PRIMARY KEY (xact, n);

ALTER TABLE ONLY audit.trail
    ADD CONSTRAINT trail_pkey PRIMARY KEY (about, code, no);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (book_id, no);

ALTER TABLE ONLY ledger.book
    ADD CONSTRAINT book_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.chart
    ADD CONSTRAINT chart_pkey PRIMARY KEY (code);

ALTER TABLE ONLY ledger.closing
    ADD CONSTRAINT closing_pkey PRIMARY KEY (book_id, closed_to);

ALTER TABLE ONLY ledger.delta
    ADD CONSTRAINT delta_pkey PRIMARY KEY (book_id, entry_no, n);

ALTER TABLE ONLY ledger.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (book_id, no);

ALTER TABLE ONLY ledger.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2023
    ADD CONSTRAINT line_fy2023_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2024
    ADD CONSTRAINT line_fy2024_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2025
    ADD CONSTRAINT line_fy2025_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2026
    ADD CONSTRAINT line_fy2026_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2027
    ADD CONSTRAINT line_fy2027_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2028
    ADD CONSTRAINT line_fy2028_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.line_fy2029
    ADD CONSTRAINT line_fy2029_pkey PRIMARY KEY (book_id, entry_no, n, value_date);

ALTER TABLE ONLY ledger.moneyless
    ADD CONSTRAINT moneyless_pkey PRIMARY KEY (book_id, value_date, entry_no, fund);

ALTER TABLE ONLY ledger.pledge
    ADD CONSTRAINT pledge_pkey PRIMARY KEY (book_id, no);

ALTER TABLE ONLY ledger.rollup
    ADD CONSTRAINT rollup_pkey PRIMARY KEY (node_id, span, day, code, fund, kind, gender);

ALTER TABLE ONLY ledger.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (book_id, subject, code);

ALTER TABLE ONLY ledger.turnover
    ADD CONSTRAINT turnover_pkey PRIMARY KEY (book_id, day, code, fund, counterparty, kind);

ALTER TABLE ONLY ledger.under
    ADD CONSTRAINT under_pkey PRIMARY KEY (book_id, node_id, from_on);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY service.bundle
    ADD CONSTRAINT bundle_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY service.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.due_total
    ADD CONSTRAINT due_total_pkey PRIMARY KEY (business_date, node);

ALTER TABLE ONLY service.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.holiday
    ADD CONSTRAINT holiday_pkey PRIMARY KEY (day, name);

ALTER TABLE ONLY service.instalment
    ADD CONSTRAINT instalment_pkey PRIMARY KEY (loan, n);

ALTER TABLE ONLY service.job_part
    ADD CONSTRAINT job_part_pkey PRIMARY KEY (job, business_date, step, first_book);

ALTER TABLE ONLY service.job_run
    ADD CONSTRAINT job_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY service.job_step
    ADD CONSTRAINT job_step_pkey PRIMARY KEY (job, business_date, step);

ALTER TABLE ONLY service.leader
    ADD CONSTRAINT leader_pkey PRIMARY KEY (one);

ALTER TABLE ONLY service.limits
    ADD CONSTRAINT limits_pkey PRIMARY KEY (organisation);

ALTER TABLE ONLY service.loan_application
    ADD CONSTRAINT loan_application_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.loan_arrears
    ADD CONSTRAINT loan_arrears_pkey PRIMARY KEY (business_date, loan);

ALTER TABLE ONLY service.loan_change
    ADD CONSTRAINT loan_change_pkey PRIMARY KEY (loan, n);

ALTER TABLE ONLY service.loan_due
    ADD CONSTRAINT loan_due_pkey PRIMARY KEY (business_date, loan, due_on);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_book_id_pledge_key UNIQUE (book_id, pledge);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_loan_replaces_key UNIQUE (loan, replaces);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_pkey PRIMARY KEY (loan, n);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (organisation, from_on);

ALTER TABLE ONLY service.mobilisation_total
    ADD CONSTRAINT mobilisation_total_pkey PRIMARY KEY (business_date, period, node, category);

ALTER TABLE ONLY service.nomination
    ADD CONSTRAINT nomination_pkey PRIMARY KEY (member, organisation, role, from_on);

ALTER TABLE ONLY service.organisation
    ADD CONSTRAINT organisation_book_id_key UNIQUE (book_id);

ALTER TABLE ONLY service.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.place
    ADD CONSTRAINT place_pkey PRIMARY KEY (id);

ALTER TABLE ONLY service.place
    ADD CONSTRAINT place_within_level_name_from_on_key UNIQUE NULLS NOT DISTINCT (within, level, name, from_on);

ALTER TABLE ONLY service.portfolio_at_risk
    ADD CONSTRAINT portfolio_at_risk_pkey PRIMARY KEY (business_date, node);

ALTER TABLE ONLY service.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (code, version);

ALTER TABLE ONLY service.proof_finding
    ADD CONSTRAINT proof_finding_pkey PRIMARY KEY (business_date, n);

ALTER TABLE ONLY service.proof_part
    ADD CONSTRAINT proof_part_pkey PRIMARY KEY (business_date, step, first);

ALTER TABLE ONLY service.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.reserve_class
    ADD CONSTRAINT reserve_class_from_on_name_key UNIQUE (from_on, name);

ALTER TABLE ONLY service.reserve_class
    ADD CONSTRAINT reserve_class_pkey PRIMARY KEY (from_on, days_from);

ALTER TABLE ONLY service.reserve_scheme
    ADD CONSTRAINT reserve_scheme_pkey PRIMARY KEY (from_on);

ALTER TABLE ONLY service.settled_loan
    ADD CONSTRAINT settled_loan_pkey PRIMARY KEY (loan);

ALTER TABLE ONLY service.sheet
    ADD CONSTRAINT sheet_pkey PRIMARY KEY (code);

ALTER TABLE ONLY service.steady_job
    ADD CONSTRAINT steady_job_pkey PRIMARY KEY (job);

CREATE INDEX appointment_organisation ON access.appointment USING btree (organisation);

CREATE INDEX appointment_person ON access.appointment USING btree (person);

CREATE INDEX appointment_role ON access.appointment USING btree (role, person);

CREATE INDEX key_secret_person ON access.key_secret USING btree (person);

CREATE INDEX person_machine ON access.person USING btree (code) WHERE (kind = 'machine'::text);

CREATE INDEX person_organisation ON access.person USING btree (organisation, code);

CREATE INDEX session_expires ON access.session USING btree (expires_at);

CREATE INDEX session_person ON access.session USING btree (person);

CREATE INDEX vault_person ON access.vault USING btree (person);

CREATE UNIQUE INDEX account_key ON ledger.account USING btree (book_id, code, fund, party);

CREATE INDEX account_loan ON ledger.account USING btree (book_id) WHERE (code = ANY (ARRAY['1300'::text, '1310'::text]));

CREATE INDEX entry_first ON ledger.entry USING btree (posted_at) WHERE (no = 1);

CREATE UNIQUE INDEX entry_key ON ledger.entry USING btree (book_id, key, part) WHERE (key <> ''::text);

CREATE INDEX entry_posted_at ON ledger.entry USING brin (posted_at) WITH (pages_per_range='32');

CREATE UNIQUE INDEX entry_reverses ON ledger.entry USING btree (book_id, reverses) WHERE (reverses IS NOT NULL);

CREATE INDEX line_account ON ONLY ledger.line USING btree (book_id, account_no, value_date);

CREATE INDEX line_reversal ON ONLY ledger.line USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2023_book_id_account_no_debit_credit_idx ON ledger.line_fy2023 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2023_book_id_account_no_value_date_idx ON ledger.line_fy2023 USING btree (book_id, account_no, value_date);

CREATE INDEX line_subject ON ONLY ledger.line USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2023_book_id_subject_idx ON ledger.line_fy2023 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2024_book_id_account_no_debit_credit_idx ON ledger.line_fy2024 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2024_book_id_account_no_value_date_idx ON ledger.line_fy2024 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2024_book_id_subject_idx ON ledger.line_fy2024 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2025_book_id_account_no_debit_credit_idx ON ledger.line_fy2025 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2025_book_id_account_no_value_date_idx ON ledger.line_fy2025 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2025_book_id_subject_idx ON ledger.line_fy2025 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2026_book_id_account_no_debit_credit_idx ON ledger.line_fy2026 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2026_book_id_account_no_value_date_idx ON ledger.line_fy2026 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2026_book_id_subject_idx ON ledger.line_fy2026 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2027_book_id_account_no_debit_credit_idx ON ledger.line_fy2027 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2027_book_id_account_no_value_date_idx ON ledger.line_fy2027 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2027_book_id_subject_idx ON ledger.line_fy2027 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2028_book_id_account_no_debit_credit_idx ON ledger.line_fy2028 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2028_book_id_account_no_value_date_idx ON ledger.line_fy2028 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2028_book_id_subject_idx ON ledger.line_fy2028 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX line_fy2029_book_id_account_no_debit_credit_idx ON ledger.line_fy2029 USING btree (book_id, account_no) INCLUDE (debit, credit) WHERE (kind = 'reversal'::ledger.kind);

CREATE INDEX line_fy2029_book_id_account_no_value_date_idx ON ledger.line_fy2029 USING btree (book_id, account_no, value_date);

CREATE INDEX line_fy2029_book_id_subject_idx ON ledger.line_fy2029 USING btree (book_id, subject) WHERE (subject <> ''::text);

CREATE INDEX pledge_party ON ledger.pledge USING btree (book_id, party);

CREATE UNIQUE INDEX summed_one ON ledger.summed USING btree ((true));

CREATE INDEX turnover_counterparty ON ledger.turnover USING btree (counterparty) WHERE (counterparty <> 0);

CREATE INDEX under_node ON ledger.under USING btree (node_id, book_id);

CREATE INDEX event_counterparty ON service.event USING btree (counterparty) WHERE (counterparty IS NOT NULL);

CREATE INDEX event_organisation ON service.event USING btree (organisation, happened_on);

CREATE INDEX job_run_job ON service.job_run USING btree (job, business_date);

CREATE INDEX job_run_started ON service.job_run USING btree (job, started_at);

CREATE INDEX loan_afresh ON service.loan USING btree (lender) WHERE afresh;

CREATE INDEX loan_application_lender ON service.loan_application USING btree (lender, code);

CREATE INDEX loan_guarantee_member ON service.loan_guarantee USING btree (member);

CREATE INDEX loan_lender ON service.loan USING btree (lender);

CREATE INDEX loan_member ON service.loan USING btree (member) WHERE (member IS NOT NULL);

CREATE INDEX loan_organisation ON service.loan USING btree (organisation) WHERE (organisation IS NOT NULL);

CREATE INDEX loan_refinances ON service.loan USING btree (refinances) WHERE (refinances IS NOT NULL);

CREATE INDEX member_organisation ON service.member USING btree (organisation);

CREATE INDEX membership_parent ON service.membership USING btree (parent);

CREATE INDEX nomination_organisation ON service.nomination USING btree (organisation);

CREATE INDEX organisation_above ON service.organisation USING btree (kind, code) WHERE (kind <> 'CO'::text);

CREATE INDEX request_about ON service.request USING btree (about);

CREATE INDEX request_asked_by ON service.request USING btree (asked_by, code);

CREATE INDEX request_decider ON service.request USING btree (decider, state);

CREATE UNIQUE INDEX request_key ON service.request USING btree (organisation, key) NULLS NOT DISTINCT;

CREATE INDEX request_of_house ON service.request USING btree (code) WHERE (decided_with = 'administer'::text);

CREATE INDEX request_waiting ON service.request USING btree (code) WHERE (state = 'waiting'::text);

CREATE UNIQUE INDEX request_waits ON service.request USING btree (about) WHERE ((state = 'waiting'::text) AND (kind = ANY (ARRAY['back_dated'::text, 'withdrawal'::text])));

CREATE INDEX sheet_organisation ON service.sheet USING btree (organisation, held_on);

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2023_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2023_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2023_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2023_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2024_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2024_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2024_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2024_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2025_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2025_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2025_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2025_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2026_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2026_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2026_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2026_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2027_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2027_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2027_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2027_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2028_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2028_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2028_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2028_pkey;

ALTER INDEX ledger.line_reversal ATTACH PARTITION ledger.line_fy2029_book_id_account_no_debit_credit_idx;

ALTER INDEX ledger.line_account ATTACH PARTITION ledger.line_fy2029_book_id_account_no_value_date_idx;

ALTER INDEX ledger.line_subject ATTACH PARTITION ledger.line_fy2029_book_id_subject_idx;

ALTER INDEX ledger.line_pkey ATTACH PARTITION ledger.line_fy2029_pkey;

CREATE TRIGGER note_delete AFTER DELETE ON access.appointment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.device REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'registered_by');

CREATE TRIGGER note_delete AFTER DELETE ON access.key REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.key_secret REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.password REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.person REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'code');

CREATE TRIGGER note_delete AFTER DELETE ON access.pin REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.recovery REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.role_right REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON access.session REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((current_setting('amanat.action'::text, true) IS DISTINCT FROM 'purge'::text)) EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_delete AFTER DELETE ON access.vault REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.appointment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.device REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'registered_by');

CREATE TRIGGER note_insert AFTER INSERT ON access.key REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.key_secret REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.password REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.person REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'code');

CREATE TRIGGER note_insert AFTER INSERT ON access.pin REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.recovery REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.role_right REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON access.session REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_insert AFTER INSERT ON access.vault REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.appointment FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.device FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'registered_by');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.key FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.key_secret FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.password FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.person FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'code');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.pin FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.recovery FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.role_right FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.session FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.vault FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.appointment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.device REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'registered_by');

CREATE TRIGGER note_update AFTER UPDATE ON access.key REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.key_secret REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.password REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.person REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'code');

CREATE TRIGGER note_update AFTER UPDATE ON access.pin REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.recovery REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.role_right REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON access.session REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER note_update AFTER UPDATE ON access.vault REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');

CREATE TRIGGER refuse_change BEFORE DELETE ON audit.chain FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON audit.trail FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.chain FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.trail FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE CONSTRAINT TRIGGER seal AFTER INSERT ON audit.noted DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.seal();

CREATE TRIGGER note_delete AFTER DELETE ON ledger.closing REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_delete AFTER DELETE ON ledger.pledge REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_insert AFTER INSERT ON ledger.closing REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_insert AFTER INSERT ON ledger.pledge REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON ledger.closing FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON ledger.pledge FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_update AFTER UPDATE ON ledger.closing REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER note_update AFTER UPDATE ON ledger.pledge REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('book', 'book_id');

CREATE TRIGGER refuse_backward BEFORE UPDATE ON ledger.book FOR EACH ROW EXECUTE FUNCTION ledger.refuse_backward();

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON ledger.closing FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON ledger.entry FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE ON ledger.line FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_change BEFORE DELETE ON ledger.pledge FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_delete BEFORE DELETE ON ledger.book FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_other_than_release BEFORE UPDATE ON ledger.pledge FOR EACH ROW EXECUTE FUNCTION ledger.refuse_other_than_release();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.book FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.closing FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2023 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2024 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2025 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2026 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2027 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2028 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.line_fy2029 FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.pledge FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER note_delete AFTER DELETE ON service.bundle REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON service.event REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.holiday REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON service.instalment REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_delete AFTER DELETE ON service.limits REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.loan REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_delete AFTER DELETE ON service.loan_application REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_delete AFTER DELETE ON service.loan_change REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_delete AFTER DELETE ON service.loan_guarantee REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_delete AFTER DELETE ON service.member REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.membership REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.nomination REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.organisation REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'code');

CREATE TRIGGER note_delete AFTER DELETE ON service.product REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON service.request REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_delete AFTER DELETE ON service.reserve_class REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON service.reserve_scheme REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_delete AFTER DELETE ON service.sheet REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.bundle REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON service.event REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.holiday REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON service.instalment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_insert AFTER INSERT ON service.limits REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.loan REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_insert AFTER INSERT ON service.loan_application REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_insert AFTER INSERT ON service.loan_change REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_insert AFTER INSERT ON service.loan_guarantee REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_insert AFTER INSERT ON service.member REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.membership REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.nomination REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.organisation REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'code');

CREATE TRIGGER note_insert AFTER INSERT ON service.product REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON service.request REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_insert AFTER INSERT ON service.reserve_class REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON service.reserve_scheme REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_insert AFTER INSERT ON service.sheet REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.bundle FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.event FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.holiday FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.instalment FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.limits FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.loan FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.loan_application FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.loan_change FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.loan_guarantee FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.member FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.membership FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.nomination FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.organisation FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'code');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.product FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.request FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.reserve_class FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.reserve_scheme FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_truncate AFTER TRUNCATE ON service.sheet FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.bundle REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON service.event REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.holiday REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON service.instalment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_update AFTER UPDATE ON service.limits REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.loan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_update AFTER UPDATE ON service.loan_application REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'lender');

CREATE TRIGGER note_update AFTER UPDATE ON service.loan_change REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_update AFTER UPDATE ON service.loan_guarantee REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('loan', 'loan');

CREATE TRIGGER note_update AFTER UPDATE ON service.member REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.membership REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.nomination REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.organisation REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'code');

CREATE TRIGGER note_update AFTER UPDATE ON service.product REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON service.request REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER note_update AFTER UPDATE ON service.reserve_class REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON service.reserve_scheme REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('house', 'nobody');

CREATE TRIGGER note_update AFTER UPDATE ON service.sheet REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit.note('organisation', 'organisation');

CREATE TRIGGER refuse_change BEFORE DELETE ON service.loan_change FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();

CREATE CONSTRAINT TRIGGER refuse_orphan AFTER INSERT ON service.organisation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.refuse_orphan();

CREATE TRIGGER refuse_other_than_undoing BEFORE UPDATE ON service.loan_change FOR EACH ROW EXECUTE FUNCTION service.refuse_other_than_undoing();

CREATE TRIGGER refuse_reopened BEFORE UPDATE ON service.sheet FOR EACH ROW EXECUTE FUNCTION service.refuse_reopened();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON service.loan_change FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER take_code AFTER INSERT ON service.event REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION service.take_code();

CREATE TRIGGER take_code AFTER INSERT ON service.sheet REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION service.take_code();

ALTER TABLE ONLY access.appointment
    ADD CONSTRAINT appointment_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY access.appointment
    ADD CONSTRAINT appointment_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.device
    ADD CONSTRAINT device_registered_by_fkey FOREIGN KEY (registered_by) REFERENCES access.person(code);

ALTER TABLE ONLY access.key
    ADD CONSTRAINT key_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.key_secret
    ADD CONSTRAINT key_secret_person_fkey FOREIGN KEY (person) REFERENCES access.key(person);

ALTER TABLE ONLY access.password
    ADD CONSTRAINT password_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.person
    ADD CONSTRAINT person_member_fkey FOREIGN KEY (member) REFERENCES service.member(code);

ALTER TABLE ONLY access.person
    ADD CONSTRAINT person_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY access.pin
    ADD CONSTRAINT pin_device_fkey FOREIGN KEY (device) REFERENCES access.device(id);

ALTER TABLE ONLY access.pin
    ADD CONSTRAINT pin_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.recovery
    ADD CONSTRAINT recovery_given_by_fkey FOREIGN KEY (given_by) REFERENCES access.person(code);

ALTER TABLE ONLY access.recovery
    ADD CONSTRAINT recovery_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_device_fkey FOREIGN KEY (device) REFERENCES access.device(id);

ALTER TABLE ONLY access.session
    ADD CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY access.vault
    ADD CONSTRAINT vault_person_fkey FOREIGN KEY (person) REFERENCES access.person(code);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_book_id_fkey FOREIGN KEY (book_id) REFERENCES ledger.book(id);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_code_fkey FOREIGN KEY (code) REFERENCES ledger.chart(code);

ALTER TABLE ONLY ledger.closing
    ADD CONSTRAINT closing_book_id_fkey FOREIGN KEY (book_id) REFERENCES ledger.book(id);

ALTER TABLE ONLY ledger.pledge
    ADD CONSTRAINT pledge_book_id_fkey FOREIGN KEY (book_id) REFERENCES ledger.book(id);

ALTER TABLE ONLY service.event
    ADD CONSTRAINT event_loan_fkey FOREIGN KEY (loan) REFERENCES service.loan(code);

ALTER TABLE ONLY service.event
    ADD CONSTRAINT event_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.instalment
    ADD CONSTRAINT instalment_loan_fkey FOREIGN KEY (loan) REFERENCES service.loan(code);

ALTER TABLE ONLY service.job_part
    ADD CONSTRAINT job_part_run_fkey FOREIGN KEY (run) REFERENCES service.job_run(id);

ALTER TABLE ONLY service.job_step
    ADD CONSTRAINT job_step_run_fkey FOREIGN KEY (run) REFERENCES service.job_run(id);

ALTER TABLE ONLY service.limits
    ADD CONSTRAINT limits_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.loan_application
    ADD CONSTRAINT loan_application_lender_fkey FOREIGN KEY (lender) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.loan_application
    ADD CONSTRAINT loan_application_member_fkey FOREIGN KEY (member) REFERENCES service.member(code);

ALTER TABLE ONLY service.loan_application
    ADD CONSTRAINT loan_application_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.loan_change
    ADD CONSTRAINT loan_change_loan_fkey FOREIGN KEY (loan) REFERENCES service.loan(code);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_book_id_pledge_fkey FOREIGN KEY (book_id, pledge) REFERENCES ledger.pledge(book_id, no);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_loan_fkey FOREIGN KEY (loan) REFERENCES service.loan(code);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_loan_replaces_fkey FOREIGN KEY (loan, replaces) REFERENCES service.loan_guarantee(loan, n);

ALTER TABLE ONLY service.loan_guarantee
    ADD CONSTRAINT loan_guarantee_member_fkey FOREIGN KEY (member) REFERENCES service.member(code);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_lender_fkey FOREIGN KEY (lender) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_member_fkey FOREIGN KEY (member) REFERENCES service.member(code);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_product_product_version_fkey FOREIGN KEY (product, product_version) REFERENCES service.product(code, version);

ALTER TABLE ONLY service.loan
    ADD CONSTRAINT loan_refinances_fkey FOREIGN KEY (refinances) REFERENCES service.loan(code);

ALTER TABLE ONLY service.member
    ADD CONSTRAINT member_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.membership
    ADD CONSTRAINT membership_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.membership
    ADD CONSTRAINT membership_parent_fkey FOREIGN KEY (parent) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.nomination
    ADD CONSTRAINT nomination_member_fkey FOREIGN KEY (member) REFERENCES service.member(code);

ALTER TABLE ONLY service.nomination
    ADD CONSTRAINT nomination_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.organisation
    ADD CONSTRAINT organisation_place_id_fkey FOREIGN KEY (place_id) REFERENCES service.place(id);

ALTER TABLE ONLY service.place
    ADD CONSTRAINT place_within_fkey FOREIGN KEY (within) REFERENCES service.place(id);

ALTER TABLE ONLY service.request
    ADD CONSTRAINT request_decider_fkey FOREIGN KEY (decider) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.request
    ADD CONSTRAINT request_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE ONLY service.reserve_class
    ADD CONSTRAINT reserve_class_from_on_fkey FOREIGN KEY (from_on) REFERENCES service.reserve_scheme(from_on);

ALTER TABLE ONLY service.sheet
    ADD CONSTRAINT sheet_organisation_fkey FOREIGN KEY (organisation) REFERENCES service.organisation(code);

ALTER TABLE access.appointment ENABLE ROW LEVEL SECURITY;

CREATE POLICY deletes ON access.appointment FOR DELETE TO amanat_app USING (((person <> ( SELECT access.actor() AS actor)) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND ((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])))
 OFFSET 0)) OR ((NOT below) AND (role <> 'treasurer'::text) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))))));

CREATE POLICY deletes ON access.person FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = person.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY house ON access.appointment TO amanat_system USING (true);

CREATE POLICY house ON access.person TO amanat_system USING (true);

CREATE POLICY inserts ON access.appointment FOR INSERT TO amanat_app WITH CHECK (((person <> ( SELECT access.actor() AS actor)) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND ((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])))
 OFFSET 0)) OR ((NOT below) AND (role <> 'treasurer'::text) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))))));

CREATE POLICY inserts ON access.person FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = person.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

ALTER TABLE access.person ENABLE ROW LEVEL SECURITY;

CREATE POLICY reads ON access.appointment FOR SELECT TO amanat_app USING (((person = ( SELECT access.actor() AS actor)) OR ( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))) OR (( SELECT (0 = ANY (access.nodes('recover'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('recover'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('recover'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY reads ON access.person FOR SELECT TO amanat_app USING (((code = ( SELECT access.actor() AS actor)) OR ( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = person.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))) OR (( SELECT (0 = ANY (access.nodes('recover'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = person.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('recover'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('recover'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY updates ON access.appointment FOR UPDATE TO amanat_app USING (((person <> ( SELECT access.actor() AS actor)) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND ((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])))
 OFFSET 0)) OR ((NOT below) AND (role <> 'treasurer'::text) AND (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = appointment.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))))));

CREATE POLICY updates ON access.person FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (( SELECT (0 = ANY (access.nodes('administer'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = person.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('administer'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('administer'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY house ON audit.trail TO amanat_system USING (true);

CREATE POLICY reads ON audit.trail FOR SELECT TO amanat_app USING (
CASE about
    WHEN 'organisation'::text THEN (EXISTS ( SELECT
       FROM (ledger.book b
         JOIN service.organisation o ON ((o.book_id = b.id)))
      WHERE (o.code = trail.code)
     OFFSET 0))
    WHEN 'person'::text THEN ((code = ( SELECT access.actor() AS actor)) OR (EXISTS ( SELECT
       FROM (access.person p
         LEFT JOIN service.organisation o ON ((o.code = p.organisation)))
      WHERE ((p.code = trail.code) AND access.may('administer'::text, COALESCE(o.book_id, (0)::bigint)))
     OFFSET 0)))
    ELSE ( SELECT (0 = ANY (access.nodes('administer'::text))))
END);

ALTER TABLE audit.trail ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.book ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.closing ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.delta ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY house ON ledger.account TO amanat_system USING (true);

CREATE POLICY house ON ledger.book TO amanat_system USING (true);

CREATE POLICY house ON ledger.closing TO amanat_system USING (true);

CREATE POLICY house ON ledger.delta TO amanat_system USING (true);

CREATE POLICY house ON ledger.entry TO amanat_system USING (true);

CREATE POLICY house ON ledger.line TO amanat_system USING (true);

CREATE POLICY house ON ledger.moneyless TO amanat_system USING (true);

CREATE POLICY house ON ledger.pledge TO amanat_system USING (true);

CREATE POLICY house ON ledger.turnover TO amanat_system USING (true);

ALTER TABLE ledger.line ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.moneyless ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.pledge ENABLE ROW LEVEL SECURITY;

CREATE POLICY reads ON ledger.account FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = account.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.book FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = book.id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.closing FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = closing.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.delta FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = delta.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.entry FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = entry.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.line FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = line.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.moneyless FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = moneyless.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes('read_alone'::text) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.pledge FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = pledge.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON ledger.turnover FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = turnover.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes('read_alone'::text) AS nodes)::bigint[])))))
 OFFSET 0))));

ALTER TABLE ledger.turnover ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.bundle ENABLE ROW LEVEL SECURITY;

CREATE POLICY deletes ON service.holiday FOR DELETE TO amanat_app USING (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY deletes ON service.limits FOR DELETE TO amanat_app USING ((EXISTS ( SELECT
   FROM service.book_number o
  WHERE ((o.code = limits.organisation) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY deletes ON service.loan FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY deletes ON service.member FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY deletes ON service.membership FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = membership.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY deletes ON service.nomination FOR DELETE TO amanat_app USING ((EXISTS ( SELECT
   FROM service.member m
  WHERE ((m.code = nomination.member) AND (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
           FROM (service.book_number o
             JOIN ledger.under u ON ((u.book_id = o.book_id)))
          WHERE ((o.code = m.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
         OFFSET 0))))
 OFFSET 0)));

CREATE POLICY deletes ON service.organisation FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = organisation.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY deletes ON service.product FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('administer'::text)))) AND ( SELECT (0 = ANY (access.nodes('carried'::text))))));

CREATE POLICY deletes ON service.sheet FOR DELETE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = sheet.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

ALTER TABLE service.event ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.holiday ENABLE ROW LEVEL SECURITY;

CREATE POLICY house ON service.bundle TO amanat_system USING (true);

CREATE POLICY house ON service.event TO amanat_system USING (true);

CREATE POLICY house ON service.holiday TO amanat_system USING (true);

CREATE POLICY house ON service.instalment TO amanat_system USING (true);

CREATE POLICY house ON service.job_run TO amanat_system USING (true);

CREATE POLICY house ON service.job_step TO amanat_system USING (true);

CREATE POLICY house ON service.limits TO amanat_system USING (true);

CREATE POLICY house ON service.loan TO amanat_system USING (true);

CREATE POLICY house ON service.loan_application TO amanat_system USING (true);

CREATE POLICY house ON service.loan_change TO amanat_system USING (true);

CREATE POLICY house ON service.loan_guarantee TO amanat_system USING (true);

CREATE POLICY house ON service.member TO amanat_system USING (true);

CREATE POLICY house ON service.membership TO amanat_system USING (true);

CREATE POLICY house ON service.nomination TO amanat_system USING (true);

CREATE POLICY house ON service.organisation TO amanat_system USING (true);

CREATE POLICY house ON service.product TO amanat_system USING (true);

CREATE POLICY house ON service.request TO amanat_system USING (true);

CREATE POLICY house ON service.reserve_class TO amanat_system USING (true);

CREATE POLICY house ON service.reserve_scheme TO amanat_system USING (true);

CREATE POLICY house ON service.sheet TO amanat_system USING (true);

CREATE POLICY inserts ON service.event FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = event.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY inserts ON service.holiday FOR INSERT TO amanat_app WITH CHECK (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY inserts ON service.instalment FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM service.loan l
  WHERE ((l.code = instalment.loan) AND (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
           FROM (service.book_number o
             JOIN ledger.under u ON ((u.book_id = o.book_id)))
          WHERE ((o.code = l.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
         OFFSET 0))))
 OFFSET 0)));

CREATE POLICY inserts ON service.limits FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM service.book_number o
  WHERE ((o.code = limits.organisation) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY inserts ON service.loan FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM service.book_number o
  WHERE ((o.code = loan.lender) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY inserts ON service.loan_application FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan_application.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY inserts ON service.loan_change FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM service.loan l
  WHERE ((l.code = loan_change.loan) AND (EXISTS ( SELECT
           FROM service.book_number o
          WHERE ((o.code = l.lender) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
         OFFSET 0))))));

CREATE POLICY inserts ON service.loan_guarantee FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM (service.loan l
     JOIN service.book_number o ON ((o.code = l.lender)))
  WHERE ((l.code = loan_guarantee.loan) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY inserts ON service.member FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY inserts ON service.membership FOR INSERT TO amanat_app WITH CHECK (((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = membership.parent) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))) AND (access.unplaced(organisation) OR (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = membership.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))))));

CREATE POLICY inserts ON service.nomination FOR INSERT TO amanat_app WITH CHECK ((EXISTS ( SELECT
   FROM service.member m
  WHERE ((m.code = nomination.member) AND (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
           FROM (service.book_number o
             JOIN ledger.under u ON ((u.book_id = o.book_id)))
          WHERE ((o.code = m.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
         OFFSET 0))))
 OFFSET 0)));

CREATE POLICY inserts ON service.organisation FOR INSERT TO amanat_app WITH CHECK (( SELECT access.may_register_somewhere() AS may_register_somewhere));

CREATE POLICY inserts ON service.product FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('administer'::text)))) AND ( SELECT (0 = ANY (access.nodes('carried'::text))))));

CREATE POLICY inserts ON service.request FOR INSERT TO amanat_app WITH CHECK (((state = 'waiting'::text) AND (asked_by = ( SELECT access.actor() AS actor)) AND (outcome IS NULL) AND
CASE decided_with
    WHEN 'approve'::text THEN (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
       FROM (service.book_number o
         JOIN ledger.under u ON ((u.book_id = o.book_id)))
      WHERE ((o.code = request.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
     OFFSET 0)))
    WHEN 'register'::text THEN (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
       FROM (service.book_number o
         JOIN ledger.under u ON ((u.book_id = o.book_id)))
      WHERE ((o.code = request.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
     OFFSET 0)))
    ELSE ( SELECT (0 = ANY (access.nodes('administer'::text))))
END));

CREATE POLICY inserts ON service.reserve_class FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('administer'::text)))) AND ( SELECT (0 = ANY (access.nodes('carried'::text))))));

CREATE POLICY inserts ON service.reserve_scheme FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('administer'::text)))) AND ( SELECT (0 = ANY (access.nodes('carried'::text))))));

CREATE POLICY inserts ON service.sheet FOR INSERT TO amanat_app WITH CHECK ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = sheet.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

ALTER TABLE service.instalment ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.job_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.job_step ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.limits ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.loan ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.loan_application ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.loan_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.loan_guarantee ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.member ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.membership ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.nomination ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.organisation ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.product ENABLE ROW LEVEL SECURITY;

CREATE POLICY reads ON service.bundle FOR SELECT TO amanat_app USING (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY reads ON service.event FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = event.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = event.counterparty) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY reads ON service.holiday FOR SELECT TO amanat_app USING (true);

CREATE POLICY reads ON service.instalment FOR SELECT TO amanat_app USING ((EXISTS ( SELECT
   FROM service.loan l
  WHERE (l.code = instalment.loan)
 OFFSET 0)));

CREATE POLICY reads ON service.job_run FOR SELECT TO amanat_app USING (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY reads ON service.job_step FOR SELECT TO amanat_app USING (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY reads ON service.limits FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('see'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = limits.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('see'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('see'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON service.loan FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY reads ON service.loan_application FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan_application.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan_application.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY reads ON service.loan_change FOR SELECT TO amanat_app USING ((EXISTS ( SELECT
   FROM service.loan l
  WHERE (l.code = loan_change.loan))));

CREATE POLICY reads ON service.loan_guarantee FOR SELECT TO amanat_app USING (((EXISTS ( SELECT
   FROM service.loan l
  WHERE (l.code = loan_guarantee.loan)
 OFFSET 0)) OR (EXISTS ( SELECT
   FROM service.member m
  WHERE (m.code = loan_guarantee.member)
 OFFSET 0))));

CREATE POLICY reads ON service.member FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY reads ON service.membership FOR SELECT TO amanat_app USING ((EXISTS ( SELECT
   FROM service.organisation o
  WHERE (o.code = membership.organisation)
 OFFSET 0)));

CREATE POLICY reads ON service.nomination FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = nomination.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (EXISTS ( SELECT
   FROM service.member m
  WHERE (m.code = nomination.member)
 OFFSET 0))));

CREATE POLICY reads ON service.organisation FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('see'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = organisation.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('see'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('see'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (book_id = ANY (( SELECT access.nodes('above'::text) AS nodes)::bigint[])) OR (( SELECT access.may_register_somewhere() AS may_register_somewhere) AND (NOT (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = organisation.book_id) AND (u.node_id <> u.book_id))
 OFFSET 0))) AND access.unplaced(code))));

CREATE POLICY reads ON service.product FOR SELECT TO amanat_app USING (true);

CREATE POLICY reads ON service.request FOR SELECT TO amanat_app USING ((((decided_with <> 'administer'::text) AND (( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = request.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = request.decider) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))) OR ((asked_by = ( SELECT access.actor() AS actor)) AND (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = request.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))))) OR ((decided_with = 'register'::text) AND (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = request.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = request.decider) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))))) OR ((decided_with = 'administer'::text) AND ( SELECT (0 = ANY (access.nodes('administer'::text)))))));

CREATE POLICY reads ON service.reserve_class FOR SELECT TO amanat_app USING (true);

CREATE POLICY reads ON service.reserve_scheme FOR SELECT TO amanat_app USING (true);

CREATE POLICY reads ON service.sheet FOR SELECT TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('read'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = sheet.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('read'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('read'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

ALTER TABLE service.request ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.reserve_class ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.reserve_scheme ENABLE ROW LEVEL SECURITY;

ALTER TABLE service.sheet ENABLE ROW LEVEL SECURITY;

CREATE POLICY updates ON service.holiday FOR UPDATE TO amanat_app USING (( SELECT (0 = ANY (access.nodes('administer'::text)))));

CREATE POLICY updates ON service.limits FOR UPDATE TO amanat_app USING ((EXISTS ( SELECT
   FROM service.book_number o
  WHERE ((o.code = limits.organisation) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY updates ON service.loan FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY updates ON service.loan_application FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = loan_application.lender) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY updates ON service.loan_change FOR UPDATE TO amanat_app USING ((EXISTS ( SELECT
   FROM service.loan l
  WHERE ((l.code = loan_change.loan) AND (EXISTS ( SELECT
           FROM service.book_number o
          WHERE ((o.code = l.lender) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
         OFFSET 0))))));

CREATE POLICY updates ON service.loan_guarantee FOR UPDATE TO amanat_app USING ((EXISTS ( SELECT
   FROM (service.loan l
     JOIN service.book_number o ON ((o.code = l.lender)))
  WHERE ((l.code = loan_guarantee.loan) AND (o.book_id = ANY (( SELECT access.nodes('carried'::text) AS nodes)::bigint[])))
 OFFSET 0)));

CREATE POLICY updates ON service.member FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)) OR (( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = member.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0)))));

CREATE POLICY updates ON service.membership FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = membership.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY updates ON service.nomination FOR UPDATE TO amanat_app USING ((EXISTS ( SELECT
   FROM service.member m
  WHERE ((m.code = nomination.member) AND (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
           FROM (service.book_number o
             JOIN ledger.under u ON ((u.book_id = o.book_id)))
          WHERE ((o.code = m.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
         OFFSET 0))))
 OFFSET 0)));

CREATE POLICY updates ON service.organisation FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
   FROM ledger.under u
  WHERE ((u.book_id = organisation.book_id) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

CREATE POLICY updates ON service.product FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('administer'::text)))) AND ( SELECT (0 = ANY (access.nodes('carried'::text))))));

CREATE POLICY updates ON service.request FOR UPDATE TO amanat_app USING (((state = 'waiting'::text) OR ((state = 'approved'::text) AND (decided_by = ( SELECT access.actor() AS actor)) AND (outcome IS NULL)))) WITH CHECK (((decided_by = ( SELECT access.actor() AS actor)) AND ((state = 'withdrawn'::text) OR ((asked_by <> decided_by) AND
CASE decided_with
    WHEN 'approve'::text THEN (( SELECT (0 = ANY (access.nodes('approve'::text)))) OR (EXISTS ( SELECT
       FROM (service.book_number o
         JOIN ledger.under u ON ((u.book_id = o.book_id)))
      WHERE ((o.code = request.decider) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('approve'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('approve'::text || '_alone'::text)) AS nodes)::bigint[])))))
     OFFSET 0)))
    WHEN 'register'::text THEN (( SELECT (0 = ANY (access.nodes('register'::text)))) OR (EXISTS ( SELECT
       FROM (service.book_number o
         JOIN ledger.under u ON ((u.book_id = o.book_id)))
      WHERE ((o.code = request.decider) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('register'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('register'::text || '_alone'::text)) AS nodes)::bigint[])))))
     OFFSET 0)))
    ELSE ( SELECT (0 = ANY (access.nodes('administer'::text))))
END))));

CREATE POLICY updates ON service.sheet FOR UPDATE TO amanat_app USING ((( SELECT (0 = ANY (access.nodes('prepare'::text)))) OR (EXISTS ( SELECT
   FROM (service.book_number o
     JOIN ledger.under u ON ((u.book_id = o.book_id)))
  WHERE ((o.code = sheet.organisation) AND (u.from_on <= ( SELECT access.today() AS today)) AND (u.to_on > ( SELECT access.today() AS today)) AND (((u.node_id + 0) = ANY (( SELECT access.nodes('prepare'::text) AS nodes)::bigint[])) OR ((u.node_id = u.book_id) AND ((u.book_id + 0) = ANY (( SELECT access.nodes(('prepare'::text || '_alone'::text)) AS nodes)::bigint[])))))
 OFFSET 0))));

GRANT USAGE ON SCHEMA access TO amanat_app;
GRANT USAGE ON SCHEMA access TO amanat_access;

GRANT USAGE ON SCHEMA audit TO amanat_app;
GRANT USAGE ON SCHEMA audit TO amanat_access;

GRANT USAGE ON SCHEMA ledger TO amanat_app;

GRANT USAGE ON SCHEMA service TO amanat_app;

REVOKE ALL ON FUNCTION access.actor() FROM PUBLIC;
GRANT ALL ON FUNCTION access.actor() TO amanat_app;

REVOKE ALL ON FUNCTION access.admit(who text, scopes text[], at timestamp with time zone, source text, action text) FROM PUBLIC;

REVOKE ALL ON FUNCTION access.enter_by_key(key text, secret uuid, asked text[], at timestamp with time zone, source text, action text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.enter_by_key(key text, secret uuid, asked text[], at timestamp with time zone, source text, action text) TO amanat_app;

REVOKE ALL ON FUNCTION access.enter_by_session(token_hash bytea, at timestamp with time zone, source text, action text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.enter_by_session(token_hash bytea, at timestamp with time zone, source text, action text) TO amanat_app;

REVOKE ALL ON FUNCTION access.first_session_ends() FROM PUBLIC;
GRANT ALL ON FUNCTION access.first_session_ends() TO amanat_system;

REVOKE ALL ON FUNCTION access.forget_sessions(since timestamp with time zone, before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION access.forget_sessions(since timestamp with time zone, before timestamp with time zone) TO amanat_system;

REVOKE ALL ON FUNCTION access.forget_signing_keys(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION access.forget_signing_keys(before timestamp with time zone) TO amanat_system;

REVOKE ALL ON FUNCTION access.may("right" text, book bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION access.may("right" text, book bigint) TO amanat_app;

REVOKE ALL ON FUNCTION access.may_below("right" text, book bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION access.may_below("right" text, book bigint) TO amanat_app;

REVOKE ALL ON FUNCTION access.nodes("right" text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.nodes("right" text) TO amanat_app;

REVOKE ALL ON FUNCTION access.may_register_somewhere() FROM PUBLIC;
GRANT ALL ON FUNCTION access.may_register_somewhere() TO amanat_app;

REVOKE ALL ON FUNCTION access.refuse_alone(e_book bigint[], e_kind text[], e_counterpart_book bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION access.refuse_orphan() FROM PUBLIC;

REVOKE ALL ON FUNCTION access.refuse_outside("right" text, books bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION access.refuse_uncarried(book bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION access.refuse_unless_all_below("right" text, nodes bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION access.refuse_unless_all_below("right" text, nodes bigint[]) TO amanat_app;

REVOKE ALL ON FUNCTION access.today() FROM PUBLIC;
GRANT ALL ON FUNCTION access.today() TO amanat_app;

REVOKE ALL ON FUNCTION access.unplaced(organisation text) FROM PUBLIC;
GRANT ALL ON FUNCTION access.unplaced(organisation text) TO amanat_app;

REVOKE ALL ON FUNCTION audit.append(about text, code text, changes json) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.broken() FROM PUBLIC;
GRANT ALL ON FUNCTION audit.broken() TO amanat_system;

REVOKE ALL ON FUNCTION audit.discreet(r jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.note() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.note_reading(what json) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.note_reading(what json) TO amanat_app;

REVOKE ALL ON FUNCTION audit.place(about text, code text, OUT about text, OUT code text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.seal() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.sealed(text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sealed(text) TO amanat_app;

GRANT SELECT ON TABLE audit.trail TO amanat_app;

REVOKE ALL ON FUNCTION audit.sealed(t audit.trail) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.sealed(t audit.trail) TO amanat_system;

GRANT SELECT ON TABLE ledger.turnover TO amanat_app;
GRANT SELECT ON TABLE ledger.turnover TO amanat_system;

REVOKE ALL ON FUNCTION ledger.add_to_rollup(turnover ledger.turnover[], nodes bigint[], sign integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.bounds(anyarray) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.check_pairs(e_book bigint[], e_no bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.close_period(book bigint, up_to date, by_actor text, why text, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.close_period(book bigint, up_to date, by_actor text, why text, at timestamp with time zone) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.fold(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.fold(most integer) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.free_savings(book bigint, party text, since date) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.free_savings(book bigint, party text, since date) TO amanat_app;
GRANT ALL ON FUNCTION ledger.free_savings(book bigint, party text, since date) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.genesis(organisation text, currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.genesis(organisation text, currency text) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.known(known_by timestamp with time zone, books bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.known(known_by timestamp with time zone, books bigint[]) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.known_later(known_by timestamp with time zone, nodes bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.known_later(known_by timestamp with time zone, nodes bigint[]) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.lock_and_read(books bigint[], w_book bigint[], w_code text[], w_fund text[], w_party text[], w_since date[], k_book bigint[], k_key text[], s_book bigint[], s_subject text[], r_book bigint[], r_no bigint[], m_book bigint[], m_code text[], m_fund text[], m_party text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.lock_and_read(books bigint[], w_book bigint[], w_code text[], w_fund text[], w_party text[], w_since date[], k_book bigint[], k_key text[], s_book bigint[], s_subject text[], r_book bigint[], r_no bigint[], m_book bigint[], m_code text[], m_fund text[], m_party text[]) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.lock_rollup() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.make_partition(fiscal_year integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.make_partition(fiscal_year integer) TO amanat_app;

GRANT SELECT ON TABLE ledger.book TO amanat_app;

REVOKE ALL ON FUNCTION ledger.open_books(organisations text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.open_books(organisations text[]) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.place_books(books bigint[], book bigint[], node bigint[], from_on date[], to_on date[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.place_books(books bigint[], book bigint[], node bigint[], from_on date[], to_on date[]) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.pledge_savings(in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.pledge_savings(in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamp with time zone) TO amanat_app;
GRANT ALL ON FUNCTION ledger.pledge_savings(in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamp with time zone) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.pledged(w_book bigint[], w_code text[], w_party text[], w_since date[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.post(recorded timestamp with time zone, e_book bigint[], e_no bigint[], e_value_date date[], e_posted_at timestamp with time zone[], e_kind text[], e_narrative text[], e_actor text[], e_reference text[], e_key text[], e_part smallint[], e_digest bytea[], e_reverses bigint[], e_counterpart_book bigint[], e_counterpart_no bigint[], e_hash bytea[], a_entry integer[], a_no bigint[], a_code text[], a_fund text[], a_party text[], a_counterparty bigint[], l_entry integer[], l_n integer[], l_account bigint[], l_subject text[], l_debit bigint[], l_credit bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.post(recorded timestamp with time zone, e_book bigint[], e_no bigint[], e_value_date date[], e_posted_at timestamp with time zone[], e_kind text[], e_narrative text[], e_actor text[], e_reference text[], e_key text[], e_part smallint[], e_digest bytea[], e_reverses bigint[], e_counterpart_book bigint[], e_counterpart_no bigint[], e_hash bytea[], a_entry integer[], a_no bigint[], a_code text[], a_fund text[], a_party text[], a_counterparty bigint[], l_entry integer[], l_n integer[], l_account bigint[], l_subject text[], l_debit bigint[], l_credit bigint[]) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.refold(books bigint[], nodes bigint[], sign integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.refuse_backward() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.refuse_pledged(e_book bigint[], e_value_date date[], l_entry integer[], l_account bigint[], l_debit bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamp with time zone) TO amanat_app;
GRANT ALL ON FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamp with time zone) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.rolled(nodes bigint[], days date[], known_by timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.rolled(nodes bigint[], days date[], known_by timestamp with time zone) TO amanat_system;

GRANT SELECT ON TABLE ledger.entry TO amanat_app;

REVOKE ALL ON FUNCTION ledger.sealed_text(e ledger.entry, opened text, body text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sealed_text(e ledger.entry, opened text, body text) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.seal(e ledger.entry, opened text, body text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.seal(e ledger.entry, opened text, body text) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.sealed_account(no bigint, counterparty bigint, code text, fund text, party text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sealed_account(no bigint, counterparty bigint, code text, fund text, party text) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.sealed_line(n bigint, account bigint, debit bigint, credit bigint, subject text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sealed_line(n bigint, account bigint, debit bigint, credit bigint, subject text) TO amanat_app;

REVOKE ALL ON FUNCTION ledger.set_genders(books bigint[], genders text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.set_genders(books bigint[], genders text[]) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.settled_before() FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.settled_before() TO amanat_app;

REVOKE ALL ON FUNCTION ledger.span_start(span integer, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.span_start(span integer, day date) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.spread(turnover ledger.turnover[], nodes bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.spread(turnover ledger.turnover[], nodes bigint[]) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.sum_up(upto date) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sum_up(upto date) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.turned_in_quarters(nodes bigint[], on_day date, known_by timestamp with time zone, codes text[], first_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.turned_in_quarters(nodes bigint[], on_day date, known_by timestamp with time zone, codes text[], first_on date) TO amanat_system;

REVOKE ALL ON FUNCTION ledger.unfolded(nodes bigint[], known_by timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.unfolded(nodes bigint[], known_by timestamp with time zone) TO amanat_system;

REVOKE ALL ON FUNCTION service.carry_out(request text) FROM PUBLIC;
GRANT ALL ON FUNCTION service.carry_out(request text) TO amanat_app;

REVOKE ALL ON FUNCTION service.codes_taken(codes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION service.codes_taken(codes text[]) TO amanat_app;

REVOKE ALL ON FUNCTION service.desk(home text, sheet text, people text[], key text) FROM PUBLIC;
GRANT ALL ON FUNCTION service.desk(home text, sheet text, people text[], key text) TO amanat_app;
GRANT ALL ON FUNCTION service.desk(home text, sheet text, people text[], key text) TO amanat_system;

REVOKE ALL ON FUNCTION service.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION service.refresh_statistics() TO amanat_app;

REVOKE ALL ON FUNCTION service.take_code() FROM PUBLIC;

GRANT SELECT,INSERT,UPDATE ON TABLE access.appointment TO amanat_access;
GRANT SELECT,INSERT,UPDATE ON TABLE access.appointment TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE access.device TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.key TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.key_secret TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.password TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.person TO amanat_access;
GRANT SELECT,INSERT,UPDATE ON TABLE access.person TO amanat_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.pin TO amanat_access;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.recovery TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.role_right TO amanat_access;
GRANT SELECT ON TABLE access.role_right TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE access.session TO amanat_access;

GRANT SELECT,INSERT,UPDATE ON TABLE access.signing_key TO amanat_access;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE access.throttle TO amanat_access;

GRANT SELECT,INSERT ON TABLE access.vault TO amanat_access;

GRANT SELECT ON TABLE audit.chain TO amanat_system;

GRANT SELECT ON TABLE ledger.account TO amanat_app;

GRANT SELECT ON TABLE ledger.chart TO amanat_app;

GRANT SELECT ON TABLE ledger.closing TO amanat_app;

GRANT SELECT ON TABLE ledger.delta TO amanat_app;

GRANT SELECT ON TABLE ledger.line TO amanat_app;

GRANT SELECT ON TABLE ledger.moneyless TO amanat_app;
GRANT SELECT ON TABLE ledger.moneyless TO amanat_system;

GRANT SELECT ON TABLE ledger.pledge TO amanat_app;
GRANT SELECT ON TABLE ledger.pledge TO amanat_system;

GRANT SELECT ON TABLE ledger.rollup TO amanat_system;

GRANT SELECT ON TABLE ledger.subject TO amanat_system;

GRANT SELECT ON TABLE ledger.summed TO amanat_system;

GRANT SELECT ON TABLE ledger.under TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.organisation TO amanat_app;

GRANT SELECT ON TABLE service.book_number TO amanat_app;

GRANT SELECT ON TABLE service.bundle TO amanat_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.bundle TO amanat_system;

GRANT SELECT ON TABLE service.document TO amanat_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.due_total TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.event TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.holiday TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.instalment TO amanat_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.job_part TO amanat_system;

GRANT SELECT ON TABLE service.job_run TO amanat_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.job_run TO amanat_system;

GRANT SELECT ON TABLE service.job_step TO amanat_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.job_step TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.leader TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.limits TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.loan TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.loan_application TO amanat_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.loan_application TO amanat_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.loan_arrears TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.loan_change TO amanat_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.loan_change TO amanat_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.loan_due TO amanat_system;

GRANT SELECT,INSERT ON TABLE service.loan_guarantee TO amanat_app;
GRANT SELECT,INSERT ON TABLE service.loan_guarantee TO amanat_system;

GRANT UPDATE(to_on) ON TABLE service.loan_guarantee TO amanat_app;
GRANT UPDATE(to_on) ON TABLE service.loan_guarantee TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.member TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.membership TO amanat_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.mobilisation_total TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.nomination TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.place TO amanat_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.portfolio_at_risk TO amanat_system;

GRANT SELECT,INSERT,UPDATE ON TABLE service.product TO amanat_app;

GRANT SELECT,INSERT ON TABLE service.proof_finding TO amanat_system;

GRANT SELECT,INSERT,DELETE ON TABLE service.proof_part TO amanat_system;

GRANT SELECT,INSERT ON TABLE service.request TO amanat_app;

GRANT UPDATE(state) ON TABLE service.request TO amanat_app;

GRANT UPDATE(decided_by) ON TABLE service.request TO amanat_app;

GRANT UPDATE(decided_at) ON TABLE service.request TO amanat_app;

GRANT UPDATE(decision) ON TABLE service.request TO amanat_app;

GRANT UPDATE(outcome) ON TABLE service.request TO amanat_app;

GRANT SELECT,INSERT ON TABLE service.reserve_class TO amanat_app;

GRANT SELECT,INSERT ON TABLE service.reserve_scheme TO amanat_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.settled_loan TO amanat_system;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE service.sheet TO amanat_app;

GRANT SELECT,INSERT,UPDATE ON TABLE service.steady_job TO amanat_system;
