-- I3: every hash fits what is stored: the entry, the accounts it opened, its lines.
WITH bodies AS (
    SELECT l.book_id, l.entry_no,
        string_agg(
            ledger.sealed_line(l.n, l.account_no, l.debit, l.credit, l.subject), '' ORDER BY l.n
        ) AS body
    FROM ledger.line AS l
    WHERE l.book_id = ANY ($1)
    GROUP BY l.book_id, l.entry_no
), openings AS (
    SELECT a.book_id, a.opened_in,
        string_agg(
            ledger.sealed_account(a.no, a.counterparty, a.code, a.fund, a.party), '' ORDER BY a.no
        ) AS opened
    FROM ledger.account AS a
    WHERE a.book_id = ANY ($1)
    GROUP BY a.book_id, a.opened_in
)
SELECT e.book_id, e.no, NULL::bigint, 'I3: the hash does not fit what is stored'
FROM ledger.entry AS e
LEFT JOIN bodies AS b ON b.book_id = e.book_id AND b.entry_no = e.no
LEFT JOIN openings AS o ON o.book_id = e.book_id AND o.opened_in = e.no
WHERE e.book_id = ANY ($1)
    AND e.hash IS DISTINCT FROM ledger.seal(e, coalesce(o.opened, ''), coalesce(b.body, ''))
