-- The network itself may keep the time of a post (hand-off): what a person chose, what becomes of a
-- delivery once the network has given it back, and for when a try was given to the network. And
-- when a person let a delivery pass its account's budget, not only that: of that month only.

ALTER TABLE delivery ADD COLUMN hand_off INTEGER NOT NULL DEFAULT 0;
-- plan | cancel
ALTER TABLE delivery ADD COLUMN recall TEXT;
ALTER TABLE delivery ADD COLUMN budget_passed_at INTEGER;
UPDATE delivery SET budget_passed_at = changed_at WHERE over_budget = 1;
ALTER TABLE attempt ADD COLUMN handed_for INTEGER;
