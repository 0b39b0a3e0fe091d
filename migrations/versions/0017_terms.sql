-- Lending rules in all their terms, each version from a day on, by a resolution. A loan keeps the
-- version that was in force when it was approved.
ALTER TABLE service.product
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN from_on date,
    ADD COLUMN resolution text,
    ADD COLUMN every integer NOT NULL DEFAULT 1 CHECK (every > 0),
    ADD COLUMN day_count text NOT NULL DEFAULT 'period',
    ADD COLUMN early text NOT NULL DEFAULT 'next_instalments',
    ADD COLUMN pay_off text NOT NULL DEFAULT 'whole_charge',
    ADD COLUMN payment_order text [] NOT NULL DEFAULT '{fine,charge,principal}',
    ADD COLUMN fees jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(fees) = 'array'),
    ADD COLUMN fine jsonb,
    ADD COLUMN recognition text NOT NULL DEFAULT 'cash',
    ADD COLUMN limits jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object');
COMMENT ON COLUMN service.product.from_on IS 'Of loans approved from this day on; null: whenever';
COMMENT ON COLUMN service.product.fees IS 'Each name, amount in paisa, rate as a fraction, taken';

ALTER TABLE service.loan DROP CONSTRAINT loan_product_fkey;
ALTER TABLE service.product DROP CONSTRAINT product_pkey, ADD PRIMARY KEY (code, version);
ALTER TABLE service.loan
    ADD COLUMN product_version integer NOT NULL DEFAULT 1,
    ADD COLUMN instalment bigint CHECK (instalment > 0),
    ADD COLUMN seasons jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(seasons) = 'array'),
    ADD COLUMN in_tranches boolean NOT NULL DEFAULT false,
    ADD COLUMN refinances text REFERENCES service.loan (code),
    ADD COLUMN cancelled_on date,
    ADD COLUMN afresh boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (product, product_version) REFERENCES service.product (code, version);
CREATE INDEX loan_afresh ON service.loan (lender) WHERE afresh;
CREATE INDEX loan_refinances ON service.loan (refinances) WHERE refinances IS NOT NULL;
COMMENT ON COLUMN service.loan.cancelled_on IS 'It was approved, and is not to be paid out any more';
COMMENT ON COLUMN service.loan.instalment IS 'One that was agreed, in paisa, in place of one worked out';
COMMENT ON COLUMN service.loan.seasons IS 'Of a seasonal loan: each a day and a share of its principal';
COMMENT ON COLUMN service.loan.refinances IS 'The loan that it pays off when it is paid out';
COMMENT ON COLUMN service.loan.afresh IS 'Whether what it asks for depends on what happens after it is paid out';

-- ---------------------------------------------------------------------------------------
-- What was agreed of a loan after it was approved. It is never changed; what was agreed in
-- error is undone, and what was known before can still be asked.

CREATE TABLE service.loan_change (
    loan text NOT NULL REFERENCES service.loan (code),
    n integer NOT NULL CHECK (n > 0),
    kind text NOT NULL CHECK (kind IN ('rate', 'reschedule', 'fine')),
    on_day date NOT NULL,
    rate_percent numeric CHECK (rate_percent >= 0),
    dues date [],
    grace_principal integer NOT NULL DEFAULT 0 CHECK (grace_principal >= 0),
    grace_charge integer NOT NULL DEFAULT 0 CHECK (grace_charge >= 0),
    overdue_too boolean NOT NULL DEFAULT false,
    amount bigint CHECK (amount > 0),
    reason text NOT NULL CHECK (reason <> ''),
    resolution text,
    actor text NOT NULL,
    known_at timestamptz NOT NULL,
    undone_at timestamptz CHECK (undone_at >= known_at),
    undone_by text,
    PRIMARY KEY (loan, n),
    CHECK (kind <> 'rate' OR rate_percent IS NOT NULL),
    CHECK ((kind = 'reschedule') = (dues IS NOT NULL)),
    CHECK ((kind = 'fine') = (amount IS NOT NULL)),
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
COMMENT ON TABLE service.loan_change IS 'Rates, due dates and fines that were agreed of a loan, in force from a day on';

-- ---------------------------------------------------------------------------------------
-- What comes before a loan: somebody applies, it is looked into, and a meeting resolves. What
-- ends here without a loan is kept.

CREATE TABLE service.loan_application (
    code text PRIMARY KEY CHECK (code <> ''),
    lender text NOT NULL REFERENCES service.organisation (code),
    member text REFERENCES service.member (code),
    organisation text REFERENCES service.organisation (code),
    product text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    instalments integer NOT NULL CHECK (instalments > 0),
    purpose text NOT NULL CHECK (purpose <> ''),
    mip text NOT NULL DEFAULT '',
    applied_on date NOT NULL,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL,
    appraised_on date,
    appraised_by text,
    appraised_amount bigint CHECK (appraised_amount > 0),
    appraisal text,
    ended_on date,
    ended_by text,
    ended_as text CHECK (ended_as IN ('declined', 'withdrawn')),
    ended_because text,
    version integer NOT NULL DEFAULT 1,
    CHECK ((member IS NULL) <> (organisation IS NULL)),
    CHECK ((appraised_on IS NULL) = (appraised_by IS NULL)),
    CHECK ((appraised_on IS NULL) = (appraised_amount IS NULL)),
    CHECK ((ended_on IS NULL) = (ended_as IS NULL)),
    CHECK ((ended_on IS NULL) = (ended_by IS NULL))
);
CREATE INDEX loan_application_lender ON service.loan_application (lender, code);
COMMENT ON TABLE service.loan_application IS 'What was applied for; the loan that comes of it has the same code';
COMMENT ON COLUMN service.loan_application.mip IS 'The household''s micro investment plan: which one, and what of it';

ALTER TABLE access.person ADD COLUMN member text REFERENCES service.member (code);
COMMENT ON COLUMN access.person.member IS 'Who of the members this person is: nobody decides on her own loan';

-- Applications are prepared by whoever prepares loans; changes are carried by two officers.
DO $$
DECLARE
    read_loan text;
    prepare_loan text;
    carry_loan text;
    t text;
    verb text;
    tables text;
BEGIN
    SELECT max(pg_get_expr(p.polqual, p.polrelid)) FILTER (WHERE p.polname = 'reads'),
        max(pg_get_expr(p.polqual, p.polrelid)) FILTER (WHERE p.polname = 'updates'),
        max(pg_get_expr(p.polwithcheck, p.polrelid)) FILTER (WHERE p.polname = 'inserts')
    INTO read_loan, prepare_loan, carry_loan
    FROM pg_policy AS p WHERE p.polrelid = 'service.loan'::regclass;
    read_loan := replace(read_loan, 'loan.', 'loan_application.');
    prepare_loan := replace(prepare_loan, 'loan.', 'loan_application.');
    carry_loan := 'EXISTS (SELECT FROM service.loan l WHERE l.code = loan_change.loan AND '
        || replace(carry_loan, 'loan.', 'l.') || ')';
    EXECUTE format('CREATE POLICY reads ON service.loan_application FOR SELECT TO amanat_app USING (%s)',
        read_loan);
    EXECUTE format('CREATE POLICY inserts ON service.loan_application FOR INSERT TO amanat_app'
        || ' WITH CHECK (%s)', prepare_loan);
    EXECUTE format('CREATE POLICY updates ON service.loan_application FOR UPDATE TO amanat_app USING (%s)',
        prepare_loan);
    CREATE POLICY reads ON service.loan_change FOR SELECT TO amanat_app
        USING (EXISTS (SELECT FROM service.loan AS l WHERE l.code = loan_change.loan));
    EXECUTE format('CREATE POLICY inserts ON service.loan_change FOR INSERT TO amanat_app'
        || ' WITH CHECK (%s)', carry_loan);
    EXECUTE format('CREATE POLICY updates ON service.loan_change FOR UPDATE TO amanat_app USING (%s)',
        carry_loan);
    FOREACH t IN ARRAY ARRAY ['loan_application', 'loan_change'] LOOP
        EXECUTE format('ALTER TABLE service.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY house ON service.%I TO amanat_system USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON service.%I TO amanat_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON service.%I TO amanat_system', t);
        FOREACH verb IN ARRAY ARRAY ['insert', 'update', 'delete', 'truncate'] LOOP
            tables := CASE verb
                WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
                WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows' ELSE '' END;
            EXECUTE format(
                'CREATE TRIGGER note_%s AFTER %s ON service.%I %s FOR EACH STATEMENT'
                || ' EXECUTE FUNCTION audit.note(%L, %L)',
                verb, verb, t, tables,
                CASE t WHEN 'loan_change' THEN 'loan' ELSE 'organisation' END,
                CASE t WHEN 'loan_change' THEN 'loan' ELSE 'lender' END);
        END LOOP;
    END LOOP;
END $$;

-- ---------------------------------------------------------------------------------------
-- Fines of loans: what was paid of them is about a loan, and overdue like its other parts.

UPDATE ledger.chart SET by_subject = true WHERE code = '4010';
INSERT INTO ledger.subject (book_id, subject, code, debit, credit)
SELECT l.book_id, l.subject, a.code, sum(l.debit), sum(l.credit)
FROM ledger.account AS a
JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
WHERE a.code = '4010' AND l.subject <> ''
GROUP BY l.book_id, l.subject, a.code;
ALTER TABLE service.loan_arrears ADD COLUMN overdue_fine bigint NOT NULL DEFAULT 0;

-- Who posts may ask for every day's moves of the lines that name a subject: an account without
-- a code stands for them.
DO $$
DECLARE
    door text := pg_get_functiondef('ledger.lock_and_read'::regproc);
    old text := 'GROUP BY a.book_id, a.no, l.value_date, l.kind;';
BEGIN
    IF array_length(string_to_array(door, old), 1) <> 2 THEN
        RAISE EXCEPTION 'ledger.lock_and_read is not the one that this revision changes';
    END IF;
    EXECUTE replace(door, old, old || '
        IF '''' = ANY (m_code) THEN
            RETURN QUERY
            SELECT ''named'', w.book_id, NULL::bigint, a.code, NULL::text, w.party, NULL::bigint,
                sum(l.debit - l.credit)::bigint, ARRAY [l.value_date], NULL::bigint[], NULL::bigint[],
                NULL::bigint[], NULL::bytea, NULL::timestamptz
            FROM unnest(m_book, m_code, m_party) AS w (book_id, code, party)
            JOIN ledger.line l
                ON l.book_id = w.book_id AND l.subject = w.party AND l.subject <> ''''
            JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
            WHERE w.code = '''' AND l.kind <> ''close''
            GROUP BY w.book_id, w.party, a.code, l.value_date;
        END IF;');
END $$;
