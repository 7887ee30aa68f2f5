-- Where the tables of a server lie. On PostgreSQL it is another place when they were restored or
-- copied: then nothing is sent before somebody says so. A SQLite file has its folder's own mark.
ALTER TABLE server ADD COLUMN place TEXT;
