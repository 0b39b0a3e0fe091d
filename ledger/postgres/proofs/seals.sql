-- I3: every hash fits what is stored: the entry, the accounts it opened, its lines.
WITH opened AS MATERIALIZED (SELECT * FROM ledger.account WHERE book_id = ANY ($1))
SELECT e.book_id, e.no, NULL::bigint, 'I3: the hash does not fit what is stored'
FROM ledger.entry e
LEFT JOIN LATERAL (
    SELECT string_agg(
        ledger.sealed_line(l.n, l.account_no, l.debit, l.credit, l.subject), '' ORDER BY l.n) AS body
    FROM ledger.line l
    WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
) AS t ON true
LEFT JOIN LATERAL (
    SELECT string_agg(
        ledger.sealed_account(a.no, a.counterparty, a.code, a.fund, a.party), '' ORDER BY a.no) AS opened
    FROM opened a
    WHERE a.book_id = e.book_id AND a.opened_in = e.no
) AS o ON true
WHERE e.book_id = ANY ($1)
    AND e.hash IS DISTINCT FROM ledger.seal(e, coalesce(o.opened, ''), coalesce(t.body, ''))
