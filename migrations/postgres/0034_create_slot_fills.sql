-- What was done on its own with an empty posting slot of a persona: once for each.
CREATE TABLE slot_fill (
    organization_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    -- The slot's time.
    slot BIGINT NOT NULL,
    -- reminded | suggested | outlined | drafted | submitted | left
    done TEXT COLLATE "C" NOT NULL,
    -- Why no more was done.
    reason TEXT COLLATE "C",
    suggestion_id UUID,
    content_id UUID,
    run_id UUID NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, persona_id, slot),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
CREATE INDEX slot_fill_at ON slot_fill (organization_id, at, persona_id, slot);

-- The second lock between organizations, as 0027 put it on every table before.
ALTER TABLE slot_fill ENABLE ROW LEVEL SECURITY;
ALTER TABLE slot_fill FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON slot_fill USING (
    (SELECT coalesce(current_setting('rostrum.org', true), '') = '*')
    OR organization_id = (SELECT CASE WHEN current_setting('rostrum.org', true) = '*' THEN NULL
        ELSE NULLIF(current_setting('rostrum.org', true), '')::uuid END));
