-- $1 node, $2 first day, $3 last day, $4 known by (or null), $5 whether its own book alone counts,
-- $6 fund (or null).
-- What was put down in entries and funds that moved no money, and the part of it that is
-- eliminated. It counts where the book was on the value date.
WITH moneyless AS (
    SELECT u.book_id, m.value_date, m.entry_no, m.fund
    FROM ledger.under AS u
    JOIN ledger.moneyless AS m
        ON m.book_id = u.book_id AND m.value_date BETWEEN $2 AND $3
        AND m.value_date >= u.from_on AND m.value_date < u.to_on
    WHERE u.node_id = $1 AND (u.book_id = $1 OR NOT $5::boolean)
        AND ($6::text IS NULL OR m.fund = $6)
)

SELECT a.fund, a.code, sum(l.credit)::bigint, sum(l.debit)::bigint,
    coalesce(sum(l.credit) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint,
    coalesce(sum(l.debit) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint
FROM moneyless AS m
JOIN ledger.entry AS e ON e.book_id = m.book_id AND e.no = m.entry_no
JOIN ledger.line AS l
    ON l.book_id = m.book_id AND l.entry_no = m.entry_no AND l.value_date = m.value_date
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no AND a.fund = m.fund
LEFT JOIN ledger.under AS o
    ON NOT $5 AND o.book_id = a.counterparty AND o.node_id = $1
    AND o.from_on <= m.value_date AND o.to_on > m.value_date
WHERE $4::timestamptz IS NULL OR e.posted_at <= $4
GROUP BY a.fund, a.code
