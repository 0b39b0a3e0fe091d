-- A step over all books may be cut: each stretch of books happens once for a business date.
CREATE TABLE service.job_part (
    job text NOT NULL,
    business_date date NOT NULL,
    step text NOT NULL,
    first_book bigint NOT NULL,
    run uuid NOT NULL REFERENCES service.job_run (id),
    rows_made bigint NOT NULL DEFAULT 0,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (job, business_date, step, first_book)
);
COMMENT ON TABLE service.job_part IS 'The parts of steps that are cut; the step itself is done when all are';

-- What a run is at, when it last gave a sign, and what it failed of.
ALTER TABLE service.job_run
    ADD COLUMN step text,
    ADD COLUMN parts integer,
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN failed_at timestamptz,
    ADD COLUMN failure text,
    ADD CHECK ((failed_at IS NULL) = (failure IS NULL));
CREATE INDEX job_run_started ON service.job_run (job, started_at);

-- What goes on all the time has no runs: when it last went well, and when not.
CREATE TABLE service.steady_job (
    job text PRIMARY KEY,
    done_at timestamptz,
    failed_at timestamptz,
    failure text,
    CHECK ((failed_at IS NULL) = (failure IS NULL))
) WITH (fillfactor = 50);

-- Who led last; who leads now holds the lock, too, by the same connection.
CREATE TABLE service.leader (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    backend integer NOT NULL,
    host text NOT NULL,
    process integer NOT NULL,
    since timestamptz NOT NULL
);

-- Since when there is anything at all is asked of the first entry of every book.
CREATE INDEX entry_first ON ledger.entry (posted_at) WHERE no = 1;

GRANT SELECT, INSERT, UPDATE ON service.job_part, service.steady_job, service.leader TO amanat_system;
