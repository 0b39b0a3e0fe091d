-- $1 day, $2 known by (or null), $3 the book, as an array of one; of some codes ($4) and a fund
-- ($5), or null for all; $6 whether zeros are left out; after an account ($7, its number), as many
-- as $8 at most, or null for all.
SELECT a.no, a.code, a.fund, a.party, sum(l.debit - l.credit)::bigint
FROM ledger.known($2, $3) AS k
JOIN ledger.line AS l
    ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $1
JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
WHERE ($4::text[] IS NULL OR a.code = ANY($4)) AND ($5::text IS NULL OR a.fund = $5)
    AND ($7::bigint IS NULL OR (a.code, a.fund, a.party) > (
        SELECT b.code, b.fund, b.party
        FROM ledger.account AS b WHERE b.book_id = ANY($3) AND b.no = $7
    ))
GROUP BY a.no, a.code, a.fund, a.party
HAVING NOT $6::boolean OR sum(l.debit - l.credit) <> 0
ORDER BY a.code, a.fund, a.party
LIMIT $8::bigint
