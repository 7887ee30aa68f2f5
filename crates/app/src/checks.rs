//! What a persona's texts are checked against, read once and kept while it holds.

use std::collections::HashSet;
use std::sync::Arc;

use assistant::checks::{Checker, Earlier};
use domain::Instant;
use domain::ids::{PersonaId, SourceId};
use domain::persona::PersonaProfile;
use domain::time::{DAY, MINUTE};
use store::signal::Cursor;

use crate::Error;
use crate::core::App;
use crate::ideas::Everything;

/// How long what others write is taken as it was.
const HOLDS: i64 = 30 * MINUTE;
/// Days of followed sources whose hashtags are learned from, and the most of their items.
const LATELY: i64 = 7 * DAY;
const MOST: u32 = 3_000;

/// A checker and what it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    profile: PersonaProfile,
    /// The newest post of the organization then.
    newest: Option<Instant>,
    at: Instant,
    checker: Arc<Checker>,
}

impl App {
    /// What a persona's texts are checked against.
    pub(crate) async fn checker(
        &self,
        persona: PersonaId,
        profile: PersonaProfile,
    ) -> Result<Arc<Checker>, Error> {
        let (org, now) = (self.organization(), self.now());
        let newest = self
            .db()
            .read(move |tx| Box::pin(async move { store::publication::newest(tx, org).await }))
            .await?;
        let known = self.known().checkers.get(&persona).cloned();
        if let Some(made) = known
            && made.newest == newest
            && made.profile == profile
            && now.since(made.at) < HOLDS
        {
            return Ok(made.checker);
        }
        let (own, followed) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let own = Everything::read(tx, org, persona).await?;
                    let followed = followed(tx, org, persona, now).await?;
                    Ok::<_, Error>((own, followed))
                })
            })
            .await?;
        let posts = own.posts.into_iter().map(|own| Earlier {
            content: own.post.content,
            headline: own.post.headline,
            text: own.post.text,
            at: own.post.at,
        });
        let posts: Vec<Earlier> = posts.collect();
        let of = profile.clone();
        let made = tokio::task::spawn_blocking(move || Checker::new(&of, posts, &followed));
        let checker = made.await.map_err(|e| crate::error::internal(&e))?;
        let made = Made {
            profile,
            newest,
            at: now,
            checker: Arc::new(checker),
        };
        let checker = Arc::clone(&made.checker);
        self.known().checkers.insert(persona, made);
        Ok(checker)
    }
}

/// Newest texts of what a persona follows.
async fn followed(
    tx: &mut db::Tx<'_>,
    org: domain::ids::OrganizationId,
    persona: PersonaId,
    now: Instant,
) -> Result<Vec<String>, Error> {
    let sources: HashSet<SourceId> = store::source::all(tx, org)
        .await?
        .into_iter()
        .filter(|source| source.source.personas.contains(&persona))
        .map(|source| source.id)
        .collect();
    if sources.is_empty() {
        return Ok(vec![]);
    }
    let after = Cursor::before(now.plus(-LATELY));
    let signals = store::signal::after(tx, org, after, MOST).await?;
    Ok(signals
        .into_iter()
        .filter(|signal| sources.contains(&signal.source))
        .map(|signal| signal.text)
        .collect())
}
