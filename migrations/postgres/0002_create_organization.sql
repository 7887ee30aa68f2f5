-- Whose data it is, who acts, and what happened.

CREATE TABLE organization (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    -- Counts applied mutations; its row is the lock of every write (rules.md 1).
    head_seq BIGINT NOT NULL,
    -- The last audit entry and its hash.
    audit_n BIGINT NOT NULL,
    audit_head BYTEA NOT NULL,
    -- Sending is stopped for everybody since then.
    paused_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE person (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- The same mutation id answers as the first time.
CREATE TABLE mutation_result (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    -- Hash of the call's canonical bytes: the same id with other words is refused.
    call BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    -- JSON of the outcome.
    outcome TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- What changed, in order; the rows themselves are elsewhere.
CREATE TABLE change (
    organization_id UUID NOT NULL REFERENCES organization (id),
    seq BIGINT NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    -- set | delete
    op TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, seq, entity, id)
);

CREATE TABLE audit (
    organization_id UUID NOT NULL REFERENCES organization (id),
    n BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- Canonical JSON of the actor.
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    -- entity:id
    subject TEXT COLLATE "C" NOT NULL,
    -- The content that it belongs to, so that a history finds it.
    about TEXT COLLATE "C",
    -- The canonical bytes that are chained.
    entry BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (organization_id, n)
);
CREATE INDEX audit_subject ON audit (organization_id, subject, n);
CREATE INDEX audit_about ON audit (organization_id, about, n) WHERE about IS NOT NULL;

-- What an erasure may delete; the chain verifies without it.
CREATE TABLE audit_payload (
    organization_id UUID NOT NULL,
    n BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, n),
    FOREIGN KEY (organization_id, n) REFERENCES audit (organization_id, n)
);
