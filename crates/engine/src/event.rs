//! Events: stored first, so that one that comes before its wait is not lost.

use db::{Dialect, Error, Tx, args};
use serde_json::Value;
use uuid::Uuid;

use crate::{cancel, sql};

/// Something that happened. Runs that wait for `(name, key)` take such events one by one, in
/// order, each run for itself, and only those not older than the run.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened, past tense, `snake_case`.
    pub name: String,
    /// To what: usually an id.
    pub key: String,
    /// What a wait gets.
    pub payload: Value,
    /// Of several emits of `(name, key)` with one dedupe, the first wins.
    pub dedupe: Option<String>,
    /// Now, milliseconds UTC.
    pub now: i64,
}

impl Event {
    /// An event without dedupe.
    pub fn new(name: &str, key: &str, payload: Value, now: i64) -> Self {
        Event {
            name: name.to_owned(),
            key: key.to_owned(),
            payload,
            dedupe: None,
            now,
        }
    }
}

/// Emits when this transaction commits; `false` when it was a duplicate. Call
/// [`Engine::nudge`](crate::Engine::nudge) after the commit.
pub async fn emit_in(tx: &mut Tx<'_>, event: &Event) -> Result<bool, Error> {
    lock(tx, &[lock_name(&event.name, &event.key)]).await?;
    let stored = tx
        .execute(
            sql::EVENT_INSERT,
            args![
                &event.name,
                &event.key,
                event.dedupe.clone(),
                event.payload.to_string(),
                event.now
            ],
        )
        .await?;
    if stored == 0 {
        return Ok(false);
    }
    tx.execute(sql::WAITING_WAKE, args![&event.name, &event.key, event.now])
        .await?;
    let doomed = tx
        .rows(sql::WAITING_CANCEL, args![&event.name, &event.key])
        .await?;
    for row in doomed {
        let run: Uuid = row.get("run")?;
        cancel::cancel_in(tx, run, &event.name, event.now).await?;
    }
    Ok(true)
}

pub(crate) fn lock_name(name: &str, key: &str) -> String {
    format!("event\u{1f}{name}\u{1f}{key}")
}

/// Holds names until the transaction ends, so that who stores a wait and who stores its event
/// see each other. SQLite has one writer anyway.
pub(crate) async fn lock(tx: &mut Tx<'_>, names: &[String]) -> Result<(), Error> {
    if tx.dialect() == Dialect::Postgres && !names.is_empty() {
        tx.rows(sql::LOCK.postgres, args![Value::from(names).to_string()])
            .await?;
    }
    Ok(())
}
