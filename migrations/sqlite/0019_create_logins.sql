-- Who may come in to a server: logins of people, the organizations that they belong to, and what
-- proves who they are. Nothing here is a secret in clear: passwords are hashed, tokens too.

-- A person's login; one may belong to several organizations.
CREATE TABLE login (
    id BLOB NOT NULL PRIMARY KEY,
    -- Folded: what two spellings of one address share.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Argon2id in PHC form; absent where nobody has set one.
    password TEXT,
    password_at INTEGER,
    -- Sealed: the shared secret of the second factor, and since when it is asked for.
    totp BLOB,
    totp_at INTEGER,
    -- The last step whose code was taken: a code works once.
    totp_step INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- For a second factor that was lost; each works once.
CREATE TABLE recovery_code (
    login_id BLOB NOT NULL REFERENCES login (id),
    hash BLOB NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (login_id, hash)
) STRICT;

-- A sign-in that goes on: its refresh token changes with each use.
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    login_id BLOB NOT NULL REFERENCES login (id),
    -- Of the newest refresh token, and of the one before.
    refresh BLOB NOT NULL,
    previous BLOB,
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    -- What people recognize it by.
    agent TEXT NOT NULL,
    address TEXT NOT NULL,
    revoked_at INTEGER,
    -- signed_out | revoked | reused | password
    revoked_why TEXT
) STRICT;
CREATE INDEX session_login ON session (login_id, created_at);

-- Sets a password anew, once.
CREATE TABLE password_reset (
    hash BLOB NOT NULL PRIMARY KEY,
    login_id BLOB NOT NULL REFERENCES login (id),
    ends_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

-- Which person of an organization a login is.
CREATE TABLE member (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    person_id BLOB NOT NULL,
    login_id BLOB NOT NULL REFERENCES login (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;
CREATE UNIQUE INDEX member_login ON member (organization_id, login_id);
CREATE INDEX member_of ON member (login_id, created_at);

-- Lets one person in, once.
CREATE TABLE invitation (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    hash BLOB NOT NULL,
    -- For whom, where that is known: only that address may use it.
    email TEXT,
    role TEXT NOT NULL,
    -- Absent for the first owner's.
    invited_by BLOB,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    used_at INTEGER,
    used_by BLOB,
    withdrawn_at INTEGER,
    PRIMARY KEY (organization_id, id)
) STRICT;

-- Lets a program in, as a person of an organization and with no more than its scopes.
CREATE TABLE api_token (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    -- JSON: a list of rights.
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;

-- Secrets of accounts, sealed under a key that is not in this database.
CREATE TABLE identity_secret (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    identity_id BLOB NOT NULL,
    -- The name of the key in the ring.
    sealed_under TEXT NOT NULL,
    sealed BLOB NOT NULL,
    -- The process that calls with it, and until when it may: a refresh token works once.
    held_by BLOB,
    held_until INTEGER,
    PRIMARY KEY (organization_id, identity_id)
) STRICT;

-- How often somebody knocked in a stretch of time; shared by all processes.
CREATE TABLE throttle (
    bucket TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL,
    knocks INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;

-- Files that were made for an organization of its pictures and pages: what its people may see.
CREATE TABLE asset_presence (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    hash BLOB NOT NULL,
    PRIMARY KEY (organization_id, hash)
) STRICT;

-- Which server it is, for the issuer of its tokens.
CREATE TABLE server (
    only_one INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL
) STRICT;

-- How a person of a server likes the window; JSON.
CREATE TABLE person_settings (
    organization_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
) STRICT;

-- Which keys this database knows, by what they derive for this purpose alone: another ring is told
-- before anything is sealed under it.
CREATE TABLE server_key (
    name TEXT NOT NULL PRIMARY KEY,
    proof BLOB NOT NULL
) STRICT;
