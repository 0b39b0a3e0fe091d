-- I1: no closing entry moves money.
SELECT e.book_id, e.no, NULL::bigint, 'I1: a closing entry moves money'
FROM ledger.entry AS e
WHERE e.book_id = ANY ($1) AND e.kind = 'close' AND EXISTS (
    SELECT FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    JOIN ledger.chart AS c ON c.code = a.code AND c.money
    WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date)
