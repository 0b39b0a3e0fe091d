-- The texts of a book's entries in order: $1 book, $2 after this number, $3 as many.
SELECT e.no, encode(e.prev_hash, 'hex') AS prev_hash, encode(e.hash, 'hex') AS hash,
    ledger.sealed_text(e, coalesce((
        SELECT string_agg(
            ledger.sealed_account(a.no, a.counterparty, a.code, a.fund, a.party), '' ORDER BY a.no)
        FROM ledger.account AS a WHERE a.book_id = e.book_id AND a.opened_in = e.no
    ), ''), coalesce((
        SELECT string_agg(
            ledger.sealed_line(l.n, l.account_no, l.debit, l.credit, l.subject), '' ORDER BY l.n)
        FROM ledger.line AS l
        WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    ), '')) AS text
FROM ledger.entry AS e
WHERE e.book_id = $1 AND e.no > $2
ORDER BY e.no
LIMIT $3
