//! Measured numbers. What a network does not give has no row.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{DeliveryId, IdentityId, OrganizationId};
use uuid::Uuid;

use crate::Error;
use crate::codec::Columns as _;

/// One measured number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Of what; see [`of_publication`] and [`of_identity`].
    pub subject: String,
    /// Such as `likes`.
    pub metric: String,
    /// When it was read.
    pub at: Instant,
    /// The number.
    pub value: i64,
    /// The run that read it.
    pub run: Option<Uuid>,
}

/// The subject of a published segment.
#[must_use]
pub fn of_publication(delivery: DeliveryId, segment: u32) -> String {
    format!("publication:{delivery}:{segment}")
}

/// The subject of an account.
#[must_use]
pub fn of_identity(identity: IdentityId) -> String {
    format!("identity:{identity}")
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO sample (organization_id, subject, metric, at, value, run_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, subject, metric, at) DO NOTHING";
        pub(super) OF_SUBJECT = "SELECT subject, metric, at, value, run_id FROM sample WHERE organization_id = $1 AND subject = $2 ORDER BY metric, at";
    }
}
pub use sql::STATEMENTS;

/// Appends one; the same reading again is nothing new.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    sample: &Sample,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            sample.subject.as_str(),
            sample.metric.as_str(),
            sample.at.0,
            sample.value,
            sample.run
        ],
    )
    .await?;
    Ok(())
}

/// All of a subject, by metric and time.
///
/// # Errors
/// When the database says no.
pub async fn of_subject(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: &str,
) -> Result<Vec<Sample>, Error> {
    tx.rows(sql::OF_SUBJECT, args![organization.0, subject])
        .await?
        .iter()
        .map(|row| {
            Ok(Sample {
                subject: row.get("subject")?,
                metric: row.get("metric")?,
                at: row.instant("at")?,
                value: row.get("value")?,
                run: row.get("run_id")?,
            })
        })
        .collect()
}
