-- What was done on its own with an empty posting slot of a persona: once for each.
CREATE TABLE slot_fill (
    organization_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    -- The slot's time.
    slot INTEGER NOT NULL,
    -- reminded | suggested | outlined | drafted | submitted | left
    done TEXT NOT NULL,
    -- Why no more was done.
    reason TEXT,
    suggestion_id BLOB,
    content_id BLOB,
    run_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, persona_id, slot),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
CREATE INDEX slot_fill_at ON slot_fill (organization_id, at, persona_id, slot);
