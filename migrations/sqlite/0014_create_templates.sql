-- Reusable starting points.

CREATE TABLE template (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- For one persona; absent means for all.
    persona_id BLOB,
    -- JSON of the body.
    body TEXT NOT NULL,
    -- JSON array.
    labels TEXT NOT NULL,
    -- Who saved it last.
    person_id BLOB,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
CREATE INDEX template_name ON template (organization_id, name, id);
