-- A newer version in the place of what a delivery has live.

-- send | edit
ALTER TABLE attempt ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'send';

-- A post is sent once (rules.md 4). A place may be edited again and again, one try at a time.
DROP INDEX attempt_one;
CREATE UNIQUE INDEX attempt_one ON attempt (organization_id, delivery_id, segment)
    WHERE kind = 'send' AND phase NOT IN ('not_sent', 'rejected', 'throttled', 'written_off');
CREATE UNIQUE INDEX attempt_one_edit ON attempt (organization_id, delivery_id)
    WHERE kind = 'edit' AND phase IN ('in_flight', 'pending', 'ambiguous');

-- The newest edit that was asked for; its tries are attempts.
CREATE TABLE edit (
    organization_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    -- The version that it puts there, and its hash.
    n BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- waiting | sending | held | done | failed | cancelled
    status TEXT COLLATE "C" NOT NULL,
    -- account | folder | executor | limits | media
    hold TEXT COLLATE "C",
    words TEXT COLLATE "C",
    retry_at BIGINT,
    -- The run that writes it; a new one for each new start.
    run_id UUID,
    starts BIGINT NOT NULL,
    -- Who asked for it.
    person_id UUID,
    asked_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (organization_id, delivery_id),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
);
CREATE INDEX edit_status ON edit (organization_id, status);
