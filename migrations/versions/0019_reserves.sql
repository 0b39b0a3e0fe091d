CREATE TABLE service.reserve_scheme (
    from_on date PRIMARY KEY,
    resolution text NOT NULL CHECK (resolution <> '')
);
COMMENT ON TABLE service.reserve_scheme IS 'From which day on loans are reserved for how; never changed';
CREATE TABLE service.reserve_class (
    from_on date NOT NULL REFERENCES service.reserve_scheme (from_on),
    days_from integer NOT NULL CHECK (days_from >= 0),
    name text NOT NULL CHECK (name <> ''),
    percent numeric(5, 2) NOT NULL CHECK (percent BETWEEN 0 AND 100),
    PRIMARY KEY (from_on, days_from),
    UNIQUE (from_on, name)
);
COMMENT ON COLUMN service.reserve_class.days_from IS 'Days past due with which the class begins';
COMMENT ON COLUMN service.reserve_class.percent IS 'Of the principal outstanding';

INSERT INTO service.reserve_scheme VALUES ('1900-01-01', 'Indicative, until another is resolved');
INSERT INTO service.reserve_class (from_on, days_from, name, percent) VALUES
('1900-01-01', 0, 'current', 0),
('1900-01-01', 1, 'watch', 0),
('1900-01-01', 30, 'OAEM', 10),
('1900-01-01', 60, 'substandard', 25),
('1900-01-01', 90, 'doubtful', 50),
('1900-01-01', 180, 'loss', 100);

-- Read by everybody; written by who approved the request of another administrator.
GRANT SELECT, INSERT ON service.reserve_scheme, service.reserve_class TO amanat_app;
REVOKE UPDATE, DELETE ON service.reserve_scheme, service.reserve_class FROM amanat_app;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY ['service.reserve_scheme', 'service.reserve_class'] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY house ON %s TO amanat_system USING (true)', name);
        EXECUTE format('CREATE POLICY reads ON %s FOR SELECT TO amanat_app USING (true)', name);
        EXECUTE format('CREATE POLICY inserts ON %s FOR INSERT TO amanat_app WITH CHECK (
            (SELECT 0 = ANY (access.nodes(''administer'')))
            AND (SELECT 0 = ANY (access.nodes(''carried''))))', name);
        EXECUTE format('CREATE TRIGGER note_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(''house'', ''nobody'')', name);
        EXECUTE format('CREATE TRIGGER note_update AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(''house'', ''nobody'')', name);
        EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(''house'', ''nobody'')', name);
        EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(''house'', ''nobody'')', name);
    END LOOP;
END $$;
