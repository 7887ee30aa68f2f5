-- A newer version in the place of what a delivery has live.

-- send | edit
ALTER TABLE attempt ADD COLUMN kind TEXT NOT NULL DEFAULT 'send';

-- A post is sent once (rules.md 4). A place may be edited again and again, one try at a time.
DROP INDEX attempt_one;
CREATE UNIQUE INDEX attempt_one ON attempt (organization_id, delivery_id, segment)
    WHERE kind = 'send' AND phase NOT IN ('not_sent', 'rejected', 'throttled', 'written_off');
CREATE UNIQUE INDEX attempt_one_edit ON attempt (organization_id, delivery_id)
    WHERE kind = 'edit' AND phase IN ('in_flight', 'pending', 'ambiguous');

-- The newest edit that was asked for; its tries are attempts.
CREATE TABLE edit (
    organization_id BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    -- The version that it puts there, and its hash.
    n INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- waiting | sending | held | done | failed | cancelled
    status TEXT NOT NULL,
    -- account | folder | executor | limits | media
    hold TEXT,
    words TEXT,
    retry_at INTEGER,
    -- The run that writes it; a new one for each new start.
    run_id BLOB,
    starts INTEGER NOT NULL,
    -- Who asked for it.
    person_id BLOB,
    asked_at INTEGER NOT NULL,
    settled_at INTEGER,
    PRIMARY KEY (organization_id, delivery_id),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
) STRICT;
CREATE INDEX edit_status ON edit (organization_id, status);
