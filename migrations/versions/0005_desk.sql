-- What the books must know of an organisation before a sheet of it is posted, in one question
-- past row-level security: it answers for those alone who may prepare there. People who are no
-- members of it are only named; whether they are anybody's is for whoever may see that.
CREATE FUNCTION service.desk(home text, sheet text, people text [], key text)
RETURNS TABLE (
    book_id bigint, kind text, limited boolean, back_dated_days integer, withdrawal bigint,
    taken boolean, asked boolean, strangers text []
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT
        o.book_id, o.kind, l.organisation IS NOT NULL, l.back_dated_days, l.withdrawal,
        EXISTS (SELECT FROM service.sheet AS s WHERE s.code = desk.sheet)
        OR EXISTS (SELECT FROM service.event AS e WHERE e.code = desk.sheet),
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
REVOKE ALL ON FUNCTION service.desk FROM PUBLIC;
GRANT EXECUTE ON FUNCTION service.desk TO amanat_app, amanat_system;

-- As before, with one look-up for all books, and none at all for who may do it everywhere.
CREATE OR REPLACE FUNCTION access.refuse_outside("right" text, books bigint []) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    outside bigint;
BEGIN
    IF current_setting('role', true) = 'amanat_app'
        AND (0 = ANY (access.nodes("right"))) IS NOT TRUE
    THEN
        SELECT b INTO outside FROM unnest(books) AS b WHERE b IS NULL OR NOT EXISTS (
            SELECT FROM ledger.under AS u
            WHERE u.book_id = b AND u.from_on <= access.today() AND u.to_on > access.today()
                AND (u.node_id = ANY (access.nodes("right"))
                    OR u.node_id = b AND b = ANY (access.nodes("right" || '_alone')))
        ) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'I10: book % is not open to % to %', outside, access.actor(), "right"
                USING ERRCODE = 'AM010';
        END IF;
    END IF;
END $$;

-- Most rows have nothing to hide, and are not taken apart for it.
CREATE OR REPLACE FUNCTION audit.discreet(r jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN r ?| ARRAY ['hash', 'secret_hash', 'token_hash', 'code_hash', 'csrf', 'cnic', 'phone']
        THEN (r - ARRAY ['hash', 'secret_hash', 'token_hash', 'code_hash', 'csrf'])
            || CASE WHEN r ->> 'cnic' IS NULL THEN '{}' ELSE jsonb_build_object(
                'cnic', '*****-*****' || right(r ->> 'cnic', 4)) END
            || CASE WHEN r ->> 'phone' IS NULL THEN '{}' ELSE jsonb_build_object(
                'phone', '*******' || right(r ->> 'phone', 3)) END
    ELSE r END;

-- What lives until its transaction commits is not worth compressing.
ALTER TABLE audit.noted SET (toast_tuple_target = 8160);
