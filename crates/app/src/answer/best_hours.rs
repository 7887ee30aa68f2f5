//! Best hours: what was measured, handed to the method.

use std::collections::BTreeMap;

use assistant::best_hours::{self as method, HOURS, Post, Prior, Profile};
use db::Tx;
use domain::Instant;
use domain::identity::IdentityStatus;
use domain::ids::{IdentityId, OrganizationId, PersonaId};
use domain::persona::PersonaProfile;
use domain::version::MarkKind;
use protocol::Code;
use protocol::views::{AccountHours, BestHours, HourEffect, HoursBasis};
use store::identity::Identity;
use store::publication::First;

use crate::Error;
use crate::core::App;

/// What counts as an answer of readers, as adapters name it.
const ENGAGEMENTS: [&str; 4] = ["likes", "reposts", "replies", "quotes"];

/// How many hours are named, and how far apart they are at the least.
const STRONGEST: usize = 6;
const APART: usize = 3;

impl App {
    pub(super) async fn best_hours(
        &self,
        persona: PersonaId,
        at: Instant,
    ) -> Result<BestHours, Error> {
        let (org, now) = (self.organization(), self.now());
        let (profile, accounts, posts) = self
            .db()
            .read(move |tx| Box::pin(async move { measured(tx, org, persona).await }))
            .await?;
        let zones = zones(&profile);
        let prior = Prior::of_zones(&zones, at)
            .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
        // Long enough to keep others from being answered.
        let worked = tokio::task::spawn_blocking(move || {
            let of = |id: IdentityId| method::best_hours(id, &posts, &prior, now);
            let nobody = method::best_hours(IdentityId(Default::default()), &[], &prior, now);
            let each: Vec<(Identity, Profile)> = accounts
                .into_iter()
                .map(|account| {
                    let profile = of(account.id);
                    (account, profile)
                })
                .collect();
            (each, nobody)
        });
        let (each, nobody) = worked.await.map_err(|e| crate::error::internal(&e))?;
        let count = each.iter().map(|(_, p)| p.posts).sum();
        let all: Vec<&Profile> = each.iter().map(|(_, p)| p).collect();
        let mean = if all.is_empty() {
            nobody.hours.to_vec()
        } else {
            mean_of(&all)
        };
        Ok(BestHours {
            persona,
            basis: if count >= method::ENOUGH {
                HoursBasis::Posts
            } else {
                HoursBasis::Zones
            },
            posts: count,
            zones,
            hours: effects(&mean),
            strongest: method::strongest(&mean, STRONGEST, APART, &[])
                .into_iter()
                .filter_map(|hour| u8::try_from(hour).ok())
                .collect(),
            accounts: each
                .into_iter()
                .map(|(account, profile)| AccountHours {
                    identity: account.id,
                    network: account.network,
                    handle: account.handle,
                    posts: profile.posts,
                    hours: effects(&profile.hours),
                })
                .collect(),
        })
    }
}

/// The zones of the audience, each once; the persona's own where none is named.
fn zones(profile: &PersonaProfile) -> Vec<String> {
    let mut zones: Vec<String> = profile
        .audiences
        .iter()
        .flat_map(|a| a.zones.iter().cloned())
        .collect();
    zones.sort_unstable();
    zones.dedup();
    if zones.is_empty() {
        zones.push(profile.zone.clone());
    }
    zones
}

type Measured = (PersonaProfile, Vec<Identity>, Vec<Post>);

async fn measured(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    persona: PersonaId,
) -> Result<Measured, Error> {
    let profile = store::persona::get(tx, org, persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?
        .profile;
    let accounts: Vec<Identity> = store::identity::of_persona(tx, org, persona)
        .await?
        .into_iter()
        .filter(|i| i.status != IdentityStatus::Disconnected)
        .collect();
    let limit = u32::try_from(method::MAX_POSTS).unwrap_or(u32::MAX);
    let mut posts = Vec::new();
    let mut traits = BTreeMap::new();
    for account in &accounts {
        for first in store::publication::firsts_of_identity(tx, org, account.id, limit).await? {
            let Some((engagements, measured_at)) = newest_count(tx, org, &first).await? else {
                continue;
            };
            let key = (first.content, first.n, account.id);
            let (has_media, has_link, is_question) = match traits.get(&key) {
                Some(known) => *known,
                None => {
                    let found = traits_of(tx, org, &first, account.id).await?;
                    traits.insert(key, found);
                    found
                }
            };
            posts.push(Post {
                identity: account.id,
                published_at: first.at,
                measured_at,
                engagements,
                has_media,
                has_link,
                is_question,
            });
        }
    }
    Ok((profile, accounts, posts))
}

/// What a post had got when it was last counted; absent when nothing of it ever was.
pub(crate) async fn newest_count(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    first: &First,
) -> Result<Option<(u32, Instant)>, Error> {
    let subject = store::sample::of_publication(first.delivery, 0);
    let mut newest: BTreeMap<String, (Instant, i64)> = BTreeMap::new();
    for sample in store::sample::of_subject(tx, org, &subject).await? {
        if ENGAGEMENTS.contains(&sample.metric.as_str()) {
            // Samples come by time, so the last one stays.
            newest.insert(sample.metric, (sample.at, sample.value));
        }
    }
    let sum: i64 = newest.values().map(|(_, value)| (*value).max(0)).sum();
    let at = newest.values().map(|(at, _)| *at).max();
    Ok(at.map(|at| (u32::try_from(sum).unwrap_or(u32::MAX), at)))
}

/// Whether a post has pictures, a link, a question.
async fn traits_of(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    first: &First,
    account: IdentityId,
) -> Result<(bool, bool, bool), Error> {
    let version = store::version::get(tx, org, first.content, first.n).await?;
    // One that a newer program wrote is a post without known traits.
    let doc = version.and_then(|v| v.doc().ok());
    let segment = doc
        .as_ref()
        .and_then(|d| d.target(account))
        .and_then(|t| t.segments.first());
    Ok(segment.map_or((false, false, false), |segment| {
        let link = |mark: &domain::version::Mark| matches!(mark.kind, MarkKind::Link { .. });
        (
            !segment.media.is_empty(),
            segment.marks.iter().any(link),
            segment.text.contains('?'),
        )
    }))
}

fn mean_of(profiles: &[&Profile]) -> Vec<method::Effect> {
    let share = 1.0 / profiles.len() as f64;
    (0..HOURS)
        .map(|hour| {
            profiles
                .iter()
                .map(|p| p.hours[hour])
                .fold(method::Effect::default(), |sum, one| method::Effect {
                    mean: sum.mean + share * one.mean,
                    low: sum.low + share * one.low,
                    high: sum.high + share * one.high,
                })
        })
        .collect()
}

/// As percent against the average hour, in five steps from the weakest to the strongest.
fn effects(hours: &[method::Effect]) -> Vec<HourEffect> {
    let factors = || hours.iter().map(|e| e.mean.exp());
    let (least, most) = (
        factors().fold(f64::INFINITY, f64::min),
        factors().fold(f64::NEG_INFINITY, f64::max),
    );
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let percent = |log: f64| (100.0 * log.exp_m1()).round().clamp(-100.0, 100_000.0) as i32;
    hours
        .iter()
        .map(|effect| {
            let place = (effect.mean.exp() - least) / (most - least).max(1e-9);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to what fits"
            )]
            let step = (place * 5.0).floor().clamp(0.0, 4.0) as u8;
            HourEffect {
                effect: percent(effect.mean),
                low: percent(effect.low),
                high: percent(effect.high),
                step,
            }
        })
        .collect()
}
