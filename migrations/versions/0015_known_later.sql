-- What became known only after a moment, to be taken away: seldom more than some days of it.
CREATE OR REPLACE FUNCTION ledger.known_later(known_by timestamptz) RETURNS ledger.turnover []
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_custom_plan SET enable_seqscan = on SET enable_nestloop = on AS $$
BEGIN
    RETURN (
        SELECT array_agg(ROW (
            e.book_id, a.fund, a.code, coalesce(a.counterparty, 0), e.kind, e.value_date,
            -l.debit, -l.credit)::ledger.turnover)
        FROM ledger.entry AS e
        JOIN ledger.line AS l
            ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
        JOIN ledger.account AS a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE e.posted_at > known_by
    );
END $$;
