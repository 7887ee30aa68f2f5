#!/bin/sh
# The database's image runs this once, over an empty volume: Rostrum's role owns its tables and is no
# superuser, for whom what keeps organizations apart in PostgreSQL would not count.
set -eu
psql --username=postgres --set=ON_ERROR_STOP=1 --set=password="$ROSTRUM_DB_PASSWORD" <<'SQL'
CREATE ROLE rostrum LOGIN PASSWORD :'password';
CREATE DATABASE rostrum OWNER rostrum;
SQL
