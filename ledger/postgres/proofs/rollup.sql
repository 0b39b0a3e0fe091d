-- I2: every roll-up over days is what lies directly below it comes to: what each book there turned
-- over itself, and its own roll-up, from the day on which it came until the day on which it left.
-- Months are the sums of their days, and years of their months. Where the nodes above every book
-- are a tree (`tree.sql`), every roll-up is then the sum of all books below it, each of which is
-- read once, and not once for every node above it.
--
-- What two books hold of each other is eliminated wherever both are below, so those lines, and no
-- others, are gathered from all of them. What is kept is taken away from what it should be, and
-- nothing may be left. What belongs to a row is asked for by its key: a node may have half a
-- million books below it, and the plan is made without knowing.
WITH stays AS MATERIALIZED (
    SELECT u.node_id, u.book_id, u.from_on, u.to_on,
        (SELECT b.gender FROM ledger.book AS b WHERE b.id = u.book_id) AS gender
    FROM ledger.under AS u
    WHERE u.node_id = ANY (ARRAY (
        SELECT n.id FROM unnest($1::bigint []) AS n (id) WHERE EXISTS (
            SELECT FROM ledger.under AS x WHERE x.node_id = n.id AND x.book_id <> n.id OFFSET 0)))
),

near AS MATERIALIZED (
    -- Without those where one node lies between from the first day to the last: nearly all.
    SELECT s.node_id, s.book_id, range_agg(daterange(s.from_on, s.to_on)) AS days
    FROM stays AS s
    WHERE s.book_id <> s.node_id AND NOT EXISTS (
        SELECT FROM ledger.under AS x
        CROSS JOIN LATERAL (
            SELECT n.from_on, n.to_on FROM ledger.under AS n
            WHERE n.book_id = x.node_id AND n.node_id = s.node_id OFFSET 0
        ) AS y
        WHERE x.book_id = s.book_id AND x.node_id NOT IN (s.book_id, s.node_id)
            AND greatest(x.from_on, y.from_on) <= s.from_on AND least(x.to_on, y.to_on) >= s.to_on)
    GROUP BY s.node_id, s.book_id
),

edges AS MATERIALIZED (
    SELECT s.node_id, s.book_id, b.gender, w.sign, lower(d.days) AS from_on, upper(d.days) AS to_on
    FROM near AS s
    JOIN ledger.book AS b ON b.id = s.book_id
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(x.from_on, x.to_on) * daterange(y.from_on, y.to_on)) AS days
        FROM ledger.under AS x
        CROSS JOIN LATERAL (
            SELECT n.from_on, n.to_on FROM ledger.under AS n
            WHERE n.book_id = x.node_id AND n.node_id = s.node_id OFFSET 0
        ) AS y
        WHERE x.book_id = s.book_id AND x.node_id NOT IN (s.book_id, s.node_id)
    ) AS through
    CROSS JOIN LATERAL unnest(s.days - coalesce(through.days, '{}')) AS d (days)
    CROSS JOIN (VALUES (1), (-1)) AS w (sign)
    WHERE w.sign = 1 OR upper(d.days) < '9999-01-01'
),

facing AS MATERIALIZED (
    SELECT o.node_id, o.from_on, o.to_on, t.book_id, t.day, t.code, t.fund, t.kind, t.debit, t.credit
    FROM stays AS o
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.turnover AS x
        WHERE x.counterparty = o.book_id AND x.counterparty <> 0 AND x.day < o.to_on OFFSET 0
    ) AS t
),

parts AS (
    SELECT e.node_id, e.sign, e.from_on, e.to_on, t.day, t.code, t.fund, t.kind, t.gender, t.debit,
        t.credit, 0::bigint AS eliminated_debit, 0::bigint AS eliminated_credit
    FROM edges AS e
    CROSS JOIN LATERAL (
        SELECT o.day, o.code, o.fund, o.kind::text, e.gender, o.debit, o.credit
        FROM ledger.turnover AS o WHERE o.book_id = e.book_id AND o.day < e.to_on
        UNION ALL
        SELECT r.day, r.code, r.fund, r.kind, r.gender, r.debit, r.credit
        FROM ledger.rollup AS r WHERE r.node_id = e.book_id AND r.span = 0 AND r.day < e.to_on
    ) AS t
    UNION ALL
    SELECT f.node_id, w.sign, greatest(f.from_on, s.from_on), least(f.to_on, s.to_on),
        f.day, f.code, f.fund, f.kind::text, s.gender, 0, 0, f.debit, f.credit
    FROM facing AS f
    JOIN stays AS s ON s.book_id = f.book_id AND s.node_id = f.node_id
    CROSS JOIN (VALUES (1), (-1)) AS w (sign)
    WHERE f.from_on < s.to_on AND s.from_on < f.to_on AND f.day < s.to_on
        AND (w.sign = 1 OR least(f.to_on, s.to_on) < '9999-01-01')
),

together AS (
    SELECT p.node_id, 0 AS span, CASE p.sign WHEN 1 THEN greatest(p.day, p.from_on) ELSE p.to_on END AS day,
        p.code, p.fund, CASE WHEN p.sign = 1 AND p.day >= p.from_on THEN p.kind ELSE 'move' END AS kind,
        p.gender, p.sign * p.debit AS debit, p.sign * p.credit AS credit,
        p.sign * p.eliminated_debit AS eliminated_debit, p.sign * p.eliminated_credit AS eliminated_credit
    FROM parts AS p
    UNION ALL
    SELECT r.node_id, r.span, r.day, r.code, r.fund, r.kind, r.gender,
        -r.debit, -r.credit, -r.eliminated_debit, -r.eliminated_credit
    FROM ledger.rollup AS r WHERE r.node_id = ANY ($1)
    UNION ALL
    SELECT r.node_id, r.span + 1, ledger.span_start(r.span + 1, r.day), r.code, r.fund, r.kind,
        r.gender, r.debit, r.credit, r.eliminated_debit, r.eliminated_credit
    FROM ledger.rollup AS r
    WHERE r.node_id = ANY ($1) AND CASE r.span
        WHEN 0 THEN r.day < (SELECT m.until FROM ledger.summed AS m) ELSE r.span = 1 END
)

SELECT DISTINCT found.node_id, NULL::bigint, NULL::bigint,
    'I2: its roll-up is not the sum of the books below it'
FROM (
    SELECT t.node_id FROM together AS t
    GROUP BY t.node_id, t.span, t.day, t.code, t.fund, t.kind, t.gender
    HAVING sum(t.debit) <> 0 OR sum(t.credit) <> 0
        OR sum(t.eliminated_debit) <> 0 OR sum(t.eliminated_credit) <> 0
) AS found
