-- A closing entry, of which there is one a year, has no line on money. Postings without one pay
-- for a look at their kinds.
DO $$
DECLARE
    door text := pg_get_functiondef('ledger.post'::regproc);
    old text := 'THEN ''I1: an entry does not balance within each fund''
';
    new text := '            WHEN ''close'' = ANY (kinds)
                AND EXISTS (SELECT FROM turnover WHERE kind = ''close'' AND code = ANY (money))
                THEN ''I1: a closing entry moves money''
';
BEGIN
    IF array_length(string_to_array(door, old), 1) <> 2 THEN
        RAISE EXCEPTION 'the door ledger.post is not the one that this revision changes';
    END IF;
    EXECUTE replace(door, old, old || new);
END $$;
