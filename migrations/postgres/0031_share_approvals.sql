-- Approvals among many: who decides for somebody who is away, who looks in from outside, and who has a
-- content open.

-- One person decides for another for a time; a person is away once at a time.
CREATE TABLE delegation (
    organization_id UUID NOT NULL,
    -- Who is away.
    person_id UUID NOT NULL,
    -- Who decides meanwhile.
    to_id UUID NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, person_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id),
    FOREIGN KEY (organization_id, to_id) REFERENCES person (organization_id, id)
);
CREATE INDEX delegation_to ON delegation (organization_id, to_id);

-- Lets one person from outside look at one request, until an end.
CREATE TABLE review_link (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    request_id UUID NOT NULL,
    -- Of its secret.
    hash BYTEA NOT NULL,
    -- What is shown: this version and no other.
    content_id UUID NOT NULL,
    n BIGINT NOT NULL,
    version_hash BYTEA NOT NULL,
    -- The stage in which its holder decides in the seat of who made it; absent means that they only
    -- comment.
    stage BIGINT,
    -- Who holds it, as who made it says.
    name TEXT COLLATE "C" NOT NULL,
    made_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    seen_at BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, request_id) REFERENCES request (organization_id, id),
    FOREIGN KEY (organization_id, made_by) REFERENCES person (organization_id, id)
);
CREATE INDEX review_link_request ON review_link (organization_id, request_id, created_at);

-- Who has a content open, in which window, until when that is believed.
CREATE TABLE presence (
    organization_id UUID NOT NULL,
    content_id UUID NOT NULL,
    person_id UUID NOT NULL,
    window_id UUID NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, person_id, window_id),
    FOREIGN KEY (organization_id, person_id) REFERENCES person (organization_id, id)
);
CREATE INDEX presence_content ON presence (organization_id, content_id);

-- The operator decided for somebody who was away, and not at a computer that both share.
ALTER TABLE decision ADD COLUMN delegated BOOLEAN NOT NULL DEFAULT FALSE;
-- Who from outside said it, by a link that the person made.
ALTER TABLE decision ADD COLUMN outside TEXT COLLATE "C";
ALTER TABLE note ADD COLUMN outside TEXT COLLATE "C";

DO $$
DECLARE
    guarded TEXT;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['delegation', 'review_link', 'presence']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own ON %I USING ('
            '(SELECT coalesce(current_setting(''rostrum.org'', true), '''') = ''*'') '
            'OR organization_id = (SELECT CASE WHEN current_setting(''rostrum.org'', true) = ''*'' THEN NULL '
            'ELSE NULLIF(current_setting(''rostrum.org'', true), '''')::uuid END))',
            guarded);
    END LOOP;
END
$$;
