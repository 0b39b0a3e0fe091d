-- What was agreed of a loan is undone once, by whoever undoes it, and otherwise stands as written.
CREATE FUNCTION service.refuse_other_than_undoing() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL OR to_jsonb(NEW) - ARRAY ['undone_at', 'undone_by']
        <> to_jsonb(OLD) - ARRAY ['undone_at', 'undone_by']
    THEN
        RAISE EXCEPTION 'I4: service.loan_change is never changed, only undone once' USING ERRCODE = 'AM004';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_other_than_undoing BEFORE UPDATE ON service.loan_change
    FOR EACH ROW EXECUTE FUNCTION service.refuse_other_than_undoing();
CREATE TRIGGER refuse_change BEFORE DELETE ON service.loan_change
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON service.loan_change
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
