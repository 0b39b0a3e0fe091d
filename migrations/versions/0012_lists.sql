-- A list is found by what is asked for, where that is little of very much.
CREATE INDEX organisation_above ON service.organisation (kind, code) WHERE kind <> 'CO';
CREATE INDEX person_organisation ON access.person (organisation, code);
CREATE INDEX person_machine ON access.person (code) WHERE kind = 'machine';
CREATE INDEX appointment_role ON access.appointment (role, person);
CREATE INDEX request_waiting ON service.request (code) WHERE state = 'waiting';
CREATE INDEX request_of_house ON service.request (code) WHERE decided_with = 'administer';
CREATE INDEX request_about ON service.request (about);
CREATE INDEX request_asked_by ON service.request (asked_by, code);
CREATE INDEX event_counterparty ON service.event (counterparty) WHERE counterparty IS NOT NULL;
CREATE INDEX nomination_organisation ON service.nomination (organisation);

-- Whoever registers somewhere sees what belongs to nobody yet. That it has nobody above it in
-- the ledger is asked first, by an index: `access.unplaced` costs thirty times as much, and was
-- asked of every organisation out of sight.
DO $$
DECLARE
    rule text;
BEGIN
    SELECT pg_get_expr(p.polqual, p.polrelid) INTO rule
    FROM pg_policy AS p WHERE p.polrelid = 'service.organisation'::regclass AND p.polname = 'reads';
    IF array_length(string_to_array(rule, 'access.unplaced(code)'), 1) <> 2 THEN
        RAISE EXCEPTION 'the policy on organisations is not the one that this revision changes';
    END IF;
    EXECUTE 'ALTER POLICY reads ON service.organisation USING (' || replace(
        rule, 'access.unplaced(code)', 'NOT EXISTS (
            SELECT FROM ledger.under u WHERE u.book_id = organisation.book_id AND u.node_id <> u.book_id
        ) AND access.unplaced(code)') || ')';
END $$;
