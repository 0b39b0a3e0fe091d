-- I6: no floored account is below zero at the end of any day.
SELECT DISTINCT ON (f.book_id, f.no) f.book_id, NULL::bigint, f.no,
    format('I6: the balance is %s paisa at the end of %s', f.balance, f.value_date)
FROM (
    SELECT a.book_id, a.no, d.value_date,
        sum(c.sign * d.net) OVER (PARTITION BY a.book_id, a.no ORDER BY d.value_date) AS balance
    FROM (
        SELECT book_id, account_no, value_date, sum(debit - credit) AS net
        FROM ledger.line WHERE book_id = ANY ($1) GROUP BY book_id, account_no, value_date
    ) AS d
    JOIN ledger.account a ON a.book_id = d.book_id AND a.no = d.account_no
    JOIN ledger.chart c ON c.code = a.code AND c.floored
) AS f
WHERE f.balance < 0 ORDER BY f.book_id, f.no, f.value_date
