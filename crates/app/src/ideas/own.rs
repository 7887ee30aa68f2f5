//! One's own posts that are out: what is known of them, and what they got.

use std::collections::BTreeMap;

use assistant::best_hours::hour_of_week;
use assistant::range::{Past, Traits};
use db::Tx;
use domain::Instant;
use domain::idea::OwnPost;
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, IdentityId, OrganizationId, PersonaId};
use domain::time::HOUR;
use store::identity::Identity;

use crate::Error;
use crate::answer::newest_count;

/// The newest posts of an account that are looked at.
const MOST: u32 = 400;
/// What a post got is not final before.
const SETTLED: i64 = 30 * HOUR;
/// The fewest posts of an account whose median is one.
const ENOUGH: usize = 8;

/// A post on one account.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) post: OwnPost,
    pub(super) account: IdentityId,
    pub(super) has_media: bool,
    pub(super) has_link: bool,
    /// Parts of its thread.
    pub(super) parts: usize,
}

/// All that a persona's accounts have out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Everything {
    /// Accounts that are in use.
    pub(super) accounts: Vec<Identity>,
    /// Posts, newest first.
    pub(crate) posts: Vec<Own>,
}

/// How a post did beside the others of its account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) got: u32,
    pub(super) usual: u32,
    pub(super) posts: u32,
}

impl Standing {
    /// How many times the usual it got.
    pub(super) fn times(&self) -> f64 {
        f64::from(self.got + 1) / f64::from(self.usual + 1)
    }
}

impl Everything {
    pub(crate) async fn read(
        tx: &mut Tx<'_>,
        org: OrganizationId,
        persona: PersonaId,
    ) -> Result<Self, Error> {
        let accounts: Vec<Identity> = store::identity::of_persona(tx, org, persona)
            .await?
            .into_iter()
            .filter(|i| i.status != IdentityStatus::Disconnected)
            .collect();
        let mut posts = Vec::new();
        for account in &accounts {
            for first in store::publication::firsts_of_identity(tx, org, account.id, MOST).await? {
                let version = store::version::get(tx, org, first.content, first.n).await?;
                // One that a newer program wrote cannot be read here.
                let Some(doc) = version.and_then(|v| v.doc().ok()) else {
                    continue;
                };
                let Some(target) = doc.target(account.id) else {
                    continue;
                };
                let text: Vec<&str> = target.segments.iter().map(|s| s.text.as_str()).collect();
                let is_link = |m: &domain::version::Mark| {
                    matches!(m.kind, domain::version::MarkKind::Link { .. })
                };
                let got = newest_count(tx, org, &first).await?.map(|(got, _)| got);
                posts.push(Own {
                    post: OwnPost {
                        content: first.content,
                        headline: doc.body.headline(),
                        text: text.join("\n\n"),
                        at: first.at,
                        got,
                    },
                    account: account.id,
                    has_media: target.segments.iter().any(|s| !s.media.is_empty()),
                    has_link: target
                        .segments
                        .iter()
                        .any(|s| s.card.is_some() || s.marks.iter().any(is_link)),
                    parts: target.segments.len(),
                });
            }
        }
        posts.sort_by(|a, b| b.post.at.cmp(&a.post.at).then(a.account.cmp(&b.account)));
        Ok(Self { accounts, posts })
    }

    /// How each post did, where that is known.
    pub(super) fn standings(&self, now: Instant) -> Vec<Option<Standing>> {
        let mut of_account: BTreeMap<IdentityId, Vec<u32>> = BTreeMap::new();
        let settled = |own: &Own| now.since(own.post.at) >= SETTLED;
        for own in self.posts.iter().filter(|own| settled(own)) {
            let counts = of_account.entry(own.account).or_default();
            counts.extend(own.post.got);
        }
        for counts in of_account.values_mut() {
            counts.sort_unstable();
        }
        let standing = |own: &Own| {
            let counts = of_account.get(&own.account)?;
            let known = counts.len() >= ENOUGH && settled(own);
            known.then_some(Standing {
                got: own.post.got?,
                usual: counts[counts.len() / 2],
                posts: u32::try_from(counts.len()).unwrap_or(u32::MAX),
            })
        };
        self.posts.iter().map(standing).collect()
    }

    /// What is known for the expected range of an account.
    pub(super) fn past(&self, account: IdentityId, now: Instant) -> Vec<Past> {
        let of = |own: &&Own| own.account == account && now.since(own.post.at) >= SETTLED;
        self.posts
            .iter()
            .filter(of)
            .filter_map(|own| {
                Some(Past {
                    traits: traits(own.post.at, &own.post.text, own.has_media, own.has_link),
                    engagements: u64::from(own.post.got?),
                })
            })
            .collect()
    }

    /// On which accounts a content is.
    pub(super) fn accounts_of(&self, content: ContentId) -> Vec<IdentityId> {
        let of = self.posts.iter().filter(|own| own.post.content == content);
        of.map(|own| own.account).collect()
    }
}

/// What counts for what a post can be expected to get.
pub(super) fn traits(at: Instant, text: &str, has_media: bool, has_link: bool) -> Traits {
    Traits {
        published_at: at,
        hour_of_week: u8::try_from(hour_of_week(at)).unwrap_or_default(),
        has_media,
        has_link,
        length: u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
    }
}
