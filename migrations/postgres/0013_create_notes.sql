-- Comments of people on a version, on words of it, or on a picture.

CREATE TABLE note (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    content_id UUID NOT NULL,
    -- The version that it was written on.
    n BIGINT NOT NULL,
    -- The first note of the thread that it answers in; absent for a first one.
    thread_id UUID,
    -- JSON of the anchor.
    anchor TEXT COLLATE "C" NOT NULL,
    -- The words that it is about, as they stood; empty for the whole version and for pictures.
    quote TEXT COLLATE "C" NOT NULL,
    -- Empty when it was taken back.
    text TEXT COLLATE "C" NOT NULL,
    person_id UUID NOT NULL,
    operator_id UUID,
    at BIGINT NOT NULL,
    removed_at BIGINT,
    -- Of the whole thread, on its first note.
    resolved_at BIGINT,
    resolved_by UUID,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, content_id, n) REFERENCES version (organization_id, content_id, n),
    FOREIGN KEY (organization_id, thread_id) REFERENCES note (organization_id, id)
);
CREATE INDEX note_content ON note (organization_id, content_id, at, id);

-- Who is named in a note.
CREATE TABLE note_mention (
    organization_id UUID NOT NULL,
    person_id UUID NOT NULL,
    note_id UUID NOT NULL,
    PRIMARY KEY (organization_id, person_id, note_id),
    FOREIGN KEY (organization_id, note_id) REFERENCES note (organization_id, id)
);
CREATE INDEX note_mention_note ON note_mention (organization_id, note_id);
