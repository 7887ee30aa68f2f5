-- What the tokens cost by the price that a person typed, in millionths of the currency that they count in.
ALTER TABLE model_use ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
