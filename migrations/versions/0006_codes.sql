-- Sheets and events share one set of codes, whoever they belong to.
CREATE TABLE service.document (code text PRIMARY KEY);
COMMENT ON TABLE service.document IS 'The codes of all sheets and events; a trigger of each keeps them';

LOCK TABLE service.sheet, service.event IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO service.document (code)
SELECT code FROM service.sheet
UNION
SELECT code FROM service.event;

CREATE FUNCTION service.take_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO service.document (code) SELECT n.code FROM new_rows AS n;
    RETURN NULL;
END $$;
CREATE TRIGGER take_code AFTER INSERT ON service.sheet REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION service.take_code();
CREATE TRIGGER take_code AFTER INSERT ON service.event REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION service.take_code();
-- Nobody reads or writes it but through what asks for codes that are taken.
REVOKE ALL ON service.document FROM amanat_app;
GRANT SELECT ON service.document TO amanat_system;
REVOKE ALL ON FUNCTION service.take_code FROM PUBLIC;

-- Which of these codes are taken; who asks holds all of them until the end of the transaction,
-- so that what is not taken stays so. Locked in one order, and looked up in a statement of its
-- own: one that waits for a lock does not see what it waited for.
CREATE OR REPLACE FUNCTION service.codes_taken(codes text []) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.document'), l.lock)
    FROM (SELECT DISTINCT hashtext(c) AS lock FROM unnest(codes) AS c ORDER BY 1) AS l;
    RETURN QUERY SELECT d.code FROM service.document AS d WHERE d.code = ANY (codes);
END $$;

-- As before, and it holds the code of the sheet in the same way.
CREATE OR REPLACE FUNCTION service.desk(home text, sheet text, people text [], key text)
RETURNS TABLE (
    book_id bigint, kind text, limited boolean, back_dated_days integer, withdrawal bigint,
    taken boolean, asked boolean, strangers text []
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('service.document'), hashtext(sheet));
    RETURN QUERY
    SELECT
        o.book_id, o.kind, l.organisation IS NOT NULL, l.back_dated_days, l.withdrawal,
        EXISTS (SELECT FROM service.document AS d WHERE d.code = desk.sheet),
        EXISTS (SELECT FROM service.request AS r WHERE r.organisation = home AND r.key = desk.key),
        ARRAY(
            SELECT p.code FROM unnest(people) AS p (code)
            LEFT JOIN service.member AS m ON m.code = p.code
            WHERE m.organisation IS DISTINCT FROM home
        )
    FROM service.organisation AS o
    LEFT JOIN service.limits AS l ON l.organisation = o.code
    WHERE o.code = home AND access.may('prepare', o.book_id);
END $$;
