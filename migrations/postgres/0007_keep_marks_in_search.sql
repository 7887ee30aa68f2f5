-- The index of PostgreSQL keeps terms as they are; only SQLite's cut them.

COMMENT ON COLUMN content_terms.terms IS 'Cut by domain::search, sorted, one space between.';
