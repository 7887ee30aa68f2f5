-- Voices, chains and accounts. No secret is in any table.

CREATE TABLE chain (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- Canonical JSON of the policy, and its hash.
    policy BLOB NOT NULL,
    hash BLOB NOT NULL,
    archived INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id, revision)
) STRICT;

CREATE TABLE persona (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- JSON of the profile.
    profile TEXT NOT NULL,
    -- Absent means direct.
    chain_id BLOB,
    paused_at INTEGER,
    archived INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE identity (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    network TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    display_name TEXT NOT NULL,
    service TEXT NOT NULL,
    -- connected | needs_reconnect | disconnected
    status TEXT NOT NULL,
    trouble TEXT,
    -- JSON of the adapter's own settings, not secret.
    settings TEXT NOT NULL,
    -- JSON of the account's own limits.
    live TEXT NOT NULL,
    -- desktop | server
    executor TEXT NOT NULL,
    -- Raised by each hand-over.
    epoch INTEGER NOT NULL,
    checked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
CREATE INDEX identity_persona ON identity (organization_id, persona_id);

CREATE TABLE asset (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    hash BLOB NOT NULL,
    -- JSON of the facts.
    facts TEXT NOT NULL,
    thumbnail BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, hash)
) STRICT;
