-- min_writer: 7
-- Who goes first, and which runs are held back together.

-- 1 before 0 before -1, among those that are due.
ALTER TABLE run ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- Runs of one workflow with the same key are throttled, limited or gathered together.
ALTER TABLE run ADD COLUMN flow TEXT;
-- Of how many starts it was made, itself counted; 0: none has been taken along yet.
ALTER TABLE run ADD COLUMN gathered INTEGER NOT NULL DEFAULT 0;

DROP INDEX run_wake;
CREATE INDEX run_due ON run (priority, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX run_flow_started ON run (workflow, flow, started_at) WHERE flow IS NOT NULL;
CREATE INDEX run_flow_fresh ON run (workflow, flow, created_at)
    WHERE flow IS NOT NULL AND started_at IS NULL AND ended_at IS NULL;
