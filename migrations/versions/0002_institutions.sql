-- What the institutions do: organisations and their federation, members, lending rules, loans,
-- the sheets and events that the books were written from, imports, and the results of jobs.
--
-- Codes are what people write on paper and never change, so they are the keys. Money stands in
-- the ledger alone; amounts here are what a document says, in whole paisa.

CREATE SCHEMA service;

CREATE TABLE service.place (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    level text NOT NULL CHECK (level IN ('province', 'district', 'tehsil', 'union_council', 'village')),
    name text NOT NULL CHECK (name <> ''),
    within bigint REFERENCES service.place (id),
    from_on date NOT NULL DEFAULT '-infinity',
    to_on date NOT NULL DEFAULT 'infinity',
    CHECK (from_on < to_on),
    UNIQUE NULLS NOT DISTINCT (within, level, name, from_on)
);
COMMENT ON TABLE service.place IS 'Geography: a dated reference list, separate from federation';

CREATE TABLE service.organisation (
    code text PRIMARY KEY CHECK (code <> ''),
    book_id bigint NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('RSPN', 'RSP', 'NETWORK', 'LSO', 'VO', 'CO')),
    name text NOT NULL CHECK (name <> ''),
    name_ur text,
    gender text CHECK (gender IN ('women', 'men', 'mixed')),
    place_id bigint REFERENCES service.place (id),
    formed_on date NOT NULL
);

CREATE TABLE service.membership (
    organisation text NOT NULL REFERENCES service.organisation (code),
    parent text NOT NULL REFERENCES service.organisation (code),
    from_on date NOT NULL,
    to_on date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (organisation, from_on),
    CHECK (from_on < to_on),
    CHECK (organisation <> parent)
);
CREATE INDEX membership_parent ON service.membership (parent);

CREATE TABLE service.member (
    code text PRIMARY KEY CHECK (code <> ''),
    organisation text NOT NULL REFERENCES service.organisation (code),
    name text NOT NULL CHECK (name <> ''),
    name_ur text,
    father_or_husband text,
    gender text NOT NULL CHECK (gender IN ('female', 'male')),
    cnic text CHECK (cnic ~ '^[0-9]{5}-[0-9]{7}-[0-9]$'),
    phone text,
    household text,
    psc smallint CHECK (psc BETWEEN 0 AND 100),
    psc_on date,
    joined_on date NOT NULL,
    left_on date,
    CHECK (left_on >= joined_on)
);
CREATE INDEX member_organisation ON service.member (organisation);

CREATE TABLE service.nomination (
    member text NOT NULL REFERENCES service.member (code),
    organisation text NOT NULL REFERENCES service.organisation (code),
    role text NOT NULL CHECK (role IN ('president', 'manager', 'treasurer')),
    from_on date NOT NULL,
    to_on date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (member, organisation, role, from_on),
    CHECK (from_on < to_on)
);

CREATE TABLE service.holiday (
    day date NOT NULL,
    name text NOT NULL DEFAULT '',
    PRIMARY KEY (day, name)
);

CREATE TABLE service.product (
    code text PRIMARY KEY CHECK (code <> ''),
    name text NOT NULL,
    fund text NOT NULL CHECK (fund <> ''),
    charge text NOT NULL,
    repayment text NOT NULL,
    rate_percent numeric NOT NULL CHECK (rate_percent >= 0),
    rate_per text NOT NULL,
    frequency text NOT NULL,
    instalments integer NOT NULL CHECK (instalments > 0),
    charge_step bigint NOT NULL CHECK (charge_step > 0),
    instalment_step bigint NOT NULL CHECK (instalment_step > 0),
    rounding text NOT NULL,
    grace_principal integer NOT NULL,
    grace_charge integer NOT NULL,
    grace_days integer NOT NULL,
    charge_basis text NOT NULL,
    on_holiday text NOT NULL
);

CREATE TABLE service.loan (
    code text PRIMARY KEY CHECK (code <> ''),
    lender text NOT NULL REFERENCES service.organisation (code),
    member text REFERENCES service.member (code),
    organisation text REFERENCES service.organisation (code),
    product text NOT NULL REFERENCES service.product (code),
    principal bigint NOT NULL CHECK (principal > 0),
    applied_on date NOT NULL,
    approved_on date NOT NULL,
    resolution text,
    disbursed_on date,
    first_due_on date NOT NULL,
    instalments integer NOT NULL CHECK (instalments > 0),
    purpose text,
    CHECK ((member IS NULL) <> (organisation IS NULL))
);
CREATE INDEX loan_lender ON service.loan (lender);
COMMENT ON COLUMN service.loan.member IS 'The borrower, where a member borrows; else organisation does';

CREATE TABLE service.instalment (
    loan text NOT NULL REFERENCES service.loan (code),
    n integer NOT NULL CHECK (n > 0),
    due_on date NOT NULL,
    principal bigint NOT NULL CHECK (principal >= 0),
    charge bigint NOT NULL CHECK (charge >= 0),
    PRIMARY KEY (loan, n)
);
COMMENT ON TABLE service.instalment IS 'The schedule of a loan, frozen when it is paid out';

CREATE TABLE service.sheet (
    code text PRIMARY KEY CHECK (code <> ''),
    organisation text NOT NULL REFERENCES service.organisation (code),
    held_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'closed', 'reversed')),
    present text[] NOT NULL,
    cash_counted bigint,
    version integer NOT NULL DEFAULT 1,
    prepared_by text NOT NULL,
    prepared_at timestamptz NOT NULL,
    entry_no bigint,
    CHECK (state = 'draft' OR (cash_counted IS NOT NULL AND entry_no IS NOT NULL))
);
CREATE INDEX sheet_organisation ON service.sheet (organisation, held_on);
COMMENT ON COLUMN service.sheet.cash_counted IS 'Net cash of the meeting as counted: taken in less paid out';
COMMENT ON COLUMN service.sheet.entry_no IS 'The voucher that it was closed with, in the book of its organisation';

CREATE TABLE service.sheet_line (
    sheet text NOT NULL REFERENCES service.sheet (code) ON DELETE CASCADE,
    n integer NOT NULL,
    member text NOT NULL REFERENCES service.member (code),
    kind text NOT NULL,
    loan text REFERENCES service.loan (code),
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (sheet, n),
    UNIQUE NULLS NOT DISTINCT (sheet, member, kind, loan)
);

CREATE TABLE service.event (
    code text PRIMARY KEY CHECK (code <> ''),
    organisation text NOT NULL REFERENCES service.organisation (code),
    kind text NOT NULL,
    happened_on date NOT NULL,
    fund text,
    paid_by text NOT NULL,
    counterparty text,
    loan text REFERENCES service.loan (code),
    amount bigint CHECK (amount > 0),
    narrative text NOT NULL,
    resolution text,
    reverses text,
    actor text NOT NULL,
    entry_no bigint NOT NULL,
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);
CREATE INDEX event_organisation ON service.event (organisation, happened_on);
COMMENT ON COLUMN service.event.entry_no IS 'The voucher in the book of its organisation';

CREATE TABLE service.bundle (
    digest text PRIMARY KEY,
    name text NOT NULL,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    entries integer NOT NULL
);

-- ---------------------------------------------------------------------------------------
-- Jobs: a step happens once for a business date; its results name the run that made them.

CREATE TABLE service.job_run (
    id uuid PRIMARY KEY,
    job text NOT NULL,
    business_date date NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    asked_by text NOT NULL,
    rows_made bigint
);
CREATE INDEX job_run_job ON service.job_run (job, business_date);

CREATE TABLE service.job_step (
    job text NOT NULL,
    business_date date NOT NULL,
    step text NOT NULL,
    run uuid NOT NULL REFERENCES service.job_run (id),
    done_at timestamptz NOT NULL,
    PRIMARY KEY (job, business_date, step)
);

CREATE TABLE service.loan_arrears (
    business_date date NOT NULL,
    loan text NOT NULL REFERENCES service.loan (code),
    outstanding_principal bigint NOT NULL,
    due_principal bigint NOT NULL,
    due_charge bigint NOT NULL,
    paid_principal bigint NOT NULL,
    paid_charge bigint NOT NULL,
    overdue_principal bigint NOT NULL,
    overdue_charge bigint NOT NULL,
    days_past_due integer NOT NULL,
    run uuid NOT NULL REFERENCES service.job_run (id),
    PRIMARY KEY (business_date, loan)
);

CREATE TABLE service.portfolio_at_risk (
    business_date date NOT NULL,
    node text NOT NULL REFERENCES service.organisation (code),
    days integer NOT NULL,
    numerator bigint NOT NULL,
    denominator bigint NOT NULL,
    run uuid NOT NULL REFERENCES service.job_run (id),
    PRIMARY KEY (business_date, node, days)
);

CREATE TABLE service.mobilisation_total (
    business_date date NOT NULL,
    period text NOT NULL,
    node text NOT NULL REFERENCES service.organisation (code),
    category text NOT NULL,
    amount bigint NOT NULL,
    run uuid NOT NULL REFERENCES service.job_run (id),
    PRIMARY KEY (business_date, period, node, category)
);
COMMENT ON TABLE service.mobilisation_total IS 'The quarter of the business date, as far as that day';

GRANT USAGE ON SCHEMA service TO amanat_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA service TO amanat_app;
GRANT DELETE ON service.sheet, service.sheet_line, service.loan_arrears, service.portfolio_at_risk,
    service.mobilisation_total TO amanat_app;

-- After an import the planner must know what came in; only the owner may tell it.
CREATE FUNCTION service.refresh_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE ledger.book, ledger.account, ledger.entry, ledger.line, ledger.under, ledger.delta,
        service.organisation, service.membership, service.member, service.loan, service.instalment,
        service.sheet, service.sheet_line, service.event;
END $$;
REVOKE ALL ON FUNCTION service.refresh_statistics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION service.refresh_statistics TO amanat_app;
