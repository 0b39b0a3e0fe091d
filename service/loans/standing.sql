-- What each loan owes on a day and how late it is: those of some lenders, paid out by then.
-- $1 day, $2 known by (or null), $3 their books (or null: those numbered from $4 to $5), $6 the
-- moment after which a posting may be one to leave out, $7 whether settled loans are wanted too.
-- A loan's totals stand in its account and under its name as a subject; what is dated after the
-- day, or became known only after the moment, is taken away from them. The rules are those of
-- service/loans/figures.py and open_charges.py, for all loans at once.
WITH lenders AS (
    SELECT b.id AS book_id FROM ledger.book AS b
    WHERE $3::bigint[] IS NULL AND b.id BETWEEN $4 AND $5
    UNION ALL
    SELECT unnest($3)
),

-- What is dated after the day, or became known only after the moment, by loan.
later AS MATERIALIZED (
    SELECT l.book_id, CASE WHEN a.code IN ('1300', '1310') THEN a.party ELSE l.subject END AS loan,
        sum(CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
            WHEN l.kind = 'reversal' THEN -l.credit ELSE l.debit END)::bigint AS disbursed,
        sum(CASE WHEN a.code NOT IN ('1300', '1310') THEN 0
            WHEN l.kind = 'reversal' THEN -l.debit ELSE l.credit END)::bigint AS taken_off,
        sum(CASE WHEN a.code = '4100' THEN l.credit - l.debit ELSE 0 END)::bigint AS charge_paid,
        sum(CASE WHEN a.code IN ('1390', '5100') THEN l.debit - l.credit ELSE 0 END)::bigint
        AS written_off
    FROM ledger.entry AS e
    JOIN lenders AS h ON h.book_id = e.book_id
    JOIN ledger.line AS l
        ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE e.posted_at > $6 AND (e.posted_at > $2 OR e.value_date > $1)
        AND (a.code IN ('1300', '1310')
            OR l.subject <> '' AND a.code IN ('4100', '1390', '5100'))
    GROUP BY l.book_id, CASE WHEN a.code IN ('1300', '1310') THEN a.party ELSE l.subject END
),

-- A reversal takes back what stands on its other side.
reversed AS MATERIALIZED (
    SELECT l.book_id, l.account_no, sum(l.debit + l.credit)::bigint AS twice
    FROM lenders AS h
    JOIN ledger.line AS l ON l.book_id = h.book_id AND l.kind = 'reversal'
    GROUP BY l.book_id, l.account_no
),

stands AS (
    SELECT a.book_id, a.party AS loan,
        a.debit - coalesce(v.twice, 0) - coalesce(x.disbursed, 0) AS disbursed,
        a.credit - coalesce(v.twice, 0) - coalesce(x.taken_off, 0) AS taken_off,
        coalesce(c.credit - c.debit, 0) - coalesce(x.charge_paid, 0) AS charge_paid,
        coalesce(w.debit - w.credit, 0) + coalesce(y.debit - y.credit, 0)
        - coalesce(x.written_off, 0) AS written_off,
        a.debit + a.credit + coalesce(c.debit + c.credit, 0) + coalesce(w.debit + w.credit, 0)
        + coalesce(y.debit + y.credit, 0) AS turnover,
        x.loan IS NOT NULL AS corrected
    FROM lenders AS h
    JOIN ledger.account AS a ON a.book_id = h.book_id AND a.code IN ('1300', '1310')
    LEFT JOIN ledger.subject AS c
        ON c.book_id = a.book_id AND c.subject = a.party AND c.code = '4100'
    LEFT JOIN ledger.subject AS w
        ON w.book_id = a.book_id AND w.subject = a.party AND w.code = '1390'
    LEFT JOIN ledger.subject AS y
        ON y.book_id = a.book_id AND y.subject = a.party AND y.code = '5100'
    LEFT JOIN reversed AS v ON v.book_id = a.book_id AND v.account_no = a.no
    LEFT JOIN later AS x ON x.book_id = a.book_id AND x.loan = a.party
),

totals AS (
    SELECT s.book_id, s.loan, s.disbursed, s.disbursed - s.taken_off AS outstanding,
        s.taken_off - s.written_off AS principal_paid, s.charge_paid, s.written_off, s.turnover,
        s.corrected
    FROM stands AS s
),

running AS MATERIALIZED (
    SELECT t.*, l.principal AS agreed, p.grace_days, p.repayment = 'open' AS is_open,
        coalesce(l.disbursed_on, l.first_due_on) AS begins_on, p.charge_step, p.rounding,
        -- The rate of a period, exactly, is rate_over / rate_under.
        CASE WHEN p.rate_per = 'month' THEN 12 ELSE 1 END * p.rate_percent AS rate_over,
        100::numeric * CASE
            WHEN p.rate_per = 'term' THEN l.instalments
            WHEN p.frequency = 'week' THEN 52
            WHEN p.frequency = 'fortnight' THEN 26
            ELSE 12 END AS rate_under,
        lent.book_id AS borrower_book
    FROM totals AS t
    JOIN service.loan AS l ON l.code = t.loan
    JOIN service.product AS p ON p.code = l.product
    LEFT JOIN service.organisation AS lent ON lent.code = l.organisation
    LEFT JOIN service.settled_loan AS s
        ON s.loan = t.loan AND s.turnover = t.turnover AND s.settled_on <= $1
    WHERE t.disbursed <> 0 AND (s.loan IS NULL OR t.corrected OR $7)
),

-- An open loan owes for each period on what was outstanding at the close of its first day.
periods AS (
    SELECT r.loan, r.book_id, i.n, i.due_on, i.principal,
        coalesce(lag(i.due_on) OVER (PARTITION BY i.loan ORDER BY i.n), r.begins_on) AS begins_on
    FROM running AS r
    JOIN service.instalment AS i ON i.loan = r.loan
    WHERE r.is_open
),

changes AS (
    SELECT a.party AS loan, l.value_date, sum(l.debit - l.credit) AS change
    FROM running AS r
    JOIN ledger.account AS a
        ON a.book_id = r.book_id AND a.party = r.loan AND a.code IN ('1300', '1310')
    JOIN ledger.line AS l
        ON l.book_id = a.book_id AND l.account_no = a.no AND l.value_date <= $1
    WHERE r.is_open AND ($2::timestamptz IS NULL OR (
        SELECT e.posted_at <= $2 FROM ledger.entry AS e
        WHERE e.book_id = l.book_id AND e.no = l.entry_no))
    GROUP BY a.party, l.value_date
),

bases AS (
    SELECT p.loan, p.n, p.due_on, p.principal, coalesce(sum(c.change), 0) AS outstanding
    FROM periods AS p
    LEFT JOIN changes AS c ON c.loan = p.loan AND c.value_date <= p.begins_on
    GROUP BY p.loan, p.n, p.due_on, p.principal
),

steps AS (
    SELECT b.loan, b.n, b.due_on, b.principal, r.charge_step, r.rounding,
        r.rate_under * r.charge_step AS whole,
        div(b.outstanding * r.rate_over, r.rate_under * r.charge_step) AS steps,
        mod(b.outstanding * r.rate_over, r.rate_under * r.charge_step) AS rest
    FROM bases AS b
    JOIN running AS r ON r.loan = b.loan
),

charges AS (
    SELECT s.loan, s.n, s.due_on, s.principal, s.charge_step * (s.steps + CASE
        WHEN s.rounding = 'up' THEN CASE WHEN s.rest > 0 THEN 1 ELSE 0 END
        WHEN 2 * s.rest > s.whole THEN 1
        WHEN 2 * s.rest < s.whole THEN 0
        WHEN s.rounding = 'half_even' THEN mod(s.steps, 2)
        ELSE 1 END)::bigint AS charge
    FROM steps AS s
),

-- What is asked for, and what of it is not covered by what is paid, oldest first. Charge comes
-- before principal; of an open loan each counts on its own, but charge overpaid covers principal.
asked AS (
    SELECT c.loan, c.due_on, c.principal, c.charge,
        least(c.charge, greatest(
            sum(c.charge) OVER so_far - r.charge_paid, 0)) AS charge_gap,
        least(c.principal, greatest(sum(c.principal) OVER so_far - r.principal_paid - greatest(
            r.charge_paid
            - coalesce(sum(c.charge) FILTER (WHERE c.due_on <= $1) OVER (PARTITION BY c.loan), 0),
            0), 0)) AS principal_gap
    FROM charges AS c
    JOIN running AS r ON r.loan = c.loan
    WINDOW so_far AS (PARTITION BY c.loan ORDER BY c.n)
),

late AS (
    SELECT r.loan, a.*
    FROM running AS r
    CROSS JOIN LATERAL (
        SELECT sum(i.charge) AS charges,
            sum(i.principal) FILTER (WHERE i.due_on <= $1) AS due_principal,
            sum(i.charge) FILTER (WHERE i.due_on <= $1) AS due_charge,
            sum(least(i.principal, i.before + i.charge + i.principal - r.charge_paid
                - r.principal_paid))
            FILTER (WHERE i.due_on <= $1
                AND i.before + i.charge + i.principal > r.charge_paid + r.principal_paid) AS principal_gap,
            sum(least(i.charge, i.before + i.charge - r.charge_paid - r.principal_paid))
            FILTER (WHERE i.due_on <= $1
                AND i.before + i.charge > r.charge_paid + r.principal_paid) AS charge_gap,
            $1 - min(i.due_on) FILTER (WHERE i.due_on <= $1 AND i.charge + i.principal > 0
                AND i.before + i.charge + i.principal > r.charge_paid + r.principal_paid) AS days
        FROM service.instalment AS i
        WHERE i.loan = r.loan AND (i.due_on <= $1 OR r.outstanding = 0)
    ) AS a
    WHERE NOT r.is_open
    UNION ALL
    SELECT a.loan, sum(a.charge),
        sum(a.principal) FILTER (WHERE a.due_on <= $1),
        sum(a.charge) FILTER (WHERE a.due_on <= $1),
        sum(a.principal_gap) FILTER (WHERE a.due_on <= $1),
        sum(a.charge_gap) FILTER (WHERE a.due_on <= $1),
        $1 - min(a.due_on) FILTER (
            WHERE a.due_on <= $1 AND (a.charge_gap > 0 OR a.principal_gap > 0))
    FROM asked AS a
    GROUP BY a.loan
),

found AS (
    SELECT r.*, f.due_principal, f.due_charge, f.principal_gap, f.charge_gap, f.days,
        CASE
            WHEN r.outstanding <> 0 THEN 'paid_out'
            WHEN r.written_off <> 0 THEN 'written_off'
            WHEN r.charge_paid >= coalesce(f.charges, 0) THEN 'repaid'
            ELSE 'paid_out' END AS state
    FROM running AS r
    LEFT JOIN late AS f ON f.loan = r.loan
)

SELECT f.loan, f.book_id AS lender_book, f.borrower_book, f.state, f.outstanding AS outstanding_principal,
    coalesce(f.due_principal, 0)::bigint AS due_principal, coalesce(f.due_charge, 0)::bigint AS due_charge,
    f.principal_paid AS paid_principal, f.charge_paid AS paid_charge,
    coalesce(CASE WHEN f.is_late THEN f.principal_gap END, 0)::bigint AS overdue_principal,
    coalesce(CASE WHEN f.is_late THEN f.charge_gap END, 0)::bigint AS overdue_charge,
    CASE WHEN f.is_late THEN f.days ELSE 0 END AS days_past_due,
    f.turnover, f.corrected
FROM (SELECT *, state = 'paid_out' AND days > grace_days AS is_late FROM found) AS f
