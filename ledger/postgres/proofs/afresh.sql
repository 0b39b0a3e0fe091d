-- I2: every roll-up is the sum of its books, over days, months and years alike. All books below
-- are read: for a node that cannot be proven from what lies directly below it (`rollup.sql`).
WITH stays AS MATERIALIZED (
    SELECT u.node_id, u.book_id, u.from_on, u.to_on, b.gender
    FROM ledger.under AS u JOIN ledger.book AS b ON b.id = u.book_id
    WHERE u.node_id = ANY ($1)
),

faces AS MATERIALIZED (
    -- What two books under a node hold of each other, while both are there. Who the other is, is
    -- asked by its key: else all books of the node are read for each of them.
    SELECT s.node_id, s.gender, o.from_on, o.to_on, t.day, t.code, t.fund, t.kind, t.debit, t.credit
    FROM stays AS s
    JOIN ledger.turnover AS t ON t.book_id = s.book_id AND t.counterparty <> 0
    CROSS JOIN LATERAL (
        SELECT greatest(s.from_on, y.from_on) AS from_on, least(s.to_on, y.to_on) AS to_on
        FROM ledger.under AS y
        WHERE y.book_id = t.counterparty AND y.node_id = s.node_id OFFSET 0
    ) AS o
    WHERE o.from_on < o.to_on AND t.day < o.to_on
),

days AS (
    SELECT s.node_id, false AS eliminated, t.code, t.fund, s.gender,
        CASE WHEN t.day < s.from_on THEN 'move' ELSE t.kind::text END AS kind,
        greatest(t.day, s.from_on) AS day, t.debit, t.credit
    FROM stays AS s
    JOIN ledger.turnover AS t ON t.book_id = s.book_id AND t.day < s.to_on
    WHERE s.book_id <> s.node_id
    UNION ALL
    SELECT s.node_id, false, t.code, t.fund, s.gender, 'move', s.to_on, -t.debit, -t.credit
    FROM stays AS s
    JOIN ledger.turnover AS t ON t.book_id = s.book_id AND t.day < s.to_on
    WHERE s.book_id <> s.node_id AND s.to_on < '9999-01-01'
    UNION ALL
    SELECT f.node_id, true, f.code, f.fund, f.gender,
        CASE WHEN f.day < f.from_on THEN 'move' ELSE f.kind::text END,
        greatest(f.day, f.from_on), f.debit, f.credit
    FROM faces AS f
    UNION ALL
    SELECT f.node_id, true, f.code, f.fund, f.gender, 'move', f.to_on, -f.debit, -f.credit
    FROM faces AS f
    WHERE f.to_on < '9999-01-01'
),

fresh AS (
    SELECT d.node_id, w.span, ledger.span_start(w.span, d.day) AS day, d.code, d.fund, d.kind,
        d.gender,
        coalesce(sum(d.debit) FILTER (WHERE NOT d.eliminated), 0) AS debit,
        coalesce(sum(d.credit) FILTER (WHERE NOT d.eliminated), 0) AS credit,
        coalesce(sum(d.debit) FILTER (WHERE d.eliminated), 0) AS eliminated_debit,
        coalesce(sum(d.credit) FILTER (WHERE d.eliminated), 0) AS eliminated_credit
    FROM (
        SELECT node_id, eliminated, code, fund, gender, kind, day, sum(debit) AS debit,
            sum(credit) AS credit
        FROM days GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) AS d
    CROSS JOIN ledger.summed AS m
    CROSS JOIN LATERAL generate_series(0, CASE WHEN d.day < m.until THEN 2 ELSE 0 END) AS w (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)

SELECT DISTINCT node_id, NULL::bigint, NULL::bigint,
    'I2: its roll-up is not the sum of the books below it'
FROM fresh AS f
FULL JOIN (SELECT * FROM ledger.rollup WHERE node_id = ANY ($1)) AS r
    USING (node_id, span, day, code, fund, kind, gender)
WHERE (
    coalesce(f.debit, 0), coalesce(f.credit, 0),
    coalesce(f.eliminated_debit, 0), coalesce(f.eliminated_credit, 0)
) <> (
    coalesce(r.debit, 0), coalesce(r.credit, 0),
    coalesce(r.eliminated_debit, 0), coalesce(r.eliminated_credit, 0)
)
