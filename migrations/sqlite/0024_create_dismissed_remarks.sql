-- What was noticed while writing and is not to be said again.
CREATE TABLE dismissed_remark (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    -- content:<id> or persona:<id>: where it is not to be said.
    subject TEXT NOT NULL,
    -- What kind of remark.
    kind TEXT NOT NULL,
    -- On what, such as a word.
    about TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, subject, kind, about)
) STRICT;

-- The newest post tells whether what is known of own posts is old.
CREATE INDEX publication_at ON publication (organization_id, at);
