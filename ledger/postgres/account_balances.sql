-- $1 day, $2 known by (or null), $3 the book, as an array of one.
SELECT a.no, a.code, a.fund, a.party, sum(l.debit - l.credit)::bigint
FROM ledger.known($2, $3) AS k
JOIN ledger.line AS l
    ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $1
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
GROUP BY a.no, a.code, a.fund, a.party
ORDER BY a.code, a.fund, a.party
