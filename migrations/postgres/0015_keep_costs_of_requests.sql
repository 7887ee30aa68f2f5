-- What sending costs by the prices known when approval was asked: what the conditions of stages are
-- judged by, however prices change. JSON array.

ALTER TABLE request ADD COLUMN costs TEXT COLLATE "C" NOT NULL DEFAULT '[]';
