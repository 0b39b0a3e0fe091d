-- $1 day, $2 known by (or null), $3 books (or null for all).
SELECT a.book_id, a.fund, a.code, sum(l.debit - l.credit)::bigint
FROM ledger.known($2, $3) AS k
JOIN ledger.line AS l
    ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $1
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
GROUP BY a.book_id, a.fund, a.code
ORDER BY a.book_id, a.fund, a.code
