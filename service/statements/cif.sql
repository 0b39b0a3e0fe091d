-- What a fund's capital came to, what was borrowed with it and lent of it, over a period, by account.
-- $1 the node, $2 and $3 the first and the last day, $4 known by (or null), $5 the fund, $6 whether the
-- node's book alone, $7 today: where a book is under the node no more, nobody is named. The books are
-- those under the node on the last day, each with its whole history. A reversal takes back what stands
-- on its other side.
WITH inside AS MATERIALIZED (
    SELECT u.book_id FROM ledger.under AS u
    WHERE u.node_id = $1 AND u.from_on <= $3 AND u.to_on > $3 AND (NOT $6 OR u.book_id = $1)
),

lines AS (
    SELECT a.book_id, a.code, CASE WHEN a.code IN ('1390', '5100') THEN l.subject ELSE a.party END AS party,
        l.value_date >= $2 AS within,
        CASE WHEN l.kind = 'reversal' THEN -l.credit ELSE l.debit END AS debit,
        CASE WHEN l.kind = 'reversal' THEN -l.debit ELSE l.credit END AS credit
    FROM inside AS i
    JOIN ledger.account AS a ON a.book_id = i.book_id
    JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
    JOIN ledger.entry AS e ON e.book_id = l.book_id AND e.no = l.entry_no
    WHERE a.fund = $5 AND l.value_date <= $3 AND ($4::timestamptz IS NULL OR e.posted_at <= $4)
        AND (a.code IN ('1300', '1310', '2200', '3100')
            OR a.code IN ('1390', '5100') AND l.subject <> '' AND l.kind <> 'close')
),

sums AS (
    SELECT l.book_id, l.party, CASE WHEN l.code IN ('1390', '5100') THEN '13' ELSE l.code END AS code,
        sum(CASE WHEN l.within THEN 0 ELSE l.debit - l.credit END)::bigint AS opening,
        sum(CASE WHEN l.within THEN l.debit ELSE 0 END)::bigint AS debit,
        sum(CASE WHEN l.within THEN l.credit ELSE 0 END)::bigint AS credit
    FROM lines AS l
    GROUP BY l.book_id, l.party, CASE WHEN l.code IN ('1390', '5100') THEN '13' ELSE l.code END
),

parts AS (
    SELECT 1 AS place, 'capital' AS part, 'outside' AS tier, '' AS party, -s.opening AS opening,
        s.credit AS given, s.debit AS returned, 0::bigint AS written_off
    FROM sums AS s WHERE s.code = '3100'
    UNION ALL
    SELECT 2, 'borrowed', o.kind, l.lender, -s.opening, s.credit, s.debit, 0
    FROM sums AS s
    JOIN service.loan AS l ON l.code = s.party
    JOIN service.organisation AS o ON o.code = l.lender
    WHERE s.code = '2200' AND ($6 OR NOT EXISTS (SELECT FROM inside AS i WHERE i.book_id = o.book_id))
    UNION ALL
    SELECT CASE WHEN b.book_id IS NULL THEN 3 ELSE 4 END,
        CASE WHEN b.book_id IS NULL THEN 'lent' ELSE 'eliminated' END,
        coalesce(o.kind, 'member'), coalesce(l.member, l.organisation), s.opening, s.debit,
        s.credit - coalesce(w.debit - w.credit, 0), coalesce(w.debit - w.credit, 0)
    FROM sums AS s
    JOIN service.loan AS l ON l.code = s.party
    LEFT JOIN service.organisation AS o ON o.code = l.organisation
    LEFT JOIN inside AS b ON b.book_id = o.book_id AND NOT $6
    LEFT JOIN sums AS w ON w.book_id = s.book_id AND w.party = s.party AND w.code = '13'
    WHERE s.code IN ('1300', '1310')
)

SELECT p.part, p.tier, CASE WHEN f.named THEN p.party ELSE '' END AS party,
    sum(p.opening)::bigint AS opening, sum(p.given)::bigint AS given,
    sum(p.returned)::bigint AS returned, sum(p.written_off)::bigint AS written_off
FROM parts AS p
CROSS JOIN (
    SELECT NOT EXISTS (
        SELECT FROM inside AS i
        WHERE NOT EXISTS (
            SELECT FROM ledger.under AS u
            WHERE u.node_id = $1 AND u.book_id = i.book_id AND u.from_on <= $7 AND u.to_on > $7)
    ) AS named
) AS f
GROUP BY p.place, p.part, p.tier, CASE WHEN f.named THEN p.party ELSE '' END
HAVING sum(p.opening) <> 0 OR sum(p.given) <> 0 OR sum(p.returned) <> 0 OR sum(p.written_off) <> 0
ORDER BY p.place, p.part, p.tier, party
