-- What posts to an account may cost in a month (JSON: millionths and currency), what each try begins
-- to spend by the prices known when it was journaled, and whether a person let a delivery pass the
-- budget.

ALTER TABLE identity ADD COLUMN budget TEXT COLLATE "C";
ALTER TABLE attempt ADD COLUMN cost BIGINT;
ALTER TABLE attempt ADD COLUMN currency TEXT COLLATE "C";
ALTER TABLE delivery ADD COLUMN over_budget BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX attempt_cost ON attempt (organization_id, started_at) WHERE cost IS NOT NULL;
