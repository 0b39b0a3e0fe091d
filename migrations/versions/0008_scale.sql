-- What lines are about (their subject: a loan, as a rule) has a total of its own, kept like an
-- account's; the roll-up is kept in days, and in months and years only up to a day that moves
-- on; what jobs make names no keys to be checked row by row.

-- Of these codes a total is kept for each subject.
ALTER TABLE ledger.chart ADD COLUMN by_subject boolean NOT NULL DEFAULT false;
UPDATE ledger.chart SET by_subject = true WHERE code IN ('1320', '1390', '4100', '5100');

CREATE TABLE ledger.subject (
    book_id bigint NOT NULL,
    subject text NOT NULL CHECK (subject <> ''),
    code text NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    PRIMARY KEY (book_id, subject, code)
) WITH (fillfactor = 80);
COMMENT ON TABLE ledger.subject IS 'What the lines about a subject come to, of codes by subject';
INSERT INTO ledger.subject (book_id, subject, code, debit, credit)
SELECT l.book_id, l.subject, a.code, sum(l.debit), sum(l.credit)
FROM ledger.line AS l
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
JOIN ledger.chart AS c ON c.code = a.code AND c.by_subject
WHERE l.subject <> ''
GROUP BY l.book_id, l.subject, a.code;

-- Which entries moved no money in a fund: few, and no closing entries. Receipts and payments are
-- what was turned over on other codes, less what was turned over in these.
ALTER TABLE ledger.chart ADD COLUMN money boolean NOT NULL DEFAULT false;
UPDATE ledger.chart SET money = true WHERE code IN ('1000', '1010', '1100', '1110');
CREATE TABLE ledger.moneyless (
    book_id bigint NOT NULL,
    value_date date NOT NULL,
    entry_no bigint NOT NULL,
    fund text NOT NULL,
    PRIMARY KEY (book_id, value_date, entry_no, fund)
);
COMMENT ON TABLE ledger.moneyless IS 'Entries that moved no money in a fund, other than by a closing entry';
INSERT INTO ledger.moneyless (book_id, value_date, entry_no, fund)
SELECT l.book_id, l.value_date, l.entry_no, a.fund
FROM ledger.line AS l
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
JOIN ledger.chart AS c ON c.code = a.code
WHERE l.kind <> 'close'
GROUP BY l.book_id, l.value_date, l.entry_no, a.fund
HAVING NOT bool_or(c.money);
GRANT SELECT ON ledger.moneyless TO amanat_app, amanat_system;
ALTER TABLE ledger.moneyless ENABLE ROW LEVEL SECURITY;
CREATE POLICY house ON ledger.moneyless TO amanat_system USING (true);
CREATE POLICY reads ON ledger.moneyless FOR SELECT TO amanat_app USING (
    (SELECT 0 = ANY (access.nodes('read'))) OR EXISTS (
        SELECT FROM ledger.under AS u
        WHERE u.book_id = moneyless.book_id AND u.from_on <= (SELECT access.today())
            AND u.to_on > (SELECT access.today())
            AND (u.node_id = ANY ((SELECT access.nodes('read'))::bigint [])
                OR u.node_id = u.book_id
                    AND u.book_id = ANY ((SELECT access.nodes('read_alone'))::bigint []))));

-- The door keeps both with the account totals, and what is read before is read from them.
DO $$
DECLARE
    change record;
    door text;
BEGIN
    FOR change IN SELECT * FROM (VALUES
        ('ledger.post', 'floored_credits text[];', 'floored_credits text[];
    by_subject text[];
    money text[];'),
        ('ledger.post', 'FROM ledger.chart WHERE floored;', 'FROM ledger.chart WHERE floored;
    SELECT array_agg(c.code) FILTER (WHERE c.by_subject), array_agg(c.code) FILTER (WHERE c.money)
    INTO by_subject, money FROM ledger.chart c;'),
        ('ledger.post', '), lowered AS (', '), about AS (
        INSERT INTO ledger.subject AS s (book_id, subject, code, debit, credit)
        SELECT g.book_id, g.subject, g.code, sum(g.debit), sum(g.credit)
        FROM given g WHERE g.subject <> '''' AND g.code = ANY (by_subject)
        GROUP BY g.book_id, g.subject, g.code
        ON CONFLICT (book_id, subject, code) DO UPDATE SET
            debit = s.debit + excluded.debit, credit = s.credit + excluded.credit
    ), unpaid AS (
        INSERT INTO ledger.moneyless (book_id, value_date, entry_no, fund)
        SELECT t.book_id, t.value_date, t.no, t.fund FROM turnover t WHERE t.kind <> ''close''
        GROUP BY t.book_id, t.value_date, t.no, t.fund HAVING NOT bool_or(t.code = ANY (money))
    ), lowered AS ('),
        ('ledger.lock_and_read',
        'SELECT ''subject'', l.book_id, NULL::bigint, l.subject, a.code, NULL::text, NULL::bigint,
            sum(l.debit - l.credit)::bigint, ',
        'SELECT ''subject'', s.book_id, NULL::bigint, s.subject, s.code, NULL::text, NULL::bigint,
            s.debit - s.credit, '),
        ('ledger.lock_and_read',
        'JOIN ledger.line l ON l.book_id = w.book_id AND l.subject = w.subject AND l.subject <> ''''
        JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
        GROUP BY l.book_id, l.subject, a.code;',
        'JOIN ledger.subject s ON s.book_id = w.book_id AND s.subject = w.subject;')
    ) AS c (name, old, new) LOOP
        door := pg_get_functiondef(change.name::regproc);
        IF array_length(string_to_array(door, change.old), 1) <> 2 THEN
            RAISE EXCEPTION 'the door % is not the one that this revision changes', change.name;
        END IF;
        EXECUTE replace(door, change.old, change.new);
    END LOOP;
END $$;

-- The same text, put together with less work.
CREATE OR REPLACE FUNCTION ledger.sealed_line(
    n bigint, account bigint, debit bigint, credit bigint, subject text
) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE RETURN concat_ws(
    '|', n, account, debit, credit,
    CASE WHEN subject = '' THEN '0:;' ELSE ledger.sealed(subject) END);

-- Which accounts are loans, whose loans are whose, and what was reversed: few among all.
CREATE INDEX account_loan ON ledger.account (book_id) WHERE code IN ('1300', '1310');
CREATE INDEX loan_member ON service.loan (member) WHERE member IS NOT NULL;
CREATE INDEX loan_organisation ON service.loan (organisation) WHERE organisation IS NOT NULL;
CREATE INDEX line_reversal ON ledger.line (book_id, account_no) INCLUDE (debit, credit)
    WHERE kind = 'reversal';

-- ---------------------------------------------------------------------------------------
-- What a loan's instalments ask for together before each of them, so that what is paid covers
-- each without a look at the others.
ALTER TABLE service.instalment ADD COLUMN before bigint;
UPDATE service.instalment AS i SET before = s.before
FROM (
    SELECT loan, n, sum(principal + charge) OVER (PARTITION BY loan ORDER BY n) - principal - charge
        AS before
    FROM service.instalment
) AS s
WHERE s.loan = i.loan AND s.n = i.n;
ALTER TABLE service.instalment ALTER COLUMN before SET NOT NULL,
    ADD CONSTRAINT instalment_before_check CHECK (before >= 0);
COMMENT ON COLUMN service.instalment.before IS 'What all earlier instalments ask for, charge and principal';

-- A loan that was found settled stays so while nothing more is posted on it: turnover only grows.
CREATE TABLE service.settled_loan (
    loan text PRIMARY KEY,
    turnover bigint NOT NULL,
    settled_on date NOT NULL
);
COMMENT ON TABLE service.settled_loan IS 'Loans that owed nothing more when this was all that was posted on them; may be emptied at any time';
GRANT SELECT, INSERT, UPDATE, DELETE ON service.settled_loan TO amanat_system;

-- What jobs make is made of rows just read, by millions.
ALTER TABLE service.loan_arrears DROP CONSTRAINT loan_arrears_loan_fkey, DROP CONSTRAINT loan_arrears_run_fkey;
ALTER TABLE service.portfolio_at_risk DROP CONSTRAINT portfolio_at_risk_node_fkey, DROP CONSTRAINT portfolio_at_risk_run_fkey;
ALTER TABLE service.mobilisation_total DROP CONSTRAINT mobilisation_total_node_fkey, DROP CONSTRAINT mobilisation_total_run_fkey;

-- ---------------------------------------------------------------------------------------
-- The roll-up. A book's turnover lies by day: what is new stands at its end, and a stretch of
-- days together.
ALTER TABLE ledger.turnover DROP CONSTRAINT turnover_pkey,
    ADD PRIMARY KEY (book_id, day, code, fund, counterparty, kind);

CREATE TABLE ledger.summed (
    until date NOT NULL CHECK (until = date_trunc('month', until::timestamp)::date)
);
CREATE UNIQUE INDEX summed_one ON ledger.summed ((true));
COMMENT ON TABLE ledger.summed IS 'Of days before `until` the roll-up has months and fiscal years too';
INSERT INTO ledger.summed
SELECT coalesce(date_trunc('month', max(day)::timestamp + interval '1 month')::date, '2000-01-01')
FROM ledger.rollup WHERE span = 0;

-- As before, but each table is asked once for all that is wanted of it, by its key, and what
-- comes back is joined in memory.
CREATE OR REPLACE FUNCTION ledger.spread(turnover ledger.turnover [], nodes bigint [])
RETURNS TABLE (
    node_id bigint, day date, code text, fund text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_nestloop = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    books bigint [] := ARRAY (SELECT DISTINCT t.book_id FROM unnest(turnover) AS t);
    faced bigint [] := ARRAY (SELECT DISTINCT t.counterparty FROM unnest(turnover) AS t
        WHERE t.counterparty <> 0);
BEGIN
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

    parts AS (
        SELECT u.node_id, x.day, t.code, t.fund, x.kind, t.gender,
            x.sign * t.debit AS debit, x.sign * t.credit AS credit,
            0::bigint AS eliminated_debit, 0::bigint AS eliminated_credit
        FROM given AS t
        JOIN stays AS u ON u.book_id = t.book_id AND u.node_id <> t.book_id AND u.to_on > t.day
        CROSS JOIN LATERAL (
            SELECT greatest(t.day, u.from_on),
                CASE WHEN t.day < u.from_on THEN 'move' ELSE t.kind::text END, 1
            UNION ALL
            SELECT u.to_on, 'move', -1 WHERE u.to_on < '9999-01-01'
        ) AS x (day, kind, sign)
        UNION ALL
        SELECT u.node_id, x.day, t.code, t.fund, x.kind, t.gender,
            0, 0, x.sign * t.debit, x.sign * t.credit
        FROM given AS t
        JOIN stays AS u ON u.book_id = t.book_id AND u.to_on > t.day
        JOIN facing AS o
            ON o.book_id = t.counterparty AND o.node_id = u.node_id AND o.to_on > t.day
            AND o.from_on < u.to_on AND o.to_on > u.from_on
        CROSS JOIN LATERAL (
            SELECT greatest(t.day, u.from_on, o.from_on),
                CASE WHEN t.day < greatest(u.from_on, o.from_on) THEN 'move' ELSE t.kind::text END, 1
            UNION ALL
            SELECT least(u.to_on, o.to_on), 'move', -1 WHERE least(u.to_on, o.to_on) < '9999-01-01'
        ) AS x (day, kind, sign)
        WHERE t.counterparty <> 0
    )

    SELECT p.node_id, p.day, p.code, p.fund, p.kind, p.gender, sum(p.debit)::bigint,
        sum(p.credit)::bigint, sum(p.eliminated_debit)::bigint, sum(p.eliminated_credit)::bigint
    FROM parts AS p
    GROUP BY p.node_id, p.day, p.code, p.fund, p.kind, p.gender;
END $$;

-- What became known only after a moment, to be taken away: what was posted since.
CREATE FUNCTION ledger.known_later(known_by timestamptz) RETURNS ledger.turnover []
LANGUAGE sql STABLE AS $$
    SELECT array_agg(ROW (
        e.book_id, a.fund, a.code, coalesce(a.counterparty, 0), e.kind, e.value_date,
        -l.debit, -l.credit)::ledger.turnover)
    FROM ledger.entry AS e
    JOIN ledger.line AS l
        ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE e.posted_at > known_by
$$;

-- As before, with its parts apart.
CREATE OR REPLACE FUNCTION ledger.unfolded(nodes bigint [], known_by timestamptz)
RETURNS ledger.turnover []
LANGUAGE plpgsql STABLE AS $$
DECLARE
    later ledger.turnover [] := CASE WHEN known_by IS NOT NULL THEN ledger.known_later(known_by) END;
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

-- As before; months and years only of days before the one to which they are summed up.
CREATE OR REPLACE FUNCTION ledger.add_to_rollup(turnover ledger.turnover [], nodes bigint [], sign integer)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ledger.rollup AS r (
        node_id, span, day, code, fund, kind, gender,
        debit, credit, eliminated_debit, eliminated_credit)
    SELECT s.node_id, w.span, ledger.span_start(w.span, s.day), s.code, s.fund, s.kind, s.gender,
        sign * sum(s.debit), sign * sum(s.credit),
        sign * sum(s.eliminated_debit), sign * sum(s.eliminated_credit)
    FROM ledger.spread(turnover, nodes) AS s
    CROSS JOIN ledger.summed AS m
    CROSS JOIN LATERAL generate_series(0, CASE WHEN s.day < m.until THEN 2 ELSE 0 END) AS w (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (node_id, span, day, code, fund, kind, gender) DO UPDATE SET
        debit = r.debit + excluded.debit, credit = r.credit + excluded.credit,
        eliminated_debit = r.eliminated_debit + excluded.eliminated_debit,
        eliminated_credit = r.eliminated_credit + excluded.eliminated_credit
$$;

-- Sum up months and fiscal years as far as a day, the first of a month; how many rows that took.
CREATE FUNCTION ledger.sum_up(upto date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- As before; what waits to be folded is joined to the stays of its books at the nodes, asked for
-- once. Of that, few deltas face another book: those, and what became known only later, are
-- spread as folding would.
CREATE OR REPLACE FUNCTION ledger.rolled(nodes bigint [], days date [], known_by timestamptz)
RETURNS TABLE (
    node_id bigint, on_day date, fund text, code text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_nestloop = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    summed_until date := (SELECT until FROM ledger.summed);
    latest date := (SELECT max(d) FROM unnest(days) AS d);
    places bigint [] := coalesce(nodes, ARRAY (SELECT id FROM ledger.book));
    later ledger.turnover [] := CASE WHEN known_by IS NOT NULL THEN ledger.known_later(known_by) END;
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
        SELECT u.book_id, u.node_id, u.from_on, u.to_on,
            (SELECT b.gender FROM ledger.book AS b WHERE b.id = u.book_id) AS gender
        FROM ledger.under AS u
        WHERE u.book_id = ANY (waiting) AND u.node_id <> u.book_id
            AND (nodes IS NULL OR u.node_id = ANY (nodes))
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
        FROM ledger.delta AS d JOIN asked AS a ON a.node_id = d.book_id AND d.value_date <= a.on_day
        UNION ALL
        SELECT a.node_id, a.on_day, t.fund, t.code, t.kind, t.debit, t.credit
        FROM unnest(later) AS t JOIN asked AS a ON a.node_id = t.book_id AND t.day <= a.on_day
    ),

    unfolded AS (
        SELECT s.node_id, x.day, d.fund, d.code, x.kind, s.gender, x.sign * d.debit AS debit,
            x.sign * d.credit AS credit
        FROM ledger.delta AS d
        JOIN stays AS s ON s.book_id = d.book_id AND s.to_on > d.value_date
        CROSS JOIN LATERAL (
            SELECT greatest(d.value_date, s.from_on) AS day,
                CASE WHEN d.value_date < s.from_on THEN 'move' ELSE d.kind::text END AS kind, 1 AS sign
            UNION ALL
            SELECT s.to_on, 'move', -1 WHERE s.to_on < '9999-01-01'
        ) AS x
        WHERE d.value_date <= latest
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
        FROM unfolded AS f
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

-- What nodes turned over on some codes, quarter by quarter up to a day, from a day on (or from the
-- beginning), outside each other. What happened counts at the nodes that the book was under on
-- the value date.
CREATE FUNCTION ledger.turned_in_quarters(
    nodes bigint [], on_day date, known_by timestamptz, codes text [], first_on date
)
RETURNS TABLE (
    node_id bigint, quarter date, code text, reversal boolean, debit bigint, credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_nestloop = off SET enable_mergejoin = off AS $$
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

REVOKE ALL ON FUNCTION ledger.sum_up, ledger.known_later, ledger.turned_in_quarters FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.sum_up, ledger.known_later, ledger.turned_in_quarters
    TO amanat_system;
GRANT SELECT ON ledger.subject, ledger.summed TO amanat_system;
