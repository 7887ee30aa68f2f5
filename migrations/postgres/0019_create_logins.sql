-- Who may come in to a server: logins of people, the organizations that they belong to, and what
-- proves who they are. Nothing here is a secret in clear: passwords are hashed, tokens too.

-- A person's login; one may belong to several organizations.
CREATE TABLE login (
    id UUID NOT NULL PRIMARY KEY,
    -- Folded: what two spellings of one address share.
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    -- Argon2id in PHC form; absent where nobody has set one.
    password TEXT COLLATE "C",
    password_at BIGINT,
    -- Sealed: the shared secret of the second factor, and since when it is asked for.
    totp BYTEA,
    totp_at BIGINT,
    -- The last step whose code was taken: a code works once.
    totp_step BIGINT,
    created_at BIGINT NOT NULL
);

-- For a second factor that was lost; each works once.
CREATE TABLE recovery_code (
    login_id UUID NOT NULL REFERENCES login (id),
    hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (login_id, hash)
);

-- A sign-in that goes on: its refresh token changes with each use.
CREATE TABLE session (
    id UUID NOT NULL PRIMARY KEY,
    login_id UUID NOT NULL REFERENCES login (id),
    -- Of the newest refresh token, and of the one before.
    refresh BYTEA NOT NULL,
    previous BYTEA,
    rotated_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- What people recognize it by.
    agent TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    revoked_at BIGINT,
    -- signed_out | revoked | reused | password
    revoked_why TEXT COLLATE "C"
);
CREATE INDEX session_login ON session (login_id, created_at);

-- Sets a password anew, once.
CREATE TABLE password_reset (
    hash BYTEA NOT NULL PRIMARY KEY,
    login_id UUID NOT NULL REFERENCES login (id),
    ends_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Which person of an organization a login is.
CREATE TABLE member (
    organization_id UUID NOT NULL REFERENCES organization (id),
    person_id UUID NOT NULL,
    login_id UUID NOT NULL REFERENCES login (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE UNIQUE INDEX member_login ON member (organization_id, login_id);
CREATE INDEX member_of ON member (login_id, created_at);

-- Lets one person in, once.
CREATE TABLE invitation (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    hash BYTEA NOT NULL,
    -- For whom, where that is known: only that address may use it.
    email TEXT COLLATE "C",
    role TEXT COLLATE "C" NOT NULL,
    -- Absent for the first owner's.
    invited_by UUID,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    used_at BIGINT,
    used_by UUID,
    withdrawn_at BIGINT,
    PRIMARY KEY (organization_id, id)
);

-- Lets a program in, as a person of an organization and with no more than its scopes.
CREATE TABLE api_token (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    person_id UUID NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    -- JSON: a list of rights.
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);

-- Secrets of accounts, sealed under a key that is not in this database.
CREATE TABLE identity_secret (
    organization_id UUID NOT NULL REFERENCES organization (id),
    identity_id UUID NOT NULL,
    -- The name of the key in the ring.
    sealed_under TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    -- The process that calls with it, and until when it may: a refresh token works once.
    held_by UUID,
    held_until BIGINT,
    PRIMARY KEY (organization_id, identity_id)
);

-- How often somebody knocked in a stretch of time; shared by all processes.
CREATE TABLE throttle (
    bucket TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    knocks BIGINT NOT NULL,
    last BIGINT NOT NULL
);

-- Files that were made for an organization of its pictures and pages: what its people may see.
CREATE TABLE asset_presence (
    organization_id UUID NOT NULL REFERENCES organization (id),
    hash BYTEA NOT NULL,
    PRIMARY KEY (organization_id, hash)
);

-- Which server it is, for the issuer of its tokens.
CREATE TABLE server (
    only_one BIGINT NOT NULL PRIMARY KEY,
    id UUID NOT NULL
);

-- How a person of a server likes the window; JSON.
CREATE TABLE person_settings (
    organization_id UUID NOT NULL,
    person_id UUID NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);

-- Which keys this database knows, by what they derive for this purpose alone: another ring is told
-- before anything is sealed under it.
CREATE TABLE server_key (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    proof BYTEA NOT NULL
);
