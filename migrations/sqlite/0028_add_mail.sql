-- Mail to people.

-- In which language they are told by mail what concerns them; absent means not at all.
ALTER TABLE login ADD COLUMN mail_language TEXT;

-- When its link went out by mail, and why it did not.
ALTER TABLE invitation ADD COLUMN mailed_at INTEGER;
ALTER TABLE invitation ADD COLUMN mail_trouble TEXT;
