-- The doors of the ledger, with less to begin for most entries: what only few of them need (days
-- after the entry's own, accounts that it opens, what it is about, entries that move no money, the
-- other half) is a statement of its own, run when there is any of it. A statement costs its start
-- whether it finds anything or not: of a sheet posted by itself that was most of the cost.
-- And a closing entry has no line on money: receipts and payments leave closings out.
DO $$
BEGIN
    IF (SELECT array_agg(md5(p.prosrc) ORDER BY p.proname) FROM pg_proc AS p
        WHERE p.oid IN ('ledger.lock_and_read'::regproc, 'ledger.post'::regproc, 'ledger.check_pairs'::regproc))
        <> ARRAY ['2569c397eba750d57a28af873ece474e', '099eee7a13981d35101c56594f8953e7', '74d018379c3f73b70d377216dc017349']
    THEN
        RAISE EXCEPTION 'the doors are not those that this revision replaces';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.lock_and_read(
    books bigint[],
    w_book bigint[], w_code text[], w_fund text[], w_party text[], w_since date[],
    k_book bigint[], k_key text[], s_book bigint[], s_subject text[], r_book bigint[], r_no bigint[],
    m_book bigint[], m_code text[], m_fund text[], m_party text[]
) RETURNS TABLE (
    what text, book_id bigint, no bigint, a text, b text, c text, x bigint, net bigint,
    days date[], nets bigint[], nos bigint[], faces bigint[], digest bytea, posted_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    behind bigint[];
BEGIN
    PERFORM access.refuse_outside('prepare', books);
    RETURN QUERY
    SELECT 'head', b.id, b.last_no,
        CASE WHEN b.import_xact = pg_current_xact_id_if_assigned() THEN 'importing' END,
        NULL::text, NULL::text, b.last_account, NULL::bigint,
        CASE WHEN b.closed_to IS NOT NULL THEN ARRAY [b.closed_to] END,
        NULL::bigint[], NULL::bigint[], NULL::bigint[], b.head_hash, b.last_posted_at
    FROM ledger.book b WHERE b.id = ANY (books) ORDER BY b.id FOR UPDATE;

    -- All accounts asked for, as arrays in the order asked; then the later days of the few
    -- that have any, each with the place of its account: a statement over all years, which
    -- costs most sheets more to begin than all else that they ask.
    SELECT array_agg(f.net), array_agg(f.no), array_agg(f.counterparty),
        array_agg(f.place) FILTER (WHERE f.last_on > f.since)
    INTO nets, nos, faces, behind
    FROM (
        SELECT w.place, w.since, a.no, a.counterparty, a.debit - a.credit AS net, a.last_on
        FROM unnest(w_book, w_code, w_fund, w_party, w_since) WITH ORDINALITY
            AS w (book_id, code, fund, party, since, place)
        LEFT JOIN ledger.account a USING (book_id, code, fund, party)
        ORDER BY w.place
    ) AS f;
    what := 'accounts';
    RETURN NEXT;

    IF behind IS NOT NULL THEN
        RETURN QUERY
        SELECT 'later', w_book[f.place], f.place, NULL::text, NULL::text, NULL::text, NULL::bigint,
            NULL::bigint, later.days, later.nets, NULL::bigint[], NULL::bigint[], NULL::bytea,
            NULL::timestamptz
        FROM unnest(behind) AS f (place)
        CROSS JOIN LATERAL (
            SELECT array_agg(d.value_date ORDER BY d.value_date) AS days,
                array_agg(d.net ORDER BY d.value_date) AS nets
            FROM (
                SELECT l.value_date, sum(l.debit - l.credit)::bigint AS net
                FROM ledger.line l
                WHERE l.book_id = w_book[f.place] AND l.account_no = nos[f.place]
                    AND l.value_date > w_since[f.place]
                GROUP BY l.value_date
            ) AS d
        ) AS later;
    END IF;

IF cardinality(k_book) > 0 THEN
        RETURN QUERY
        SELECT 'key', e.book_id, e.no, e.key, NULL::text, NULL::text, NULL::bigint, NULL::bigint,
            NULL::date[], NULL::bigint[], NULL::bigint[], NULL::bigint[], e.request_digest,
            NULL::timestamptz
        FROM unnest(k_book, k_key) AS w (book_id, key)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger.entry e
            WHERE e.book_id = w.book_id AND e.key = w.key AND e.key <> '' OFFSET 0
        ) AS e;
    END IF;

    IF cardinality(s_book) > 0 THEN
        RETURN QUERY
        SELECT 'subject', s.book_id, NULL::bigint, s.subject, s.code, NULL::text, NULL::bigint,
            s.debit - s.credit, NULL::date[], NULL::bigint[], NULL::bigint[],
            NULL::bigint[], NULL::bytea, NULL::timestamptz
        FROM unnest(s_book, s_subject) AS w (book_id, subject)
        JOIN ledger.subject s ON s.book_id = w.book_id AND s.subject = w.subject;
    END IF;

    IF cardinality(r_book) > 0 THEN
        RETURN QUERY
        SELECT 'reversed', e.book_id, e.reverses, NULL::text, NULL::text, NULL::text, NULL::bigint,
            NULL::bigint, NULL::date[], NULL::bigint[], NULL::bigint[], NULL::bigint[], NULL::bytea,
            NULL::timestamptz
        FROM unnest(r_book, r_no) AS w (book_id, no)
        JOIN ledger.entry e ON e.book_id = w.book_id AND e.reverses = w.no;
    END IF;

    IF cardinality(m_book) > 0 THEN
        RETURN QUERY
        SELECT 'move', a.book_id, NULL::bigint, a.code, a.fund, a.party, sum(l.debit)::bigint,
            sum(l.credit)::bigint, ARRAY [l.value_date],
            CASE l.kind WHEN 'reversal' THEN ARRAY [1::bigint] END, NULL::bigint[], NULL::bigint[],
            NULL::bytea, NULL::timestamptz
        FROM unnest(m_book, m_code, m_fund, m_party) AS w (book_id, code, fund, party)
        JOIN ledger.account a USING (book_id, code, fund, party)
        JOIN ledger.line l ON l.book_id = a.book_id AND l.account_no = a.no
        GROUP BY a.book_id, a.no, l.value_date, l.kind;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.post(
    recorded timestamptz,
    e_book bigint[], e_no bigint[], e_value_date date[], e_posted_at timestamptz[], e_kind text[],
    e_narrative text[], e_actor text[], e_reference text[], e_key text[], e_part smallint[],
    e_digest bytea[], e_reverses bigint[], e_counterpart_book bigint[], e_counterpart_no bigint[],
    e_hash bytea[],
    a_entry integer[], a_no bigint[], a_code text[], a_fund text[], a_party text[],
    a_counterparty bigint[],
    l_entry integer[], l_n integer[], l_account bigint[], l_subject text[], l_debit bigint[], l_credit bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    kinds ledger.kind[] := e_kind;
    floored_debits text[];
    floored_credits text[];
    by_subject text[];
    money text[];
    day date;
    heads integer;
    taken boolean;
    refused text;
    opened text[];
    bodies text[];
    moneyless boolean;
    behind_book bigint[];
    behind_account bigint[];
    behind_since date[];
BEGIN
    IF (ledger.bounds(e_book) = format('[1:%s]', cardinality(e_book))
        AND ledger.bounds(e_book) = ALL (ARRAY [
            ledger.bounds(e_no), ledger.bounds(e_value_date), ledger.bounds(e_posted_at),
            ledger.bounds(e_kind), ledger.bounds(e_narrative), ledger.bounds(e_actor),
            ledger.bounds(e_reference), ledger.bounds(e_key), ledger.bounds(e_part),
            ledger.bounds(e_digest), ledger.bounds(e_reverses), ledger.bounds(e_counterpart_book),
            ledger.bounds(e_counterpart_no), ledger.bounds(e_hash)])
        AND ledger.bounds(a_entry) IN ('{}', format('[1:%s]', cardinality(a_entry)))
        AND ledger.bounds(a_entry) = ALL (ARRAY [
            ledger.bounds(a_no), ledger.bounds(a_code), ledger.bounds(a_fund),
            ledger.bounds(a_party), ledger.bounds(a_counterparty)])
        AND ledger.bounds(l_entry) IN ('{}', format('[1:%s]', cardinality(l_entry)))
        AND ledger.bounds(l_entry) = ALL (ARRAY [
            ledger.bounds(l_n), ledger.bounds(l_account), ledger.bounds(l_subject), ledger.bounds(l_debit),
            ledger.bounds(l_credit)])) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'I3: the arrays of a posting do not lie side by side' USING ERRCODE = 'AM003';
    END IF;

    PERFORM access.refuse_outside('prepare', e_book);
    PERFORM access.refuse_alone(e_book, e_kind, e_counterpart_book);
    PERFORM FROM ledger.book WHERE id = ANY (e_book) ORDER BY id FOR UPDATE;

    taken := EXISTS (
        SELECT FROM unnest(e_book, e_key) AS g (book, key)
        WHERE g.key <> '' AND EXISTS (
            SELECT FROM ledger.entry e
            WHERE e.book_id = g.book AND e.key = g.key AND e.key <> '' OFFSET 0));
    IF cardinality(e_book) > 1 THEN
        taken := taken OR EXISTS (
            SELECT FROM unnest(e_book, e_key, e_digest) AS g (book, key, digest) WHERE g.key <> ''
            GROUP BY g.book, g.key HAVING count(DISTINCT g.digest) > 1);
    END IF;
    IF taken THEN
        RAISE EXCEPTION 'I5: a key belongs to another request' USING ERRCODE = 'AM005';
    END IF;

    FOREACH day IN ARRAY e_value_date LOOP
        IF to_regclass('ledger.line_fy' || extract(year FROM day + interval '6 months')) IS NULL THEN
            PERFORM ledger.make_partition(extract(year FROM day + interval '6 months')::integer);
        END IF;
    END LOOP;

    -- Accounts are opened by few entries: their numbers continue, and the entry seals them.
    IF cardinality(a_entry) > 0 THEN
        INSERT INTO ledger.account (book_id, no, code, fund, party, counterparty, opened_in)
        SELECT e_book[a.entry], a.no, a.code, a.fund, a.party, a.counterparty, e_no[a.entry]
        FROM unnest(a_entry, a_no, a_code, a_fund, a_party, a_counterparty)
            AS a (entry, no, code, fund, party, counterparty);
        WITH o AS (
            SELECT e_book[a.entry] AS book_id, count(*) AS opened FROM unnest(a_entry) AS a (entry)
            GROUP BY 1
        ), moved AS (
            UPDATE ledger.book b SET last_account = b.last_account + o.opened
            FROM o
            WHERE b.id = o.book_id AND b.last_account + o.opened
                = (SELECT max(a.no) FROM ledger.account a WHERE a.book_id = b.id)
            RETURNING b.id
        )
        SELECT (SELECT count(*) FROM o) - (SELECT count(*) FROM moved) INTO heads;
        IF heads <> 0 THEN
            RAISE EXCEPTION 'I3: the account numbers of a book do not continue' USING ERRCODE = 'AM003';
        END IF;
        opened := ARRAY (
            SELECT string_agg(
                ledger.sealed_account(o.no, o.counterparty, o.code, o.fund, o.party), '' ORDER BY o.no)
                FILTER (WHERE o.no IS NOT NULL)
            FROM generate_subscripts(e_book, 1) AS e (place)
            LEFT JOIN unnest(a_entry, a_no, a_code, a_fund, a_party, a_counterparty)
                AS o (entry, no, code, fund, party, counterparty) ON o.entry = e.place
            GROUP BY e.place ORDER BY e.place);
    END IF;

    SELECT array_agg(c.code) FILTER (WHERE c.floored AND c.sign = 1),
        array_agg(c.code) FILTER (WHERE c.floored AND c.sign = -1),
        array_agg(c.code) FILTER (WHERE c.by_subject), array_agg(c.code) FILTER (WHERE c.money)
    INTO floored_debits, floored_credits, by_subject, money FROM ledger.chart c;

    -- Lines, totals and deltas in one pass; what the checks need comes back from it. Totals
    -- move first, and tell what each account is: no account is looked up twice.
    WITH nets AS (
        SELECT e_book[l.entry] AS book_id, l.account, max(e_value_date[l.entry]) AS last_on,
            sum(l.debit)::bigint AS debit, sum(l.credit)::bigint AS credit,
            min(e_value_date[l.entry]) FILTER (WHERE l.credit > 0) AS credited_on,
            min(e_value_date[l.entry]) FILTER (WHERE l.debit > 0) AS debited_on
        FROM unnest(l_entry, l_account, l_debit, l_credit) AS l (entry, account, debit, credit)
        GROUP BY 1, 2
    ), moved AS (
        UPDATE ledger.account a
        SET debit = a.debit + nets.debit, credit = a.credit + nets.credit,
            last_on = greatest(a.last_on, nets.last_on)
        FROM nets WHERE a.book_id = nets.book_id AND a.no = nets.account
        RETURNING a.book_id, a.no, a.code, a.fund, a.counterparty, a.debit, a.credit, a.last_on,
            nets.credited_on, nets.debited_on
    ), given AS MATERIALIZED (
        SELECT l.entry, m.book_id, e_no[l.entry] AS no, e_value_date[l.entry] AS value_date,
            kinds[l.entry] AS kind, l.n, l.account, l.subject, l.debit, l.credit, m.code, m.fund,
            m.counterparty
        FROM unnest(l_entry, l_n, l_account, l_subject, l_debit, l_credit)
            AS l (entry, n, account, subject, debit, credit)
        JOIN moved m ON m.book_id = e_book[l.entry] AND m.no = l.account
    ), written AS (
        INSERT INTO ledger.line
            (book_id, entry_no, account_no, debit, credit, value_date, kind, n, subject)
        SELECT book_id, no, account, debit, credit, value_date, kind, n, subject FROM given
    ), turnover AS (
        SELECT entry, e_book[entry] AS book_id, e_no[entry] AS no, fund, code, counterparty,
            kinds[entry] AS kind, e_value_date[entry] AS value_date,
            sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
        FROM given GROUP BY entry, fund, code, counterparty
    ), waiting AS (
        INSERT INTO ledger.delta
            (book_id, entry_no, n, fund, code, counterparty, kind, value_date, debit, credit)
        SELECT book_id, no, row_number() OVER (PARTITION BY entry), fund, code, counterparty, kind,
            value_date, debit, credit
        FROM turnover
    ), funds AS (
        SELECT sum(debit) <> sum(credit) AS unbalanced,
            bool_and(kind <> 'close' AND code <> ALL (money)) AS unpaid
        FROM turnover GROUP BY entry, fund
    ), lowered AS (
        SELECT m.book_id, m.no, m.last_on,
            CASE WHEN m.code = ANY (floored_debits) THEN m.debit - m.credit ELSE m.credit - m.debit END
                AS balance,
            CASE WHEN m.code = ANY (floored_debits) THEN m.credited_on ELSE m.debited_on END AS since
        FROM moved m
        WHERE m.credited_on IS NOT NULL AND m.code = ANY (floored_debits)
            OR m.debited_on IS NOT NULL AND m.code = ANY (floored_credits)
    ), behind AS (
        SELECT array_agg(book_id) FILTER (WHERE last_on > since) AS books,
            array_agg(no) FILTER (WHERE last_on > since) AS nos,
            array_agg(since) FILTER (WHERE last_on > since) AS sinces,
            bool_or(balance < 0) AS fallen
        FROM lowered
    ), texts AS (
        SELECT entry, count(*) AS lines, min(n) <> 1 OR max(n) <> count(*) AS misnumbered,
            string_agg(ledger.sealed_line(n, account, debit, credit, subject), '' ORDER BY n) AS body
        FROM given GROUP BY entry
    ), sealed AS (
        SELECT array_agg(body ORDER BY entry) AS bodies, sum(lines) AS lines, count(*) AS entries,
            bool_or(misnumbered) AS misnumbered
        FROM texts
    ), balanced AS (
        SELECT bool_or(unbalanced) AS none, bool_or(unpaid) AS unpaid FROM funds
    )
    SELECT
        s.bodies, f.unpaid, b.books, b.nos, b.sinces,
        CASE
            WHEN coalesce(s.lines, 0) <> cardinality(l_entry)
                THEN 'I2: a line names an account that its book does not have'
            WHEN s.entries <> cardinality(e_book) THEN 'I3: an entry has no lines'
            WHEN s.misnumbered THEN 'I3: the lines of an entry are not numbered from 1'
            WHEN f.none THEN 'I1: an entry does not balance within each fund'
            WHEN 'close' = ANY (kinds)
                AND EXISTS (SELECT FROM turnover WHERE kind = 'close' AND code = ANY (money))
                THEN 'I1: a closing entry moves money'
            WHEN b.fallen THEN 'I6: an account falls below its floor'
        END
    INTO bodies, moneyless, behind_book, behind_account, behind_since, refused
    FROM behind b, sealed s, balanced f;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM001';
    END IF;

    IF behind_book IS NOT NULL THEN
        SELECT format('I6: account %s of book %s falls below its floor on %s', b.account, b.book, d.value_date)
        INTO refused
        FROM unnest(behind_book, behind_account, behind_since) AS b (book, account, since)
        JOIN ledger.account a ON a.book_id = b.book AND a.no = b.account
        JOIN ledger.chart c ON c.code = a.code
        CROSS JOIN LATERAL (
            SELECT l.value_date, a.debit - a.credit - coalesce(sum(sum(l.debit - l.credit)) OVER (
                    ORDER BY l.value_date DESC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW), 0) AS net
            FROM ledger.line l
            WHERE l.book_id = b.book AND l.account_no = b.account AND l.value_date >= b.since
            GROUP BY l.value_date
        ) AS d
        WHERE c.sign * d.net < 0
        LIMIT 1;
        IF refused IS NOT NULL THEN
            RAISE EXCEPTION '%', refused USING ERRCODE = 'AM006';
        END IF;
    END IF;

    -- What few entries leave behind: totals of what their lines are about, and that they moved
    -- no money.
    IF array_to_string(l_subject, '') <> '' THEN
        INSERT INTO ledger.subject AS s (book_id, subject, code, debit, credit)
        SELECT a.book_id, l.subject, a.code, sum(l.debit), sum(l.credit)
        FROM unnest(l_entry, l_account, l_subject, l_debit, l_credit)
            AS l (entry, account, subject, debit, credit)
        JOIN ledger.account a ON a.book_id = e_book[l.entry] AND a.no = l.account
        WHERE l.subject <> '' AND a.code = ANY (by_subject)
        GROUP BY a.book_id, l.subject, a.code
        ON CONFLICT (book_id, subject, code) DO UPDATE SET
            debit = s.debit + excluded.debit, credit = s.credit + excluded.credit;
    END IF;
    IF moneyless THEN
        INSERT INTO ledger.moneyless (book_id, value_date, entry_no, fund)
        SELECT d.book_id, d.value_date, d.entry_no, d.fund
        FROM unnest(e_book, e_no) AS e (book_id, no)
        JOIN ledger.delta d ON d.book_id = e.book_id AND d.entry_no = e.no
        WHERE d.kind <> 'close'
        GROUP BY d.book_id, d.value_date, d.entry_no, d.fund HAVING NOT bool_or(d.code = ANY (money));
    END IF;

    -- Entries: numbers continue, the chain continues, the seal fits, moments move forward.
    WITH given AS MATERIALIZED (
        SELECT e.*, row_number() OVER book AS step, lead(e.no) OVER book IS NULL AS newest,
            lag(e.posted_at) OVER book AS posted_before,
            coalesce(lag(e.hash) OVER book, b.head_hash) AS prev_hash,
            b.last_no, b.last_posted_at, b.closed_to, b.import_xact
        FROM unnest(e_book, e_no, e_value_date, e_posted_at, kinds, e_narrative,
            e_actor, e_reference, e_key, e_part, e_digest, e_reverses, e_counterpart_book,
            e_counterpart_no, e_hash) WITH ORDINALITY
            AS e (book_id, no, value_date, posted_at, kind, narrative, actor, reference, key, part,
                digest, reverses, counterpart_book, counterpart_no, hash, place)
        JOIN ledger.book b ON b.id = e.book_id AND b.id = ANY (e_book)
        WINDOW book AS (PARTITION BY e.book_id ORDER BY e.no)
    ), written AS (
        INSERT INTO ledger.entry
            (book_id, no, value_date, posted_at, recorded_at, kind, narrative, actor, reference, key,
                part, request_digest, reverses, counterpart_book, counterpart_no, prev_hash, hash)
        SELECT book_id, no, value_date, posted_at, recorded, kind, narrative, actor, reference, key,
            part, digest, reverses, counterpart_book, counterpart_no, prev_hash, hash
        FROM given
    ), moved AS (
        UPDATE ledger.book b
        SET last_no = g.no, head_hash = g.hash, last_posted_at = g.posted_at,
            import_xact = CASE WHEN g.posted_at < recorded THEN pg_current_xact_id() END
        FROM given g
        WHERE g.newest AND b.id = g.book_id
            AND (g.no <= b.last_no OR g.posted_at <= b.last_posted_at) IS NOT TRUE
    )
    SELECT CASE
        WHEN count(*) <> cardinality(e_book) THEN 'I3: an entry names no book'
        WHEN bool_or(no <> last_no + step) THEN 'I3: the numbers do not continue'
        WHEN bool_or(posted_at <= coalesce(posted_before, last_posted_at)) THEN 'I3: moments must move forward'
        WHEN bool_or(posted_at > greatest(recorded, last_posted_at) + interval '1 second'
                OR posted_at > clock_timestamp() + interval '6 minutes')
            THEN 'I7: posted in the future'
        WHEN bool_or(value_date > (posted_at AT TIME ZONE 'Asia/Karachi')::date)
            THEN 'I7: an entry is dated in the future'
        WHEN bool_or(value_date <= closed_to) THEN 'I7: an entry is dated in a closed period'
        WHEN recorded > clock_timestamp() + interval '5 minutes' THEN 'I7: recorded in the future'
        WHEN bool_or(posted_at < recorded AND last_no > 0
                AND import_xact IS DISTINCT FROM pg_current_xact_id())
            THEN 'I7: only an import into an empty book says when it was posted'
        WHEN bool_or(hash <> ledger.seal(ROW (book_id, no, value_date, posted_at, recorded, kind,
                narrative, actor, reference, key, part, digest, reverses, counterpart_book,
                counterpart_no, prev_hash, hash)::ledger.entry, coalesce(opened[place], ''), bodies[place]))
            THEN 'I3: the seal does not fit the entry'
        END INTO refused
    FROM given;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM003';
    END IF;

    IF array_remove(e_counterpart_book, NULL) <> '{}' OR array_remove(e_reverses, NULL) <> '{}' THEN
        PERFORM ledger.check_pairs(e_book, e_no);
    END IF;
END $$;

-- Transfers and reversals are rare, so their checks stand apart; what the halves come to is read
-- from the deltas that they have just left.
CREATE OR REPLACE FUNCTION ledger.check_pairs(e_book bigint[], e_no bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    refused text;
BEGIN
    SELECT CASE
        WHEN bool_or(e.counterpart_book IS NOT NULL AND (o.book_id IS NULL
                OR (o.counterpart_book, o.counterpart_no) IS DISTINCT FROM (e.book_id, e.no)
                OR o.value_date <> e.value_date OR o.posted_at <> e.posted_at))
            THEN 'I8: a half of a transfer is missing or disagrees'
        WHEN bool_or(e.counterpart_book IS NOT NULL AND (NOT EXISTS (
                SELECT FROM ledger.delta d
                WHERE d.book_id = e.book_id AND d.entry_no = e.no AND d.counterparty = o.book_id)
                OR EXISTS (
                (SELECT d.fund, sum(d.debit - d.credit) FROM ledger.delta d
                 WHERE d.book_id = e.book_id AND d.entry_no = e.no AND d.counterparty = o.book_id
                 GROUP BY d.fund)
                EXCEPT
                (SELECT d.fund, sum(d.credit - d.debit) FROM ledger.delta d
                 WHERE d.book_id = o.book_id AND d.entry_no = o.no AND d.counterparty = e.book_id
                 GROUP BY d.fund))))
            THEN 'I8: the two halves of a transfer disagree in amount'
        WHEN bool_or(e.reverses IS NOT NULL AND (r.book_id IS NULL
                OR r.kind = 'reversal' OR r.no >= e.no OR r.value_date > e.value_date))
            THEN 'I4: a reversal names no entry that can be reversed'
        WHEN bool_or(e.reverses IS NOT NULL
                AND (r.counterpart_book, r.counterpart_no)
                    IS DISTINCT FROM (o.book_id, o.reverses))
            THEN 'I8: a transfer is reversed in both books together'
        WHEN bool_or(e.reverses IS NOT NULL AND EXISTS (
                (SELECT n, account_no, subject, debit, credit FROM ledger.line l
                 WHERE l.book_id = r.book_id AND l.entry_no = r.no AND l.value_date = r.value_date
                 UNION ALL
                 SELECT n, account_no, subject, credit, debit FROM ledger.line l
                 WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date)
                EXCEPT
                (SELECT n, account_no, subject, debit, credit FROM ledger.line l
                 WHERE l.book_id = r.book_id AND l.entry_no = r.no AND l.value_date = r.value_date
                 INTERSECT
                 SELECT n, account_no, subject, credit, debit FROM ledger.line l
                 WHERE l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date)))
            THEN 'I4: a reversal does not mirror its entry'
        END INTO refused
    FROM unnest(e_book, e_no) AS g (book, no)
    JOIN ledger.entry e ON e.book_id = g.book AND e.no = g.no
    LEFT JOIN ledger.entry o ON o.book_id = e.counterpart_book AND o.no = e.counterpart_no
    LEFT JOIN ledger.entry r ON r.book_id = e.book_id AND r.no = e.reverses;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '%', refused USING ERRCODE = 'AM008';
    END IF;
END $$;
