-- I7: nothing is dated in the future of its posting, or in a period closed before.
SELECT e.book_id, e.no, NULL::bigint, 'I7: it is dated after it was posted'
FROM ledger.entry e
WHERE e.book_id = ANY ($1) AND e.value_date > (e.posted_at AT TIME ZONE 'Asia/Karachi')::date
UNION ALL
SELECT e.book_id, e.no, NULL, format('I7: it is dated in the period closed to %s', c.closed_to)
FROM ledger.closing c
JOIN ledger.entry e ON e.book_id = c.book_id AND e.value_date <= c.closed_to
    AND e.no > c.after_no
WHERE c.book_id = ANY ($1)
UNION ALL
SELECT b.id, NULL, NULL, 'I7: the book is closed to a day that no closing records'
FROM ledger.book b
WHERE b.id = ANY ($1) AND b.closed_to IS DISTINCT FROM
    (SELECT max(c.closed_to) FROM ledger.closing c WHERE c.book_id = b.id)
