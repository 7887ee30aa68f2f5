-- Full-text search over terms that domain::search makes; the index only keeps them.

CREATE TABLE content_terms (
    rowid_ref BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id UUID NOT NULL,
    content_id UUID NOT NULL,
    -- The terms, sorted, one space between.
    terms TEXT COLLATE "C" NOT NULL,
    UNIQUE (organization_id, content_id),
    FOREIGN KEY (organization_id, content_id) REFERENCES content (organization_id, id)
);
CREATE INDEX content_search ON content_terms
    USING gin (array_to_tsvector(string_to_array(terms, ' ')));
