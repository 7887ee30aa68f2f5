-- Voices, chains and accounts. No secret is in any table.

CREATE TABLE chain (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    revision BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- Canonical JSON of the policy, and its hash.
    policy BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    archived BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id, revision)
);

CREATE TABLE persona (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- JSON of the profile.
    profile TEXT COLLATE "C" NOT NULL,
    -- Absent means direct.
    chain_id UUID,
    paused_at BIGINT,
    archived BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE identity (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    persona_id UUID NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    remote_id TEXT COLLATE "C" NOT NULL,
    handle TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    -- connected | needs_reconnect | disconnected
    status TEXT COLLATE "C" NOT NULL,
    trouble TEXT COLLATE "C",
    -- JSON of the adapter's own settings, not secret.
    settings TEXT COLLATE "C" NOT NULL,
    -- JSON of the account's own limits.
    live TEXT COLLATE "C" NOT NULL,
    -- desktop | server
    executor TEXT COLLATE "C" NOT NULL,
    -- Raised by each hand-over.
    epoch BIGINT NOT NULL,
    checked_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
CREATE INDEX identity_persona ON identity (organization_id, persona_id);

CREATE TABLE asset (
    organization_id UUID NOT NULL REFERENCES organization (id),
    hash BYTEA NOT NULL,
    -- JSON of the facts.
    facts TEXT COLLATE "C" NOT NULL,
    thumbnail BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, hash)
);
