-- $1 nodes, $2 days, $3 known by (or null).
-- What is folded, in whole fiscal years, months and days; what the node's own book turned over;
-- and what stands apart from both, spread as folding would.
WITH asked AS (
    SELECT n.node_id, d.on_day
    FROM unnest($1::bigint[]) AS n (node_id) CROSS JOIN unnest($2::date[]) AS d (on_day)
),

apart AS MATERIALIZED (SELECT ledger.unfolded($1, $3) AS turnover),

own AS (
    SELECT t.book_id, t.fund, t.code, t.kind, t.day, t.debit, t.credit
    FROM ledger.turnover AS t WHERE t.book_id = ANY ($1)
    UNION ALL
    SELECT t.book_id, t.fund, t.code, t.kind, t.day, t.debit, t.credit
    FROM apart CROSS JOIN LATERAL unnest(apart.turnover) AS t WHERE t.book_id = ANY ($1)
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
    CROSS JOIN LATERAL ledger.spread(apart.turnover, $1) AS s
    JOIN asked AS a ON a.node_id = s.node_id AND s.day <= a.on_day
)

SELECT node_id, on_day, fund, code, kind, gender, sum(debit)::bigint, sum(credit)::bigint,
    sum(eliminated_debit)::bigint, sum(eliminated_credit)::bigint
FROM together
GROUP BY node_id, on_day, fund, code, kind, gender
ORDER BY node_id, on_day, fund, code, kind, gender
