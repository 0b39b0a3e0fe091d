-- I2: what is kept of each subject is the sum of its lines.
WITH lines AS (
    SELECT l.book_id, l.subject, a.code, sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    JOIN ledger.chart AS c ON c.code = a.code AND c.by_subject
    WHERE l.book_id = ANY ($1) AND l.subject <> ''
    GROUP BY l.book_id, l.subject, a.code
)

SELECT coalesce(l.book_id, s.book_id), NULL::bigint, NULL::bigint,
    format('I2: the total of %s on %s is not the sum of its lines',
        coalesce(l.subject, s.subject), coalesce(l.code, s.code))
FROM lines AS l
FULL JOIN (SELECT * FROM ledger.subject WHERE book_id = ANY ($1)) AS s
    USING (book_id, subject, code)
WHERE (l.debit, l.credit) IS DISTINCT FROM (s.debit, s.credit)
