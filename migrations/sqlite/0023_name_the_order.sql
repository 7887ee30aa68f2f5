-- What names an order of changes, so that a server which was restored is not taken for its former
-- self; what of a client's items was its own; and whether a picture's bytes are at the server.

-- The hash chain over the order: of its last place, and of the last one that is not kept any more.
ALTER TABLE organization ADD COLUMN order_mark BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE organization ADD COLUMN floor_mark BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE change ADD COLUMN mark BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';

-- How far the order was on a day (days since 1970): what is older than some days is forgotten.
CREATE TABLE order_day (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    day INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (organization_id, day)
) STRICT;

-- As whom the same mirror sent before, and up to which of its numbers it had seen what became of it.
ALTER TABLE client ADD COLUMN former_id BLOB;
ALTER TABLE client ADD COLUMN former_n INTEGER;
-- Its place in the order; absent when it was refused.
ALTER TABLE client_mutation ADD COLUMN place INTEGER;
UPDATE client_mutation SET place = seq WHERE refused = 0 AND outcome <> 'null';
-- JSON of the client that this mirror was before; absent when it was none.
ALTER TABLE mirror ADD COLUMN former TEXT;

-- Its bytes are where the organization lives, and were checked there.
ALTER TABLE asset ADD COLUMN present INTEGER NOT NULL DEFAULT 1;
