-- What goes out, what was tried, what is live, what was measured.

CREATE TABLE delivery (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    content_id UUID NOT NULL,
    identity_id UUID NOT NULL,
    -- The version that it sends (or sent) and its hash; 0 until there is one.
    n BIGINT NOT NULL,
    hash BYTEA,
    -- planned | due | sending | published | failed | unconfirmed | missed | held | cancelled | deleted | gone
    status TEXT COLLATE "C" NOT NULL,
    -- Absent means as soon as approved.
    planned_at BIGINT,
    planned_zone TEXT COLLATE "C",
    planned_wall TEXT COLLATE "C",
    -- How late it may go out on its own, milliseconds.
    grace BIGINT NOT NULL,
    -- account | folder | executor | limits | media
    hold TEXT COLLATE "C",
    -- late | not_approved
    miss TEXT COLLATE "C",
    -- The network's own words.
    words TEXT COLLATE "C",
    retry_at BIGINT,
    -- Segments in all and segments that are live.
    segments BIGINT NOT NULL,
    live BIGINT NOT NULL,
    -- The run that publishes it; a new one for each new start.
    run_id UUID,
    -- Counts starts, so that each has its own run.
    starts BIGINT NOT NULL,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id),
    FOREIGN KEY (organization_id, identity_id) REFERENCES identity (organization_id, id)
);
CREATE INDEX delivery_content ON delivery (organization_id, content_id);
CREATE INDEX delivery_planned ON delivery (organization_id, planned_at) WHERE planned_at IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (organization_id, settled_at) WHERE planned_at IS NULL;
CREATE INDEX delivery_status ON delivery (organization_id, status, planned_at);
CREATE INDEX delivery_identity ON delivery (organization_id, identity_id, status);

CREATE TABLE attempt (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    segment BIGINT NOT NULL,
    n BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    request_id UUID NOT NULL,
    -- in_flight | pending | confirmed | not_sent | rejected | throttled | ambiguous | written_off
    phase TEXT COLLATE "C" NOT NULL,
    -- What makes a repetition the same write (record key, idempotency key), as JSON.
    keys TEXT COLLATE "C" NOT NULL,
    -- What the network gave to ask with later, as JSON.
    handle TEXT COLLATE "C",
    -- The process that sends, its epoch, and until when it may.
    owner UUID NOT NULL,
    epoch BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    words TEXT COLLATE "C",
    -- Who said to send again in spite of it.
    written_off_by UUID,
    started_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
);
CREATE INDEX attempt_delivery ON attempt (organization_id, delivery_id, segment, started_at);
-- What is confirmed blocks, and so does all that might be live (rules.md 4).
CREATE UNIQUE INDEX attempt_one ON attempt (organization_id, delivery_id, segment)
    WHERE phase NOT IN ('not_sent', 'rejected', 'throttled', 'written_off');

CREATE TABLE publication (
    organization_id UUID NOT NULL,
    delivery_id UUID NOT NULL,
    segment BIGINT NOT NULL,
    remote_id TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C",
    -- What later calls need (Bluesky: cid), as JSON.
    extra TEXT COLLATE "C" NOT NULL,
    by_person BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    -- Deleted by us (read back) or found gone.
    ended_at BIGINT,
    PRIMARY KEY (organization_id, delivery_id, segment),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES delivery (organization_id, id)
);

-- One measured number. What a network does not give has no row.
CREATE TABLE sample (
    organization_id UUID NOT NULL REFERENCES organization (id),
    -- publication:<delivery>:<segment> or identity:<id>
    subject TEXT COLLATE "C" NOT NULL,
    metric TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    value BIGINT NOT NULL,
    run_id UUID,
    PRIMARY KEY (organization_id, subject, metric, at)
);

-- What people were told, so that a missing notifier loses nothing and nothing is told twice.
CREATE TABLE notification (
    organization_id UUID NOT NULL REFERENCES organization (id),
    key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    -- For one person, or for whoever uses this computer.
    person_id UUID,
    -- JSON of the notification.
    body TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    shown_at BIGINT,
    PRIMARY KEY (organization_id, key)
);
CREATE INDEX notification_new ON notification (organization_id, at) WHERE shown_at IS NULL;
