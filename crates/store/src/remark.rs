//! Remarks that are not to be made again.

use db::{Tx, args};
use domain::Instant;
use domain::ids::OrganizationId;
use domain::remark::RemarkKind;

use crate::Error;
use crate::codec::{Columns as _, name_of};

mod sql {
    db::statements! {
        pub(super) OF = "SELECT kind, about FROM dismissed_remark WHERE organization_id = $1 AND subject = $2 ORDER BY kind, about";
        pub(super) DISMISS = "INSERT INTO dismissed_remark (organization_id, subject, kind, about, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, subject, kind, about) DO NOTHING";
        pub(super) BRING_BACK = "DELETE FROM dismissed_remark WHERE organization_id = $1 AND subject = $2 AND kind = $3 AND about = $4";
        pub(super) FORGET = "DELETE FROM dismissed_remark WHERE organization_id = $1 AND subject = $2";
    }
}
pub use sql::STATEMENTS;

/// What was dismissed in a content or for a persona (see `domain::remark::subject`).
///
/// # Errors
/// When the database says no.
pub async fn dismissed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: &str,
) -> Result<Vec<(RemarkKind, String)>, Error> {
    tx.rows(sql::OF, args![organization.0, subject])
        .await?
        .iter()
        .map(|row| Ok((row.name("kind")?, row.get("about")?)))
        .collect()
}

/// Dismisses a remark at an instant, or brings it back.
///
/// # Errors
/// When the database says no.
pub async fn dismiss(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: &str,
    (kind, about): (RemarkKind, &str),
    at: Option<Instant>,
) -> Result<(), Error> {
    let kind = name_of(&kind)?;
    match at {
        Some(at) => {
            let args = args![organization.0, subject, kind, about, at.0];
            tx.execute(sql::DISMISS, args).await?;
        }
        None => {
            let args = args![organization.0, subject, kind, about];
            tx.execute(sql::BRING_BACK, args).await?;
        }
    }
    Ok(())
}

/// Forgets all dismissals of a content that is no more; answers how many there were.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: &str,
) -> Result<u64, Error> {
    let args = args![organization.0, subject];
    Ok(tx.execute(sql::FORGET, args).await?)
}
