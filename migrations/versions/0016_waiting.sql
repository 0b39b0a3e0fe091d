-- What became known only after a moment, to be taken away: seldom more than some days of it. Of a
-- few books it is looked for in these; of many by the moment alone, whoever's it is.
DROP FUNCTION ledger.known_later(timestamptz);
CREATE FUNCTION ledger.known_later(known_by timestamptz, nodes bigint [])
RETURNS ledger.turnover [] LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_custom_plan SET enable_seqscan = on SET enable_nestloop = on AS $$
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

-- What waits to be folded is put together by what it counts as before it is told apart where it
-- stays and where it leaves; a thousand deltas at the top of ten million members come to some ten.
CREATE OR REPLACE FUNCTION ledger.spread(turnover ledger.turnover [], nodes bigint [])
RETURNS TABLE (
    node_id bigint, day date, code text, fund text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_nestloop = off SET enable_mergejoin = off SET enable_sort = off AS $$
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

CREATE OR REPLACE FUNCTION ledger.rolled(nodes bigint [], days date [], known_by timestamptz)
RETURNS TABLE (
    node_id bigint, on_day date, fund text, code text, kind text, gender text,
    debit bigint, credit bigint, eliminated_debit bigint, eliminated_credit bigint
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_nestloop = off SET enable_mergejoin = off SET enable_sort = off AS $$
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
CREATE OR REPLACE FUNCTION ledger.unfolded(nodes bigint [], known_by timestamptz)
RETURNS ledger.turnover []
LANGUAGE plpgsql STABLE AS $$
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

CREATE OR REPLACE FUNCTION ledger.add_to_rollup(
    turnover ledger.turnover [], nodes bigint [], sign integer
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
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

REVOKE ALL ON FUNCTION ledger.known_later FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.known_later TO amanat_system;
