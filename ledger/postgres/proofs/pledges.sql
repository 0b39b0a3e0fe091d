-- I6: no party's savings are below what is pledged of them at the end of any day.
WITH pledged AS MATERIALIZED (
    SELECT book_id, party, amount, from_on, to_on FROM ledger.pledge WHERE book_id = ANY ($1)
),

changes AS (
    SELECT a.book_id, a.party, l.value_date AS day, l.credit - l.debit AS saved, 0 AS pledged
    FROM (SELECT DISTINCT book_id, party FROM pledged) AS p
    JOIN ledger.account AS a
        ON a.book_id = p.book_id AND a.party = p.party AND a.code IN ('2000', '2010')
    JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
    UNION ALL
    SELECT book_id, party, from_on, 0, amount FROM pledged
    UNION ALL
    SELECT book_id, party, to_on, 0, -amount FROM pledged WHERE to_on IS NOT NULL
),

days AS (
    SELECT book_id, party, day, sum(sum(saved)) OVER so_far AS saved,
        sum(sum(pledged)) OVER so_far AS pledged
    FROM changes GROUP BY book_id, party, day
    WINDOW so_far AS (PARTITION BY book_id, party ORDER BY day)
)

SELECT DISTINCT ON (d.book_id, d.party) d.book_id, NULL::bigint, NULL::bigint,
    format('I6: %s has saved %s paisa at the end of %s, and pledged %s',
        d.party, d.saved, d.day, d.pledged)
FROM days AS d
WHERE d.saved < d.pledged ORDER BY d.book_id, d.party, d.day
