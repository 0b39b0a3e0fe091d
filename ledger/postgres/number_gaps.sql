-- $1 book, $2 known by (or null). The head is believed in one thing only: entries that it
-- counts and that are not there are missing at the end.
WITH numbered AS (
    SELECT e.no, e.posted_at, lag(e.no, 1, 0::bigint) OVER w AS no_before,
        lag(e.posted_at) OVER w AS posted_before
    FROM ledger.entry AS e
    WHERE e.book_id = $1 AND ($2::timestamptz IS NULL OR e.posted_at <= $2)
    WINDOW w AS (ORDER BY e.no)
)

SELECT 'missing' AS what, n.no_before + 1 AS first_no, n.no - 1 AS last_no,
    n.posted_before, n.posted_at
FROM numbered AS n
WHERE n.no <> n.no_before + 1
UNION ALL
SELECT 'moment steps back', n.no, n.no, n.posted_before, n.posted_at
FROM numbered AS n
WHERE n.posted_at <= n.posted_before
UNION ALL
SELECT 'missing', coalesce(max(n.no), 0) + 1, b.last_no, max(n.posted_at), b.last_posted_at
FROM ledger.book AS b
LEFT JOIN numbered AS n ON true
WHERE b.id = $1 AND $2 IS NULL
GROUP BY b.last_no, b.last_posted_at
HAVING b.last_no > coalesce(max(n.no), 0)
ORDER BY first_no, what
