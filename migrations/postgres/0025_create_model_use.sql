-- What was asked of language models for a persona, by month.
CREATE TABLE model_use (
    organization_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    -- 2026-11, in UTC
    month TEXT COLLATE "C" NOT NULL,
    -- As people call the model.
    model TEXT COLLATE "C" NOT NULL,
    asked BIGINT NOT NULL,
    -- Tokens, as the service counted them.
    input BIGINT NOT NULL,
    output BIGINT NOT NULL,
    PRIMARY KEY (organization_id, persona_id, month, model),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
);
