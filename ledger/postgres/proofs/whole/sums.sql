-- I2: whether account totals and turnover are what the lines say, and every line's account is
-- there. What is kept is taken away from what the lines say, and nothing may be left.
--
-- An account is its number in the stretch, and its place that of the first account of the same
-- fund, code and counterparty: short keys group fast. NULL is what belongs nowhere; 0 is what
-- has no part in that grouping. A kept turnover of nothing, or below it, could hide another.
WITH accounts AS MATERIALIZED (
    SELECT a.book_id, a.no, a.code, a.fund, coalesce(a.counterparty, 0) AS counterparty,
        a.debit, a.credit, nullif(a.last_on, '-infinity') AS last_on,
        (row_number() OVER w)::integer AS account, (rank() OVER w)::integer AS place
    FROM ledger.account AS a
    WHERE a.book_id = ANY ($1)
    WINDOW w AS (ORDER BY a.book_id, a.code, a.fund, a.counterparty)
),

turned AS (
    SELECT t.book_id, t.fund, t.code, t.counterparty, t.kind, t.day, t.debit, t.credit
    FROM ledger.turnover AS t WHERE t.book_id = ANY ($1)
    UNION ALL
    SELECT d.book_id, d.fund, d.code, coalesce(d.counterparty, 0), d.kind, d.value_date,
        d.debit, d.credit
    FROM ledger.delta AS d WHERE d.book_id = ANY ($1)
),

together AS (
    SELECT a.account, a.place, l.kind, l.value_date AS day, NULL::date AS kept, l.debit, l.credit
    FROM ledger.line AS l
    LEFT JOIN accounts AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE l.book_id = ANY ($1)
    UNION ALL
    SELECT a.account, 0, NULL, NULL, a.last_on, -a.debit, -a.credit
    FROM accounts AS a
    UNION ALL
    SELECT 0, CASE WHEN t.debit >= 0 AND t.credit >= 0 AND (t.debit, t.credit) <> (0, 0) THEN a.place END,
        t.kind, t.day, t.day, -t.debit, -t.credit
    FROM turned AS t
    LEFT JOIN accounts AS a
        ON a.book_id = t.book_id AND a.code = t.code AND a.fund = t.fund
        AND a.counterparty = t.counterparty AND a.account = a.place
)

SELECT NOT EXISTS (
    SELECT FROM together
    GROUP BY GROUPING SETS ((account), (place, kind, day))
    HAVING CASE grouping(account)
        WHEN 0 THEN account IS NULL OR account > 0 AND (
            sum(debit) <> 0 OR sum(credit) <> 0 OR max(kept) IS DISTINCT FROM max(day))
        ELSE place IS NULL OR place > 0 AND (
            sum(debit) <> 0 OR sum(credit) <> 0 OR max(kept) IS NULL) END
)
