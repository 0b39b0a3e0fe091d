-- $1 book, $2 first day, $3 last day, $4 known by (or null).
SELECT e.no, e.value_date, e.posted_at, e.actor, e.narrative, e.reference,
    r.no, r.value_date, r.posted_at, r.actor, r.reference,
    (
        SELECT sum(l.debit)::bigint FROM ledger.line AS l
        WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    )
FROM ledger.known($4, ARRAY[$1::bigint]) AS k
JOIN ledger.entry AS e ON e.book_id = k.book_id AND e.no <= k.last_no
JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.no = e.reverses
WHERE e.value_date BETWEEN $2 AND $3
ORDER BY e.value_date, e.no
