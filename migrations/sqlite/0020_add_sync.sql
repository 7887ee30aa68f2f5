-- Sync: on a server who sends and what became of it, on a desktop the mirror of an organization
-- that lives on a server. Each side uses its own tables.

-- Changes up to here are not kept any more: mirrors that are further behind begin anew.
ALTER TABLE organization ADD COLUMN change_floor INTEGER NOT NULL DEFAULT 0;

-- One mirror on one computer. A restored one is another client.
CREATE TABLE client (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    -- The last of its numbered items that was taken, applied or rejected.
    last_mutation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE client_mutation (
    organization_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    -- Of the item's bytes.
    hash BLOB NOT NULL,
    -- The organization's head_seq afterwards.
    seq INTEGER NOT NULL,
    -- JSON of what it answered, or of the problem; null for what was applied before.
    outcome TEXT NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (organization_id, client_id, n),
    FOREIGN KEY (organization_id, client_id) REFERENCES client (organization_id, id)
) STRICT;

-- How far this desktop is.
CREATE TABLE mirror (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    client_id BLOB NOT NULL,
    -- Who works here.
    person_id BLOB NOT NULL,
    -- JSON of the place in the server's order that the tables show; absent before the first sync.
    cursor TEXT,
    -- JSON of the place that the staged pages reach; absent while there are none.
    reached TEXT,
    -- The last numbered item whose outcome a pull has shown.
    settled INTEGER NOT NULL,
    -- The last numbered item whose outcome is known.
    answered INTEGER NOT NULL,
    -- What is written is ahead of the server: it is taken back before what the server says.
    ahead INTEGER NOT NULL,
    synced_at INTEGER,
    PRIMARY KEY (organization_id)
) STRICT;

-- What was done here and is not known to be in the server's order.
CREATE TABLE outbox (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    -- The order of doing.
    place INTEGER NOT NULL,
    id BLOB NOT NULL,
    -- Its number, from the first time that it is sent.
    n INTEGER,
    -- How far the server's order was known when it was done.
    base INTEGER NOT NULL,
    -- JSON of the batch, verbatim, and its hash.
    batch TEXT NOT NULL,
    hash BLOB NOT NULL,
    -- waiting | sent | taken | rejected | held
    state TEXT NOT NULL,
    -- JSON of why it was rejected.
    problem TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, place)
) STRICT;
CREATE UNIQUE INDEX outbox_id ON outbox (organization_id, id);

-- Pages of a pull that has more: they are applied together.
CREATE TABLE staged (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    place INTEGER NOT NULL,
    -- JSON of the changes.
    page TEXT NOT NULL,
    -- It begins anew: what was there before is dropped.
    afresh INTEGER NOT NULL,
    PRIMARY KEY (organization_id, place)
) STRICT;

-- Rows as they were before what is ahead of the server; written by triggers of a mirror.
CREATE TABLE shadow (
    organization_id BLOB NOT NULL,
    tab TEXT NOT NULL,
    -- JSON array of the key's columns.
    key TEXT NOT NULL,
    -- JSON of the row; absent when there was none.
    was TEXT,
    PRIMARY KEY (organization_id, tab, key)
) STRICT;
