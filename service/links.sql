-- After a CTE `chains` (about, code, last_no, head_hash): how many links they have, in a first row
-- without a chain; then every link that does not hold, and why.
walked AS MATERIALIZED (
    SELECT c.about, c.code, c.last_no, c.head_hash, w.links, w.numbers, w.reasons
    FROM chains AS c
    CROSS JOIN LATERAL (
        SELECT count(*) AS links, array_agg(t.no ORDER BY t.no) FILTER (WHERE t.what IS NOT NULL) AS numbers,
            array_agg(t.what ORDER BY t.no) FILTER (WHERE t.what IS NOT NULL) AS reasons
        FROM (
            SELECT r.no, CASE
                WHEN r.hash <> audit.sealed(r) THEN 'it does not say what was sealed'
                WHEN r.no <> lag(r.no, 1, 0::bigint) OVER w + 1 THEN 'links before it are missing'
                WHEN r.prev_hash <> lag(r.hash, 1, sha256(convert_to('amanat-audit-1', 'UTF8'))) OVER w
                    THEN 'it does not continue the link before it' END AS what
            FROM audit.trail AS r WHERE r.about = c.about AND r.code = c.code
            WINDOW w AS (ORDER BY r.no)
        ) AS t
    ) AS w
)

SELECT NULL::text, NULL::text, coalesce(sum(links), 0)::bigint, NULL::text FROM walked
UNION ALL
SELECT w.about, w.code, b.no, b.what
FROM walked AS w CROSS JOIN LATERAL unnest(w.numbers, w.reasons) AS b (no, what)
UNION ALL
SELECT w.about, w.code, greatest(w.last_no, l.no), 'it is not where the chain ends'
FROM walked AS w
LEFT JOIN LATERAL (
    SELECT r.no, r.hash FROM audit.trail AS r
    WHERE r.about = w.about AND r.code = w.code ORDER BY r.no DESC LIMIT 1
) AS l ON true
WHERE (w.last_no, w.head_hash) IS DISTINCT FROM (l.no, l.hash)
ORDER BY 1 NULLS FIRST, 2, 3
