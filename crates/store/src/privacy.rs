//! What the tables know of a person: all of it for who asks, and how it goes.

use std::collections::{BTreeMap, BTreeSet};

use db::{Tx, Value, args};
use domain::Instant;
use domain::ids::{ContentId, LoginId, OrganizationId, PersonId};
use domain::person::Actor;
use serde_json::{Map, Value as Json, json};

use crate::Error;
use crate::codec::{Columns as _, from_json};
use crate::sync::rows::unhex;
use crate::sync::{of_person, tables};

/// Tables of an organization whose rows name a person, and the columns that do. A test compares it
/// with the schema.
pub const OWN: &[(&str, &[&str])] = &[
    ("person", &["id"]),
    ("content", &["author_id"]),
    ("working_copy", &["person_id"]),
    ("version", &["person_id", "operator_id"]),
    ("request", &["person_id"]),
    ("stage_seat", &["person_id"]),
    ("decision", &["person_id", "operator_id"]),
    ("attempt", &["written_off_by"]),
    ("edit", &["person_id"]),
    ("note", &["person_id", "operator_id", "resolved_by"]),
    ("note_mention", &["person_id"]),
    ("template", &["person_id"]),
    ("notification", &["person_id"]),
    ("delegation", &["person_id", "to_id"]),
];

mod sql {
    db::statements! {
        pub(super) LOGIN = "SELECT l.id, l.email, l.name, l.created_at, l.password_at, l.totp_at FROM login l JOIN member m ON m.login_id = l.id WHERE m.organization_id = $1 AND m.person_id = $2";
        pub(super) SESSIONS = "SELECT created_at, rotated_at, ends_at, agent, address, revoked_at FROM session WHERE login_id = $1 ORDER BY created_at, id";
        pub(super) TOKENS = "SELECT name, scopes, created_at, ends_at, used_at, revoked_at FROM api_token WHERE organization_id = $1 AND person_id = $2 ORDER BY created_at, id";
        pub(super) INVITATIONS = "SELECT email, role, created_at, ends_at, used_at, withdrawn_at FROM invitation WHERE organization_id = $1 AND (used_by = $2 OR invited_by = $2) ORDER BY created_at, id";
        pub(super) MIRRORS = "SELECT created_at FROM client WHERE organization_id = $1 AND person_id = $2 ORDER BY created_at, id";
        pub(super) LINKS = "SELECT name, n, created_at, ends_at, seen_at, withdrawn_at FROM review_link WHERE organization_id = $1 AND made_by = $2 ORDER BY created_at, id";
        pub(super) FORGET_PRESENCE = "DELETE FROM presence WHERE organization_id = $1 AND person_id = $2";
        pub(super) DRAFTS = "SELECT c.id FROM content c WHERE c.organization_id = $1 AND c.author_id = $2 AND c.status = 'draft' AND NOT EXISTS (SELECT 1 FROM version v WHERE v.organization_id = c.organization_id AND v.content_id = c.id AND v.person_id <> $2) AND NOT EXISTS (SELECT 1 FROM working_copy w WHERE w.organization_id = c.organization_id AND w.content_id = c.id AND w.person_id <> $2) AND NOT EXISTS (SELECT 1 FROM note o WHERE o.organization_id = c.organization_id AND o.content_id = c.id AND o.person_id <> $2) ORDER BY c.created_at, c.id";
        pub(super) PAYLOADS = "SELECT n, payload FROM audit_payload WHERE organization_id = $1 AND n > $2 ORDER BY n LIMIT $3";
        pub(super) TOLD = "SELECT key, body FROM notification WHERE organization_id = $1 AND key > $2 ORDER BY key LIMIT $3";
        pub(super) FORGET_TOLD = "DELETE FROM notification WHERE organization_id = $1 AND person_id = $2";
        pub(super) FORGET_SUBJECT = "DELETE FROM audit_payload WHERE organization_id = $1 AND n IN (SELECT a.n FROM audit a WHERE a.organization_id = $1 AND a.subject = $2)";
        pub(super) FORGET_ACTOR = "DELETE FROM audit_payload WHERE organization_id = $1 AND n IN (SELECT a.n FROM audit a WHERE a.organization_id = $1 AND a.actor = $2)";
        pub(super) FORGET_PAYLOAD = "DELETE FROM audit_payload WHERE organization_id = $1 AND n = $2";
        pub(super) FORGET_SETTINGS = "DELETE FROM person_settings WHERE organization_id = $1 AND person_id = $2";
        pub(super) FORGET_TOKENS = "DELETE FROM api_token WHERE organization_id = $1 AND person_id = $2";
        pub(super) FORGET_ADDRESS = "UPDATE invitation SET email = NULL WHERE organization_id = $1 AND (used_by = $2 OR email = (SELECT l.email FROM login l JOIN member m ON m.login_id = l.id WHERE m.organization_id = $1 AND m.person_id = $2))";
        pub(super) INVITED_AS = "SELECT email FROM invitation WHERE organization_id = $1 AND used_by = $2 AND email IS NOT NULL";
        pub(super) SAID_OF = "SELECT p.payload FROM audit_payload p JOIN audit a ON a.organization_id = p.organization_id AND a.n = p.n WHERE p.organization_id = $1 AND a.subject = $2";
        pub(super) ACTORS = "SELECT DISTINCT actor FROM audit WHERE organization_id = $1";
        pub(super) FORGET_PUSHED = "DELETE FROM client_mutation WHERE organization_id = $1 AND client_id IN (SELECT c.id FROM client c WHERE c.organization_id = $1 AND c.person_id = $2)";
        pub(super) FORGET_MIRRORS = "DELETE FROM client WHERE organization_id = $1 AND person_id = $2";
        pub(super) FORGET_MEMBER = "DELETE FROM member WHERE organization_id = $1 AND person_id = $2";
        pub(super) NOBODYS = "SELECT l.id FROM login l WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.login_id = l.id) AND l.created_at < $1 ORDER BY l.id";
        pub(super) END_SESSIONS = "DELETE FROM session WHERE login_id = $1";
        pub(super) FORGET_CODES = "DELETE FROM recovery_code WHERE login_id = $1";
        pub(super) FORGET_RESETS = "DELETE FROM password_reset WHERE login_id = $1";
        pub(super) FORGET_LOGIN = "DELETE FROM login WHERE id = $1";
    }
}
pub use sql::STATEMENTS;

/// How many rows are looked at at a time.
const BATCH: i64 = 500;

/// The rows of an organization that name a person, by table.
///
/// # Errors
/// When the database says no.
pub async fn rows(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<BTreeMap<&'static str, Vec<Map<String, Json>>>, Error> {
    let mut all = BTreeMap::new();
    for (name, columns) in OWN {
        let table = tables()
            .find(|t| t.name == *name)
            .ok_or_else(|| Error::unreadable("table", name))?;
        let mut rows = of_person(tx, organization, person, table, columns).await?;
        for row in &mut rows {
            read_texts(row)?;
        }
        all.insert(*name, rows);
    }
    Ok(all)
}

/// Documents as what they are, rather than as bytes and texts of them.
fn read_texts(row: &mut Map<String, Json>) -> Result<(), Error> {
    if let Some(Json::String(doc)) = row.get("doc") {
        let bytes = unhex(doc)?;
        let doc = std::str::from_utf8(&bytes).map_err(|e| Error::unreadable("version", e))?;
        let doc = from_json("version", doc)?;
        row.insert("doc".to_owned(), doc);
    }
    for name in ["body", "anchor", "labels"] {
        if let Some(Json::String(text)) = row.get(name)
            && let Ok(read @ (Json::Object(_) | Json::Array(_))) = serde_json::from_str(text)
        {
            row.insert(name.to_owned(), read);
        }
    }
    Ok(())
}

/// The drafts at which a person wrote and nobody else did.
///
/// # Errors
/// When the database says no.
pub async fn drafts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Vec<ContentId>, Error> {
    let rows = tx
        .rows(sql::DRAFTS, args![organization.0, person.0])
        .await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// What a server knows of a person's way in; secrets and their hashes are not in it. A login and its
/// sign-ins are the same in all its organizations: only `whole` says them.
///
/// # Errors
/// When the database says no.
pub async fn way_in(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    whole: bool,
) -> Result<Json, Error> {
    let own = || args![organization.0, person.0];
    let (mut login, mut sessions) = (Json::Null, Vec::new());
    if whole && let Some(row) = tx.row(sql::LOGIN, own()).await? {
        login = json!({
            "email": row.get::<String>("email")?,
            "name": row.get::<String>("name")?,
            "created_at": row.instant("created_at")?,
            "password_set_at": row.maybe_instant("password_at")?,
            "second_factor_since": row.maybe_instant("totp_at")?,
        });
        let id: LoginId = row.id("id")?;
        for row in tx.rows(sql::SESSIONS, args![id.0]).await? {
            sessions.push(json!({
                "created_at": row.instant("created_at")?,
                "last_used_at": row.instant("rotated_at")?,
                "ends_at": row.instant("ends_at")?,
                "agent": row.get::<String>("agent")?,
                "address": row.get::<String>("address")?,
                "ended_at": row.maybe_instant("revoked_at")?,
            }));
        }
    }
    let mut tokens = Vec::new();
    for row in tx.rows(sql::TOKENS, own()).await? {
        tokens.push(json!({
            "name": row.get::<String>("name")?,
            "scopes": from_json::<Json>("scopes", &row.get::<String>("scopes")?)?,
            "created_at": row.instant("created_at")?,
            "ends_at": row.maybe_instant("ends_at")?,
            "used_at": row.maybe_instant("used_at")?,
            "revoked_at": row.maybe_instant("revoked_at")?,
        }));
    }
    let mut invitations = Vec::new();
    for row in tx.rows(sql::INVITATIONS, own()).await? {
        invitations.push(json!({
            "email": row.get::<Option<String>>("email")?,
            "role": row.get::<String>("role")?,
            "created_at": row.instant("created_at")?,
            "ends_at": row.instant("ends_at")?,
            "used_at": row.maybe_instant("used_at")?,
            "withdrawn_at": row.maybe_instant("withdrawn_at")?,
        }));
    }
    let mut links = Vec::new();
    for row in tx.rows(sql::LINKS, own()).await? {
        links.push(json!({
            "for": row.get::<String>("name")?,
            "version": row.get::<i64>("n")?,
            "created_at": row.instant("created_at")?,
            "ends_at": row.instant("ends_at")?,
            "opened_at": row.maybe_instant("seen_at")?,
            "withdrawn_at": row.maybe_instant("withdrawn_at")?,
        }));
    }
    let mut mirrors = Vec::new();
    for row in tx.rows(sql::MIRRORS, own()).await? {
        mirrors.push(json!({"since": row.instant("created_at")?}));
    }
    Ok(json!({
        "login": login,
        "sessions": sessions,
        "tokens": tokens,
        "invitations": invitations,
        "review_links": links,
        "desktops": mirrors,
    }))
}

/// Whether some text in it is one of `words`.
fn says(value: &Json, words: &BTreeSet<String>) -> bool {
    match value {
        Json::String(text) => words.contains(text),
        Json::Array(items) => items.iter().any(|item| says(item, words)),
        Json::Object(members) => members.values().any(|item| says(item, words)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn text_says(text: &str, words: &BTreeSet<String>) -> bool {
    serde_json::from_str(text).is_ok_and(|value| says(&value, words))
}

/// What a person is or was called, and their addresses: the history and what others were told say
/// them.
///
/// # Errors
/// When the database says no.
pub async fn words_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    name: &str,
) -> Result<BTreeSet<String>, Error> {
    let own = || args![organization.0, person.0];
    let mut words = BTreeSet::from([name.to_owned()]);
    if let Some(row) = tx.row(sql::LOGIN, own()).await? {
        words.extend([row.get::<String>("email")?, row.get("name")?]);
    }
    for row in tx.rows(sql::INVITED_AS, own()).await? {
        words.insert(row.get("email")?);
    }
    let subject = format!("person:{person}");
    let args = args![organization.0, subject.as_str()];
    for row in tx.rows(sql::SAID_OF, args).await? {
        let payload: Json = from_json("audit", &row.get::<String>("payload")?)?;
        words.extend(
            payload
                .get("name")
                .and_then(Json::as_str)
                .map(str::to_owned),
        );
    }
    words.retain(|word| !word.is_empty());
    Ok(words)
}

/// Takes what is personal out of the history: what lies beside entries that the person made, that are
/// about them, or that say their name. The entries and what they commit to stay, and so the chain.
///
/// # Errors
/// When the database says no.
pub async fn erase_history(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    words: &BTreeSet<String>,
) -> Result<u64, Error> {
    let subject = format!("person:{person}");
    let args = args![organization.0, subject.as_str()];
    let mut gone = tx.execute(sql::FORGET_SUBJECT, args).await?;
    for row in tx.rows(sql::ACTORS, args![organization.0]).await? {
        let text: String = row.get("actor")?;
        let actor: Actor = from_json("actor", &text)?;
        // As somebody, for somebody, and somebody for them.
        let theirs = match actor {
            Actor::Person { id, operator } => id == person || operator == Some(person),
            Actor::Agent { id } => id == person,
            Actor::Run { .. } | Actor::ReviewLink { .. } => false,
        };
        if theirs {
            let args = args![organization.0, text.as_str()];
            gone += tx.execute(sql::FORGET_ACTOR, args).await?;
        }
    }
    let mut after = 0_i64;
    loop {
        let rows = tx
            .rows(sql::PAYLOADS, args![organization.0, after, BATCH])
            .await?;
        for row in &rows {
            after = row.get("n")?;
            if text_says(&row.get::<String>("payload")?, words) {
                let args = args![organization.0, after];
                gone += tx.execute(sql::FORGET_PAYLOAD, args).await?;
            }
        }
        if rows.is_empty() {
            return Ok(gone);
        }
    }
}

/// Forgets what the person was told, and what others were told that says their name. Answers the
/// keys.
///
/// # Errors
/// When the database says no.
pub async fn erase_told(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    words: &BTreeSet<String>,
) -> Result<Vec<String>, Error> {
    tx.execute(sql::FORGET_TOLD, args![organization.0, person.0])
        .await?;
    let (mut keys, mut after) = (Vec::new(), String::new());
    loop {
        let args = args![organization.0, after.as_str(), BATCH];
        let rows = tx.rows(sql::TOLD, args).await?;
        for row in &rows {
            after = row.get("key")?;
            if text_says(&row.get::<String>("body")?, words) {
                keys.push(after.clone());
            }
        }
        if rows.is_empty() {
            break;
        }
    }
    for key in &keys {
        crate::retention::forget_told(tx, organization, key).await?;
    }
    Ok(keys)
}

/// Forgets a person's settings, tokens, mirrors, address and place: their login is another matter, it
/// may belong to other organizations too.
///
/// # Errors
/// When the database says no.
pub async fn erase_way_in(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<(), Error> {
    for sql in [
        sql::FORGET_PRESENCE,
        sql::FORGET_SETTINGS,
        sql::FORGET_TOKENS,
        sql::FORGET_ADDRESS,
        sql::FORGET_PUSHED,
        sql::FORGET_MIRRORS,
        sql::FORGET_MEMBER,
    ] {
        tx.execute(sql, args![organization.0, person.0]).await?;
    }
    Ok(())
}

/// Forgets logins that belong to no organization any more, with all that proves who they are. Those
/// that were made at `since` or later may be about to join one. Answers how many went.
///
/// # Errors
/// When the database says no.
pub async fn forget_nobodys_logins(tx: &mut Tx<'_>, since: Instant) -> Result<usize, Error> {
    let rows = tx.rows(sql::NOBODYS, args![since.0]).await?;
    for row in &rows {
        let login: LoginId = row.id("id")?;
        for sql in [
            sql::END_SESSIONS,
            sql::FORGET_CODES,
            sql::FORGET_RESETS,
            sql::FORGET_LOGIN,
        ] {
            let args: Vec<Value> = vec![login.0.into()];
            tx.execute(sql, db::Args(args)).await?;
        }
    }
    Ok(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_where_it_stands_alone_and_not_within_other_words() {
        let words = BTreeSet::from(["Al".to_owned(), "al@hut.example".to_owned()]);
        assert!(text_says(r#"{"name": "Al", "role": "creator"}"#, &words));
        assert!(text_says(r#"{"to": [{"name": "Al"}]}"#, &words));
        assert!(text_says(r#"{"email": "al@hut.example"}"#, &words));
        assert!(!text_says(r#"{"name": "Also"}"#, &words));
        assert!(!text_says("Al", &words), "what is no JSON is no payload");
    }
}
