-- $1 node, $2 first day, $3 last day, $4 known by (or null), $5 whether its own book alone counts,
-- $6 fund (or null), $7 the codes of money.
-- In every entry and fund that moves money, the other codes say what for: a credit is a
-- receipt, a debit a payment. It counts where the book was on the value date.
WITH books AS (
    SELECT DISTINCT u.book_id
    FROM ledger.under AS u
    WHERE u.node_id = $1 AND (u.book_id = $1 OR NOT $5::boolean)
        AND u.from_on <= $3 AND u.to_on > $2
),

accounts AS MATERIALIZED (
    SELECT a.book_id, a.no, a.fund, a.code, a.counterparty
    FROM ledger.account AS a
    WHERE a.book_id IN (SELECT b.book_id FROM books AS b) AND ($6::text IS NULL OR a.fund = $6)
),

lines AS (
    SELECT a.book_id, a.fund, a.code, a.counterparty, l.value_date, l.debit, l.credit,
        bool_or(a.code = ANY ($7::text[]))
            OVER (PARTITION BY l.book_id, l.entry_no, a.fund) AS moves_money
    FROM ledger.known($4, ARRAY(SELECT b.book_id FROM books AS b)) AS k
    JOIN ledger.line AS l
        ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date BETWEEN $2 AND $3
    JOIN accounts AS a ON a.book_id = l.book_id AND a.no = l.account_no
)

SELECT m.fund, m.code, sum(m.credit)::bigint, sum(m.debit)::bigint,
    coalesce(sum(m.credit) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint,
    coalesce(sum(m.debit) FILTER (WHERE o.book_id IS NOT NULL), 0)::bigint
FROM lines AS m
JOIN ledger.under AS u
    ON u.book_id = m.book_id AND u.node_id = $1
    AND u.from_on <= m.value_date AND u.to_on > m.value_date
LEFT JOIN ledger.under AS o
    ON NOT $5 AND o.book_id = m.counterparty AND o.node_id = $1
    AND o.from_on <= m.value_date AND o.to_on > m.value_date
WHERE m.moves_money AND m.code <> ALL ($7)
GROUP BY m.fund, m.code
ORDER BY m.fund, m.code
