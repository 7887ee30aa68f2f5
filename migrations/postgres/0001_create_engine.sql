-- The durable runtime: runs, their steps, buffered events, waits and schedules.
-- Instants are milliseconds UTC. Shapes are those of the SQLite script of the same number.

CREATE TABLE run (
    id UUID NOT NULL PRIMARY KEY,
    organization UUID,
    workflow TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    subject TEXT COLLATE "C",
    dedupe TEXT COLLATE "C",
    concurrency TEXT COLLATE "C",
    singleton TEXT COLLATE "C",
    parent UUID,
    input TEXT COLLATE "C" NOT NULL,
    output TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    error_message TEXT COLLATE "C",
    -- ready | running | waiting | queued | done | failed | cancelled
    state TEXT COLLATE "C" NOT NULL,
    -- When somebody must look at it next: a start, a wake-up, or the end of its lease.
    wake_at BIGINT,
    -- Counts owners: a write that names an older epoch is refused.
    epoch BIGINT NOT NULL,
    owner UUID,
    lease_until BIGINT,
    -- Counts wake-ups, so that one is not lost while the run is on its way to sleep.
    signals BIGINT NOT NULL,
    -- The last event that is older than the run.
    event_floor BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX run_wake ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX run_dedupe ON run (workflow, dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX run_concurrency ON run (concurrency, state)
    WHERE concurrency IS NOT NULL AND state IN ('running', 'queued');
CREATE UNIQUE INDEX run_singleton ON run (workflow, singleton)
    WHERE singleton IS NOT NULL AND ended_at IS NULL;
CREATE INDEX run_subject ON run (subject) WHERE subject IS NOT NULL;
CREATE INDEX run_parent ON run (parent) WHERE parent IS NOT NULL;
CREATE INDEX run_recent ON run (created_at);
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE step (
    run UUID NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    -- Which call of that name within the run, from 0.
    nth BIGINT NOT NULL,
    -- Order of first appearance within the run.
    place BIGINT NOT NULL,
    -- run | tx | effect | sleep | event | invoke | failure
    kind TEXT COLLATE "C" NOT NULL,
    -- done | failed | retrying | waiting | in_flight
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    output TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    error_message TEXT COLLATE "C",
    due BIGINT,
    -- The event that ended a wait.
    event BIGINT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (run, name, nth)
);

CREATE TABLE event (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    dedupe TEXT COLLATE "C",
    payload TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX event_key ON event (name, key, seq);
CREATE UNIQUE INDEX event_dedupe ON event (name, key, dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX event_at ON event (at);

-- Who is woken (or cancelled) by which event.
CREATE TABLE wait (
    run UUID NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- wake | cancel
    purpose TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run, name, key, purpose)
);
CREATE INDEX wait_event ON wait (name, key);

CREATE TABLE schedule (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    workflow TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    organization UUID,
    subject TEXT COLLATE "C",
    input TEXT COLLATE "C" NOT NULL,
    cron TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    grace_ms BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    missed_at BIGINT
);
CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at IS NOT NULL;
