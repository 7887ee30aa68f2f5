-- Contents, versions, requests.

CREATE TABLE content (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    persona_id UUID NOT NULL,
    -- Derived by domain::status, stored by one function.
    status TEXT COLLATE "C" NOT NULL,
    archived BOOLEAN NOT NULL,
    -- The newest version; 0 for none.
    n BIGINT NOT NULL,
    -- The newest version or working copy, as lists show it.
    headline TEXT COLLATE "C" NOT NULL,
    excerpt TEXT COLLATE "C" NOT NULL,
    pictures BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    campaign TEXT COLLATE "C" NOT NULL,
    -- JSON array.
    labels TEXT COLLATE "C" NOT NULL,
    author_id UUID,
    -- When the next delivery goes, or the last one went.
    at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
CREATE INDEX content_changed ON content (organization_id, changed_at, id);
CREATE INDEX content_status ON content (organization_id, status, changed_at, id);
CREATE INDEX content_persona ON content (organization_id, persona_id, changed_at, id);

CREATE TABLE working_copy (
    organization_id UUID NOT NULL,
    content_id UUID NOT NULL,
    -- JSON of the body.
    body TEXT COLLATE "C" NOT NULL,
    base BIGINT NOT NULL,
    person_id UUID,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, content_id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
);

-- Immutable.
CREATE TABLE version (
    organization_id UUID NOT NULL,
    content_id UUID NOT NULL,
    n BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- Canonical bytes of the VersionDoc, verbatim.
    doc BYTEA NOT NULL,
    restored_from BIGINT,
    person_id UUID,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, content_id, n),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
);

CREATE TABLE request (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    content_id UUID NOT NULL,
    n BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- The chain in the revision that was asked.
    chain_id UUID NOT NULL,
    chain_revision BIGINT NOT NULL,
    -- Canonical bytes of the policy that applies (a persona's chain and what was added).
    policy BYTEA NOT NULL,
    policy_hash BYTEA NOT NULL,
    -- open | approved | changes_requested | rejected | superseded | expired | withdrawn
    status TEXT COLLATE "C" NOT NULL,
    -- The stage that is asked; absent when closed.
    stage BIGINT,
    stage_opened_at BIGINT,
    -- The stage cannot reach its quorum.
    stuck BOOLEAN NOT NULL,
    person_id UUID,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, content_id, n) REFERENCES version (organization_id, content_id, n)
);
CREATE INDEX request_content ON request (organization_id, content_id, opened_at);
CREATE INDEX request_status ON request (organization_id, status, opened_at);
-- One request at a time.
CREATE UNIQUE INDEX request_open ON request (organization_id, content_id) WHERE status = 'open';

-- The time of each delivery as the people who decide see it.
CREATE TABLE request_time (
    organization_id UUID NOT NULL,
    request_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    planned_at BIGINT,
    PRIMARY KEY (organization_id, request_id, delivery_id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
);

CREATE TABLE stage_seat (
    organization_id UUID NOT NULL,
    request_id UUID NOT NULL,
    stage BIGINT NOT NULL,
    seat BIGINT NOT NULL,
    person_id UUID NOT NULL,
    -- Came by escalation.
    substitute BOOLEAN NOT NULL,
    PRIMARY KEY (organization_id, request_id, stage, seat),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
);
CREATE INDEX stage_seat_person ON stage_seat (organization_id, person_id);

-- Append-only; taking one back sets revoked_at.
CREATE TABLE decision (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    request_id UUID NOT NULL,
    stage BIGINT NOT NULL,
    person_id UUID NOT NULL,
    operator_id UUID,
    hash BYTEA NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    comment TEXT COLLATE "C" NOT NULL,
    -- Order of taking.
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id)
);
CREATE INDEX decision_request ON decision (organization_id, request_id, seq);
