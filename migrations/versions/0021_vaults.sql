-- A row as the trail keeps it: without this key, too.
CREATE OR REPLACE FUNCTION audit.discreet(r jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN r ?| ARRAY ['hash', 'secret_hash', 'token_hash', 'code_hash', 'csrf', 'spare_key', 'cnic', 'phone']
        THEN (r - ARRAY ['hash', 'secret_hash', 'token_hash', 'code_hash', 'csrf', 'spare_key'])
            || CASE WHEN r ->> 'cnic' IS NULL THEN '{}' ELSE jsonb_build_object(
                'cnic', '*****-*****' || right(r ->> 'cnic', 4)) END
            || CASE WHEN r ->> 'phone' IS NULL THEN '{}' ELSE jsonb_build_object(
                'phone', '*******' || right(r ->> 'phone', 3)) END
    ELSE r END;

CREATE TABLE access.vault (
    id uuid PRIMARY KEY,
    person text NOT NULL REFERENCES access.person (code),
    spare_key bytea NOT NULL CHECK (octet_length(spare_key) = 32),
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE access.vault IS 'What opens what a person keeps locked on a phone; no use without the phone';
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
