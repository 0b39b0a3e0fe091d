-- I8: whether both halves of every transfer exist, name each other, and agree.
WITH halves AS MATERIALIZED (
    SELECT e.book_id, e.no, e.counterpart_book AS other_book, e.counterpart_no AS other_no,
        e.value_date, coalesce((o.counterpart_book, o.counterpart_no, o.value_date, o.posted_at)
            = (e.book_id, e.no, e.value_date, e.posted_at)
            AND (o.reverses IS NULL) = (e.reverses IS NULL), false) AS paired
    FROM ledger.entry AS e
    LEFT JOIN ledger.entry AS o ON o.book_id = e.counterpart_book AND o.no = e.counterpart_no
    WHERE e.book_id = ANY ($1) AND e.counterpart_book IS NOT NULL
),

sides AS (
    SELECT h.book_id, h.no, l.book_id AS of_book, l.account_no, h.book_id + h.other_book - l.book_id
        AS faced, l.debit - l.credit AS net
    FROM halves AS h
    CROSS JOIN LATERAL (
        SELECT x.book_id, x.account_no, x.debit, x.credit FROM ledger.line AS x
        WHERE x.book_id = h.book_id AND x.entry_no = h.no AND x.value_date = h.value_date
        UNION ALL
        SELECT x.book_id, x.account_no, x.debit, x.credit FROM ledger.line AS x
        WHERE x.book_id = h.other_book AND x.entry_no = h.other_no AND x.value_date = h.value_date
    ) AS l
)

SELECT NOT EXISTS (SELECT FROM halves WHERE NOT paired) AND NOT EXISTS (
    SELECT FROM sides AS s
    JOIN ledger.account AS a
        ON a.book_id = s.of_book AND a.no = s.account_no AND a.counterparty = s.faced
    GROUP BY s.book_id, s.no, a.fund HAVING sum(s.net) <> 0 OR min(s.of_book) = max(s.of_book)
)
