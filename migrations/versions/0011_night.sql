-- What was proven in a part of a night's proof: books by stretches, the trail by shares of chains.
CREATE TABLE service.proof_part (
    business_date date NOT NULL,
    step text NOT NULL,
    first bigint NOT NULL,
    books bigint NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    lines bigint NOT NULL DEFAULT 0,
    links bigint NOT NULL DEFAULT 0,
    findings bigint NOT NULL,
    proven_at timestamptz NOT NULL,
    run uuid NOT NULL,
    PRIMARY KEY (business_date, step, first)
);
COMMENT ON COLUMN service.proof_part.first IS 'The first book of a stretch, or the number of a share';

-- What does not hold. It is kept for ever: a later proof may no longer find it.
CREATE TABLE service.proof_finding (
    business_date date NOT NULL,
    n bigint GENERATED ALWAYS AS IDENTITY,
    about text NOT NULL CHECK (about IN ('book', 'organisation', 'person', 'house')),
    code text NOT NULL,
    book_id bigint,
    no bigint,
    account_no bigint,
    what text NOT NULL,
    run uuid NOT NULL,
    PRIMARY KEY (business_date, n)
);
COMMENT ON COLUMN service.proof_finding.about IS 'A book, or whose audit trail';
COMMENT ON COLUMN service.proof_finding.no IS 'The entry of a book, or the link of a trail';

-- A step stays done when its results are deleted, so nobody makes it good; it may be asked for.
ALTER TABLE service.job_step ADD COLUMN purged_at timestamptz;
COMMENT ON COLUMN service.job_step.purged_at IS 'Since when its results are no longer kept';

GRANT SELECT, INSERT, DELETE ON service.proof_part TO amanat_system;
GRANT SELECT, INSERT ON service.proof_finding TO amanat_system;
GRANT DELETE ON service.job_part TO amanat_system;

-- Sessions that ended long ago are deleted through one door, which leaves one link in the trail
-- of the house; that and how each began and ended is in its person's trail, and stays there.
CREATE INDEX session_expires ON access.session (expires_at);
DROP TRIGGER note_delete ON access.session;
CREATE TRIGGER note_delete AFTER DELETE ON access.session REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT WHEN (current_setting('amanat.action', true) IS DISTINCT FROM 'purge')
    EXECUTE FUNCTION audit.note('person', 'person');

CREATE FUNCTION access.forget_sessions(since timestamptz, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM set_config('amanat.action', 'purge', true);
    DELETE FROM access.session AS s
    WHERE s.expires_at >= since AND s.expires_at < least(before, clock_timestamp());
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        PERFORM audit.append('house', '', json_build_array(json_build_object(
            'table', 'session', 'change', 'deleted', 'before', json_build_array(json_build_object(
                'rows', gone, 'expired_since', since, 'expired_before', before)))));
    END IF;
    RETURN gone;
END $$;

-- Keys that access tokens were signed with, whose last token has long ended: of no trail.
CREATE FUNCTION access.forget_signing_keys(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM access.signing_key AS k
        WHERE k.made_at < least(before, clock_timestamp() - interval '2 days') RETURNING 1
    )
    SELECT count(*) FROM gone
$$;

-- When the first of the sessions that are there ends.
CREATE FUNCTION access.first_session_ends() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(s.expires_at) FROM access.session AS s
$$;

REVOKE ALL ON FUNCTION access.forget_sessions, access.forget_signing_keys,
    access.first_session_ends FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.forget_sessions, access.forget_signing_keys,
    access.first_session_ends TO amanat_system;
