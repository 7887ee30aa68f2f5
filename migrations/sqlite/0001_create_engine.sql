-- The durable runtime: runs, their steps, buffered events, waits and schedules.
-- Instants are milliseconds UTC. Shapes are those of the PostgreSQL script of the same number.

CREATE TABLE run (
    id BLOB NOT NULL PRIMARY KEY,
    organization BLOB,
    workflow TEXT NOT NULL,
    revision INTEGER NOT NULL,
    subject TEXT,
    dedupe TEXT,
    concurrency TEXT,
    singleton TEXT,
    parent BLOB,
    input TEXT NOT NULL,
    output TEXT,
    error_code TEXT,
    error_message TEXT,
    -- ready | running | waiting | queued | done | failed | cancelled
    state TEXT NOT NULL,
    -- When somebody must look at it next: a start, a wake-up, or the end of its lease.
    wake_at INTEGER,
    -- Counts owners: a write that names an older epoch is refused.
    epoch INTEGER NOT NULL,
    owner BLOB,
    lease_until INTEGER,
    -- Counts wake-ups, so that one is not lost while the run is on its way to sleep.
    signals INTEGER NOT NULL,
    -- The last event that is older than the run.
    event_floor INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER
) STRICT;
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
    run BLOB NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Which call of that name within the run, from 0.
    nth INTEGER NOT NULL,
    -- Order of first appearance within the run.
    place INTEGER NOT NULL,
    -- run | tx | effect | sleep | event | invoke | failure
    kind TEXT NOT NULL,
    -- done | failed | retrying | waiting | in_flight
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    output TEXT,
    error_code TEXT,
    error_message TEXT,
    due INTEGER,
    -- The event that ended a wait.
    event INTEGER,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (run, name, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    dedupe TEXT,
    payload TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX event_key ON event (name, key, seq);
CREATE UNIQUE INDEX event_dedupe ON event (name, key, dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX event_at ON event (at);

-- Who is woken (or cancelled) by which event.
CREATE TABLE wait (
    run BLOB NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    -- wake | cancel
    purpose TEXT NOT NULL,
    PRIMARY KEY (run, name, key, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX wait_event ON wait (name, key);

CREATE TABLE schedule (
    name TEXT NOT NULL PRIMARY KEY,
    workflow TEXT NOT NULL,
    revision INTEGER NOT NULL,
    organization BLOB,
    subject TEXT,
    input TEXT NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    grace_ms INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    next_at INTEGER,
    last_at INTEGER,
    missed_at INTEGER
) STRICT;
CREATE INDEX schedule_next ON schedule (next_at) WHERE next_at IS NOT NULL;
