-- I1: whether every entry balances within each fund, in the books that have several.
SELECT NOT EXISTS (
    SELECT FROM ledger.line AS l
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = ANY (ARRAY (
        SELECT f.book_id FROM ledger.account AS f
        WHERE f.book_id = ANY ($1)
        GROUP BY f.book_id HAVING min(f.fund) <> max(f.fund)
    ))
    GROUP BY l.book_id, l.entry_no, a.fund
    HAVING sum(l.debit - l.credit) <> 0
)
