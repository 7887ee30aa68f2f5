-- The network itself may keep the time of a post (hand-off): what a person chose, what becomes of a
-- delivery once the network has given it back, and for when a try was given to the network. And
-- when a person let a delivery pass its account's budget, not only that: of that month only.

ALTER TABLE delivery ADD COLUMN hand_off BOOLEAN NOT NULL DEFAULT FALSE;
-- plan | cancel
ALTER TABLE delivery ADD COLUMN recall TEXT COLLATE "C";
ALTER TABLE delivery ADD COLUMN budget_passed_at BIGINT;
UPDATE delivery SET budget_passed_at = changed_at WHERE over_budget = TRUE;
ALTER TABLE attempt ADD COLUMN handed_for BIGINT;
