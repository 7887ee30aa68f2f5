-- For how long an organization keeps what is not its work itself, where it chose otherwise than usual.
CREATE TABLE retention (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    -- See domain::retention.
    kind TEXT NOT NULL,
    -- Absent means for ever.
    days INTEGER,
    PRIMARY KEY (organization_id, kind)
) STRICT;
