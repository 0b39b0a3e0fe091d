-- I3: numbers and hashes continue without a gap, and the head is the last entry.
SELECT c.book_id, c.no, NULL::bigint, c.what
FROM (
    SELECT e.book_id, e.no, CASE
        WHEN e.no <> row_number() OVER w THEN 'I3: the numbers do not continue'
        WHEN e.prev_hash <> coalesce(
            lag(e.hash) OVER w, ledger.genesis(b.organisation, b.currency))
            THEN 'I3: it does not continue the entry before'
        WHEN e.posted_at <= lag(e.posted_at) OVER w THEN 'I3: moments do not move forward'
        END AS what
    FROM ledger.entry e JOIN ledger.book b ON b.id = e.book_id
    WHERE e.book_id = ANY ($1)
    WINDOW w AS (PARTITION BY e.book_id ORDER BY e.no)
) AS c
WHERE c.what IS NOT NULL
UNION ALL
SELECT b.id, NULL, NULL, 'I3: the head is not its last entry'
FROM ledger.book b
LEFT JOIN LATERAL (
    SELECT e.no, e.hash, e.posted_at FROM ledger.entry e
    WHERE e.book_id = b.id ORDER BY e.no DESC LIMIT 1
) AS e ON true
WHERE b.id = ANY ($1) AND (
    b.last_no <> coalesce(e.no, 0) OR b.last_posted_at IS DISTINCT FROM e.posted_at
    OR b.head_hash <> coalesce(e.hash, ledger.genesis(b.organisation, b.currency))
    OR b.last_account <> (SELECT count(*) FROM ledger.account a WHERE a.book_id = b.id))
