-- $1 day, $2 known by (or null), $3 nodes (or null for all), $4 codes, $5 first day (or null).
-- What happened counts at the nodes that the book was under on the value date; what faces
-- another book under the same node on that day is left out there.
WITH moved AS (
    SELECT a.book_id, a.code, a.counterparty, l.value_date, l.kind = 'reversal' AS reversal,
        sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM ledger.known($2, NULL) AS k
    JOIN ledger.line AS l
        ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.kind <> 'close'
        AND l.value_date <= $1 AND l.value_date >= coalesce($5::date, '-infinity')
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE a.code = ANY ($4)
    GROUP BY a.book_id, a.code, a.counterparty, l.value_date, l.kind = 'reversal'
)
SELECT u.node_id, date_trunc('quarter', m.value_date)::date AS quarter, m.code, m.reversal,
    sum(m.debit)::bigint, sum(m.credit)::bigint
FROM moved AS m
JOIN ledger.under AS u
    ON u.book_id = m.book_id AND u.from_on <= m.value_date AND u.to_on > m.value_date
LEFT JOIN ledger.under AS o
    ON o.book_id = m.counterparty AND o.node_id = u.node_id
    AND o.from_on <= m.value_date AND o.to_on > m.value_date
WHERE o.book_id IS NULL AND ($3::bigint[] IS NULL OR u.node_id = ANY ($3))
GROUP BY u.node_id, quarter, m.code, m.reversal
ORDER BY u.node_id, quarter, m.code, m.reversal
