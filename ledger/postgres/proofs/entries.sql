-- I1: every entry has lines of its own day and kind, and balances within each fund.
WITH lines AS (
    SELECT l.book_id, l.entry_no, a.fund, sum(l.debit) - sum(l.credit) AS net,
        bool_or(e.no IS NULL) AS orphan,
        bool_or(l.value_date <> e.value_date OR l.kind <> e.kind) AS strange,
        bool_or(a.no IS NULL) AS nowhere
    FROM ledger.line l
    LEFT JOIN ledger.entry e ON e.book_id = l.book_id AND e.no = l.entry_no
    LEFT JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = ANY ($1)
    GROUP BY l.book_id, l.entry_no, a.fund
)
SELECT book_id, entry_no, NULL::bigint, CASE
    WHEN orphan THEN 'I3: lines belong to no entry'
    WHEN strange THEN 'I3: a line is of another day or kind than its entry'
    WHEN nowhere THEN 'I2: a line names an account that is not there'
    ELSE format('I1: fund %s is out of balance by %s paisa', fund, net) END
FROM lines WHERE orphan OR strange OR nowhere OR net <> 0
UNION ALL
SELECT e.book_id, e.no, NULL, 'I3: the entry has no lines'
FROM ledger.entry e
WHERE e.book_id = ANY ($1) AND NOT EXISTS (
    SELECT FROM ledger.line l WHERE l.book_id = e.book_id AND l.entry_no = e.no)
