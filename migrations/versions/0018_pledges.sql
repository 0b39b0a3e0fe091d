-- ---------------------------------------------------------------------------------------
-- A pledge: from its day on, until before the day of its release, what a party has saved in the
-- book (2000 and 2010, all funds together) is not below the sum of its pledges.

CREATE TABLE ledger.pledge (
    book_id bigint NOT NULL REFERENCES ledger.book (id),
    no bigint NOT NULL CHECK (no > 0),
    party text NOT NULL CHECK (party <> ''),
    subject text NOT NULL CHECK (subject <> ''),
    amount bigint NOT NULL CHECK (amount > 0),
    from_on date NOT NULL,
    to_on date CHECK (to_on >= from_on),
    recorded_at timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (book_id, no),
    CHECK ((to_on IS NULL) = (released_at IS NULL))
);
CREATE INDEX pledge_party ON ledger.pledge (book_id, party);
COMMENT ON TABLE ledger.pledge IS 'What of a party''s savings stays, and for what (the subject), from one day until before another';
COMMENT ON COLUMN ledger.pledge.to_on IS 'The day of its release, on which it holds no longer';

-- A pledge is released, once; nothing else of it ever changes.
CREATE FUNCTION ledger.refuse_other_than_release() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.to_on IS NOT NULL OR to_jsonb(NEW) - ARRAY ['to_on', 'released_at']
        <> to_jsonb(OLD) - ARRAY ['to_on', 'released_at']
    THEN
        RAISE EXCEPTION 'I4: ledger.pledge is never changed, only released once' USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_other_than_release BEFORE UPDATE ON ledger.pledge
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_other_than_release();
CREATE TRIGGER refuse_change BEFORE DELETE ON ledger.pledge
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger.pledge
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- The least that a party has saved and not pledged at the end of a day or any later one. It can
-- fall only where lines are dated or a pledge begins or ends; what is older counts on the day.
CREATE FUNCTION ledger.free_savings(book bigint, party text, since date) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(d.free)::bigint
    FROM (
        SELECT sum(sum(c.free)) OVER (ORDER BY c.day) AS free
        FROM (
            SELECT free_savings.since AS day, 0::bigint AS free
            UNION ALL
            SELECT greatest(l.value_date, free_savings.since), l.credit - l.debit
            FROM ledger.account AS a
            JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
            WHERE a.book_id = free_savings.book AND a.party = free_savings.party
                AND a.code IN ('2000', '2010')
            UNION ALL
            SELECT greatest(p.from_on, free_savings.since), -p.amount FROM ledger.pledge AS p
            WHERE p.book_id = free_savings.book AND p.party = free_savings.party
            UNION ALL
            SELECT greatest(p.to_on, free_savings.since), p.amount FROM ledger.pledge AS p
            WHERE p.book_id = free_savings.book AND p.party = free_savings.party
                AND p.to_on IS NOT NULL
        ) AS c
        GROUP BY c.day
    ) AS d
$$;

-- What a poster reads of those parties whose savings it may lower and that have pledged any: first
-- the pledges, then what is saved, in all and on each later day.
CREATE FUNCTION ledger.pledged(w_book bigint [], w_code text [], w_party text [], w_since date [])
RETURNS TABLE (
    what text, book_id bigint, party text, amount bigint, saved bigint, days date [], nets bigint []
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH asked AS MATERIALIZED (
        SELECT w.book_id, w.party, min(w.since) AS since
        FROM unnest(w_book, w_code, w_party, w_since) AS w (book_id, code, party, since)
        WHERE w.code IN ('2000', '2010') AND EXISTS (
            SELECT FROM ledger.pledge AS p
            WHERE p.book_id = w.book_id AND p.party = w.party OFFSET 0)
        GROUP BY w.book_id, w.party
    )
    SELECT 'pledge' AS what, p.book_id, p.party, p.amount, NULL::bigint, ARRAY [p.from_on, p.to_on],
        NULL::bigint []
    FROM asked AS w JOIN ledger.pledge AS p ON p.book_id = w.book_id AND p.party = w.party
    UNION ALL
    SELECT 'saved', w.book_id, w.party, NULL, coalesce(s.saved, 0), l.days, l.nets
    FROM asked AS w
    CROSS JOIN LATERAL (
        SELECT sum(a.credit - a.debit)::bigint AS saved FROM ledger.account AS a
        WHERE a.book_id = w.book_id AND a.party = w.party AND a.code IN ('2000', '2010')
    ) AS s
    CROSS JOIN LATERAL (
        SELECT array_agg(d.day ORDER BY d.day) AS days, array_agg(d.net ORDER BY d.day) AS nets
        FROM (
            SELECT l.value_date AS day, sum(l.credit - l.debit)::bigint AS net
            FROM ledger.account AS a
            JOIN ledger.line AS l ON l.book_id = a.book_id AND l.account_no = a.no
            WHERE a.book_id = w.book_id AND a.party = w.party AND a.code IN ('2000', '2010')
                AND l.value_date > w.since
            GROUP BY l.value_date
        ) AS d
    ) AS l
    ORDER BY what
$$;

-- Whoever writes entries: no savings that they lower fall below what is pledged of them.
CREATE FUNCTION ledger.refuse_pledged(
    e_book bigint [], e_value_date date [], l_entry integer [], l_account bigint [], l_debit bigint []
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lowered record;
BEGIN
    SELECT w.book_id, w.party INTO lowered
    FROM (
        SELECT a.book_id, a.party, min(e_value_date[l.entry]) AS since
        FROM unnest(l_entry, l_account, l_debit) AS l (entry, account, debit)
        JOIN ledger.account AS a ON a.book_id = e_book[l.entry] AND a.no = l.account
        WHERE l.debit > 0 AND a.code IN ('2000', '2010') AND EXISTS (
            SELECT FROM ledger.pledge AS p
            WHERE p.book_id = a.book_id AND p.party = a.party OFFSET 0)
        GROUP BY a.book_id, a.party
    ) AS w
    WHERE ledger.free_savings(w.book_id, w.party, w.since) < 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'I6: the savings of % in book % fall below what is pledged of them',
            lowered.party, lowered.book_id USING ERRCODE = 'AM006';
    END IF;
END $$;

-- ---------------------------------------------------------------------------------------
-- The doors: to pledge, and to release. Each locks the head of the book, like a poster, so that no
-- withdrawal is posted beside it; and each is for what a second officer has agreed to.

CREATE FUNCTION access.refuse_uncarried(book bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.refuse_outside('prepare', ARRAY [book]);
    IF current_setting('role', true) = 'amanat_app' AND (book = ANY (access.nodes('carried'))) IS NOT TRUE THEN
        RAISE EXCEPTION 'I9: nothing is pledged or released by one officer alone' USING ERRCODE = 'AM010';
    END IF;
END $$;

CREATE FUNCTION ledger.pledge_savings(
    in_book bigint, of_party text, for_subject text, paisa bigint, since date, recorded timestamptz
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM access.refuse_uncarried(in_book);
    PERFORM FROM ledger.book WHERE id = in_book FOR UPDATE;
    IF recorded > clock_timestamp() + interval '5 minutes'
        OR since > (recorded AT TIME ZONE 'Asia/Karachi')::date
    THEN
        RAISE EXCEPTION 'I7: a pledge begins in the future' USING ERRCODE = 'AM007';
    END IF;
    INSERT INTO ledger.pledge (book_id, no, party, subject, amount, from_on, recorded_at)
    SELECT in_book, coalesce(max(p.no), 0) + 1, of_party, for_subject, paisa, since, recorded
    FROM ledger.pledge AS p WHERE p.book_id = in_book
    RETURNING no INTO made;
    IF ledger.free_savings(in_book, of_party, since) < 0 THEN
        RAISE EXCEPTION 'I6: more is pledged of the savings of % in book % than is free', of_party, in_book
            USING ERRCODE = 'AM006';
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION ledger.release_pledge(in_book bigint, pledge_no bigint, released_on date, recorded timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.refuse_uncarried(in_book);
    PERFORM FROM ledger.book WHERE id = in_book FOR UPDATE;
    IF recorded > clock_timestamp() + interval '5 minutes'
        OR released_on > (recorded AT TIME ZONE 'Asia/Karachi')::date
    THEN
        RAISE EXCEPTION 'I7: a pledge is released in the future' USING ERRCODE = 'AM007';
    END IF;
    UPDATE ledger.pledge SET to_on = released_on, released_at = recorded
    WHERE book_id = in_book AND no = pledge_no AND to_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'I4: pledge % of book % is released already, or there is none', pledge_no, in_book
            USING ERRCODE = 'AM004';
    END IF;
END $$;

-- The doors of posting, with one thing more each; the rest of them stays word for word.
DO $$
DECLARE
    door record;
    before text;
BEGIN
    FOR door IN SELECT * FROM (VALUES
        ('ledger.lock_and_read', 'IF cardinality(r_book) > 0 THEN',
            'IF EXISTS (SELECT FROM ledger.pledge p WHERE p.book_id = ANY (books)) THEN
        RETURN QUERY
        SELECT f.what, f.book_id, NULL::bigint, f.party, NULL::text, NULL::text, f.amount, f.saved,
            f.days, f.nets, NULL::bigint[], NULL::bigint[], NULL::bytea, NULL::timestamptz
        FROM ledger.pledged(w_book, w_code, w_party, w_since) AS f;
    END IF;

    IF cardinality(r_book) > 0 THEN'),
        ('ledger.post', 'IF array_to_string(l_subject, '''') <> '''' THEN',
            'IF EXISTS (SELECT FROM ledger.pledge p WHERE p.book_id = ANY (e_book)) THEN
        PERFORM ledger.refuse_pledged(e_book, e_value_date, l_entry, l_account, l_debit);
    END IF;
    IF array_to_string(l_subject, '''') <> '''' THEN')
    ) AS d (name, old, new) LOOP
        before := pg_get_functiondef(door.name::regproc);
        IF array_length(string_to_array(before, door.old), 1) <> 2 THEN
            RAISE EXCEPTION 'the door % is not the one that this revision changes', door.name;
        END IF;
        EXECUTE replace(before, door.old, door.new);
    END LOOP;
END $$;

-- ---------------------------------------------------------------------------------------
-- Who guarantees a loan. Where savings are pledged, the pledge says how much and from when until
-- when; where none are, the row does.

CREATE TABLE service.loan_guarantee (
    loan text NOT NULL REFERENCES service.loan (code),
    n integer NOT NULL CHECK (n > 0),
    member text NOT NULL REFERENCES service.member (code),
    resolution text,
    replaces integer,
    book_id bigint,
    pledge bigint,
    from_on date,
    to_on date CHECK (to_on >= from_on),
    PRIMARY KEY (loan, n),
    UNIQUE (book_id, pledge),
    UNIQUE (loan, replaces),
    FOREIGN KEY (loan, replaces) REFERENCES service.loan_guarantee (loan, n),
    FOREIGN KEY (book_id, pledge) REFERENCES ledger.pledge (book_id, no),
    CHECK ((book_id IS NULL) = (pledge IS NULL)),
    CHECK ((from_on IS NULL) = (pledge IS NOT NULL)),
    CHECK (replaces < n),
    CHECK (to_on IS NULL OR pledge IS NULL)
);
CREATE INDEX loan_guarantee_member ON service.loan_guarantee (member);
COMMENT ON TABLE service.loan_guarantee IS 'Who stands surety for a loan; a borrower only pledges';
COMMENT ON COLUMN service.loan_guarantee.pledge IS 'What of the member''s savings is pledged for it, and when; null for surety alone';
COMMENT ON COLUMN service.loan_guarantee.from_on IS 'Where nothing is pledged: else the pledge says it';

GRANT SELECT ON ledger.pledge TO amanat_app, amanat_system;
GRANT SELECT, INSERT, UPDATE (to_on) ON service.loan_guarantee TO amanat_app, amanat_system;
REVOKE ALL ON FUNCTION ledger.free_savings, ledger.pledged, ledger.refuse_pledged,
    ledger.pledge_savings, ledger.release_pledge, access.refuse_uncarried FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.free_savings, ledger.pledge_savings, ledger.release_pledge
    TO amanat_app, amanat_system;

-- Read like the accounts of the book; written through the doors alone.
DO $$
DECLARE
    opened text := (
        SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy AS p
        WHERE p.polrelid = 'ledger.account'::regclass AND p.polname = 'reads');
BEGIN
    ALTER TABLE ledger.pledge ENABLE ROW LEVEL SECURITY;
    CREATE POLICY house ON ledger.pledge TO amanat_system USING (true);
    EXECUTE format('CREATE POLICY reads ON ledger.pledge FOR SELECT TO amanat_app USING (%s)',
        replace(opened, 'account.book_id', 'pledge.book_id'));
END $$;

-- Whoever sees the loan or the member; written by whom a second officer of either side agreed with.
ALTER TABLE service.loan_guarantee ENABLE ROW LEVEL SECURITY;
CREATE POLICY house ON service.loan_guarantee TO amanat_system USING (true);
CREATE POLICY reads ON service.loan_guarantee FOR SELECT TO amanat_app USING (
    EXISTS (SELECT FROM service.loan AS l WHERE l.code = loan_guarantee.loan OFFSET 0)
    OR EXISTS (SELECT FROM service.member AS m WHERE m.code = loan_guarantee.member OFFSET 0));
CREATE POLICY inserts ON service.loan_guarantee FOR INSERT TO amanat_app WITH CHECK (
    EXISTS (
        SELECT FROM service.loan AS l JOIN service.book_number AS o ON o.code = l.lender
        WHERE l.code = loan_guarantee.loan
            AND o.book_id = ANY ((SELECT access.nodes('carried'))::bigint []) OFFSET 0));
CREATE POLICY updates ON service.loan_guarantee FOR UPDATE TO amanat_app USING (
    EXISTS (
        SELECT FROM service.loan AS l JOIN service.book_number AS o ON o.code = l.lender
        WHERE l.code = loan_guarantee.loan
            AND o.book_id = ANY ((SELECT access.nodes('carried'))::bigint []) OFFSET 0));

DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('ledger.pledge', 'book', 'book_id'),
        ('service.loan_guarantee', 'loan', 'loan')
    ) AS noted (name, about, field) LOOP
        EXECUTE format('CREATE TRIGGER note_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_update AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
        EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION audit.note(%L, %L)', t.name, t.about, t.field);
    END LOOP;
END $$;
