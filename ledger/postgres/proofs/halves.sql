-- I8: both halves of a transfer exist, name each other, and agree.
WITH halves AS (
    SELECT e.book_id, e.no, e.value_date, e.posted_at, e.counterpart_book, e.counterpart_no, e.reverses
    FROM ledger.entry e WHERE e.book_id = ANY ($1) AND e.counterpart_book IS NOT NULL
)
SELECT e.book_id, e.no, NULL::bigint, 'I8: the other half of the transfer is missing or disagrees'
FROM halves e
LEFT JOIN ledger.entry o ON o.book_id = e.counterpart_book AND o.no = e.counterpart_no
WHERE o.no IS NULL
    OR (o.counterpart_book, o.counterpart_no) IS DISTINCT FROM (e.book_id, e.no)
    OR (o.value_date, o.posted_at) IS DISTINCT FROM (e.value_date, e.posted_at)
    OR (o.reverses IS NULL) <> (e.reverses IS NULL)
    OR EXISTS (
        (SELECT a.fund, sum(l.debit - l.credit) FROM ledger.line l
         JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
         WHERE l.book_id = e.book_id AND l.entry_no = e.no AND a.counterparty = o.book_id
         GROUP BY a.fund)
        EXCEPT
        (SELECT a.fund, sum(l.credit - l.debit) FROM ledger.line l
         JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
         WHERE l.book_id = o.book_id AND l.entry_no = o.no AND a.counterparty = e.book_id
         GROUP BY a.fund))
