-- Of one share of the chains ($2, of $1 + 1, a power of two) how many links they have, in a first
-- row without a chain; then every link that does not hold, and why. One share more has the chains
-- of which there are links and no head.
WITH RECURSIVE known (about, code) AS (
    (
        SELECT t.about, t.code FROM audit.trail AS t
        WHERE $2::integer > $1::integer ORDER BY t.about, t.code LIMIT 1
    )
    UNION ALL
    SELECT n.about, n.code
    FROM known AS k
    CROSS JOIN LATERAL (
        SELECT t.about, t.code FROM audit.trail AS t
        WHERE (t.about, t.code) > (k.about, k.code) ORDER BY t.about, t.code LIMIT 1
    ) AS n
),

chains AS (
    SELECT c.about, c.code, c.last_no, c.head_hash
    FROM audit.chain AS c WHERE hashtext(c.about || ' ' || c.code) & $1 = $2
    UNION ALL
    SELECT k.about, k.code, NULL, NULL
    FROM known AS k
    WHERE NOT EXISTS (SELECT FROM audit.chain AS c WHERE c.about = k.about AND c.code = k.code)
),

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

SELECT NULL::text AS about, NULL::text AS code, coalesce(sum(links), 0)::bigint AS no, NULL::text AS what
FROM walked
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
ORDER BY about NULLS FIRST, code, no
