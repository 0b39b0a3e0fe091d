-- The roll-up of some nodes that have none ($1), from the books directly below them, which are
-- numbered from $2 to $3 and have theirs: what each turned over itself, and what it comes to with
-- all below it. What two books hold of each other is eliminated wherever both are below, so that
-- is gathered from all of them; before it is asked who the other is, for else the pairs of all
-- books under a node are tried, and a node may have half a million.
WITH stays AS MATERIALIZED (
    SELECT u.*, b.gender
    FROM ledger.under AS u JOIN ledger.book AS b ON b.id = u.book_id
    WHERE u.node_id = ANY ($1::bigint [])
),

facing AS MATERIALIZED (
    SELECT u.node_id, u.from_on, u.to_on, u.gender, t.counterparty, t.day, t.code, t.fund,
        t.kind, t.debit, t.credit
    FROM stays AS u
    JOIN ledger.turnover AS t
        ON t.book_id = u.book_id AND t.day < u.to_on AND t.counterparty <> 0
),

parts AS (
    SELECT u.node_id, x.day, t.code, t.fund, x.kind, t.gender,
        x.sign * t.debit AS debit, x.sign * t.credit AS credit,
        0::bigint AS eliminated_debit, 0::bigint AS eliminated_credit
    FROM stays AS u
    CROSS JOIN LATERAL (
        SELECT o.day, o.code, o.fund, o.kind::text AS kind, u.gender, o.debit, o.credit
        FROM ledger.turnover AS o WHERE o.book_id = u.book_id AND o.day < u.to_on
        UNION ALL
        SELECT r.day, r.code, r.fund, r.kind, r.gender, r.debit, r.credit
        FROM ledger.rollup AS r
        WHERE r.node_id = u.book_id AND r.span = 0 AND r.day < u.to_on
            AND (r.debit, r.credit) <> (0, 0)
    ) AS t
    CROSS JOIN LATERAL (
        SELECT greatest(t.day, u.from_on), CASE WHEN t.day < u.from_on THEN 'move' ELSE t.kind END, 1
        UNION ALL
        SELECT u.to_on, 'move', -1 WHERE u.to_on < '9999-01-01'
    ) AS x (day, kind, sign)
    WHERE u.book_id BETWEEN $2 AND $3
    UNION ALL
    SELECT f.node_id, x.day, f.code, f.fund, x.kind, f.gender,
        0, 0, x.sign * f.debit, x.sign * f.credit
    FROM facing AS f
    JOIN stays AS o
        ON o.book_id = f.counterparty AND o.node_id = f.node_id AND o.to_on > f.day
        AND o.from_on < f.to_on AND o.to_on > f.from_on
    CROSS JOIN LATERAL (
        SELECT greatest(f.day, f.from_on, o.from_on),
            CASE WHEN f.day < greatest(f.from_on, o.from_on) THEN 'move' ELSE f.kind::text END, 1
        UNION ALL
        SELECT least(f.to_on, o.to_on), 'move', -1 WHERE least(f.to_on, o.to_on) < '9999-01-01'
    ) AS x (day, kind, sign)
),

days AS MATERIALIZED (
    SELECT p.node_id, p.day, p.code, p.fund, p.kind, p.gender, sum(p.debit) AS debit,
        sum(p.credit) AS credit, sum(p.eliminated_debit) AS eliminated_debit,
        sum(p.eliminated_credit) AS eliminated_credit
    FROM parts AS p
    GROUP BY p.node_id, p.day, p.code, p.fund, p.kind, p.gender
),

spans AS (
    SELECT d.node_id, w.span, ledger.span_start(w.span, d.day) AS day, d.code, d.fund, d.kind,
        d.gender, d.debit, d.credit, d.eliminated_debit, d.eliminated_credit
    FROM days AS d
    CROSS JOIN ledger.summed AS m
    CROSS JOIN LATERAL generate_series(0, CASE WHEN d.day < m.until THEN 2 ELSE 0 END) AS w (span)
    WHERE (d.debit, d.credit, d.eliminated_debit, d.eliminated_credit) <> (0, 0, 0, 0)
)

INSERT INTO ledger.rollup (
    node_id, span, day, code, fund, kind, gender,
    debit, credit, eliminated_debit, eliminated_credit)
SELECT s.node_id, s.span, s.day, s.code, s.fund, s.kind, s.gender,
    sum(s.debit), sum(s.credit), sum(s.eliminated_debit), sum(s.eliminated_credit)
FROM spans AS s
GROUP BY s.node_id, s.span, s.day, s.code, s.fund, s.kind, s.gender
ORDER BY s.node_id, s.span, s.day, s.code, s.fund, s.kind, s.gender
