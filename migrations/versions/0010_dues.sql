-- Whose loan it is stands beside its figures, as numbers of books.
ALTER TABLE service.loan_arrears ADD COLUMN lender_book bigint, ADD COLUMN borrower_book bigint;
UPDATE service.loan_arrears AS a
SET lender_book = lender.book_id, borrower_book = borrower.book_id
FROM service.loan AS l
JOIN service.organisation AS lender ON lender.code = l.lender
LEFT JOIN service.organisation AS borrower ON borrower.code = l.organisation
WHERE l.code = a.loan;
ALTER TABLE service.loan_arrears ALTER COLUMN lender_book SET NOT NULL;
COMMENT ON COLUMN service.loan_arrears.borrower_book IS 'The organisation that borrows; none for a member';

CREATE TABLE service.loan_due (
    business_date date NOT NULL,
    loan text NOT NULL,
    lender_book bigint NOT NULL,
    borrower_book bigint,
    due_on date NOT NULL,
    principal bigint NOT NULL,
    charge bigint NOT NULL,
    run uuid NOT NULL,
    PRIMARY KEY (business_date, loan, due_on)
);
COMMENT ON TABLE service.loan_due IS 'What falls due in the month after that day, less what is paid by then';

CREATE TABLE service.due_total (
    business_date date NOT NULL,
    node text NOT NULL,
    week_principal bigint NOT NULL,
    week_charge bigint NOT NULL,
    month_principal bigint NOT NULL,
    month_charge bigint NOT NULL,
    run uuid NOT NULL,
    PRIMARY KEY (business_date, node)
);
COMMENT ON TABLE service.due_total IS 'What falls due in the 7 and in the 31 days after that day';

-- One row a node and night, where there were six.
ALTER TABLE service.portfolio_at_risk RENAME TO portfolio_at_risk_by_days;
CREATE TABLE service.portfolio_at_risk (
    business_date date NOT NULL,
    node text NOT NULL,
    outstanding bigint NOT NULL,
    over_1 bigint NOT NULL,
    over_30 bigint NOT NULL,
    over_60 bigint NOT NULL,
    over_90 bigint NOT NULL,
    over_180 bigint NOT NULL,
    over_365 bigint NOT NULL,
    run uuid NOT NULL
);
COMMENT ON TABLE service.portfolio_at_risk IS 'Principal outstanding, and of loans later than so many days';
INSERT INTO service.portfolio_at_risk
SELECT business_date, node, max(denominator),
    max(numerator) FILTER (WHERE days = 1), max(numerator) FILTER (WHERE days = 30),
    max(numerator) FILTER (WHERE days = 60), max(numerator) FILTER (WHERE days = 90),
    max(numerator) FILTER (WHERE days = 180), max(numerator) FILTER (WHERE days = 365),
    (array_agg(run))[1]
FROM service.portfolio_at_risk_by_days
GROUP BY business_date, node;
DROP TABLE service.portfolio_at_risk_by_days;
ALTER TABLE service.portfolio_at_risk ADD PRIMARY KEY (business_date, node);

-- Days that are done remain done.
INSERT INTO service.job_step (job, business_date, step, run, done_at)
SELECT job, business_date, 'dues', run, done_at
FROM service.job_step WHERE job = 'arrears' AND step = 'portfolio_at_risk';

GRANT SELECT, INSERT, UPDATE, DELETE
ON service.loan_due, service.due_total, service.portfolio_at_risk TO amanat_system;
