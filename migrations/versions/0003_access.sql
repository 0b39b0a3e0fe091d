-- Who may do what: people, roles, appointments, sign-in, requests that wait for a second
-- officer; and row-level security beneath everything that people reach.
--
-- Three roles without a log-in of their own: `amanat_app` works for people and machines and sees
-- what their appointments open; `amanat_system` is the house itself (jobs, imports, the command
-- line) and sees everything; `amanat_access` alone reads and writes what proves who somebody is.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY ['amanat_system', 'amanat_access'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        BEGIN
            IF NOT pg_has_role(current_user, role, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO %I', role, current_user);
            END IF;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
    BEGIN
        GRANT amanat_app TO amanat_system;
    EXCEPTION WHEN unique_violation THEN
        NULL;
    END;
END $$;

CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access TO amanat_app, amanat_access;

-- ---------------------------------------------------------------------------------------
-- People and what they are appointed to.

CREATE TABLE access.person (
    code text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$'),
    kind text NOT NULL CHECK (kind IN ('person', 'machine')),
    name text NOT NULL CHECK (name <> ''),
    name_ur text,
    phone text UNIQUE,
    organisation text REFERENCES service.organisation (code),
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE access.person IS 'Whoever may sign in; a machine does so by its key. The code is what entries name as actor';
COMMENT ON COLUMN access.person.organisation IS 'Whose administrators look after the person; null: those of the whole house';

CREATE TABLE access.role_right (
    role text NOT NULL,
    "right" text NOT NULL,
    always_below boolean NOT NULL DEFAULT false,
    PRIMARY KEY (role, "right")
);
COMMENT ON TABLE access.role_right IS 'What a role may do where it is held; always_below: on all below, too, however it is held';
INSERT INTO access.role_right (role, "right", always_below) VALUES
    ('accountant', 'see', true), ('accountant', 'read', false), ('accountant', 'identify', false),
    ('accountant', 'prepare', false),
    ('president', 'see', true), ('president', 'read', false), ('president', 'approve', false),
    ('manager', 'see', true), ('manager', 'read', false), ('manager', 'approve', false),
    ('treasurer', 'see', true), ('treasurer', 'read', true), ('treasurer', 'identify', false),
    ('treasurer', 'prepare', false), ('treasurer', 'approve', false), ('treasurer', 'recover', true),
    ('field_officer', 'see', true), ('field_officer', 'read', false),
    ('field_officer', 'identify', false), ('field_officer', 'register', false),
    ('field_officer', 'recover', true),
    ('auditor', 'see', true), ('auditor', 'read', false),
    ('administrator', 'see', true), ('administrator', 'administer', false),
    ('administrator', 'recover', true);

CREATE TABLE access.appointment (
    id uuid PRIMARY KEY,
    person text NOT NULL REFERENCES access.person (code),
    role text NOT NULL CHECK (role IN (
        'accountant', 'president', 'manager', 'treasurer', 'field_officer', 'auditor', 'administrator')),
    organisation text REFERENCES service.organisation (code),
    below boolean NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL DEFAULT 'infinity',
    version integer NOT NULL DEFAULT 1,
    CHECK (from_on <= to_on),
    CHECK (organisation IS NOT NULL OR below),
    CHECK (role <> 'auditor' OR to_on < 'infinity')
);
CREATE INDEX appointment_person ON access.appointment (person);
CREATE INDEX appointment_organisation ON access.appointment (organisation);
COMMENT ON TABLE access.appointment IS 'A role on an organisation, alone or with all below it, from a day until the day before to_on';
COMMENT ON COLUMN access.appointment.organisation IS 'Null: the whole house';

-- ---------------------------------------------------------------------------------------
-- What proves who somebody is. Secrets are kept as hashes.

CREATE TABLE access.password (
    person text PRIMARY KEY REFERENCES access.person (code),
    hash text NOT NULL,
    set_at timestamptz NOT NULL
);

CREATE TABLE access.device (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    secret_hash bytea NOT NULL UNIQUE,
    registered_by text NOT NULL REFERENCES access.person (code),
    registered_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE access.device IS 'A phone that several people may share, each with a PIN that is good on it alone';

CREATE TABLE access.pin (
    device uuid NOT NULL REFERENCES access.device (id),
    person text NOT NULL REFERENCES access.person (code),
    hash text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (device, person)
);

CREATE TABLE access.session (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    csrf text NOT NULL,
    person text NOT NULL REFERENCES access.person (code),
    device uuid REFERENCES access.device (id),
    proven_by text NOT NULL DEFAULT 'password' CHECK (proven_by IN ('password', 'pin')),
    source text NOT NULL,
    agent text NOT NULL,
    started_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX session_person ON access.session (person);

CREATE TABLE access.throttle (
    who text PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    open_at timestamptz NOT NULL
);
COMMENT ON TABLE access.throttle IS 'Failed attempts in a row, of an account or an address, and when the next one is heard';

CREATE TABLE access.recovery (
    person text PRIMARY KEY REFERENCES access.person (code),
    code_hash bytea NOT NULL,
    given_by text NOT NULL REFERENCES access.person (code),
    given_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE access.key (
    person text PRIMARY KEY REFERENCES access.person (code),
    scopes text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE access.key IS 'A machine as OAuth 2 client: what it may ask at most, and until when';

CREATE TABLE access.key_secret (
    id uuid PRIMARY KEY,
    person text NOT NULL REFERENCES access.key (person),
    hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX key_secret_person ON access.key_secret (person);

CREATE TABLE access.signing_key (
    id uuid PRIMARY KEY,
    secret bytea NOT NULL CHECK (octet_length(secret) >= 32),
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE access.signing_key IS 'What access tokens are signed with; the newest signs, those of the last day verify';

GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA access TO amanat_access;
GRANT DELETE ON access.throttle, access.recovery, access.pin TO amanat_access;
GRANT SELECT ON access.role_right TO amanat_app;
GRANT SELECT, INSERT, UPDATE ON access.person, access.appointment TO amanat_app;

-- ---------------------------------------------------------------------------------------
-- Entering: a proof of who asks becomes, for one transaction, what they may do. For every
-- right the transaction's settings name the nodes where it is held with all below, and
-- those where it is held alone; node 0 is the whole house. The tree is that of the day.

CREATE FUNCTION access.nodes("right" text) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('amanat.' || "right", true), '')::bigint[];

CREATE FUNCTION access.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE RETURN nullif(current_setting('amanat.today', true), '')::date;

CREATE FUNCTION access.actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE RETURN nullif(current_setting('amanat.actor', true), '');

CREATE FUNCTION access.admit(who text, scopes text[], at timestamptz, source text, action text)
RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION access.enter_by_session(token_hash bytea, at timestamptz, source text, action text)
RETURNS TABLE (person text, name text, roles text[], scopes text[], session uuid, csrf text, stale boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION access.enter_by_key(
    key text, secret uuid, asked text[], at timestamptz, source text, action text
)
RETURNS TABLE (person text, name text, roles text[], scopes text[], session uuid, csrf text, stale boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- ---------------------------------------------------------------------------------------
-- What the actor may do. The policies below say the same in place, for a plan can use that.

-- Planned once for a connection, for planning takes ten times as long as the look-up: a plan is
-- made anew where the search path is another, so the function brings its own.
CREATE FUNCTION access.may("right" text, book bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN current_setting('role', true) = 'amanat_system' OR 0 = ANY (access.nodes("right"))
        OR EXISTS (
            SELECT FROM ledger.under u
            WHERE u.book_id = book AND u.from_on <= access.today() AND u.to_on > access.today()
                AND (u.node_id = ANY (access.nodes("right"))
                    OR u.node_id = book AND book = ANY (access.nodes("right" || '_alone'))));
END $$;

CREATE FUNCTION access.may_register_somewhere() RETURNS boolean
LANGUAGE sql STABLE
RETURN cardinality(access.nodes('register')) > 0;

-- With all below it; where there is nothing below, the right on the book is enough.
CREATE FUNCTION access.may_below("right" text, book bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN current_setting('role', true) = 'amanat_system' OR 0 = ANY (access.nodes("right"))
        OR EXISTS (
            SELECT FROM ledger.under u
            WHERE u.book_id = book AND u.from_on <= access.today() AND u.to_on > access.today()
                AND u.node_id = ANY (access.nodes("right")))
        OR access.may("right", book) AND NOT EXISTS (
            SELECT FROM ledger.under u WHERE u.node_id = book AND u.book_id <> book);
END $$;

-- What is done for the actor within the doors of the ledger, whose own rights are not the actor's.
-- Whoever is neither the application nor the house itself owns the database.
CREATE FUNCTION access.refuse_outside("right" text, books bigint[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    outside bigint;
BEGIN
    IF current_setting('role', true) = 'amanat_app' THEN
        SELECT b INTO outside FROM unnest(books) AS b WHERE access.may("right", b) IS NOT TRUE LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'I10: book % is not open to % to %', outside, access.actor(), "right"
                USING ERRCODE = 'AM010';
        END IF;
    END IF;
END $$;

-- What is worked out over all books is for who may read all below the nodes that it is about.
CREATE FUNCTION access.refuse_unless_all_below("right" text, nodes bigint[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    outside bigint;
BEGIN
    SELECT n INTO outside FROM unnest(nodes) AS n WHERE access.may_below("right", n) IS NOT TRUE LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'I10: not all below book % is open to % to %', outside, access.actor(), "right"
            USING ERRCODE = 'AM010';
    END IF;
END $$;

-- What a second officer must have agreed to: reversals, and transfers, whose other book accepts.
CREATE FUNCTION access.refuse_alone(e_book bigint[], e_kind text[], e_counterpart_book bigint[])
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
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

-- A change of the ledger's doors: each first asks whether the actor may.
DO $$
DECLARE
    door record;
    before text;
BEGIN
    FOR door IN SELECT * FROM (VALUES
        ('ledger.lock_and_read', 'RETURN QUERY
    SELECT ''head''', 'PERFORM access.refuse_outside(''prepare'', books);
    RETURN QUERY
    SELECT ''head'''),
        ('ledger.post', 'PERFORM FROM ledger.book', 'PERFORM access.refuse_outside(''prepare'', e_book);
    PERFORM access.refuse_alone(e_book, e_kind, e_counterpart_book);
    PERFORM FROM ledger.book'),
        ('ledger.close_period', 'UPDATE ledger.book b', 'PERFORM access.refuse_outside(''approve'', ARRAY [book]);
    UPDATE ledger.book b')
    ) AS d (name, old, new) LOOP
        before := pg_get_functiondef(door.name::regproc);
        IF array_length(string_to_array(before, door.old), 1) <> 2 THEN
            RAISE EXCEPTION 'the door % is not the one that this revision changes', door.name;
        END IF;
        EXECUTE replace(before, door.old, door.new);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION ledger.place_books FROM amanat_app;
GRANT EXECUTE ON FUNCTION ledger.place_books TO amanat_system;

-- ---------------------------------------------------------------------------------------
-- Requests: what waits for a second officer, with its maker, reason and difference.

CREATE TABLE service.request (
    code text PRIMARY KEY CHECK (code <> ''),
    kind text NOT NULL,
    organisation text REFERENCES service.organisation (code),
    decider text REFERENCES service.organisation (code),
    decided_with text NOT NULL CHECK (decided_with IN ('approve', 'register', 'administer')),
    about text NOT NULL,
    content json NOT NULL,
    difference json NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    key text NOT NULL CHECK (key <> ''),
    digest bytea NOT NULL,
    asked_by text NOT NULL CHECK (asked_by <> ''),
    asked_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'approved', 'rejected', 'withdrawn')),
    decided_by text,
    decided_at timestamptz,
    decision text,
    outcome json,
    CHECK ((state = 'waiting') = (decided_by IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (CASE state WHEN 'withdrawn' THEN decided_by = asked_by ELSE decided_by <> asked_by END),
    CHECK (outcome IS NULL OR state = 'approved'),
    CHECK ((organisation IS NULL) = (decider IS NULL)),
    CHECK (organisation IS NOT NULL OR decided_with = 'administer')
);
CREATE UNIQUE INDEX request_key ON service.request (organisation, key) NULLS NOT DISTINCT;
CREATE INDEX request_decider ON service.request (decider, state);
-- One thing waits once: whoever approves it knows that nothing else is meant.
CREATE UNIQUE INDEX request_waits ON service.request (about)
    WHERE state = 'waiting' AND kind IN ('back_dated', 'withdrawal');
COMMENT ON COLUMN service.request.organisation IS 'Whose officer asks; null where it concerns the whole house';
COMMENT ON COLUMN service.request.decider IS 'Whose officer decides: the same, or the organisation that is to accept';
COMMENT ON COLUMN service.request.content IS 'What is done on approval, in the words in which it was asked';
COMMENT ON COLUMN service.request.difference IS 'What will be otherwise: before and after';

-- Approval opens the two books of the request to whoever approved it, in that transaction alone.
CREATE FUNCTION service.carry_out(request text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE TABLE service.limits (
    organisation text PRIMARY KEY REFERENCES service.organisation (code),
    back_dated_days integer CHECK (back_dated_days >= 0),
    withdrawal bigint CHECK (withdrawal >= 0)
);
COMMENT ON TABLE service.limits IS 'From where on a second officer is asked: days back, and what a member withdraws at one meeting';

-- The lines of a sheet are a part of the document, [member, kind, amount, loan] each: as rows of
-- their own they cost more than the posting of them.
ALTER TABLE service.sheet ADD COLUMN lines jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(lines) = 'array');
UPDATE service.sheet s SET lines = l.lines
FROM (
    SELECT sheet, jsonb_agg(jsonb_build_array(member, kind, amount, loan) ORDER BY n) AS lines
    FROM service.sheet_line GROUP BY sheet
) AS l
WHERE l.sheet = s.code;
DROP TABLE service.sheet_line;
CREATE OR REPLACE FUNCTION service.refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE ledger.book, ledger.account, ledger.entry, ledger.line, ledger.under, ledger.delta,
        service.organisation, service.membership, service.member, service.loan, service.instalment,
        service.sheet, service.event;
END $$;

ALTER TABLE service.organisation ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE service.member ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE service.sheet DROP CONSTRAINT sheet_state_check, DROP CONSTRAINT sheet_check;
ALTER TABLE service.sheet
    ADD CONSTRAINT sheet_state_check CHECK (state IN ('draft', 'submitted', 'closed', 'reversed')),
    ADD CONSTRAINT sheet_check CHECK (
        (entry_no IS NULL) = (state IN ('draft', 'submitted'))
        AND (entry_no IS NULL OR cash_counted IS NOT NULL));

-- What is posted is never opened again: a closed sheet is reversed, and nothing else of it changes.
CREATE FUNCTION service.refuse_reopened() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.entry_no IS NOT NULL AND (NEW.state NOT IN (OLD.state, 'reversed')
        OR to_jsonb(NEW) - ARRAY ['state', 'version'] <> to_jsonb(OLD) - ARRAY ['state', 'version'])
    THEN
        RAISE EXCEPTION 'I4: sheet % is posted: reverse it instead', OLD.code USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_reopened BEFORE UPDATE ON service.sheet
    FOR EACH ROW EXECUTE FUNCTION service.refuse_reopened();

-- Sheets and events share one set of codes, whoever they belong to.
CREATE FUNCTION service.codes_taken(codes text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT code FROM service.sheet WHERE code = ANY (codes)
    UNION ALL
    SELECT code FROM service.event WHERE code = ANY (codes);
END $$;

-- An organisation that is new may join another: it never belonged to any, nobody belongs to it,
-- and nothing is in its book. Whoever has a parent leaves it by a move.
CREATE FUNCTION access.unplaced(organisation text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
            SELECT FROM service.membership m WHERE unplaced.organisation IN (m.organisation, m.parent))
        AND NOT EXISTS (
            SELECT FROM service.organisation o JOIN ledger.book b ON b.id = o.book_id
            WHERE o.code = unplaced.organisation AND b.last_no > 0)
$$;

-- Which number the book of an organisation has is no secret, and joins need it where the
-- organisation itself is out of sight: a borrower that moved away still owes.
CREATE VIEW service.book_number AS SELECT code, book_id FROM service.organisation;
COMMENT ON VIEW service.book_number IS 'The number of every organisation''s book, beneath row-level security';
GRANT SELECT ON service.book_number TO amanat_app;

-- ---------------------------------------------------------------------------------------
-- Row-level security: what the application reads and writes is what the actor may. Policies
-- repeat access.may() as a correlated EXISTS, which a plan can use row by row.

GRANT SELECT, INSERT, UPDATE ON service.limits TO amanat_app;
-- What was asked stays as it was asked: whoever decides writes the decision and nothing else.
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, decision, outcome) ON service.request TO amanat_app;
REVOKE INSERT, UPDATE, DELETE ON service.job_run, service.job_step, service.bundle FROM amanat_app;
-- Results of jobs are written by COPY, which knows no row-level security, and read by the house alone.
REVOKE ALL ON service.loan_arrears, service.portfolio_at_risk, service.mobilisation_total FROM amanat_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON service.loan_arrears, service.portfolio_at_risk,
    service.mobilisation_total, service.job_run, service.job_step, service.bundle TO amanat_system;

DO $$
DECLARE
    -- %1$s the right, %2$s the book
    book_rule text := '((SELECT 0 = ANY (access.nodes(%1$L))) OR EXISTS (
        SELECT FROM ledger.under u
        WHERE u.book_id = %2$s AND u.from_on <= (SELECT access.today())
            AND u.to_on > (SELECT access.today())
            AND (u.node_id = ANY ((SELECT access.nodes(%1$L))::bigint[])
                OR u.node_id = u.book_id
                    AND u.book_id = ANY ((SELECT access.nodes(%1$L || ''_alone''))::bigint[]))))';
    -- %1$s the right, %2$s the organisation's code
    code_rule text := '((SELECT 0 = ANY (access.nodes(%1$L))) OR EXISTS (
        SELECT FROM service.book_number o JOIN ledger.under u ON u.book_id = o.book_id
        WHERE o.code = %2$s AND u.from_on <= (SELECT access.today())
            AND u.to_on > (SELECT access.today())
            AND (u.node_id = ANY ((SELECT access.nodes(%1$L))::bigint[])
                OR u.node_id = u.book_id
                    AND u.book_id = ANY ((SELECT access.nodes(%1$L || ''_alone''))::bigint[]))))';
    -- the same with all below it: who gives a role that reaches down holds theirs so
    below_rule text := 'EXISTS (
        SELECT FROM service.book_number o JOIN ledger.under u ON u.book_id = o.book_id
        WHERE o.code = %2$s AND u.from_on <= (SELECT access.today())
            AND u.to_on > (SELECT access.today())
            AND u.node_id = ANY ((SELECT access.nodes(%1$L))::bigint[]))';
    house text := '(SELECT 0 = ANY (access.nodes(''administer'')))';
    -- %1$s the organisation's code, whose book an approved request opened
    carried text := 'EXISTS (SELECT FROM service.book_number o WHERE o.code = %1$s
        AND o.book_id = ANY ((SELECT access.nodes(''carried''))::bigint[]))';
    nobody text := 'false';
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        -- table, who reads, who inserts, who updates (and deletes, where that is granted)
        ('ledger.book', format(book_rule, 'read', 'book.id'), nobody, nobody),
        ('ledger.closing', format(book_rule, 'read', 'closing.book_id'), nobody, nobody),
        ('ledger.account', format(book_rule, 'read', 'account.book_id'), nobody, nobody),
        ('ledger.entry', format(book_rule, 'read', 'entry.book_id'), nobody, nobody),
        ('ledger.line', format(book_rule, 'read', 'line.book_id'), nobody, nobody),
        ('ledger.delta', format(book_rule, 'read', 'delta.book_id'), nobody, nobody),
        ('service.organisation',
            format(book_rule, 'see', 'organisation.book_id')
                || ' OR organisation.book_id = ANY ((SELECT access.nodes(''above''))::bigint[])
                OR (SELECT access.may_register_somewhere()) AND access.unplaced(organisation.code)',
            '(SELECT access.may_register_somewhere())',
            format(book_rule, 'register', 'organisation.book_id')),
        ('service.membership',
            'EXISTS (SELECT FROM service.organisation o WHERE o.code = membership.organisation)',
            format(code_rule, 'register', 'membership.parent') || ' AND (access.unplaced(membership.organisation) OR '
                || format(code_rule, 'register', 'membership.organisation') || ')',
            format(code_rule, 'register', 'membership.organisation')),
        ('service.member',
            format(code_rule, 'read', 'member.organisation'),
            format(code_rule, 'register', 'member.organisation') || ' OR '
                || format(code_rule, 'prepare', 'member.organisation'),
            format(code_rule, 'register', 'member.organisation') || ' OR '
                || format(code_rule, 'prepare', 'member.organisation')),
        ('service.nomination',
            format(code_rule, 'read', 'nomination.organisation')
                || ' OR EXISTS (SELECT FROM service.member m WHERE m.code = nomination.member)',
            'EXISTS (SELECT FROM service.member m WHERE m.code = nomination.member AND ('
                || format(code_rule, 'register', 'm.organisation') || '))',
            'EXISTS (SELECT FROM service.member m WHERE m.code = nomination.member AND ('
                || format(code_rule, 'register', 'm.organisation') || '))'),
        ('service.holiday', 'true', house, house),
        ('service.product', 'true', house || ' AND (SELECT 0 = ANY (access.nodes(''carried'')))',
            house || ' AND (SELECT 0 = ANY (access.nodes(''carried'')))'),
        ('service.loan',
            format(code_rule, 'read', 'loan.lender') || ' OR '
                || format(code_rule, 'read', 'loan.organisation'),
            format(carried, 'loan.lender'),
            format(code_rule, 'prepare', 'loan.lender')),
        ('service.instalment',
            'EXISTS (SELECT FROM service.loan l WHERE l.code = instalment.loan)',
            'EXISTS (SELECT FROM service.loan l WHERE l.code = instalment.loan AND '
                || format(code_rule, 'prepare', 'l.lender') || ')',
            nobody),
        ('service.sheet',
            format(code_rule, 'read', 'sheet.organisation'),
            format(code_rule, 'prepare', 'sheet.organisation'),
            format(code_rule, 'prepare', 'sheet.organisation')),
        ('service.event',
            format(code_rule, 'read', 'event.organisation') || ' OR '
                || format(code_rule, 'read', 'event.counterparty'),
            format(code_rule, 'prepare', 'event.organisation'),
            nobody),
        ('service.bundle', house, nobody, nobody),
        ('service.job_run', house, nobody, nobody),
        ('service.job_step', house, nobody, nobody),
        ('service.limits',
            format(code_rule, 'see', 'limits.organisation'),
            format(carried, 'limits.organisation'),
            format(carried, 'limits.organisation')),
        ('access.person',
            'code = (SELECT access.actor()) OR ' || house || ' OR '
                || format(code_rule, 'administer', 'person.organisation') || ' OR '
                || format(code_rule, 'recover', 'person.organisation'),
            house || ' OR ' || format(code_rule, 'administer', 'person.organisation'),
            house || ' OR ' || format(code_rule, 'administer', 'person.organisation')),
        ('access.appointment',
            'person = (SELECT access.actor()) OR ' || house || ' OR '
                || format(code_rule, 'administer', 'appointment.organisation') || ' OR '
                || format(code_rule, 'recover', 'appointment.organisation'),
            'person <> (SELECT access.actor()) AND (' || house || ' OR '
                || format(below_rule, 'administer', 'appointment.organisation')
                || ' OR NOT below AND role <> ''treasurer'' AND '
                || format(code_rule, 'administer', 'appointment.organisation') || ')',
            'person <> (SELECT access.actor()) AND (' || house || ' OR '
                || format(below_rule, 'administer', 'appointment.organisation')
                || ' OR NOT below AND role <> ''treasurer'' AND '
                || format(code_rule, 'administer', 'appointment.organisation') || ')')
    ) AS rules (name, reads, inserts, updates) LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
        EXECUTE format('CREATE POLICY house ON %s TO amanat_system USING (true)', t.name);
        EXECUTE format('CREATE POLICY reads ON %s FOR SELECT TO amanat_app USING (%s)', t.name, t.reads);
        IF t.inserts <> nobody THEN
            EXECUTE format('CREATE POLICY inserts ON %s FOR INSERT TO amanat_app WITH CHECK (%s)',
                t.name, t.inserts);
        END IF;
        IF t.updates <> nobody THEN
            EXECUTE format('CREATE POLICY updates ON %s FOR UPDATE TO amanat_app USING (%s)', t.name, t.updates);
            EXECUTE format('CREATE POLICY deletes ON %s FOR DELETE TO amanat_app USING (%s)', t.name, t.updates);
        END IF;
    END LOOP;

    ALTER TABLE service.request ENABLE ROW LEVEL SECURITY;
    CREATE POLICY house ON service.request TO amanat_system USING (true);
    EXECUTE format('CREATE POLICY reads ON service.request FOR SELECT TO amanat_app USING (
        decided_with <> ''administer'' AND (%s OR %s OR asked_by = (SELECT access.actor()) AND %s)
        OR decided_with = ''register'' AND (%s OR %s) OR decided_with = ''administer'' AND %s)',
        format(code_rule, 'read', 'request.organisation'), format(code_rule, 'read', 'request.decider'),
        format(code_rule, 'prepare', 'request.organisation'),
        format(code_rule, 'register', 'request.organisation'),
        format(code_rule, 'register', 'request.decider'), house);
    EXECUTE format('CREATE POLICY inserts ON service.request FOR INSERT TO amanat_app WITH CHECK (
        state = ''waiting'' AND asked_by = (SELECT access.actor()) AND outcome IS NULL AND CASE decided_with
            WHEN ''approve'' THEN %s WHEN ''register'' THEN %s ELSE %s END)',
        format(code_rule, 'prepare', 'request.organisation'),
        format(code_rule, 'register', 'request.organisation'), house);
    EXECUTE format('CREATE POLICY updates ON service.request FOR UPDATE TO amanat_app USING (
        state = ''waiting'' OR state = ''approved'' AND decided_by = (SELECT access.actor()) AND outcome IS NULL)
        WITH CHECK (decided_by = (SELECT access.actor()) AND (state = ''withdrawn''
            OR asked_by <> decided_by AND CASE decided_with
                WHEN ''approve'' THEN %s WHEN ''register'' THEN %s ELSE %s END))',
        format(code_rule, 'approve', 'request.decider'),
        format(code_rule, 'register', 'request.decider'), house);
END $$;

-- An organisation comes into being under somebody: whoever registers one places it below where
-- they may register, before the transaction ends.
CREATE FUNCTION access.refuse_orphan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
CREATE CONSTRAINT TRIGGER refuse_orphan AFTER INSERT ON service.organisation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.refuse_orphan();

-- ---------------------------------------------------------------------------------------
-- The audit trail: every change, by whoever makes it and by whatever way, and what auditors
-- read. Statements note what they change; when their transaction commits, its notes become
-- one link in the chain of each organisation and person that they are about. Chains are
-- locked last of all and in order, so nobody waits for anybody in a circle.

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO amanat_app, amanat_access;

CREATE TABLE audit.chain (
    about text NOT NULL CHECK (about IN ('organisation', 'person', 'house')),
    code text NOT NULL,
    last_no bigint NOT NULL,
    head_hash bytea NOT NULL,
    PRIMARY KEY (about, code)
) WITH (fillfactor = 50);

CREATE TABLE audit.trail (
    about text NOT NULL,
    code text NOT NULL,
    no bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    action text NOT NULL,
    changes json NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (about, code, no)
);
COMMENT ON COLUMN audit.trail.source IS 'From where: the address, and the session or key';
COMMENT ON COLUMN audit.trail.changes IS 'Per table what was inserted, updated or deleted, before and after; or what was read';
COMMENT ON COLUMN audit.trail.about IS 'Whose chain it is: of an organisation, a person, or the house where a row names neither';

CREATE UNLOGGED TABLE audit.noted (
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    n bigint GENERATED ALWAYS AS IDENTITY,
    about text NOT NULL,
    code text NOT NULL,
    change jsonb NOT NULL,
    PRIMARY KEY (xact, n)
);
COMMENT ON TABLE audit.noted IS 'What running transactions have changed so far; empty between them';

CREATE FUNCTION audit.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.% is never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'AM004';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit.trail
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.trail
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER refuse_change BEFORE DELETE ON audit.chain
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- The text whose SHA-256 is the hash of a link.
CREATE FUNCTION audit.sealed(t audit.trail) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE RETURN sha256(convert_to(concat(
    'amanat-audit-1;', ledger.sealed((t).about), ledger.sealed((t).code), (t).no,
    '|', (extract(epoch FROM (t).at) * 1000000)::bigint, '|', ledger.sealed((t).actor),
    ledger.sealed((t).source), ledger.sealed((t).action), ledger.sealed((t).changes::text),
    encode((t).prev_hash, 'hex')), 'UTF8'));

CREATE FUNCTION audit.append(about text, code text, changes json) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
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

CREATE FUNCTION audit.seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
CREATE CONSTRAINT TRIGGER seal AFTER INSERT ON audit.noted
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit.seal();

-- What an auditor is about to read.
CREATE FUNCTION audit.note_reading(what json) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT audit.append('person', access.actor(), json_build_array(what))
$$;

-- A row as the trail keeps it: no secrets, and no whole identity or telephone number.
CREATE FUNCTION audit.discreet(r jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (r - ARRAY ['hash', 'secret_hash', 'token_hash', 'code_hash', 'csrf'])
    || CASE WHEN r ->> 'cnic' IS NULL THEN '{}' ELSE jsonb_build_object(
        'cnic', '*****-*****' || right(r ->> 'cnic', 4)) END
    || CASE WHEN r ->> 'phone' IS NULL THEN '{}' ELSE jsonb_build_object(
        'phone', '*******' || right(r ->> 'phone', 3)) END;

-- Whose chain a row goes to: an organisation's or a person's; the house's where it names neither.
CREATE FUNCTION audit.place(about text, code text, OUT about text, OUT code text)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN w.whose IS NULL THEN 'house' WHEN $1 = 'person' THEN 'person' ELSE 'organisation' END,
        coalesce(w.whose, '')
    FROM (SELECT CASE $1
        WHEN 'loan' THEN (SELECT l.lender FROM service.loan l WHERE l.code = $2)
        WHEN 'book' THEN (SELECT b.organisation FROM ledger.book b WHERE b.id = $2::bigint)
        WHEN 'house' THEN NULL
        ELSE $2 END) AS w (whose)
$$;

-- Arguments: what the table's rows are about, and the column with its code. Of an import only
-- the bundle is noted, with its digest; of a session not that it is still used.
CREATE FUNCTION audit.note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
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

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('service.organisation', 'organisation', 'code'),
        ('service.membership', 'organisation', 'organisation'),
        ('service.member', 'organisation', 'organisation'),
        ('service.nomination', 'organisation', 'organisation'),
        ('service.holiday', 'house', 'nobody'),
        ('service.product', 'house', 'nobody'),
        ('service.loan', 'organisation', 'lender'),
        ('service.instalment', 'loan', 'loan'),
        ('service.sheet', 'organisation', 'organisation'),
        ('service.event', 'organisation', 'organisation'),
        ('service.request', 'organisation', 'organisation'),
        ('service.limits', 'organisation', 'organisation'),
        ('service.bundle', 'house', 'nobody'),
        ('ledger.closing', 'book', 'book_id'),
        ('access.role_right', 'house', 'nobody'),
        ('access.person', 'person', 'code'),
        ('access.appointment', 'person', 'person'),
        ('access.password', 'person', 'person'),
        ('access.device', 'person', 'registered_by'),
        ('access.pin', 'person', 'person'),
        ('access.session', 'person', 'person'),
        ('access.recovery', 'person', 'person'),
        ('access.key', 'person', 'person'),
        ('access.key_secret', 'person', 'person')
    ) AS noted (name, about, field) LOOP
        EXECUTE format('CREATE TRIGGER note_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_update AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
    END LOOP;
END $$;

-- Links that do not hold, each with what is wrong: of a chain the first such link says most.
CREATE FUNCTION audit.broken() RETURNS TABLE (about text, code text, no bigint, what text)
LANGUAGE sql STABLE AS $$
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

ALTER TABLE audit.trail ENABLE ROW LEVEL SECURITY;
CREATE POLICY house ON audit.trail TO amanat_system USING (true);
CREATE POLICY reads ON audit.trail FOR SELECT TO amanat_app USING (CASE about
    WHEN 'organisation' THEN EXISTS (
        SELECT FROM ledger.book b JOIN service.organisation o ON o.book_id = b.id WHERE o.code = trail.code)
    WHEN 'person' THEN code = (SELECT access.actor()) OR EXISTS (
        SELECT FROM access.person p LEFT JOIN service.organisation o ON o.code = p.organisation
        WHERE p.code = trail.code AND access.may('administer', coalesce(o.book_id, 0)))
    ELSE (SELECT 0 = ANY (access.nodes('administer'))) END);
GRANT SELECT ON audit.trail TO amanat_app;
GRANT SELECT ON audit.chain TO amanat_system;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit FROM PUBLIC;
REVOKE ALL ON FUNCTION service.carry_out, service.codes_taken FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.nodes, access.today, access.actor, access.may, access.may_below,
    access.refuse_unless_all_below,
    access.may_register_somewhere, access.unplaced, access.enter_by_session, access.enter_by_key,
    service.carry_out, service.codes_taken, audit.note_reading TO amanat_app;
GRANT EXECUTE ON FUNCTION audit.broken, audit.sealed TO amanat_system;
