-- What is talked about, and what could be said: sources and their items, trends, suggestions.

CREATE TABLE source (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    -- Of a hashtag; else empty.
    tag TEXT COLLATE "C" NOT NULL,
    -- What people call it; empty means as it calls itself.
    name TEXT COLLATE "C" NOT NULL,
    -- As it calls itself.
    title TEXT COLLATE "C" NOT NULL,
    -- BCP 47, as it says or as its texts look.
    language TEXT COLLATE "C",
    -- new | fine | trouble | stopped
    health TEXT COLLATE "C" NOT NULL,
    trouble TEXT COLLATE "C",
    -- What a reading said of the trouble, such as a status.
    words TEXT COLLATE "C",
    failures BIGINT NOT NULL,
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    read_at BIGINT,
    next_at BIGINT,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, kind, address, tag)
);

-- Which personas follow it.
CREATE TABLE source_follow (
    organization_id UUID NOT NULL,
    source_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    PRIMARY KEY (organization_id, source_id, persona_id),
    FOREIGN KEY (organization_id, source_id) REFERENCES source (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);

-- An item of a source. Kept for some weeks: trends are rebuilt from these.
CREATE TABLE signal (
    organization_id UUID NOT NULL,
    source_id UUID NOT NULL,
    -- A hash of what names the item within its source: seen again, it is the same.
    item BYTEA NOT NULL,
    url TEXT COLLATE "C",
    title TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C",
    published_at BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, source_id, item),
    FOREIGN KEY (organization_id, source_id) REFERENCES source (organization_id, id)
);
CREATE INDEX signal_read ON signal (organization_id, fetched_at, published_at, source_id, item);

CREATE TABLE trend (
    organization_id UUID NOT NULL REFERENCES organization (id),
    id UUID NOT NULL,
    -- JSON of its facts.
    facts TEXT COLLATE "C" NOT NULL,
    began_at BIGINT NOT NULL,
    -- When it was last found to rise.
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX trend_seen ON trend (organization_id, seen_at, id);

-- What a trend is for a persona.
CREATE TABLE trend_fit (
    organization_id UUID NOT NULL,
    trend_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    -- JSON.
    fit TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, trend_id, persona_id),
    FOREIGN KEY (organization_id, trend_id) REFERENCES trend (organization_id, id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);

CREATE TABLE suggestion (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    persona_id UUID NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    -- What it is about: the same again is the same suggestion.
    about TEXT COLLATE "C" NOT NULL,
    -- JSON of its facts.
    facts TEXT COLLATE "C" NOT NULL,
    -- open | accepted | edited | dismissed | expired
    status TEXT COLLATE "C" NOT NULL,
    -- Why it was dismissed.
    reason TEXT COLLATE "C",
    -- The outline that was made of it.
    content_id UUID,
    -- A hash of the words that the outline begins with.
    begun BYTEA,
    made_at BIGINT NOT NULL,
    -- After this it is not worth saying any more.
    until BIGINT,
    settled_at BIGINT,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, persona_id, kind, about),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
CREATE INDEX suggestion_status ON suggestion (organization_id, persona_id, status, settled_at, id);
CREATE INDEX suggestion_content ON suggestion (organization_id, content_id);

-- Topics that a persona does not want.
CREATE TABLE muted_topic (
    organization_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, persona_id, topic),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);

-- Since when answers of a persona are learned from: what was before is forgotten.
CREATE TABLE learning (
    organization_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organization_id, persona_id),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
