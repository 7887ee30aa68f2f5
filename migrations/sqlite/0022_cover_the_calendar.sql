-- The calendar over 100,000 contents: what it counts by day is read from indexes alone. The same for
-- what went out lately. And a delivery keeps when a person let it pass the budget (0018), not whether.

DROP INDEX delivery_planned;
DROP INDEX delivery_settled;
DROP INDEX delivery_ended;
CREATE INDEX delivery_planned ON delivery (organization_id, planned_at, status, content_id, identity_id) WHERE planned_at IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (organization_id, settled_at, status, content_id, identity_id) WHERE planned_at IS NULL;
CREATE INDEX delivery_ended ON delivery (organization_id, settled_at, status, planned_at, grace);
CREATE INDEX content_placed ON content (organization_id, id, status, archived, persona_id);
ALTER TABLE delivery DROP COLUMN over_budget;
