-- The pair of SQLite's, which looks matches up by this number; here GIN finds the contents.

ALTER TABLE content ADD COLUMN terms_ref BIGINT;
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
