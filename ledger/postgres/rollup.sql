-- $1 day, $2 known by (or null), $3 nodes (or null for all).
-- A balance is eliminated at a node where the organisation that it faces is under it too.
WITH sums AS (
    SELECT a.book_id, a.fund, a.code, a.counterparty, sum(l.debit - l.credit) AS net
    FROM ledger.known($2, NULL) AS k
    JOIN ledger.line AS l
        ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $1
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    GROUP BY a.book_id, a.fund, a.code, a.counterparty
)
SELECT u.node_id, s.fund, s.code, sum(s.net)::bigint,
    coalesce(sum(s.net) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint
FROM sums AS s
JOIN ledger.under AS u ON u.book_id = s.book_id AND u.from_on <= $1 AND u.to_on > $1
LEFT JOIN ledger.under AS o
    ON o.book_id = s.counterparty AND o.node_id = u.node_id AND o.from_on <= $1 AND o.to_on > $1
WHERE $3::bigint[] IS NULL OR u.node_id = ANY ($3)
GROUP BY u.node_id, s.fund, s.code
ORDER BY u.node_id, s.fund, s.code
