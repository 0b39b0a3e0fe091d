-- I2: on every day the nodes above a book are a tree: of two of them one is under the other, and
-- whatever is above a node is above what is under it. So what a node comes to is what lies
-- directly below it comes to, each book counting once.
WITH stays AS MATERIALIZED (
    SELECT u.book_id, u.node_id, u.from_on, u.to_on
    FROM ledger.under AS u WHERE u.book_id = ANY ($1) AND u.node_id <> u.book_id
)

SELECT DISTINCT s.book_id, NULL::bigint, NULL::bigint, 'I2: the nodes above it are not a tree'
FROM stays AS s
CROSS JOIN LATERAL (
    SELECT x.node_id, greatest(x.from_on, s.from_on) AS from_on, least(x.to_on, s.to_on) AS to_on
    FROM ledger.under AS x
    WHERE x.book_id = s.book_id AND x.node_id <> x.book_id AND x.from_on < s.to_on
        AND x.to_on > s.from_on AND (x.node_id, x.from_on) > (s.node_id, s.from_on) OFFSET 0
) AS o
WHERE o.node_id = s.node_id OR NOT EXISTS (
    SELECT FROM ledger.under AS x
    WHERE x.book_id = s.node_id AND x.node_id = o.node_id
        AND x.from_on <= o.from_on AND x.to_on >= o.to_on OFFSET 0
) AND NOT EXISTS (
    SELECT FROM ledger.under AS x
    WHERE x.book_id = o.node_id AND x.node_id = s.node_id
        AND x.from_on <= o.from_on AND x.to_on >= o.to_on OFFSET 0
)
UNION
SELECT s.book_id, NULL, NULL, 'I2: the nodes above it are not a tree'
FROM stays AS s
CROSS JOIN LATERAL (
    SELECT x.node_id, greatest(x.from_on, s.from_on) AS from_on, least(x.to_on, s.to_on) AS to_on
    FROM ledger.under AS x
    WHERE x.book_id = s.node_id AND x.node_id <> x.book_id AND x.from_on < s.to_on
        AND x.to_on > s.from_on OFFSET 0
) AS o
WHERE o.node_id = s.book_id OR NOT EXISTS (
    SELECT FROM ledger.under AS x
    WHERE x.book_id = s.book_id AND x.node_id = o.node_id
        AND x.from_on <= o.from_on AND x.to_on >= o.to_on OFFSET 0
)
