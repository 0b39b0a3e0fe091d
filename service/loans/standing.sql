-- What each loan owes on a day, how late it is, and what it is asked for next: those of some
-- lenders, paid out by then.
-- $1 day, $2 known by (or null), $3 their books (or null: those numbered from $4 to $5), $6 the
-- moment after which a posting may be one to leave out, $7 whether settled loans are wanted too, $8 until
-- when what falls due later is wanted, the day itself for nothing, $9 the rows of loans that are
-- worked out one by one (service/loans/afresh.py), as JSON.
-- A loan's totals stand in its account and under its name as a subject; what is dated after the
-- day, or became known only after the moment, is taken away from them. The rules are those of
-- service/loans/figures.py and plan.py, for all loans at once.
WITH
-- What is dated after the day, or became known only after the moment, of loans.
later_lines AS MATERIALIZED (
    SELECT l.book_id, l.account_no, l.value_date, l.kind, l.debit, l.credit, a.code,
        CASE WHEN a.code IN ('1300', '1310') THEN a.party ELSE l.subject END AS loan
    FROM ledger.entry AS e
    JOIN ledger.line AS l
        ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE e.posted_at > $6 AND (e.posted_at > $2 OR e.value_date > $1)
        AND e.book_id BETWEEN $4 AND $5 AND ($3::bigint[] IS NULL OR e.book_id = ANY ($3))
        AND (a.code IN ('1300', '1310')
            OR l.subject <> '' AND a.code IN ('4100', '1390', '5100'))
),

later AS MATERIALIZED (
    SELECT y.book_id, y.loan,
        sum(CASE WHEN y.code NOT IN ('1300', '1310') THEN 0
            WHEN y.kind = 'reversal' THEN -y.credit ELSE y.debit END)::bigint AS disbursed,
        sum(CASE WHEN y.code NOT IN ('1300', '1310') THEN 0
            WHEN y.kind = 'reversal' THEN -y.debit ELSE y.credit END)::bigint AS taken_off,
        sum(CASE WHEN y.code = '4100' THEN y.credit - y.debit ELSE 0 END)::bigint AS charge_paid,
        sum(CASE WHEN y.code IN ('1390', '5100') THEN y.debit - y.credit ELSE 0 END)::bigint
        AS written_off
    FROM later_lines AS y
    GROUP BY y.book_id, y.loan
),

-- A reversal takes back what stands on its other side.
reversed AS MATERIALIZED (
    SELECT l.book_id, l.account_no, sum(l.debit + l.credit)::bigint AS twice
    FROM ledger.line AS l
    WHERE l.kind = 'reversal' AND l.book_id BETWEEN $4 AND $5
        AND ($3::bigint[] IS NULL OR l.book_id = ANY ($3))
    GROUP BY l.book_id, l.account_no
),

stands AS (
    SELECT a.book_id, a.no AS account_no, a.party AS loan,
        a.debit - coalesce(v.twice, 0) - coalesce(x.disbursed, 0) AS disbursed,
        a.credit - coalesce(v.twice, 0) - coalesce(x.taken_off, 0) AS taken_off,
        coalesce(c.credit - c.debit, 0) - coalesce(x.charge_paid, 0) AS charge_paid,
        coalesce(w.debit - w.credit, 0) + coalesce(y.debit - y.credit, 0)
        - coalesce(x.written_off, 0) AS written_off,
        a.debit + a.credit + coalesce(c.debit + c.credit, 0) + coalesce(w.debit + w.credit, 0)
        + coalesce(y.debit + y.credit, 0) AS turnover,
        x.loan IS NOT NULL AS corrected
    FROM ledger.account AS a
    LEFT JOIN ledger.subject AS c
        ON c.book_id = a.book_id AND c.subject = a.party AND c.book_id BETWEEN $4 AND $5
        AND c.code = '4100'
    LEFT JOIN ledger.subject AS w
        ON w.book_id = a.book_id AND w.subject = a.party AND w.book_id BETWEEN $4 AND $5
        AND w.code = '1390'
    LEFT JOIN ledger.subject AS y
        ON y.book_id = a.book_id AND y.subject = a.party AND y.book_id BETWEEN $4 AND $5
        AND y.code = '5100'
    LEFT JOIN reversed AS v ON v.book_id = a.book_id AND v.account_no = a.no
    LEFT JOIN later AS x ON x.book_id = a.book_id AND x.loan = a.party
    WHERE a.code IN ('1300', '1310') AND a.book_id BETWEEN $4 AND $5
        AND ($3::bigint[] IS NULL OR a.book_id = ANY ($3))
),

totals AS MATERIALIZED (
    SELECT s.book_id, s.account_no, s.loan, s.disbursed, s.disbursed - s.taken_off AS outstanding,
        s.taken_off - s.written_off AS principal_paid, s.charge_paid, s.written_off, s.turnover,
        s.corrected
    FROM stands AS s
    LEFT JOIN service.settled_loan AS z
        ON z.loan = s.loan AND z.turnover = s.turnover AND z.settled_on <= $1
    WHERE s.disbursed <> 0 AND (z.loan IS NULL OR s.corrected OR $7)
),

running AS MATERIALIZED (
    SELECT t.*, p.grace_days, p.repayment = 'open' AS is_open,
        coalesce(l.disbursed_on, l.first_due_on) AS begins_on, p.charge_step, p.rounding,
        -- The rate of a period, exactly, is rate_over / rate_under.
        CASE p.rate_per WHEN 'month' THEN 12 * p.every WHEN 'term' THEN 1 ELSE p.every END
        * p.rate_percent AS rate_over,
        100::numeric * CASE
            WHEN p.rate_per = 'term' THEN l.instalments
            WHEN p.frequency = 'week' THEN 52
            WHEN p.frequency = 'fortnight' THEN 26
            ELSE 12 END AS rate_under,
        (SELECT o.book_id FROM service.organisation AS o WHERE o.code = l.organisation)
        AS borrower_book
    FROM totals AS t
    JOIN service.loan AS l ON l.code = t.loan AND NOT l.afresh
    JOIN service.product AS p ON p.code = l.product AND p.version = l.product_version
),

-- An open loan owes for each period on what was outstanding at the close of its first day: its
-- periods, and among them the changes of its principal, both by day.
periods AS (
    SELECT r.*, i.n, i.due_on, i.principal,
        lag(i.due_on, 1, r.begins_on) OVER (
            PARTITION BY r.book_id, r.account_no ORDER BY i.n) AS day
    FROM running AS r
    JOIN service.instalment AS i ON i.loan = r.loan
    WHERE r.is_open AND (i.due_on <= $8 OR r.outstanding = 0)
),

changes AS (
    SELECT r.book_id, r.account_no, l.value_date AS day, l.change
    FROM running AS r
    CROSS JOIN LATERAL (
        SELECT value_date, debit - credit AS change FROM ledger.line
        WHERE book_id = r.book_id AND account_no = r.account_no AND value_date <= $1 OFFSET 0
    ) AS l
    WHERE r.is_open
    UNION ALL
    SELECT y.book_id, y.account_no, y.value_date, y.credit - y.debit
    FROM later_lines AS y WHERE y.value_date <= $1
),

bases AS (
    SELECT b.*, sum(b.change) OVER (
        PARTITION BY b.book_id, b.account_no ORDER BY b.day RANGE UNBOUNDED PRECEDING
    ) AS base
    FROM (
        SELECT p.book_id, p.account_no, p.day, 0::bigint AS change, p.n, p.due_on, p.principal,
            p.charge_paid, p.principal_paid, p.charge_step, p.rounding, p.rate_over,
            p.rate_under * p.charge_step AS whole
        FROM periods AS p
        UNION ALL
        SELECT c.book_id, c.account_no, c.day, c.change,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM changes AS c
    ) AS b
),

charges AS (
    SELECT b.*, b.charge_step * (b.steps + CASE
            WHEN b.rounding = 'up' THEN CASE WHEN b.rest > 0 THEN 1 ELSE 0 END
            WHEN 2 * b.rest > b.whole THEN 1
            WHEN 2 * b.rest < b.whole THEN 0
            WHEN b.rounding = 'half_even' THEN mod(b.steps, 2)
            ELSE 1 END)::bigint AS charge
    FROM (
        SELECT *, div(base * rate_over, whole) AS steps, mod(base * rate_over, whole) AS rest
        FROM bases WHERE n IS NOT NULL OFFSET 0
    ) AS b OFFSET 0
),

-- What of it is not covered by what is paid, oldest first. Charge comes before principal; of an
-- open loan each counts on its own, but charge overpaid covers principal, all of which is due last.
asked AS (
    SELECT c.book_id, c.account_no, c.due_on, c.principal, c.charge,
        least(c.charge, greatest(c.charges - c.charge_paid, 0)) AS charge_gap,
        least(c.principal, greatest(
            c.principals - c.principal_paid - greatest(c.charge_paid - c.charges, 0), 0))
        AS principal_gap
    FROM (
        SELECT *, (sum(charge) OVER so_far)::bigint AS charges,
            (sum(principal) OVER so_far)::bigint AS principals
        FROM charges
        WINDOW so_far AS (PARTITION BY book_id, account_no ORDER BY n)
    ) AS c
),

-- Together, by loan; what falls due after the day, until the last that is wanted, side by side.
summed AS (
    SELECT r.book_id, r.account_no, a.*
    FROM running AS r
    CROSS JOIN LATERAL (
        SELECT sum(i.charge) AS charges,
            sum(i.principal) FILTER (WHERE i.due_on <= $1) AS due_principal,
            sum(i.charge) FILTER (WHERE i.due_on <= $1) AS due_charge,
            sum(g.principal) FILTER (WHERE i.due_on <= $1) AS principal_gap,
            sum(g.charge) FILTER (WHERE i.due_on <= $1) AS charge_gap,
            min(i.due_on) FILTER (WHERE i.due_on <= $1 AND g.principal + g.charge > 0) AS late_since,
            array_agg(i.due_on) FILTER (WHERE i.due_on > $1 AND g.principal + g.charge > 0)
            AS coming_on,
            array_agg(g.principal) FILTER (WHERE i.due_on > $1 AND g.principal + g.charge > 0)
            AS coming_principal,
            array_agg(g.charge) FILTER (WHERE i.due_on > $1 AND g.principal + g.charge > 0)
            AS coming_charge
        FROM service.instalment AS i
        CROSS JOIN LATERAL (
            SELECT
                least(i.charge, greatest(i.before + i.charge - r.charge_paid - r.principal_paid, 0))
                AS charge,
                least(i.principal, greatest(
                    i.before + i.charge + i.principal - r.charge_paid - r.principal_paid, 0))
                AS principal
        ) AS g
        WHERE i.loan = r.loan AND (i.due_on <= $8 OR r.outstanding = 0)
    ) AS a
    WHERE NOT r.is_open
    UNION ALL
    SELECT a.book_id, a.account_no, sum(a.charge),
        sum(a.principal) FILTER (WHERE a.due_on <= $1),
        sum(a.charge) FILTER (WHERE a.due_on <= $1),
        sum(a.principal_gap) FILTER (WHERE a.due_on <= $1),
        sum(a.charge_gap) FILTER (WHERE a.due_on <= $1),
        min(a.due_on) FILTER (WHERE a.due_on <= $1 AND a.principal_gap + a.charge_gap > 0),
        array_agg(a.due_on) FILTER (WHERE a.due_on > $1 AND a.principal_gap + a.charge_gap > 0),
        array_agg(a.principal_gap)
        FILTER (WHERE a.due_on > $1 AND a.principal_gap + a.charge_gap > 0),
        array_agg(a.charge_gap) FILTER (WHERE a.due_on > $1 AND a.principal_gap + a.charge_gap > 0)
    FROM asked AS a
    GROUP BY a.book_id, a.account_no
),

found AS (
    SELECT r.*, s.due_principal, s.due_charge, s.principal_gap, s.charge_gap, s.coming_on,
        s.coming_principal, s.coming_charge, $1 - s.late_since AS days,
        CASE
            WHEN r.outstanding <> 0 THEN 'paid_out'
            WHEN r.written_off <> 0 THEN 'written_off'
            WHEN r.charge_paid >= coalesce(s.charges, 0) THEN 'repaid'
            ELSE 'paid_out' END AS state
    FROM running AS r
    LEFT JOIN summed AS s ON s.book_id = r.book_id AND s.account_no = r.account_no
)

SELECT f.loan, f.book_id AS lender_book, f.borrower_book, f.state, f.outstanding AS outstanding_principal,
    coalesce(f.due_principal, 0)::bigint AS due_principal, coalesce(f.due_charge, 0)::bigint AS due_charge,
    f.principal_paid AS paid_principal, f.charge_paid AS paid_charge,
    coalesce(CASE WHEN f.is_late THEN f.principal_gap END, 0)::bigint AS overdue_principal,
    coalesce(CASE WHEN f.is_late THEN f.charge_gap END, 0)::bigint AS overdue_charge,
    0::bigint AS overdue_fine,
    CASE WHEN f.is_late THEN f.days ELSE 0 END AS days_past_due,
    f.coming_on, f.coming_principal, f.coming_charge, f.turnover, f.corrected
FROM (SELECT *, state = 'paid_out' AND days > grace_days AS is_late FROM found) AS f
UNION ALL
SELECT o.loan, o.lender_book, o.borrower_book, o.state, o.outstanding_principal, o.due_principal,
    o.due_charge, o.paid_principal, o.paid_charge, o.overdue_principal, o.overdue_charge, o.overdue_fine,
    o.days_past_due, o.coming_on, o.coming_principal, o.coming_charge, o.turnover, o.corrected
FROM jsonb_to_recordset($9::jsonb) AS o (
    loan text, lender_book bigint, borrower_book bigint, state text, outstanding_principal bigint,
    due_principal bigint, due_charge bigint, paid_principal bigint, paid_charge bigint,
    overdue_principal bigint, overdue_charge bigint, overdue_fine bigint, days_past_due integer,
    coming_on date [], coming_principal bigint [], coming_charge bigint [], turnover bigint,
    corrected boolean)
