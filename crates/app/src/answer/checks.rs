//! What is noticed in a text while it is written.

use std::collections::HashSet;

use assistant::checks::{Draft, Remark, dead_links};
use domain::content::{Body, Variant, identity_key, network_key};
use domain::ids::{ContentId, PersonaId};
use domain::remark::subject;
use networks::links::Lead;
use protocol::views::{self, Checked};

use crate::Error;
use crate::core::App;

/// Parts of a text that are looked at: as many as the longest thread has.
const MOST_PARTS: usize = 100;

impl App {
    pub(super) async fn checked(
        &self,
        persona: PersonaId,
        content: Option<ContentId>,
        body: &Body,
    ) -> Result<Checked, Error> {
        let org = self.organization();
        let targets = body.targets.clone();
        let (profile, dismissed, keys) = self
            .db()
            .read(move |tx| {
                let targets = targets.clone();
                Box::pin(async move {
                    let found = store::persona::get(tx, org, persona)
                        .await?
                        .ok_or_else(|| Error::missing("persona"))?;
                    let everywhere = subject(persona, None);
                    let mut dismissed = store::remark::dismissed(tx, org, &everywhere).await?;
                    if content.is_some() {
                        let here = subject(persona, content);
                        dismissed.extend(store::remark::dismissed(tx, org, &here).await?);
                    }
                    let mut keys = HashSet::new();
                    for target in targets {
                        if let Some(identity) = store::identity::get(tx, org, target).await? {
                            keys.insert(identity_key(target));
                            keys.insert(network_key(&identity.network));
                        }
                    }
                    Ok::<_, Error>((found.profile, dismissed, keys))
                })
            })
            .await?;
        let checker = self.checker(persona, profile).await?;
        let mut remarks = Vec::new();
        let mut seen: HashSet<_> = dismissed.into_iter().collect();
        for (key, variant) in texts(body, &keys) {
            let draft = Draft {
                content,
                parts: variant
                    .segments
                    .iter()
                    .take(MOST_PARTS)
                    .map(|s| s.text.as_str())
                    .collect(),
                languages: &body.languages,
            };
            let is_dead = |link: &str| self.lead_of(link) == Some(Lead::Nowhere);
            let dead = dead_links(&draft, is_dead).into_iter();
            let found = dead.chain(checker.check(&draft));
            // The same in two texts is one thing to know.
            let new: Vec<Remark> = found
                .filter(|r| !seen.contains(&(r.kind, r.about.clone())))
                .collect();
            seen.extend(new.iter().map(|r| (r.kind, r.about.clone())));
            remarks.extend(new.into_iter().map(|remark| view(key, remark)));
        }
        remarks.sort_by_key(|r| std::cmp::Reverse(r.severity));
        Ok(Checked { remarks })
    }
}

/// The shared text and those of its own that somebody gets.
fn texts<'a>(
    body: &'a Body,
    keys: &'a HashSet<String>,
) -> impl Iterator<Item = (&'a str, &'a Variant)> {
    let own = body.variants.iter().filter(|(key, _)| keys.contains(*key));
    std::iter::once(("", &body.shared)).chain(own.map(|(key, variant)| (key.as_str(), variant)))
}

fn view(key: &str, remark: Remark) -> views::Remark {
    views::Remark {
        kind: remark.kind,
        severity: remark.severity,
        text: key.to_owned(),
        part: u32::try_from(remark.part).unwrap_or(u32::MAX),
        span: remark.span,
        about: remark.about,
        args: remark.args,
    }
}
