-- Search over 100,000 contents: the lists' indexes hold where a content's terms are, so that a match
-- is looked up in the index alone; and what is typed first, one to three letters, has an index of
-- its own.

ALTER TABLE content ADD COLUMN terms_ref INTEGER;
UPDATE content SET terms_ref = (
    SELECT t.rowid_ref FROM content_terms t
    WHERE t.organization_id = content.organization_id AND t.content_id = content.id
);
DROP INDEX content_changed;
DROP INDEX content_status;
DROP INDEX content_persona;
CREATE INDEX content_changed ON content (organization_id, changed_at, id, status, terms_ref);
CREATE INDEX content_status ON content (organization_id, status, changed_at, id, terms_ref);
CREATE INDEX content_persona ON content (organization_id, persona_id, changed_at, id, status, terms_ref);
-- For the numbers beside the lists, and for what went out lately.
CREATE INDEX content_count ON content (organization_id, status, persona_id);
CREATE INDEX delivery_ended ON delivery (organization_id, settled_at);
DROP TABLE content_search;
CREATE VIRTUAL TABLE content_search USING fts5 (
    terms, content = 'content_terms', content_rowid = 'rowid_ref', detail = none, prefix = '1 2 3',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M* So' tokenchars '#@_'"
);
INSERT INTO content_search (content_search) VALUES ('rebuild');
