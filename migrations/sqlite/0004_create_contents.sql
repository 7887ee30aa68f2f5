-- Contents, versions, requests.

CREATE TABLE content (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    -- Derived by domain::status, stored by one function.
    status TEXT NOT NULL,
    archived INTEGER NOT NULL,
    -- The newest version; 0 for none.
    n INTEGER NOT NULL,
    -- The newest version or working copy, as lists show it.
    headline TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    pictures INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    campaign TEXT NOT NULL,
    -- JSON array.
    labels TEXT NOT NULL,
    author_id BLOB,
    -- When the next delivery goes, or the last one went.
    at INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
CREATE INDEX content_changed ON content (organization_id, changed_at, id);
CREATE INDEX content_status ON content (organization_id, status, changed_at, id);
CREATE INDEX content_persona ON content (organization_id, persona_id, changed_at, id);

CREATE TABLE working_copy (
    organization_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    -- JSON of the body.
    body TEXT NOT NULL,
    base INTEGER NOT NULL,
    person_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, content_id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
) STRICT;

-- Immutable.
CREATE TABLE version (
    organization_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Canonical bytes of the VersionDoc, verbatim.
    doc BLOB NOT NULL,
    restored_from INTEGER,
    person_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, content_id, n),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
) STRICT;

CREATE TABLE request (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- The chain in the revision that was asked.
    chain_id BLOB NOT NULL,
    chain_revision INTEGER NOT NULL,
    -- Canonical bytes of the policy that applies (a persona's chain and what was added).
    policy BLOB NOT NULL,
    policy_hash BLOB NOT NULL,
    -- open | approved | changes_requested | rejected | superseded | expired | withdrawn
    status TEXT NOT NULL,
    -- The stage that is asked; absent when closed.
    stage INTEGER,
    stage_opened_at INTEGER,
    -- The stage cannot reach its quorum.
    stuck INTEGER NOT NULL,
    person_id BLOB,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, content_id, n) REFERENCES version (organization_id, content_id, n)
) STRICT;
CREATE INDEX request_content ON request (organization_id, content_id, opened_at);
CREATE INDEX request_status ON request (organization_id, status, opened_at);
-- One request at a time.
CREATE UNIQUE INDEX request_open ON request (organization_id, content_id) WHERE status = 'open';

-- The time of each delivery as the people who decide see it.
CREATE TABLE request_time (
    organization_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    planned_at INTEGER,
    PRIMARY KEY (organization_id, request_id, delivery_id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
) STRICT;

CREATE TABLE stage_seat (
    organization_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    stage INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    -- Came by escalation.
    substitute INTEGER NOT NULL,
    PRIMARY KEY (organization_id, request_id, stage, seat),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
) STRICT;
CREATE INDEX stage_seat_person ON stage_seat (organization_id, person_id);

-- Append-only; taking one back sets revoked_at.
CREATE TABLE decision (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    stage INTEGER NOT NULL,
    person_id BLOB NOT NULL,
    operator_id BLOB,
    hash BLOB NOT NULL,
    verdict TEXT NOT NULL,
    comment TEXT NOT NULL,
    -- Order of taking.
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
) STRICT;
CREATE INDEX decision_request ON decision (organization_id, request_id, seq);
