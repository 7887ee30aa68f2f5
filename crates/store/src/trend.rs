//! Trends, and what each is for a persona.

use db::{Tx, args};
use domain::Instant;
use domain::idea::{TrendFacts, TrendFit};
use domain::ids::{OrganizationId, PersonaId, TrendId};

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// A trend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// Which.
    pub id: TrendId,
    /// What is known of it.
    pub facts: TrendFacts,
    /// When it was first found.
    pub began_at: Instant,
    /// When it was last found to rise.
    pub seen_at: Instant,
}

mod sql {
    db::statements! {
        pub(super) SINCE = "SELECT * FROM trend WHERE organization_id = $1 AND seen_at >= $2 ORDER BY seen_at DESC, id";
        pub(super) SAVE = "INSERT INTO trend (organization_id, id, facts, began_at, seen_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, id) DO UPDATE SET facts = excluded.facts, seen_at = excluded.seen_at";
        pub(super) FITS = "SELECT f.* FROM trend_fit f JOIN trend t ON t.organization_id = f.organization_id AND t.id = f.trend_id WHERE f.organization_id = $1 AND t.seen_at >= $2 ORDER BY f.trend_id, f.persona_id";
        pub(super) UNFIT = "DELETE FROM trend_fit WHERE organization_id = $1 AND trend_id = $2";
        pub(super) FIT = "INSERT INTO trend_fit (organization_id, trend_id, persona_id, fit) VALUES ($1, $2, $3, $4)";
        pub(super) FORGET_FITS = "DELETE FROM trend_fit WHERE organization_id = $1 AND trend_id IN (SELECT id FROM trend WHERE organization_id = $1 AND seen_at < $2)";
        pub(super) FORGET = "DELETE FROM trend WHERE organization_id = $1 AND seen_at < $2 RETURNING id";
    }
}
pub use sql::STATEMENTS;

/// Those that rose since then, the last first.
///
/// # Errors
/// When the database says no.
pub async fn since(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    at: Instant,
) -> Result<Vec<Trend>, Error> {
    tx.rows(sql::SINCE, args![organization.0, at.0])
        .await?
        .iter()
        .map(|row| {
            Ok(Trend {
                id: row.id("id")?,
                facts: row.json("facts")?,
                began_at: row.instant("began_at")?,
                seen_at: row.instant("seen_at")?,
            })
        })
        .collect()
}

/// What those are for personas.
///
/// # Errors
/// When the database says no.
pub async fn fits(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    at: Instant,
) -> Result<Vec<(TrendId, PersonaId, TrendFit)>, Error> {
    tx.rows(sql::FITS, args![organization.0, at.0])
        .await?
        .iter()
        .map(|row| Ok((row.id("trend_id")?, row.id("persona_id")?, row.json("fit")?)))
        .collect()
}

/// Adds or changes one, with what it is for personas.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    trend: &Trend,
    fits: &[(PersonaId, TrendFit)],
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            trend.id.0,
            to_json(&trend.facts)?,
            trend.began_at.0,
            trend.seen_at.0
        ],
    )
    .await?;
    tx.execute(sql::UNFIT, args![organization.0, trend.id.0])
        .await?;
    for (persona, fit) in fits {
        tx.execute(
            sql::FIT,
            args![organization.0, trend.id.0, persona.0, to_json(fit)?],
        )
        .await?;
    }
    Ok(())
}

/// Forgets those that did not rise since then, and says which.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    before: Instant,
) -> Result<Vec<TrendId>, Error> {
    let args = || args![organization.0, before.0];
    tx.execute(sql::FORGET_FITS, args()).await?;
    let gone = tx.rows(sql::FORGET, args()).await?;
    gone.iter().map(|row| row.id("id")).collect()
}
