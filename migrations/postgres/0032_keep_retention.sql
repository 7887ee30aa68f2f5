-- For how long an organization keeps what is not its work itself, where it chose otherwise than usual.
CREATE TABLE retention (
    organization_id UUID NOT NULL REFERENCES organization (id),
    -- See domain::retention.
    kind TEXT COLLATE "C" NOT NULL,
    -- Absent means for ever.
    days BIGINT,
    PRIMARY KEY (organization_id, kind)
);
-- As every table of an organization (0027).
ALTER TABLE retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON retention USING (
    (SELECT coalesce(current_setting('rostrum.org', true), '') = '*')
    OR organization_id = (SELECT CASE WHEN current_setting('rostrum.org', true) = '*' THEN NULL
        ELSE NULLIF(current_setting('rostrum.org', true), '')::uuid END));
