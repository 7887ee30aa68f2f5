-- What names an order of changes, so that a server which was restored is not taken for its former
-- self; what of a client's items was its own; and whether a picture's bytes are at the server.

-- The hash chain over the order: of its last place, and of the last one that is not kept any more.
ALTER TABLE organization ADD COLUMN order_mark BYTEA NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE organization ADD COLUMN floor_mark BYTEA NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE change ADD COLUMN mark BYTEA NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000';

-- How far the order was on a day (days since 1970): what is older than some days is forgotten.
CREATE TABLE order_day (
    organization_id UUID NOT NULL REFERENCES organization (id),
    day BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day)
);

-- As whom the same mirror sent before, and up to which of its numbers it had seen what became of it.
ALTER TABLE client ADD COLUMN former_id UUID;
ALTER TABLE client ADD COLUMN former_n BIGINT;
-- Its place in the order; absent when it was refused.
ALTER TABLE client_mutation ADD COLUMN place BIGINT;
UPDATE client_mutation SET place = seq WHERE refused = FALSE AND outcome <> 'null';
-- JSON of the client that this mirror was before; absent when it was none.
ALTER TABLE mirror ADD COLUMN former TEXT COLLATE "C";

-- Its bytes are where the organization lives, and were checked there.
ALTER TABLE asset ADD COLUMN present BOOLEAN NOT NULL DEFAULT TRUE;
