-- I6: whether no floored account is below zero at the end of any day, where totals hold: then
-- only one whose total says that something was taken from it can be.
SELECT NOT EXISTS (
    SELECT FROM (
        SELECT sum(sum(c.sign * (l.debit - l.credit))) OVER (
            PARTITION BY a.book_id, a.no ORDER BY l.value_date
        ) AS balance
        FROM ledger.account AS a
        JOIN ledger.chart AS c ON c.code = a.code AND c.floored
        JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
        WHERE a.book_id = ANY ($1) AND CASE c.sign WHEN 1 THEN a.credit ELSE a.debit END > 0
        GROUP BY a.book_id, a.no, l.value_date
    ) AS f
    WHERE f.balance < 0
)
