-- On PostgreSQL a second lock stands between organizations (see there). SQLite knows no such locks; a
-- file is used by one process, and the first lock, the organization in every statement, is the same.
SELECT 1;
