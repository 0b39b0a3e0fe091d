-- I2: every account total is the sum of its lines.
SELECT a.book_id, NULL::bigint, a.no, 'I2: the total is not the sum of its lines'
FROM ledger.account a
LEFT JOIN (
    SELECT book_id, account_no, sum(debit) AS debit, sum(credit) AS credit, max(value_date) AS last_on
    FROM ledger.line WHERE book_id = ANY ($1) GROUP BY book_id, account_no
) AS l ON l.book_id = a.book_id AND l.account_no = a.no
WHERE a.book_id = ANY ($1) AND (
    a.debit <> coalesce(l.debit, 0) OR a.credit <> coalesce(l.credit, 0)
    OR a.last_on <> coalesce(l.last_on, '-infinity'))
