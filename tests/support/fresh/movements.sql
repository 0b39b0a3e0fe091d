-- $1 node, $2 first day, $3 last day, $4 known by (or null), $5 whether its own book alone counts,
-- $6 fund (or null), $7 codes (or null), $8 whether closing entries are left out.
-- A book stands under the node while it is placed there, and what faces another such book is
-- eliminated while both are. What it holds when it comes or goes has moved; what it turns
-- over in between is turnover.
WITH presence AS (
    SELECT u.book_id, u.from_on, u.to_on
    FROM ledger.under AS u
    WHERE u.node_id = $1 AND (u.book_id = $1 OR NOT $5::boolean)
        AND u.from_on <= $3 AND u.to_on >= $2
),

accounts AS MATERIALIZED (
    SELECT a.book_id, a.no, a.fund, a.code, a.counterparty
    FROM ledger.account AS a
    WHERE a.book_id IN (SELECT p.book_id FROM presence AS p)
        AND ($6::text IS NULL OR a.fund = $6) AND ($7::text[] IS NULL OR a.code = ANY ($7))
),

sums AS (
    SELECT a.book_id, a.fund, a.code, a.counterparty, l.value_date,
        sum(l.debit) AS debit, sum(l.credit) AS credit, sum(l.debit - l.credit) AS net
    FROM ledger.known($4, ARRAY(SELECT p.book_id FROM presence AS p)) AS k
    JOIN ledger.line AS l
        ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $3
    JOIN accounts AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE NOT ($8::boolean AND l.kind = 'close')
    GROUP BY a.book_id, a.fund, a.code, a.counterparty, l.value_date
),

held AS (
    SELECT false AS eliminated, s.fund, s.code, s.value_date, s.debit, s.credit, s.net,
        p.from_on, p.to_on
    FROM sums AS s
    JOIN presence AS p ON p.book_id = s.book_id
    UNION ALL
    SELECT true, s.fund, s.code, s.value_date, s.debit, s.credit, s.net,
        greatest(p.from_on, o.from_on), least(p.to_on, o.to_on)
    FROM sums AS s
    JOIN presence AS p ON p.book_id = s.book_id
    JOIN presence AS o
        ON o.book_id = s.counterparty AND o.from_on < p.to_on AND o.to_on > p.from_on
)

SELECT h.eliminated, h.fund, h.code,
    coalesce(sum(h.net) FILTER (
        WHERE h.value_date < $2 AND h.from_on < $2 AND h.to_on >= $2), 0)::bigint,
    coalesce(sum(h.debit) FILTER (
        WHERE h.value_date >= $2 AND h.value_date >= h.from_on AND h.value_date < h.to_on), 0)::bigint,
    coalesce(sum(h.credit) FILTER (
        WHERE h.value_date >= $2 AND h.value_date >= h.from_on AND h.value_date < h.to_on), 0)::bigint,
    (coalesce(sum(h.net) FILTER (WHERE h.from_on >= $2 AND h.value_date < h.from_on), 0)
        - coalesce(sum(h.net) FILTER (
            WHERE h.to_on >= $2 AND h.to_on <= $3 AND h.value_date < h.to_on), 0))::bigint,
    coalesce(sum(h.net) FILTER (WHERE h.to_on > $3), 0)::bigint
FROM held AS h
GROUP BY h.eliminated, h.fund, h.code
ORDER BY h.eliminated, h.fund, h.code
