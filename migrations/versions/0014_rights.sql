-- Whether a row is open is asked by its book, of which a handful of nodes are above. OFFSET keeps
-- the planner from gathering all that a node has below it instead; an expression rather than a
-- column keeps it from the index of nodes.
CREATE FUNCTION pg_temp.by_row(rule text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    made text := '';
    mark text;
    opened boolean[] := '{}';
BEGIN
    FOREACH mark IN ARRAY coalesce(string_to_array(rule, NULL), '{}') LOOP
        IF mark = '(' THEN
            opened := opened || (right(made, 7) = 'EXISTS ');
        ELSIF mark = ')' THEN
            made := made || CASE WHEN opened[cardinality(opened)] THEN ' OFFSET 0' ELSE '' END;
            opened := trim_array(opened, 1);
        END IF;
        made := made || mark;
    END LOOP;
    RETURN replace(replace(nullif(made, ''), 'u.node_id = ANY', 'u.node_id + 0 = ANY'),
        'u.book_id = ANY', 'u.book_id + 0 = ANY');
END $$;

DO $$
DECLARE
    policy record;
BEGIN
    FOR policy IN
        SELECT p.polname, p.polrelid::regclass AS relation,
            ' USING (' || pg_temp.by_row(pg_get_expr(p.polqual, p.polrelid)) || ')' AS seen,
            ' WITH CHECK (' || pg_temp.by_row(pg_get_expr(p.polwithcheck, p.polrelid)) || ')' AS kept
        FROM pg_policy AS p
    LOOP
        IF concat(policy.seen, policy.kept) LIKE '%OFFSET 0%' THEN
            EXECUTE concat(
                format('ALTER POLICY %I ON %s', policy.polname, policy.relation), policy.seen, policy.kept);
        END IF;
    END LOOP;
END $$;
