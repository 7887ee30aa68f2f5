//! For how long things are kept, and what is older than that.

use std::collections::BTreeMap;

use db::{Args, Tx, args};
use domain::Instant;
use domain::ids::{ContentId, OrganizationId};
use domain::retention::Retained;
use domain::time::DAY;

use crate::Error;
use crate::codec::{Columns as _, name_of};

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT kind, days FROM retention WHERE organization_id = $1";
        pub(super) SET = "INSERT INTO retention (organization_id, kind, days) VALUES ($1, $2, $3) ON CONFLICT (organization_id, kind) DO UPDATE SET days = excluded.days";
        pub(super) DRAFTS = "SELECT c.id FROM content c WHERE c.organization_id = $1 AND c.status = 'draft' AND c.changed_at < $2 AND (c.at IS NULL OR c.at < $2) AND NOT EXISTS (SELECT 1 FROM note o WHERE o.organization_id = c.organization_id AND o.content_id = c.id AND o.at >= $2) AND NOT EXISTS (SELECT 1 FROM request r WHERE r.organization_id = c.organization_id AND r.content_id = c.id) AND NOT EXISTS (SELECT 1 FROM delivery d JOIN attempt a ON a.organization_id = d.organization_id AND a.delivery_id = d.id WHERE d.organization_id = c.organization_id AND d.content_id = c.id) AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.organization_id = c.organization_id AND d.content_id = c.id AND d.live > 0) ORDER BY c.changed_at, c.id LIMIT $3";
        pub(super) COPIES = "SELECT w.content_id AS id FROM working_copy w JOIN content c ON c.organization_id = w.organization_id AND c.id = w.content_id WHERE w.organization_id = $1 AND w.at < $2 AND c.n > 0 AND c.status IN ('published', 'partially_published', 'archived') ORDER BY w.at, w.content_id LIMIT $3";
        pub(super) MEASURED = "SELECT DISTINCT s.subject FROM sample s WHERE s.organization_id = $1 AND s.at < $2 AND EXISTS (SELECT 1 FROM sample newer WHERE newer.organization_id = s.organization_id AND newer.subject = s.subject AND newer.metric = s.metric AND newer.at > s.at) ORDER BY s.subject LIMIT $3";
        pub(super) SAMPLES = "SELECT count(*) AS n FROM sample s WHERE s.organization_id = $1 AND s.at < $2 AND EXISTS (SELECT 1 FROM sample newer WHERE newer.organization_id = s.organization_id AND newer.subject = s.subject AND newer.metric = s.metric AND newer.at > s.at)";
        pub(super) FORGET_SAMPLES = "DELETE FROM sample WHERE organization_id = $1 AND subject = $3 AND at < $2 AND EXISTS (SELECT 1 FROM sample newer WHERE newer.organization_id = sample.organization_id AND newer.subject = sample.subject AND newer.metric = sample.metric AND newer.at > sample.at)";
        pub(super) TOLD = "SELECT key FROM notification WHERE organization_id = $1 AND at < $2 ORDER BY at, key LIMIT $3";
        pub(super) FORGET_TOLD = "DELETE FROM notification WHERE organization_id = $1 AND key = $2";
        pub(super) PLACES = "SELECT MAX(d.seq) - MAX(o.change_floor) AS n FROM order_day d JOIN organization o ON o.id = d.organization_id WHERE d.organization_id = $1 AND d.day <= $2";
    }
}
pub use sql::STATEMENTS;

/// For how many days everything is kept; absent means for ever.
pub type Policy = BTreeMap<Retained, Option<u32>>;

/// What an organization chose, and what is usual for the rest.
///
/// # Errors
/// When the database says no.
pub async fn policy(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Policy, Error> {
    let mut policy: Policy = Retained::ALL.iter().map(|k| (*k, k.usual())).collect();
    for row in tx.rows(sql::ALL, args![organization.0]).await? {
        let days: Option<i64> = row.get("days")?;
        let days = days.map(|d| u32::try_from(d).unwrap_or(u32::MAX));
        policy.insert(row.name("kind")?, days);
    }
    Ok(policy)
}

/// Chooses for how long one kind is kept.
///
/// # Errors
/// When the database says no.
pub async fn set(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    kind: Retained,
    days: Option<u32>,
) -> Result<(), Error> {
    let days = days.map(i64::from);
    tx.execute(sql::SET, args![organization.0, name_of(&kind)?, days])
        .await?;
    Ok(())
}

/// How far back days reach.
#[must_use]
pub fn before(now: Instant, days: u32) -> Instant {
    now.plus(-i64::from(days) * DAY)
}

/// Some of the contents whose drafts or copies are older than `before`, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn contents(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    copies: bool,
    before: Instant,
    limit: u32,
) -> Result<Vec<ContentId>, Error> {
    let sql = if copies { sql::COPIES } else { sql::DRAFTS };
    let args = args![organization.0, before.0, i64::from(limit)];
    let rows = tx.rows(sql, args).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Some of the subjects that have counts older than `before` beside newer ones.
///
/// # Errors
/// When the database says no.
pub async fn measured(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    before: Instant,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let args = args![organization.0, before.0, i64::from(limit)];
    let rows = tx.rows(sql::MEASURED, args).await?;
    rows.iter().map(|row| Ok(row.get("subject")?)).collect()
}

/// Forgets a subject's counts from before then, but for the newest of each kind.
///
/// # Errors
/// When the database says no.
pub async fn forget_samples(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: &str,
    before: Instant,
) -> Result<u64, Error> {
    let args = args![organization.0, before.0, subject];
    Ok(tx.execute(sql::FORGET_SAMPLES, args).await?)
}

/// Some of the keys of what people were told before then, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn told(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    before: Instant,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let args = args![organization.0, before.0, i64::from(limit)];
    let rows = tx.rows(sql::TOLD, args).await?;
    rows.iter().map(|row| Ok(row.get("key")?)).collect()
}

/// Forgets one of them.
///
/// # Errors
/// When the database says no.
pub async fn forget_told(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    key: &str,
) -> Result<(), Error> {
    tx.execute(sql::FORGET_TOLD, args![organization.0, key])
        .await?;
    Ok(())
}

/// How much would go of one kind, if it were kept for so many days from `now` on. Runs are the
/// engine's to count.
///
/// # Errors
/// When the database says no.
pub async fn would_go(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    kind: Retained,
    days: u32,
    now: Instant,
) -> Result<u64, Error> {
    let since = before(now, days);
    let counted = |sql: &str| {
        let whole = format!("SELECT count(*) AS n FROM ({sql}) found");
        let args = args![organization.0, since.0, i64::MAX];
        (whole, args)
    };
    let (sql, args): (String, Args) = match kind {
        Retained::Drafts => counted(sql::DRAFTS),
        Retained::WorkingCopies => counted(sql::COPIES),
        Retained::Notifications => counted(sql::TOLD),
        Retained::Samples => (sql::SAMPLES.to_owned(), args![organization.0, since.0]),
        Retained::Changes => {
            let day = now.0.div_euclid(DAY) - i64::from(days);
            (sql::PLACES.to_owned(), args![organization.0, day])
        }
        Retained::Runs => return Ok(0),
    };
    let rows = tx.rows_dyn(sql, args).await?;
    let n: Option<i64> = rows.first().map_or(Ok(None), |row| row.get("n"))?;
    Ok(n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_reach_back_by_whole_days() {
        let now = Instant(10 * DAY + 5);
        assert_eq!(before(now, 3), Instant(7 * DAY + 5));
    }
}
