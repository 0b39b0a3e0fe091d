-- I2: what each book turned over, folded or waiting, is what its lines say.
WITH lines AS (
    SELECT l.book_id, a.fund, a.code, coalesce(a.counterparty, 0) AS counterparty, l.kind,
        l.value_date AS day, sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = ANY ($1)
    GROUP BY l.book_id, a.fund, a.code, a.counterparty, l.kind, l.value_date
),

kept AS (
    SELECT book_id, fund, code, counterparty, kind, day, sum(debit) AS debit, sum(credit) AS credit
    FROM (
        SELECT book_id, fund, code, counterparty, kind, day, debit, credit
        FROM ledger.turnover WHERE book_id = ANY ($1)
        UNION ALL
        SELECT book_id, fund, code, coalesce(counterparty, 0), kind, value_date, debit, credit
        FROM ledger.delta WHERE book_id = ANY ($1)
    ) AS together
    GROUP BY book_id, fund, code, counterparty, kind, day
)

SELECT DISTINCT coalesce(l.book_id, k.book_id), NULL::bigint, NULL::bigint,
    format('I2: what it turned over on %s is not what its lines say', coalesce(l.day, k.day))
FROM lines AS l
FULL JOIN kept AS k USING (book_id, fund, code, counterparty, kind, day)
WHERE (l.debit, l.credit) IS DISTINCT FROM (k.debit, k.credit)
