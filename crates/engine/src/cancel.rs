//! Ending a run from outside.

use db::{Error, Tx, args};
use uuid::Uuid;

use crate::{event, sql};

/// Cancels a run and those that it invoked; `false` when it had ended. Takes effect with this
/// transaction: the run's owner can store nothing any more. A step that executes at the moment
/// goes on to its end, which is then refused; it can watch
/// [`Ctx::cancelled`](crate::Ctx::cancelled).
pub async fn cancel_in(tx: &mut Tx<'_>, run: Uuid, reason: &str, now: i64) -> Result<bool, Error> {
    end_in(tx, run, "cancelled", reason, now).await
}

/// [`cancel_in`] with a code of its own.
pub(crate) async fn end_in(
    tx: &mut Tx<'_>,
    run: Uuid,
    code: &str,
    reason: &str,
    now: i64,
) -> Result<bool, Error> {
    let mut open = vec![run];
    let mut any = false;
    while let Some(id) = open.pop() {
        let Some(row) = tx
            .row(sql::RUN_CANCEL, args![id, code, reason, now])
            .await?
        else {
            continue;
        };
        any = true;
        tx.execute(sql::WAIT_CLEAR, args![id]).await?;
        if let Some(parent) = row.get::<Option<Uuid>>("parent")? {
            tx.execute(sql::RUN_SIGNAL, args![parent, now]).await?;
        }
        if let Some(key) = row.get::<Option<String>>("concurrency")? {
            release(tx, &key, 1, now).await?;
        }
        for child in tx.rows(sql::RUN_CHILDREN, args![id]).await? {
            open.push(child.get("id")?);
        }
    }
    Ok(any)
}

/// Lets runs go on that were queued behind a concurrency key.
pub(crate) async fn release(
    tx: &mut Tx<'_>,
    key: &str,
    places: i64,
    now: i64,
) -> Result<u64, Error> {
    event::lock(tx, &[concurrency_lock(key)]).await?;
    tx.execute(sql::QUEUE_RELEASE, args![key, now, places])
        .await
}

pub(crate) fn concurrency_lock(key: &str) -> String {
    format!("concurrency\u{1f}{key}")
}
