-- Full-text search over terms that domain::search makes; the index only keeps them.

CREATE TABLE content_terms (
    rowid_ref INTEGER NOT NULL PRIMARY KEY,
    organization_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    -- The terms, sorted, one space between.
    terms TEXT NOT NULL,
    UNIQUE (organization_id, content_id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
) STRICT;

CREATE VIRTUAL TABLE content_search USING fts5 (
    terms, content = 'content_terms', content_rowid = 'rowid_ref', detail = none,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '#@_'"
);
CREATE TRIGGER content_terms_insert AFTER INSERT ON content_terms BEGIN
    INSERT INTO content_search (rowid, terms) VALUES (new.rowid_ref, new.terms);
END;
CREATE TRIGGER content_terms_delete AFTER DELETE ON content_terms BEGIN
    INSERT INTO content_search (content_search, rowid, terms) VALUES ('delete', old.rowid_ref, old.terms);
END;
CREATE TRIGGER content_terms_update AFTER UPDATE ON content_terms BEGIN
    INSERT INTO content_search (content_search, rowid, terms) VALUES ('delete', old.rowid_ref, old.terms);
    INSERT INTO content_search (rowid, terms) VALUES (new.rowid_ref, new.terms);
END;
