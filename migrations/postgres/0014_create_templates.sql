-- Reusable starting points.

CREATE TABLE template (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- For one persona; absent means for all.
    persona_id UUID,
    -- JSON of the body.
    body TEXT COLLATE "C" NOT NULL,
    -- JSON array.
    labels TEXT COLLATE "C" NOT NULL,
    -- Who saved it last.
    person_id UUID,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
CREATE INDEX template_name ON template (organization_id, name, id);
