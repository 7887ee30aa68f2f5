-- Approvals among many: who decides for somebody who is away, who looks in from outside, and who has a
-- content open.

-- One person decides for another for a time; a person is away once at a time.
CREATE TABLE delegation (
    organization_id BLOB NOT NULL,
    -- Who is away.
    person_id BLOB NOT NULL,
    -- Who decides meanwhile.
    to_id BLOB NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, to_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX delegation_to ON delegation (organization_id, to_id);

-- Lets one person from outside look at one request, until an end.
CREATE TABLE review_link (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    -- Of its secret.
    hash BLOB NOT NULL,
    -- What is shown: this version and no other.
    content_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    version_hash BLOB NOT NULL,
    -- The stage in which its holder decides in the seat of who made it; absent means that they only
    -- comment.
    stage INTEGER,
    -- Who holds it, as who made it says.
    name TEXT NOT NULL,
    made_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    seen_at INTEGER,
    withdrawn_at INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id),
    FOREIGN KEY (organization_id, made_by) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX review_link_request ON review_link (organization_id, request_id, created_at);

-- Who has a content open, in which window, until when that is believed.
CREATE TABLE presence (
    organization_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    window_id BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, person_id, window_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE INDEX presence_content ON presence (organization_id, content_id);

-- The operator decided for somebody who was away, and not at a computer that both share.
ALTER TABLE decision ADD COLUMN delegated INTEGER NOT NULL DEFAULT 0;
-- Who from outside said it, by a link that the person made.
ALTER TABLE decision ADD COLUMN outside TEXT;
ALTER TABLE note ADD COLUMN outside TEXT;
