-- The roll-up. Posting leaves deltas behind; folding takes them into what each book turned over
-- on a day (`turnover`), and from there into every organisation above it (`rollup`). A reader adds
-- what is not folded yet, in one snapshot, and so is exact whenever it asks.

-- Whose group a book is of (women, men, mixed, or '' where that means nothing), by which the
-- roll-up keeps its figures apart.
ALTER TABLE ledger.book ADD COLUMN gender text NOT NULL DEFAULT '';
UPDATE ledger.book AS b SET gender = o.gender
FROM service.organisation AS o
WHERE o.book_id = b.id AND o.gender IS NOT NULL;

CREATE TABLE ledger.turnover (
    book_id bigint NOT NULL,
    fund text NOT NULL,
    code text NOT NULL,
    counterparty bigint NOT NULL,
    kind ledger.kind NOT NULL,
    day date NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    PRIMARY KEY (book_id, code, fund, counterparty, kind, day)
) WITH (fillfactor = 90);
CREATE INDEX turnover_counterparty ON ledger.turnover (counterparty) WHERE counterparty <> 0;
COMMENT ON TABLE ledger.turnover IS 'What each book turned over on a day, as far as it is folded';
COMMENT ON COLUMN ledger.turnover.counterparty IS 'The book that the account faces; 0 for none';

CREATE TABLE ledger.rollup (
    node_id bigint NOT NULL,
    span smallint NOT NULL CHECK (span IN (0, 1, 2)),
    day date NOT NULL,
    code text NOT NULL,
    fund text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('normal', 'reversal', 'close', 'move')),
    gender text NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    eliminated_debit bigint NOT NULL,
    eliminated_credit bigint NOT NULL,
    PRIMARY KEY (node_id, span, day, code, fund, kind, gender)
) WITH (fillfactor = 70);
COMMENT ON TABLE ledger.rollup IS 'What the other books under a node come to there, and what faces one of them, its own included';
COMMENT ON COLUMN ledger.rollup.span IS 'Over a day, a month or a fiscal year, of which `day` is the first';
COMMENT ON COLUMN ledger.rollup.kind IS 'move: what a book held when it came under the node; negative, when it left';

CREATE INDEX entry_posted_at ON ledger.entry USING brin (posted_at) WITH (pages_per_range = 32);
ALTER TABLE ledger.delta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The first day of the span that a day lies in.
CREATE FUNCTION ledger.span_start(span integer, day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE span
    WHEN 0 THEN day
    WHEN 1 THEN date_trunc('month', day::timestamp)::date
    ELSE (date_trunc('year', day::timestamp - interval '6 months') + interval '6 months')::date END;

-- What turnover comes to at the nodes above its books. A book under a node from one day until
-- another counts there with what it turned over in between, and with what it had turned over
-- before, which came with it as a move; what it had turned over until it left goes away with it as
-- a move. What faces another book counts as eliminated in the same way, while both are there.
-- `nodes` may name those that alone are meant.
CREATE FUNCTION ledger.spread(turnover ledger.turnover [], nodes bigint [])
RETURNS TABLE (
    node_id bigint, day date, code text, fund text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE sql STABLE AS $$
    WITH given AS (
        SELECT t.*, b.gender FROM unnest(turnover) AS t JOIN ledger.book AS b ON b.id = t.book_id
    )
    SELECT u.node_id, x.day, t.code, t.fund, x.kind, t.gender,
        x.sign * t.debit, x.sign * t.credit, 0::bigint, 0::bigint
    FROM given AS t
    JOIN ledger.under AS u
        ON u.book_id = t.book_id AND u.node_id <> t.book_id AND u.to_on > t.day
    CROSS JOIN LATERAL (
        SELECT greatest(t.day, u.from_on),
            CASE WHEN t.day < u.from_on THEN 'move' ELSE t.kind::text END, 1
        UNION ALL
        SELECT u.to_on, 'move', -1 WHERE u.to_on < '9999-01-01'
    ) AS x (day, kind, sign)
    WHERE nodes IS NULL OR u.node_id = ANY (nodes)
    UNION ALL
    SELECT u.node_id, x.day, t.code, t.fund, x.kind, t.gender,
        0::bigint, 0::bigint, x.sign * t.debit, x.sign * t.credit
    FROM given AS t
    JOIN ledger.under AS u ON u.book_id = t.book_id AND u.to_on > t.day
    JOIN ledger.under AS o
        ON o.book_id = t.counterparty AND o.node_id = u.node_id AND o.to_on > t.day
        AND o.from_on < u.to_on AND o.to_on > u.from_on
    CROSS JOIN LATERAL (
        SELECT greatest(t.day, u.from_on, o.from_on),
            CASE WHEN t.day < greatest(u.from_on, o.from_on) THEN 'move' ELSE t.kind::text END, 1
        UNION ALL
        SELECT least(u.to_on, o.to_on), 'move', -1 WHERE least(u.to_on, o.to_on) < '9999-01-01'
    ) AS x (day, kind, sign)
    WHERE t.counterparty <> 0 AND (nodes IS NULL OR u.node_id = ANY (nodes))
$$;

-- What stands apart from the roll-up of some nodes: what waits to be folded; and, with a moment,
-- what became known only after it, to be taken away.
CREATE FUNCTION ledger.unfolded(nodes bigint [], known_by timestamptz) RETURNS ledger.turnover []
LANGUAGE plpgsql STABLE AS $$
DECLARE
    later ledger.turnover [];
BEGIN
    IF known_by IS NOT NULL THEN
        SELECT array_agg(ROW (
            e.book_id, a.fund, a.code, coalesce(a.counterparty, 0), e.kind, e.value_date,
            -l.debit, -l.credit)::ledger.turnover)
        INTO later
        FROM ledger.entry AS e
        JOIN ledger.line AS l
            ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE e.posted_at > known_by;
    END IF;
    RETURN (
        SELECT array_agg(a)
        FROM (
            SELECT ROW (
                d.book_id, d.fund, d.code, coalesce(d.counterparty, 0), d.kind, d.value_date,
                d.debit, d.credit)::ledger.turnover, d.book_id
            FROM ledger.delta AS d
            UNION ALL
            SELECT l::ledger.turnover, l.book_id FROM unnest(later) AS l
        ) AS apart (a, book_id)
        WHERE (
            SELECT true FROM ledger.under AS u
            WHERE u.book_id = apart.book_id AND u.node_id = ANY (nodes) LIMIT 1)
    );
END $$;

-- Add what turnover comes to (or, with sign -1, take it away), over days, months and years.
CREATE FUNCTION ledger.add_to_rollup(turnover ledger.turnover [], nodes bigint [], sign integer)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ledger.rollup AS r (
        node_id, span, day, code, fund, kind, gender,
        debit, credit, eliminated_debit, eliminated_credit)
    SELECT s.node_id, w.span, ledger.span_start(w.span, s.day), s.code, s.fund, s.kind, s.gender,
        sign * sum(s.debit), sign * sum(s.credit),
        sign * sum(s.eliminated_debit), sign * sum(s.eliminated_credit)
    FROM (
        SELECT p.node_id, p.day, p.code, p.fund, p.kind, p.gender,
            sum(p.debit) AS debit, sum(p.credit) AS credit,
            sum(p.eliminated_debit) AS eliminated_debit, sum(p.eliminated_credit) AS eliminated_credit
        FROM ledger.spread(turnover, nodes) AS p
        GROUP BY p.node_id, p.day, p.code, p.fund, p.kind, p.gender
    ) AS s
    CROSS JOIN generate_series(0, 2) AS w (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (node_id, span, day, code, fund, kind, gender) DO UPDATE SET
        debit = r.debit + excluded.debit, credit = r.credit + excluded.credit,
        eliminated_debit = r.eliminated_debit + excluded.eliminated_debit,
        eliminated_credit = r.eliminated_credit + excluded.eliminated_credit
$$;

-- What nodes with all below them turned over up to each of some days, as known by a moment (or by
-- now): what is folded, in whole fiscal years, months and days; what the node's own book turned
-- over; and what stands apart from both, spread as folding would. Few rows are asked for by their
-- keys, however many there are: planned once, and never by reading a table through.
CREATE FUNCTION ledger.rolled(nodes bigint [], days date [], known_by timestamptz)
RETURNS TABLE (
    node_id bigint, on_day date, fund text, code text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT n.node_id, d.on_day
        FROM unnest(nodes) AS n (node_id) CROSS JOIN unnest(days) AS d (on_day)
    ),

    apart AS MATERIALIZED (SELECT ledger.unfolded(nodes, known_by) AS turnover),

    own AS (
        SELECT t.book_id, t.fund, t.code, t.kind, t.day, t.debit, t.credit
        FROM ledger.turnover AS t WHERE t.book_id = ANY (nodes)
        UNION ALL
        SELECT t.book_id, t.fund, t.code, t.kind, t.day, t.debit, t.credit
        FROM apart CROSS JOIN LATERAL unnest(apart.turnover) AS t WHERE t.book_id = ANY (nodes)
    ),

    together AS (
        SELECT a.node_id, a.on_day, r.fund, r.code, r.kind, r.gender,
            r.debit, r.credit, r.eliminated_debit, r.eliminated_credit
        FROM asked AS a
        CROSS JOIN LATERAL (VALUES
            (2, '-infinity'::date, ledger.span_start(2, a.on_day)),
            (1, ledger.span_start(2, a.on_day), ledger.span_start(1, a.on_day)),
            (0, ledger.span_start(1, a.on_day), a.on_day + 1)
        ) AS w (span, first_on, until)
        JOIN ledger.rollup AS r
            ON r.node_id = a.node_id AND r.span = w.span AND r.day >= w.first_on AND r.day < w.until
        UNION ALL
        SELECT a.node_id, a.on_day, o.fund, o.code, o.kind::text, b.gender, o.debit, o.credit, 0, 0
        FROM asked AS a
        JOIN own AS o ON o.book_id = a.node_id AND o.day <= a.on_day
        JOIN ledger.book AS b ON b.id = a.node_id
        UNION ALL
        SELECT a.node_id, a.on_day, s.fund, s.code, s.kind, s.gender, s.debit, s.credit,
            s.eliminated_debit, s.eliminated_credit
        FROM apart
        CROSS JOIN LATERAL ledger.spread(apart.turnover, nodes) AS s
        JOIN asked AS a ON a.node_id = s.node_id AND s.day <= a.on_day
    )

    SELECT node_id, on_day, fund, code, kind, gender, sum(debit)::bigint, sum(credit)::bigint,
        sum(eliminated_debit)::bigint, sum(eliminated_credit)::bigint
    FROM together
    GROUP BY node_id, on_day, fund, code, kind, gender
    ORDER BY node_id, on_day, fund, code, kind, gender;
END $$;

-- Whoever changes the roll-up, or the tree or the genders that it stands on, does so alone. Each
-- statement after this one sees all that was done before.
CREATE FUNCTION ledger.lock_rollup() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtext('ledger.rollup'))
$$;

-- Fold as many deltas; how many there were.
CREATE FUNCTION ledger.fold(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- What stands in the roll-up for some books at some nodes, and for what faces them there: taken
-- away (-1) before the tree changes, and added (1) after. Some books at a time, for memory.
CREATE FUNCTION ledger.refold(books bigint [], nodes bigint [], sign integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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

-- As before, and the roll-up follows: of the nodes under which anything changes.
CREATE OR REPLACE FUNCTION ledger.place_books(
    books bigint [], book bigint [], node bigint [], from_on date [], to_on date []
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- Say whose groups books are of; the roll-up follows.
CREATE FUNCTION ledger.set_genders(books bigint [], genders text []) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- The doors are the house's. What a book turned over is read like its lines; of the roll-up the
-- house alone reads, for whoever may read all below a node.
REVOKE ALL ON FUNCTION ledger.spread, ledger.add_to_rollup, ledger.lock_rollup, ledger.fold,
    ledger.refold, ledger.set_genders, ledger.span_start, ledger.unfolded,
    ledger.rolled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.fold, ledger.set_genders TO amanat_system;
GRANT EXECUTE ON FUNCTION ledger.span_start, ledger.spread, ledger.unfolded, ledger.rolled
    TO amanat_system;
GRANT SELECT ON ledger.turnover TO amanat_app, amanat_system;
GRANT SELECT ON ledger.rollup TO amanat_system;
ALTER TABLE ledger.turnover ENABLE ROW LEVEL SECURITY;
CREATE POLICY house ON ledger.turnover TO amanat_system USING (true);
CREATE POLICY reads ON ledger.turnover FOR SELECT TO amanat_app USING (
    (SELECT 0 = ANY (access.nodes('read'))) OR EXISTS (
        SELECT FROM ledger.under AS u
        WHERE u.book_id = turnover.book_id AND u.from_on <= (SELECT access.today())
            AND u.to_on > (SELECT access.today())
            AND (u.node_id = ANY ((SELECT access.nodes('read'))::bigint [])
                OR u.node_id = u.book_id
                    AND u.book_id = ANY ((SELECT access.nodes('read_alone'))::bigint []))));
