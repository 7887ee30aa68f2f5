//! What two people typed into one draft without seeing each other (sync.md, rule 3).
//!
//! The server alone merges. What it makes is a draft: nothing takes effect on it before somebody has
//! looked at it and saved it. Where both changed the same words the later one is rejected and stays
//! in its outbox, beside what is there now.

use db::Tx;
use domain::content::Body;
use domain::ids::{ClientId, ContentId, OrganizationId};
use domain::version::VersionDoc;
use protocol::sync::Batch;
use protocol::{Code, Mutation};

use crate::Error;

/// Puts what others did meanwhile into a batch that types, saves or throws away on what was there
/// before. `seen` is who sends, and how far they knew the order.
///
/// # Errors
/// `conflict` where both changed the same words.
pub(super) async fn with_others(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    seen: (ClientId, u64),
    batch: &mut Batch,
) -> Result<(), Error> {
    let saves_alone = batch.mutations.len() == 1;
    keep_typed(tx, organization, seen, batch).await?;
    for at in 0..batch.mutations.len() {
        let (content, base, body) = match &batch.mutations[at] {
            Mutation::SaveWorkingCopy {
                content,
                body,
                base,
                ..
            } => (*content, base.unwrap_or(u32::MAX), body.clone()),
            Mutation::SaveVersion {
                content, n, doc, ..
            } => match VersionDoc::open(doc.as_bytes()) {
                Ok(doc) => (*content, n.saturating_sub(1), doc.body),
                // Refused with its own words where it is applied.
                Err(_) => continue,
            },
            _ => continue,
        };
        let draft = Draft {
            organization,
            content,
            base,
            body,
        };
        let Some(now) = draft.others(tx, seen).await? else {
            continue;
        };
        match &mut batch.mutations[at] {
            Mutation::SaveWorkingCopy { body, base, .. } => {
                *body = draft.merged(tx, &now).await?.ok_or_else(conflict)?;
                *base = Some(now.n);
            }
            // What it would have been is typed on the version that was faster.
            Mutation::SaveVersion { persona, .. } if now.n > base && saves_alone => {
                let body = draft.merged(tx, &now).await?.ok_or_else(conflict)?;
                batch.mutations[at] = Mutation::SaveWorkingCopy {
                    content,
                    persona: *persona,
                    body,
                    base: Some(now.n),
                };
            }
            // What another typed goes on, on the version that is saved now.
            Mutation::SaveVersion { persona, n, .. } if now.n == base && now.is_typed => {
                let (persona, n) = (*persona, *n);
                let merged = draft.merged(tx, &now).await?;
                let (body, base) = merged.map_or((now.body, now.base), |body| (body, n));
                batch.mutations.push(Mutation::SaveWorkingCopy {
                    content,
                    persona,
                    body,
                    base: Some(base),
                });
                // Each batch saves a content once.
                return Ok(());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Who throws a copy away means the one that was seen: what others typed meanwhile stays, and the
/// rest of what is done goes on beside it.
async fn keep_typed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (client, after): (ClientId, u64),
    batch: &mut Batch,
) -> Result<(), Error> {
    let mut kept = Vec::with_capacity(batch.mutations.len());
    for mutation in std::mem::take(&mut batch.mutations) {
        if let Mutation::DiscardWorkingCopy { content } = mutation {
            let typed = store::content::working_copy(tx, organization, content).await?;
            if typed.is_some()
                && store::sync::log::others_changed(tx, organization, content, after, client)
                    .await?
            {
                continue;
            }
        }
        kept.push(mutation);
    }
    if kept.is_empty() {
        return Err(conflict());
    }
    batch.mutations = kept;
    Ok(())
}

fn conflict() -> Error {
    Error::refused(
        Code::Conflict,
        "Somebody else changed the same words meanwhile. Yours are kept here: look at both.",
    )
}

/// What is typed, on a version.
struct Draft {
    organization: OrganizationId,
    content: ContentId,
    /// Of one that names none, that on which others typed.
    base: u32,
    body: Body,
}

/// What others have there now.
struct Now {
    /// The newest version.
    n: u32,
    /// The words, and the version on which they were typed.
    body: Body,
    base: u32,
    /// They are not saved.
    is_typed: bool,
}

impl Draft {
    /// What others changed since; nothing when they changed no words.
    async fn others(
        &self,
        tx: &mut Tx<'_>,
        (client, after): (ClientId, u64),
    ) -> Result<Option<Now>, Error> {
        let (org, id) = (self.organization, self.content);
        let Some(content) = store::content::get(tx, org, id).await? else {
            return Ok(None);
        };
        if !store::sync::log::others_changed(tx, org, id, after, client).await? {
            return Ok(None);
        }
        let copy = store::content::working_copy(tx, org, id).await?;
        let now = match copy {
            Some(copy) => Now {
                n: content.n,
                body: copy.body,
                base: copy.base,
                is_typed: true,
            },
            None => Now {
                n: content.n,
                body: self.version(tx, content.n).await?,
                base: content.n,
                is_typed: false,
            },
        };
        Ok((now.body != self.body).then_some(now))
    }

    async fn version(&self, tx: &mut Tx<'_>, n: u32) -> Result<Body, Error> {
        let found = store::version::get(tx, self.organization, self.content, n).await?;
        Ok(match found {
            Some(version) => version.doc()?.body,
            None => Body::default(),
        })
    }

    /// Both, on what both began with: the older of the two versions.
    async fn merged(&self, tx: &mut Tx<'_>, now: &Now) -> Result<Option<Body>, Error> {
        let base = self.version(tx, self.base.min(now.base)).await?;
        Ok(domain::merge::bodies(&base, &now.body, &self.body))
    }
}
