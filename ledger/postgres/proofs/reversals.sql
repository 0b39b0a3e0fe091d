-- I4: a reversal mirrors the one entry that it names.
SELECT e.book_id, e.no, NULL::bigint, 'I4: it does not mirror the entry that it reverses'
FROM ledger.entry e
LEFT JOIN ledger.entry r ON r.book_id = e.book_id AND r.no = e.reverses
WHERE e.book_id = ANY ($1) AND e.kind = 'reversal' AND (
    r.no IS NULL OR r.kind = 'reversal' OR r.no >= e.no OR r.value_date > e.value_date
    OR EXISTS (
        SELECT FROM (SELECT * FROM ledger.line WHERE book_id = e.book_id AND entry_no = e.no) AS x
        FULL JOIN (SELECT * FROM ledger.line WHERE book_id = e.book_id AND entry_no = r.no) AS y
            ON y.n = x.n
        WHERE (x.account_no, x.subject, x.debit, x.credit)
            IS DISTINCT FROM (y.account_no, y.subject, y.credit, y.debit)))
