//! What is live on a network, segment by segment.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{DeliveryId, IdentityId, OrganizationId};
use serde_json::Value;

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// One live post.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Which segment, counted from 0.
    pub segment: u32,
    /// The network's own id; empty when a person said that it is live without saying where.
    pub remote_id: String,
    /// Where people see it.
    pub url: Option<String>,
    /// What later calls need.
    pub extra: Value,
    /// A person said so; no network did.
    pub by_person: bool,
    /// Since when.
    pub at: Instant,
    /// Deleted by us, or found gone.
    pub ended_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) OF_DELIVERY = "SELECT * FROM publication WHERE organization_id = $1 AND delivery_id = $2 ORDER BY segment";
        pub(super) OF_CONTENT = "SELECT p.* FROM publication p JOIN delivery d ON d.organization_id = p.organization_id AND d.id = p.delivery_id WHERE p.organization_id = $1 AND d.content_id = $2 ORDER BY p.delivery_id, p.segment";
        pub(super) FIRSTS = "SELECT p.delivery_id, p.at, d.content_id, d.n FROM publication p JOIN delivery d ON d.organization_id = p.organization_id AND d.id = p.delivery_id WHERE p.organization_id = $1 AND d.identity_id = $2 AND p.segment = 0 ORDER BY p.at DESC, p.delivery_id LIMIT $3";
        pub(super) NEWEST = "SELECT at FROM publication WHERE organization_id = $1 ORDER BY at DESC LIMIT 1";
        pub(super) TAKEN = "SELECT count(*) AS n FROM publication p JOIN delivery d ON d.organization_id = p.organization_id AND d.id = p.delivery_id WHERE p.organization_id = $1 AND d.identity_id = $2 AND p.remote_id = $3 AND NOT (p.delivery_id = $4 AND p.segment = $5)";
        pub(super) SAVE = "INSERT INTO publication (organization_id, delivery_id, segment, remote_id, url, extra, by_person, at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (organization_id, delivery_id, segment) DO UPDATE SET remote_id = excluded.remote_id, url = excluded.url, extra = excluded.extra, by_person = excluded.by_person, at = excluded.at, ended_at = excluded.ended_at";
        pub(super) END = "UPDATE publication SET ended_at = $4 WHERE organization_id = $1 AND delivery_id = $2 AND segment = $3 AND ended_at IS NULL";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Publication, Error> {
    Ok(Publication {
        delivery: row.id("delivery_id")?,
        segment: row.count("segment")?,
        remote_id: row.get("remote_id")?,
        url: row.get("url")?,
        extra: row.json("extra")?,
        by_person: row.get("by_person")?,
        at: row.instant("at")?,
        ended_at: row.maybe_instant("ended_at")?,
    })
}

/// Those of a delivery, by segment.
///
/// # Errors
/// When the database says no.
pub async fn of_delivery(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: DeliveryId,
) -> Result<Vec<Publication>, Error> {
    tx.rows(sql::OF_DELIVERY, args![organization.0, delivery.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Those of a content's deliveries, by delivery and segment.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: domain::ids::ContentId,
) -> Result<Vec<Publication>, Error> {
    tx.rows(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// A post that was published, the first of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Of which content.
    pub content: domain::ids::ContentId,
    /// The version that it shows.
    pub n: u32,
    /// Since when it is live.
    pub at: Instant,
}

/// The newest posts of an account, without the rest of their threads, newest first.
///
/// # Errors
/// When the database says no.
pub async fn firsts_of_identity(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: IdentityId,
    limit: u32,
) -> Result<Vec<First>, Error> {
    tx.rows(
        sql::FIRSTS,
        args![organization.0, identity.0, i64::from(limit)],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(First {
            delivery: row.id("delivery_id")?,
            content: row.id("content_id")?,
            n: row.count("n")?,
            at: row.instant("at")?,
        })
    })
    .collect()
}

/// When the newest post went live.
///
/// # Errors
/// When the database says no.
pub async fn newest(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Option<Instant>, Error> {
    let row = tx.row(sql::NEWEST, args![organization.0]).await?;
    row.map(|row| row.instant("at")).transpose()
}

/// Whether a post of an account is known as another segment's.
///
/// # Errors
/// When the database says no.
pub async fn is_taken(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: IdentityId,
    remote_id: &str,
    except: (DeliveryId, u32),
) -> Result<bool, Error> {
    let row = tx
        .row(
            sql::TAKEN,
            args![
                organization.0,
                identity.0,
                remote_id,
                except.0.0,
                i64::from(except.1)
            ],
        )
        .await?;
    Ok(row
        .map(|r| r.get::<i64>("n"))
        .transpose()?
        .unwrap_or_default()
        > 0)
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    publication: &Publication,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            publication.delivery.0,
            i64::from(publication.segment),
            publication.remote_id.as_str(),
            publication.url.as_deref(),
            to_json(&publication.extra)?,
            publication.by_person,
            publication.at.0,
            publication.ended_at.map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}

/// Records that one is no longer there.
///
/// # Errors
/// When the database says no.
pub async fn end(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: DeliveryId,
    segment: u32,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::END,
        args![organization.0, delivery.0, i64::from(segment), at.0],
    )
    .await?;
    Ok(())
}
