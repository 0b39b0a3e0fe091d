-- $1 nodes, $2 day, $3 known by (or null), $4 codes, $5 first day (or null).
-- What happened counts at the nodes that the book was under on the value date; what faces another
-- book under the same node on that day is left out there.
WITH apart AS MATERIALIZED (SELECT ledger.unfolded($1, $3) AS turnover),

moved AS (
    SELECT r.node_id, r.day, r.code, r.kind, r.debit, r.credit, r.eliminated_debit,
        r.eliminated_credit
    FROM unnest($1::bigint[]) AS n (node_id)
    CROSS JOIN LATERAL (
        SELECT 1 AS span, coalesce($5::date, '-infinity') AS first_on, ledger.span_start(1, $2) AS until
        WHERE $5 IS NULL OR $5 = ledger.span_start(1, $5)
        UNION ALL
        SELECT 0, CASE WHEN $5 IS NULL OR $5 = ledger.span_start(1, $5)
            THEN greatest(ledger.span_start(1, $2), $5) ELSE $5 END, $2::date + 1
    ) AS w
    JOIN ledger.rollup AS r
        ON r.node_id = n.node_id AND r.span = w.span AND r.day >= w.first_on AND r.day < w.until
    UNION ALL
    SELECT t.book_id, t.day, t.code, t.kind::text, t.debit, t.credit, 0, 0
    FROM ledger.turnover AS t WHERE t.book_id = ANY ($1)
    UNION ALL
    SELECT t.book_id, t.day, t.code, t.kind::text, t.debit, t.credit, 0, 0
    FROM apart CROSS JOIN LATERAL unnest(apart.turnover) AS t WHERE t.book_id = ANY ($1)
    UNION ALL
    SELECT s.node_id, s.day, s.code, s.kind, s.debit, s.credit, s.eliminated_debit,
        s.eliminated_credit
    FROM apart CROSS JOIN LATERAL ledger.spread(apart.turnover, $1) AS s
)

SELECT node_id, date_trunc('quarter', day)::date AS quarter, code, kind = 'reversal',
    sum(debit - eliminated_debit)::bigint, sum(credit - eliminated_credit)::bigint
FROM moved
WHERE kind IN ('normal', 'reversal') AND code = ANY ($4) AND day <= $2
    AND day >= coalesce($5, '-infinity')
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
