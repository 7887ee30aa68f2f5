-- What goes out, what was tried, what is live, what was measured.

CREATE TABLE delivery (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    identity_id BLOB NOT NULL,
    -- The version that it sends (or sent) and its hash; 0 until there is one.
    n INTEGER NOT NULL,
    hash BLOB,
    -- planned | due | sending | published | failed | unconfirmed | missed | held | cancelled | deleted | gone
    status TEXT NOT NULL,
    -- Absent means as soon as approved.
    planned_at INTEGER,
    planned_zone TEXT,
    planned_wall TEXT,
    -- How late it may go out on its own, milliseconds.
    grace INTEGER NOT NULL,
    -- account | folder | executor | limits | media
    hold TEXT,
    -- late | not_approved
    miss TEXT,
    -- The network's own words.
    words TEXT,
    retry_at INTEGER,
    -- Segments in all and segments that are live.
    segments INTEGER NOT NULL,
    live INTEGER NOT NULL,
    -- The run that publishes it; a new one for each new start.
    run_id BLOB,
    -- Counts starts, so that each has its own run.
    starts INTEGER NOT NULL,
    settled_at INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id),
    FOREIGN KEY (organization_id, identity_id) REFERENCES identity (organization_id, id)
) STRICT;
CREATE INDEX delivery_content ON delivery (organization_id, content_id);
CREATE INDEX delivery_planned ON delivery (organization_id, planned_at) WHERE planned_at IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (organization_id, settled_at) WHERE planned_at IS NULL;
CREATE INDEX delivery_status ON delivery (organization_id, status, planned_at);
CREATE INDEX delivery_identity ON delivery (organization_id, identity_id, status);

CREATE TABLE attempt (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    segment INTEGER NOT NULL,
    n INTEGER NOT NULL,
    hash BLOB NOT NULL,
    request_id BLOB NOT NULL,
    -- in_flight | pending | confirmed | not_sent | rejected | throttled | ambiguous | written_off
    phase TEXT NOT NULL,
    -- What makes a repetition the same write (record key, idempotency key), as JSON.
    keys TEXT NOT NULL,
    -- What the network gave to ask with later, as JSON.
    handle TEXT,
    -- The process that sends, its epoch, and until when it may.
    owner BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    words TEXT,
    -- Who said to send again in spite of it.
    written_off_by BLOB,
    started_at INTEGER NOT NULL,
    settled_at INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
) STRICT;
CREATE INDEX attempt_delivery ON attempt (organization_id, delivery_id, segment, started_at);
-- What is confirmed blocks, and so does all that might be live (rules.md 4).
CREATE UNIQUE INDEX attempt_one ON attempt (organization_id, delivery_id, segment)
    WHERE phase NOT IN ('not_sent', 'rejected', 'throttled', 'written_off');

CREATE TABLE publication (
    organization_id BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    segment INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    url TEXT,
    -- What later calls need (Bluesky: cid), as JSON.
    extra TEXT NOT NULL,
    by_person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- Deleted by us (read back) or found gone.
    ended_at INTEGER,
    PRIMARY KEY (organization_id, delivery_id, segment),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
) STRICT;

-- One measured number. What a network does not give has no row.
CREATE TABLE sample (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    -- publication:<delivery>:<segment> or identity:<id>
    subject TEXT NOT NULL,
    metric TEXT NOT NULL,
    at INTEGER NOT NULL,
    value INTEGER NOT NULL,
    run_id BLOB,
    PRIMARY KEY (organization_id, subject, metric, at)
) STRICT;

-- What people were told, so that a missing notifier loses nothing and nothing is told twice.
CREATE TABLE notification (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- For one person, or for whoever uses this computer.
    person_id BLOB,
    -- JSON of the notification.
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    shown_at INTEGER,
    PRIMARY KEY (organization_id, key)
) STRICT;
CREATE INDEX notification_new ON notification (organization_id, at) WHERE shown_at IS NULL;
