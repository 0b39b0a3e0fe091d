-- I2: what is kept of entries that moved no money is what their lines say. Of a book with one
-- fund all entries are, but those with a line on money; of one with several, each fund of each.
WITH funds AS (
    SELECT book_id, min(fund) AS fund, min(fund) <> max(fund) AS several
    FROM ledger.account WHERE book_id = ANY ($1) GROUP BY book_id
),

moved AS (
    SELECT e.book_id, e.value_date, e.no AS entry_no, f.fund
    FROM funds AS f
    JOIN ledger.entry AS e ON e.book_id = f.book_id AND e.kind <> 'close'
    WHERE NOT f.several
    UNION ALL
    SELECT l.book_id, l.value_date, l.entry_no, a.fund
    FROM funds AS f
    JOIN ledger.line AS l ON l.book_id = f.book_id AND l.kind <> 'close'
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE f.several
),

paid AS (
    SELECT l.book_id, l.value_date, l.entry_no, a.fund
    FROM ledger.account AS a
    JOIN ledger.chart AS c ON c.code = a.code AND c.money
    JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no AND l.kind <> 'close'
    WHERE a.book_id = ANY ($1)
),

moneyless AS (
    SELECT * FROM moved EXCEPT SELECT * FROM paid
)

SELECT book_id, entry_no, NULL::bigint, 'I2: whether it moved money is not what its lines say'
FROM (SELECT *, true AS found FROM moneyless) AS m
FULL JOIN (SELECT *, true AS kept FROM ledger.moneyless WHERE book_id = ANY ($1)) AS k
    USING (book_id, value_date, entry_no, fund)
WHERE m.found IS NULL OR k.kept IS NULL
