-- Whoever had the seat left or may no longer decide. It stays, so that a quorum of all still knows
-- how many were asked when the stage opened.

ALTER TABLE stage_seat ADD COLUMN vacant INTEGER NOT NULL DEFAULT 0;
