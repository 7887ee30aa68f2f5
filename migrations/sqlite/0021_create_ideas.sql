-- What is talked about, and what could be said: sources and their items, trends, suggestions.

CREATE TABLE source (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    -- Of a hashtag; else empty.
    tag TEXT NOT NULL,
    -- What people call it; empty means as it calls itself.
    name TEXT NOT NULL,
    -- As it calls itself.
    title TEXT NOT NULL,
    -- BCP 47, as it says or as its texts look.
    language TEXT,
    -- new | fine | trouble | stopped
    health TEXT NOT NULL,
    trouble TEXT,
    -- What a reading said of the trouble, such as a status.
    words TEXT,
    failures INTEGER NOT NULL,
    etag TEXT,
    last_modified TEXT,
    read_at INTEGER,
    next_at INTEGER,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, kind, address, tag)
) STRICT;

-- Which personas follow it.
CREATE TABLE source_follow (
    organization_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, source_id, persona_id),
    FOREIGN KEY (organization_id, source_id) REFERENCES source (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;

-- An item of a source. Kept for some weeks: trends are rebuilt from these.
CREATE TABLE signal (
    organization_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    -- A hash of what names the item within its source: seen again, it is the same.
    item BLOB NOT NULL,
    url TEXT,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT,
    published_at INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, source_id, item),
    FOREIGN KEY (organization_id, source_id) REFERENCES source (organization_id, id)
) STRICT;
CREATE INDEX signal_read ON signal (organization_id, fetched_at, published_at, source_id, item);

CREATE TABLE trend (
    organization_id BLOB NOT NULL REFERENCES organization (id),
    id BLOB NOT NULL,
    -- JSON of its facts.
    facts TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    -- When it was last found to rise.
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
CREATE INDEX trend_seen ON trend (organization_id, seen_at, id);

-- What a trend is for a persona.
CREATE TABLE trend_fit (
    organization_id BLOB NOT NULL,
    trend_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    -- JSON.
    fit TEXT NOT NULL,
    PRIMARY KEY (organization_id, trend_id, persona_id),
    FOREIGN KEY (organization_id, trend_id) REFERENCES trend (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;

CREATE TABLE suggestion (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- What it is about: the same again is the same suggestion.
    about TEXT NOT NULL,
    -- JSON of its facts.
    facts TEXT NOT NULL,
    -- open | accepted | edited | dismissed | expired
    status TEXT NOT NULL,
    -- Why it was dismissed.
    reason TEXT,
    -- The outline that was made of it.
    content_id BLOB,
    -- A hash of the words that the outline begins with.
    begun BLOB,
    made_at INTEGER NOT NULL,
    -- After this it is not worth saying any more.
    until INTEGER,
    settled_at INTEGER,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, persona_id, kind, about),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
CREATE INDEX suggestion_status ON suggestion (organization_id, persona_id, status, settled_at, id);
CREATE INDEX suggestion_content ON suggestion (organization_id, content_id);

-- Topics that a persona does not want.
CREATE TABLE muted_topic (
    organization_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, persona_id, topic),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;

-- Since when answers of a persona are learned from: what was before is forgotten.
CREATE TABLE learning (
    organization_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organization_id, persona_id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
