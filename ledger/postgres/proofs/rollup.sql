-- I2: every roll-up is the sum of its books, over days, months and years alike.
WITH stays AS (
    -- What is at a node, and from when until when: a book, and what two books hold of each other.
    SELECT u.node_id, u.book_id, 0::bigint AS faced, u.from_on, u.to_on
    FROM ledger.under AS u
    WHERE u.node_id = ANY ($1) AND u.book_id <> u.node_id
    UNION ALL
    SELECT u.node_id, u.book_id, o.book_id, greatest(u.from_on, o.from_on), least(u.to_on, o.to_on)
    FROM ledger.under AS u
    CROSS JOIN LATERAL (
        SELECT DISTINCT t.counterparty AS book_id FROM ledger.turnover AS t
        WHERE t.book_id = u.book_id AND t.counterparty <> 0
    ) AS f
    JOIN ledger.under AS o
        ON o.book_id = f.book_id AND o.node_id = u.node_id
        AND o.from_on < u.to_on AND o.to_on > u.from_on
    WHERE u.node_id = ANY ($1)
),

days AS (
    SELECT s.node_id, s.faced <> 0 AS eliminated, t.code, t.fund, b.gender, x.kind, x.day,
        x.sign * t.debit AS debit, x.sign * t.credit AS credit
    FROM stays AS s
    JOIN ledger.turnover AS t
        ON t.book_id = s.book_id AND (s.faced = 0 OR t.counterparty = s.faced) AND t.day < s.to_on
    JOIN ledger.book AS b ON b.id = s.book_id
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN t.day < s.from_on THEN 'move' ELSE t.kind::text END, greatest(t.day, s.from_on), 1),
        ('move', s.to_on, -1)
    ) AS x (kind, day, sign)
    WHERE x.day < '9999-01-01'
),

fresh AS (
    SELECT d.node_id, w.span, ledger.span_start(w.span, d.day) AS day, d.code, d.fund, d.kind,
        d.gender,
        coalesce(sum(d.debit) FILTER (WHERE NOT d.eliminated), 0) AS debit,
        coalesce(sum(d.credit) FILTER (WHERE NOT d.eliminated), 0) AS credit,
        coalesce(sum(d.debit) FILTER (WHERE d.eliminated), 0) AS eliminated_debit,
        coalesce(sum(d.credit) FILTER (WHERE d.eliminated), 0) AS eliminated_credit
    FROM (
        SELECT node_id, eliminated, code, fund, gender, kind, day, sum(debit) AS debit,
            sum(credit) AS credit
        FROM days GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) AS d
    CROSS JOIN ledger.summed AS m
    CROSS JOIN LATERAL generate_series(0, CASE WHEN d.day < m.until THEN 2 ELSE 0 END) AS w (span)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)

SELECT DISTINCT node_id, NULL::bigint, NULL::bigint,
    'I2: its roll-up is not the sum of the books below it'
FROM fresh AS f
FULL JOIN (SELECT * FROM ledger.rollup WHERE node_id = ANY ($1)) AS r
    USING (node_id, span, day, code, fund, kind, gender)
WHERE (
    coalesce(f.debit, 0), coalesce(f.credit, 0),
    coalesce(f.eliminated_debit, 0), coalesce(f.eliminated_credit, 0)
) <> (
    coalesce(r.debit, 0), coalesce(r.credit, 0),
    coalesce(r.eliminated_debit, 0), coalesce(r.eliminated_credit, 0)
)
