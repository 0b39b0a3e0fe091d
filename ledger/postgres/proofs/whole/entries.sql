-- I1, I3: whether every hash fits what is stored, every line is of its entry's day and kind,
-- and debits equal credits; and how many entries and lines that was. One walk through the lines
-- in the order of their key.
WITH bodies AS (
    SELECT l.book_id, l.entry_no, count(*) AS lines, sum(l.debit - l.credit) AS net,
        min(l.value_date) AS first_on, max(l.value_date) AS last_on,
        min(l.kind) AS first_kind, max(l.kind) AS last_kind,
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
SELECT
    coalesce(bool_and((
        b.net = 0 AND b.first_on = e.value_date AND b.last_on = e.value_date
        AND b.first_kind = e.kind AND b.last_kind = e.kind
        AND e.hash = ledger.seal(ROW (e.*)::ledger.entry, coalesce(o.opened, ''), b.body)
    ) IS TRUE), true),
    count(e.no), coalesce(sum(b.lines), 0)::bigint
FROM (SELECT * FROM ledger.entry WHERE book_id = ANY ($1)) AS e
FULL JOIN bodies AS b ON b.book_id = e.book_id AND b.entry_no = e.no
LEFT JOIN openings AS o ON o.book_id = e.book_id AND o.opened_in = e.no
