-- What was noticed while writing and is not to be said again.
CREATE TABLE dismissed_remark (
    organization_id UUID NOT NULL REFERENCES organization (id),
    -- content:<id> or persona:<id>: where it is not to be said.
    subject TEXT COLLATE "C" NOT NULL,
    -- What kind of remark.
    kind TEXT COLLATE "C" NOT NULL,
    -- On what, such as a word.
    about TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, subject, kind, about)
);

-- The newest post tells whether what is known of own posts is old.
CREATE INDEX publication_at ON publication (organization_id, at);
