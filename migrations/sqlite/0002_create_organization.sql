-- Whose data it is, who acts, and what happened.

CREATE TABLE organization (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- Counts applied mutations; its row is the lock of every write (rules.md 1).
    head_seq INTEGER NOT NULL,
    -- The last audit entry and its hash.
    audit_n INTEGER NOT NULL,
    audit_head BLOB NOT NULL,
    -- Sending is stopped for everybody since then.
    paused_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

-- The same mutation id answers as the first time.
CREATE TABLE mutation_result (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    -- Hash of the call's canonical bytes: the same id with other words is refused.
    call BLOB NOT NULL,
    seq INTEGER NOT NULL,
    -- JSON of the outcome.
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

-- What changed, in order; the rows themselves are elsewhere.
CREATE TABLE change (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    seq INTEGER NOT NULL,
    entity TEXT NOT NULL,
    id TEXT NOT NULL,
    -- set | delete
    op TEXT NOT NULL,
    PRIMARY KEY (organization_id, seq, entity, id)
) STRICT;

CREATE TABLE audit (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- Canonical JSON of the actor.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    -- entity:id
    subject TEXT NOT NULL,
    -- The content that it belongs to, so that a history finds it.
    about TEXT,
    -- The canonical bytes that are chained.
    entry BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (organization_id, n)
) STRICT;
CREATE INDEX audit_subject ON audit (organization_id, subject, n);
CREATE INDEX audit_about ON audit (organization_id, about, n) WHERE about IS NOT NULL;

-- What an erasure may delete; the chain verifies without it.
CREATE TABLE audit_payload (
    organization_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    salt BLOB NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (organization_id, n),
    FOREIGN KEY (organization_id, n) REFERENCES audit (organization_id, n)
) STRICT;
