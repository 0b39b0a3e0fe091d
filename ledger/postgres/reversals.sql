-- $1 book, $2 first day, $3 last day, $4 known by (or null), $5 fund (or null for all).
SELECT e.no, e.value_date, e.posted_at, e.actor, e.narrative, e.reference,
    r.no, r.value_date, r.posted_at, r.actor, r.reference, moved.fund, moved.amount
FROM ledger.known($4, ARRAY[$1::bigint]) AS k
JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no <= k.last_no
JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.no = e.reverses
CROSS JOIN LATERAL (
    SELECT a.fund, sum(l.debit)::bigint AS amount
    FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    GROUP BY a.fund
) AS moved
WHERE e.value_date BETWEEN $2 AND $3 AND ($5::text IS NULL OR moved.fund = $5)
ORDER BY e.value_date, e.no, moved.fund
