-- What was asked of language models for a persona, by month.
CREATE TABLE model_use (
    organization_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    -- 2026-11, in UTC
    month TEXT NOT NULL,
    -- As people call the model.
    model TEXT NOT NULL,
    asked INTEGER NOT NULL,
    -- Tokens, as the service counted them.
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    PRIMARY KEY (organization_id, persona_id, month, model),
    FOREIGN KEY (organization_id, persona_id) REFERENCES persona (organization_id, id)
) STRICT;
