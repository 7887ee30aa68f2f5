-- Mail to people.

-- In which language they are told by mail what concerns them; absent means not at all.
ALTER TABLE login ADD COLUMN mail_language TEXT COLLATE "C";
-- The IANA zone on whose wall their quiet hours are.
ALTER TABLE login ADD COLUMN mail_zone TEXT COLLATE "C";

-- When its link went out by mail, and why it did not.
ALTER TABLE invitation ADD COLUMN mailed_at BIGINT;
ALTER TABLE invitation ADD COLUMN mail_trouble TEXT COLLATE "C";

-- Why the mail server takes nothing, and since when; absent while it does.
ALTER TABLE server ADD COLUMN mail_trouble TEXT COLLATE "C";
ALTER TABLE server ADD COLUMN mail_trouble_since BIGINT;
