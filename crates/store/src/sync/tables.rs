//! What a mirror holds: the aggregates and their tables. Everything that reads, sends, writes or
//! takes back rows of a mirror goes by this description; a test compares it with the schema.

use db::Kind;

/// A column and what it holds.
pub type Column = (&'static str, Kind);

/// How a mirror keeps the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// As the server has them; what is changed here in advance is taken back before.
    Whole,
    /// The row is always there; only what the server says of it is overwritten.
    Overwritten,
    /// Taken in once and this computer's own from then on.
    Once,
}

/// A table of a mirror.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The column that says whose it is. It never travels: a mirror writes its own organization.
    pub scope: &'static str,
    /// What names a row within the organization.
    pub key: &'static [&'static str],
    /// What travels.
    pub columns: &'static [Column],
    /// What only this database knows: row numbers of its search index.
    pub local: &'static [Column],
    /// How its rows are kept.
    pub kept: Kept,
    /// The column that names who alone may read a row; NULL there means everybody.
    pub person: Option<&'static str>,
}

impl Table {
    /// What a column holds.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<Kind> {
        let mut all = self.columns.iter().chain(self.local);
        all.find(|(column, _)| *column == name).map(|(_, k)| *k)
    }
}

/// A table with the columns that say to which entity a row belongs, in the order of its id; none
/// means that the organization is the entity.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The table.
    pub table: &'static Table,
    /// Its columns that make up the entity's id.
    pub of: &'static [&'static str],
}

/// What a change names: an id, and the rows that belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Entity {
    /// As in `change.entity`.
    pub name: &'static str,
    /// Its rows; the first part has one for each entity, or several under one id.
    pub parts: &'static [Part],
}

impl Entity {
    /// The table that holds the entities themselves.
    #[must_use]
    pub const fn first(&self) -> &'static Part {
        &self.parts[0]
    }
}

/// The entity of that name.
#[must_use]
pub fn entity(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|e| e.name == name)
}

/// Every table, those that others refer to first.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    ENTITIES.iter().flat_map(|e| e.parts).map(|p| p.table)
}

macro_rules! columns {
    ($($name:ident $kind:ident),* $(,)?) => { &[$((stringify!($name), Kind::$kind)),*] };
}

macro_rules! entities {
    ($($name:literal [$($table:ident by $($of:literal),*);+])*) => {
        /// Everything that travels, what others refer to first.
        pub const ENTITIES: &[Entity] = &[$(Entity {
            name: $name,
            parts: &[$(Part { table: &$table, of: &[$($of),*] }),+],
        }),*];
    };
}

entities! {
    "organization" [ORGANIZATION by]
    "person" [PERSON by "id"]
    "delegation" [DELEGATION by "person_id"]
    "chain" [CHAIN by "id"]
    "persona" [PERSONA by "id"]
    "identity" [IDENTITY by "id"]
    "asset" [ASSET by "hash"]
    "content" [CONTENT by "id"; WORKING_COPY by "content_id"; CONTENT_TERMS by "content_id"]
    "version" [VERSION by "content_id", "n"]
    "request" [REQUEST by "id"; REQUEST_TIME by "request_id"; STAGE_SEAT by "request_id"]
    "decision" [DECISION by "id"]
    "delivery" [DELIVERY by "id"; ATTEMPT by "delivery_id"]
    "publication" [PUBLICATION by "delivery_id", "segment"]
    "edit" [EDIT by "delivery_id"]
    "note" [NOTE by "id"; NOTE_MENTION by "note_id"]
    "template" [TEMPLATE by "id"]
    "source" [SOURCE by "id"; SOURCE_FOLLOW by "source_id"]
    "trend" [TREND by "id"; TREND_FIT by "trend_id"]
    "suggestion" [SUGGESTION by "id"]
    "slot_fill" [SLOT_FILL by "persona_id", "slot"]
    "muted_topic" [MUTED_TOPIC by "persona_id"]
    "learning" [LEARNING by "persona_id"]
    "dismissed_remark" [DISMISSED_REMARK by "subject"]
    "model_use" [MODEL_USE by "persona_id"]
    "sample" [SAMPLE by "subject"]
    "notification" [NOTIFICATION by "key"]
}

const ORGANIZATION: Table = Table {
    name: "organization",
    scope: "id",
    key: &[],
    columns: columns![
        name Text, paused_at Int, created_at Int
    ],
    local: columns![],
    kept: Kept::Overwritten,
    person: None,
};
const PERSON: Table = Table {
    name: "person",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, name Text, role Text, active Bool, created_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const DELEGATION: Table = Table {
    name: "delegation",
    scope: "organization_id",
    key: &["person_id"],
    columns: columns![
        person_id Uuid, to_id Uuid, from_at Int, until_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const CHAIN: Table = Table {
    name: "chain",
    scope: "organization_id",
    key: &["id", "revision"],
    columns: columns![
        id Uuid, revision Int, name Text, policy Bytes, hash Bytes, archived Bool,
        created_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const PERSONA: Table = Table {
    name: "persona",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, name Text, profile Text, chain_id Uuid, paused_at Int, archived Bool,
        created_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const IDENTITY: Table = Table {
    name: "identity",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, persona_id Uuid, network Text, remote_id Text, handle Text, display_name Text,
        service Text, status Text, trouble Text, settings Text, live Text, executor Text,
        epoch Int, checked_at Int, created_at Int, budget Text
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const ASSET: Table = Table {
    name: "asset",
    scope: "organization_id",
    key: &["hash"],
    columns: columns![
        hash Bytes, facts Text, thumbnail Bytes, created_at Int, present Bool
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const CONTENT: Table = Table {
    name: "content",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, persona_id Uuid, status Text, archived Bool, n Int, headline Text, excerpt Text,
        pictures Int, parts Int, campaign Text, labels Text, author_id Uuid, at Int,
        created_at Int, changed_at Int
    ],
    local: columns![terms_ref Int],
    kept: Kept::Whole,
    person: None,
};
const WORKING_COPY: Table = Table {
    name: "working_copy",
    scope: "organization_id",
    key: &["content_id"],
    columns: columns![
        content_id Uuid, body Text, base Int, person_id Uuid, at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const CONTENT_TERMS: Table = Table {
    name: "content_terms",
    scope: "organization_id",
    key: &["content_id"],
    columns: columns![
        content_id Uuid, terms Text
    ],
    local: columns![rowid_ref Int],
    kept: Kept::Whole,
    person: None,
};
const VERSION: Table = Table {
    name: "version",
    scope: "organization_id",
    key: &["content_id", "n"],
    columns: columns![
        content_id Uuid, n Int, hash Bytes, doc Bytes, restored_from Int, person_id Uuid, at Int,
        operator_id Uuid
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const REQUEST: Table = Table {
    name: "request",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, content_id Uuid, n Int, hash Bytes, chain_id Uuid, chain_revision Int,
        policy Bytes, policy_hash Bytes, status Text, stage Int, stage_opened_at Int, stuck Bool,
        person_id Uuid, opened_at Int, closed_at Int, costs Text
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const REQUEST_TIME: Table = Table {
    name: "request_time",
    scope: "organization_id",
    key: &["request_id", "delivery_id"],
    columns: columns![
        request_id Uuid, delivery_id Uuid, planned_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const STAGE_SEAT: Table = Table {
    name: "stage_seat",
    scope: "organization_id",
    key: &["request_id", "stage", "seat"],
    columns: columns![
        request_id Uuid, stage Int, seat Int, person_id Uuid, substitute Bool, vacant Bool
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const DECISION: Table = Table {
    name: "decision",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, request_id Uuid, stage Int, person_id Uuid, operator_id Uuid, hash Bytes,
        verdict Text, comment Text, seq Int, at Int, revoked_at Int, delegated Bool, outside Text
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const DELIVERY: Table = Table {
    name: "delivery",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, content_id Uuid, identity_id Uuid, n Int, hash Bytes, status Text,
        planned_at Int, planned_zone Text, planned_wall Text, grace Int, hold Text, miss Text,
        words Text, retry_at Int, segments Int, live Int, run_id Uuid, starts Int,
        settled_at Int, created_at Int, changed_at Int, hand_off Bool,
        recall Text, budget_passed_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const ATTEMPT: Table = Table {
    name: "attempt",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, delivery_id Uuid, segment Int, n Int, hash Bytes, request_id Uuid, phase Text,
        keys Text, handle Text, owner Uuid, epoch Int, lease_until Int, words Text,
        written_off_by Uuid, started_at Int, settled_at Int, kind Text, cost Int, currency Text,
        handed_for Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const PUBLICATION: Table = Table {
    name: "publication",
    scope: "organization_id",
    key: &["delivery_id", "segment"],
    columns: columns![
        delivery_id Uuid, segment Int, remote_id Text, url Text, extra Text, by_person Bool,
        at Int, ended_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const EDIT: Table = Table {
    name: "edit",
    scope: "organization_id",
    key: &["delivery_id"],
    columns: columns![
        delivery_id Uuid, n Int, hash Bytes, status Text, hold Text, words Text, retry_at Int,
        run_id Uuid, starts Int, person_id Uuid, asked_at Int, settled_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const NOTE: Table = Table {
    name: "note",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, content_id Uuid, n Int, thread_id Uuid, anchor Text, quote Text, text Text,
        person_id Uuid, operator_id Uuid, at Int, removed_at Int, resolved_at Int,
        resolved_by Uuid, outside Text
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const NOTE_MENTION: Table = Table {
    name: "note_mention",
    scope: "organization_id",
    key: &["person_id", "note_id"],
    columns: columns![
        person_id Uuid, note_id Uuid
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const TEMPLATE: Table = Table {
    name: "template",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, name Text, persona_id Uuid, body Text, labels Text, person_id Uuid,
        changed_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const SOURCE: Table = Table {
    name: "source",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, kind Text, address Text, tag Text, name Text, title Text, language Text,
        health Text, trouble Text, words Text, failures Int, etag Text, last_modified Text,
        read_at Int, next_at Int, added_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const SOURCE_FOLLOW: Table = Table {
    name: "source_follow",
    scope: "organization_id",
    key: &["source_id", "persona_id"],
    columns: columns![
        source_id Uuid, persona_id Uuid
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const TREND: Table = Table {
    name: "trend",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, facts Text, began_at Int, seen_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const TREND_FIT: Table = Table {
    name: "trend_fit",
    scope: "organization_id",
    key: &["trend_id", "persona_id"],
    columns: columns![
        trend_id Uuid, persona_id Uuid, fit Text
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const SUGGESTION: Table = Table {
    name: "suggestion",
    scope: "organization_id",
    key: &["id"],
    columns: columns![
        id Uuid, persona_id Uuid, kind Text, about Text, facts Text, status Text, reason Text,
        content_id Uuid, begun Bytes, made_at Int, until Int, settled_at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const SLOT_FILL: Table = Table {
    name: "slot_fill",
    scope: "organization_id",
    key: &["persona_id", "slot"],
    columns: columns![
        persona_id Uuid, slot Int, done Text, reason Text, suggestion_id Uuid, content_id Uuid,
        run_id Uuid, at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const MUTED_TOPIC: Table = Table {
    name: "muted_topic",
    scope: "organization_id",
    key: &["persona_id", "topic"],
    columns: columns![
        persona_id Uuid, topic Text, at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const LEARNING: Table = Table {
    name: "learning",
    scope: "organization_id",
    key: &["persona_id"],
    columns: columns![
        persona_id Uuid, since Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const DISMISSED_REMARK: Table = Table {
    name: "dismissed_remark",
    scope: "organization_id",
    key: &["subject", "kind", "about"],
    columns: columns![
        subject Text, kind Text, about Text, at Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const MODEL_USE: Table = Table {
    name: "model_use",
    scope: "organization_id",
    key: &["persona_id", "month", "model"],
    columns: columns![
        persona_id Uuid, month Text, model Text, asked Int, input Int, output Int,
        cost Int
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const SAMPLE: Table = Table {
    name: "sample",
    scope: "organization_id",
    key: &["subject", "metric", "at"],
    columns: columns![
        subject Text, metric Text, at Int, value Int, run_id Uuid
    ],
    local: columns![],
    kept: Kept::Whole,
    person: None,
};
const NOTIFICATION: Table = Table {
    name: "notification",
    scope: "organization_id",
    key: &["key"],
    columns: columns![
        key Text, kind Text, person_id Uuid, body Text, at Int
    ],
    local: columns![],
    kept: Kept::Once,
    person: Some("person_id"),
};
