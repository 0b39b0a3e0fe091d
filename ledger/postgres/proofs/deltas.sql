-- I2: what each entry adds to the roll-up is what its lines say.
WITH lines AS (
    SELECT l.book_id, l.entry_no, a.fund, a.code, a.counterparty, l.kind, l.value_date,
        sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM ledger.line l JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = ANY ($1)
    GROUP BY l.book_id, l.entry_no, a.fund, a.code, a.counterparty, l.kind, l.value_date
), deltas AS (
    SELECT book_id, entry_no, fund, code, counterparty, kind, value_date,
        debit::numeric, credit::numeric
    FROM ledger.delta WHERE book_id = ANY ($1)
)
SELECT DISTINCT book_id, entry_no, NULL::bigint, 'I2: its part of the roll-up is not its lines'
FROM (
    (SELECT * FROM lines EXCEPT SELECT * FROM deltas)
    UNION ALL
    (SELECT * FROM deltas EXCEPT SELECT * FROM lines)
) AS differing
