-- The second lock between organizations: a row is there only for a transaction that names its
-- organization (rostrum.org), or says that it works for all of them ('*', as the server's own work on
-- logins and runs does). A transaction that says nothing sees nothing, also the owner of the tables.
--
-- Both questions are asked once per statement, not once per row: hence the inner SELECTs.
-- Not guarded: content_terms, which holds nothing that can be read without the content that it belongs to;
-- what its index finds cannot be looked up behind a guard, because PostgreSQL does not let a function
-- that may tell of rows run before the guard has passed them.
DO $$
DECLARE
    guarded TEXT;
    whose TEXT;
BEGIN
    FOR guarded, whose IN
        SELECT c.relname, a.attname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
            AND c.relname <> 'content_terms'
            AND (a.attname = 'organization_id' OR (c.relname = 'organization' AND a.attname = 'id'))
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own ON %I USING ('
            '(SELECT coalesce(current_setting(''rostrum.org'', true), '''') = ''*'') '
            'OR %I = (SELECT CASE WHEN current_setting(''rostrum.org'', true) = ''*'' THEN NULL '
            'ELSE NULLIF(current_setting(''rostrum.org'', true), '''')::uuid END))',
            guarded, whose);
    END LOOP;
END
$$;
