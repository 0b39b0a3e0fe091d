-- $1 books (or null for all), $2 days, $3 known by (or null).
-- What is folded and what waits for it, less what became known only later.
WITH moved AS (
    SELECT t.book_id, t.fund, t.code, t.kind, t.day, t.debit, t.credit
    FROM ledger.turnover AS t
    WHERE $1::bigint[] IS NULL OR t.book_id = ANY ($1)
    UNION ALL
    SELECT d.book_id, d.fund, d.code, d.kind, d.value_date, d.debit, d.credit
    FROM ledger.delta AS d
    WHERE $1::bigint[] IS NULL OR d.book_id = ANY ($1)
    UNION ALL
    SELECT e.book_id, a.fund, a.code, e.kind, e.value_date, -l.debit, -l.credit
    FROM ledger.entry AS e
    JOIN ledger.line AS l
        ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE e.posted_at > $3::timestamptz AND ($1::bigint[] IS NULL OR e.book_id = ANY ($1))
)

SELECT m.book_id, d.on_day, m.fund, m.code, m.kind::text, '', sum(m.debit)::bigint,
    sum(m.credit)::bigint, 0, 0
FROM moved AS m
JOIN unnest($2::date[]) AS d (on_day) ON m.day <= d.on_day
GROUP BY m.book_id, d.on_day, m.fund, m.code, m.kind
ORDER BY m.book_id, d.on_day, m.fund, m.code, m.kind
