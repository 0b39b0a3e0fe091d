CREATE TABLE access.vault (
    id uuid PRIMARY KEY,
    person text NOT NULL REFERENCES access.person (code),
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE access.vault IS 'What a person keeps locked on a phone: the key that opens it where she forgot her PIN; useless without the phone';
CREATE INDEX vault_person ON access.vault (person);
GRANT SELECT, INSERT ON access.vault TO amanat_access;
CREATE TRIGGER note_insert AFTER INSERT ON access.vault REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');
CREATE TRIGGER note_update AFTER UPDATE ON access.vault
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');
CREATE TRIGGER note_delete AFTER DELETE ON access.vault REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');
CREATE TRIGGER note_truncate AFTER TRUNCATE ON access.vault
    FOR EACH STATEMENT EXECUTE FUNCTION audit.note('person', 'person');
