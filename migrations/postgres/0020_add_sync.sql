-- Sync: on a server who sends and what became of it, on a desktop the mirror of an organization
-- that lives on a server. Each side uses its own tables.

-- Changes up to here are not kept any more: mirrors that are further behind begin anew.
ALTER TABLE organization ADD COLUMN change_floor BIGINT NOT NULL DEFAULT 0;

-- One mirror on one computer. A restored one is another client.
CREATE TABLE client (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    -- The last of its numbered items that was taken, applied or rejected.
    last_mutation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE client_mutation (
    organization_id UUID NOT NULL,
    client_id UUID NOT NULL,
    n BIGINT NOT NULL,
    -- Of the item's bytes.
    hash BYTEA NOT NULL,
    -- The organization's head_seq afterwards.
    seq BIGINT NOT NULL,
    -- JSON of what it answered, or of the problem; null for what was applied before.
    outcome TEXT COLLATE "C" NOT NULL,
    refused BOOLEAN NOT NULL,
    PRIMARY KEY (organization_id, client_id, n),
    FOREIGN KEY (organization_id, client_id) REFERENCES client (organization_id, id)
);

-- How far this desktop is.
CREATE TABLE mirror (
    organization_id UUID NOT NULL REFERENCES organization (id),
    client_id UUID NOT NULL,
    -- Who works here.
    person_id UUID NOT NULL,
    -- JSON of the place in the server's order that the tables show; absent before the first sync.
    cursor TEXT COLLATE "C",
    -- JSON of the place that the staged pages reach; absent while there are none.
    reached TEXT COLLATE "C",
    -- The last numbered item whose outcome a pull has shown.
    settled BIGINT NOT NULL,
    -- The last numbered item whose outcome is known.
    answered BIGINT NOT NULL,
    -- What is written is ahead of the server: it is taken back before what the server says.
    ahead BOOLEAN NOT NULL,
    synced_at BIGINT,
    PRIMARY KEY (organization_id)
);

-- What was done here and is not known to be in the server's order.
CREATE TABLE outbox (
    organization_id UUID NOT NULL REFERENCES organization (id),
    -- The order of doing.
    place BIGINT NOT NULL,
    id UUID NOT NULL,
    -- Its number, from the first time that it is sent.
    n BIGINT,
    -- How far the server's order was known when it was done.
    base BIGINT NOT NULL,
    -- JSON of the batch, verbatim, and its hash.
    batch TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    -- waiting | sent | taken | rejected | held
    state TEXT COLLATE "C" NOT NULL,
    -- JSON of why it was rejected.
    problem TEXT COLLATE "C",
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, place)
);
CREATE UNIQUE INDEX outbox_id ON outbox (organization_id, id);

-- Pages of a pull that has more: they are applied together.
CREATE TABLE staged (
    organization_id UUID NOT NULL REFERENCES organization (id),
    place BIGINT NOT NULL,
    -- JSON of the changes.
    page TEXT COLLATE "C" NOT NULL,
    -- It begins anew: what was there before is dropped.
    afresh BOOLEAN NOT NULL,
    PRIMARY KEY (organization_id, place)
);

-- Rows as they were before what is ahead of the server; written by triggers of a mirror.
CREATE TABLE shadow (
    organization_id UUID NOT NULL,
    tab TEXT COLLATE "C" NOT NULL,
    -- JSON array of the key's columns.
    key TEXT COLLATE "C" NOT NULL,
    -- JSON of the row; absent when there was none.
    was TEXT COLLATE "C",
    PRIMARY KEY (organization_id, tab, key)
);
