//! One look at everything that is new: which trends rise, for whom, and what could be said.

use std::collections::{BTreeMap, HashMap, HashSet};

use assistant::best_hours::{self, Post, Prior};
use assistant::language::Language;
use assistant::relevance::Rarity;
use assistant::trends::Trend as Found;
use db::Tx;
use domain::idea::{SuggestionKind, SuggestionStatus, TrendFacts};
use domain::identity::NetworkId;
use domain::ids::{OrganizationId, PersonaId, SourceId, SuggestionId, TrendId};
use domain::time::{DAY, HOUR};
use domain::{Instant, Planned};
use engine::Failure;
use protocol::Tag;
use serde::{Deserialize, Serialize};
use store::persona::Persona;
use store::signal::{Cursor, Signal};
use store::suggestion::Suggestion;
use store::trend::Trend;

use super::curve::{self, MOST, Readers, Seen, is_link};
use super::fits::{Eyes, Fit, Rise};
use super::model::{From, Model};
use super::own::Everything;
use super::suggest::{AHEAD, Candidate, Ground};
use super::{Collector, KEEP_SIGNALS};
use crate::Error;
use crate::answer::next_free;
use crate::apply::Work as Change;
use crate::core::new_id;
use crate::publish::{Publisher, failure};

/// Items that are read at a time.
const PAGE: u32 = 1_000;
/// The most items of an organization that are kept.
const MOST_SIGNALS: u32 = 300_000;
/// A term that rises within this time of a trend that has it is that trend.
const SAME_TREND: i64 = 3 * DAY;
/// Trends that are kept after they rose last.
const KEEP_TRENDS: i64 = 14 * DAY;
/// Suggestions that are remembered after they were dismissed or passed.
const KEEP_SUGGESTIONS: i64 = 180 * DAY;
/// Days whose items are looked at for curves and words.
const WEEKS: i64 = 14 * DAY;
/// Trends of a look.
const MOST_TRENDS: usize = 30;
/// Open suggestions of a persona.
const MOST_OPEN: u32 = 40;
/// Who posted so often in 60 days misses it when nothing is planned.
const REGULAR: usize = 4;

/// What a look brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Looked {
    /// Trends that rise.
    pub(crate) trends: u32,
    /// Suggestions that are new.
    pub(crate) suggestions: u32,
}

/// What is known of a persona when it is looked at.
struct About {
    persona: Persona,
    muted: Vec<String>,
    own: Everything,
    free: Vec<Planned>,
    drafts: u32,
    planned: bool,
}

/// Looks, and keeps what it found. Done twice it finds the same.
pub(crate) async fn look(
    publisher: &Publisher,
    collector: &Collector,
    organization: OrganizationId,
) -> Result<Looked, Failure> {
    let now = publisher.now();
    forget(publisher, organization, now)
        .await
        .map_err(failure)?;
    let everything = read(publisher, organization, now).await.map_err(failure)?;
    let (sources, known, people) = everything;
    let found = {
        let model = collector.model(organization);
        let mut model = model.lock().await;
        feed(publisher, organization, &mut model, &sources, now)
            .await
            .map_err(failure)?;
        let rising = model.trends.of_the_day(now);
        rising
            .into_iter()
            .take(MOST_TRENDS)
            .map(|trend| {
                let items = trend.items.iter().filter_map(|n| model.named(*n)).collect();
                (trend, items)
            })
            .collect::<Vec<(Found, HashSet<_>)>>()
    };
    let seen = if sources.is_empty() {
        Vec::new()
    } else {
        seen(publisher, organization, &sources, now)
            .await
            .map_err(failure)?
    };
    let threads: HashSet<NetworkId> = publisher
        .networks
        .all()
        .map(|adapter| adapter.descriptor())
        .filter(|d| d.features.threads)
        .map(|d| d.id.clone())
        .collect();
    let worked = tokio::task::spawn_blocking(move || {
        let work = Work {
            now,
            sources,
            known,
            seen,
            threads,
        };
        work.done(found, people)
    });
    let done = worked
        .await
        .map_err(|e| Failure::retryable("broken_off", e.to_string()))?;
    keep(publisher, organization, done, now)
        .await
        .map_err(failure)
}

/// What is past its time goes.
async fn forget(
    publisher: &Publisher,
    organization: OrganizationId,
    now: Instant,
) -> Result<(), Error> {
    let ctx = publisher.ctx(organization, new_id());
    let effects = publisher
        .db
        .write(move |tx| {
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = Change::begin(tx, &ctx).await?;
                let before = now.plus(-KEEP_SIGNALS);
                store::signal::forget(work.tx, organization, before, MOST_SIGNALS).await?;
                let before = now.plus(-KEEP_TRENDS);
                let trends = store::trend::forget(work.tx, organization, before).await?;
                let settled = now.plus(-KEEP_SUGGESTIONS);
                let went = store::suggestion::expire(work.tx, organization, now, settled).await?;
                let fills = store::fill::forget(work.tx, organization, settled).await?;
                let any = !trends.is_empty()
                    || !fills.is_empty()
                    || went != store::suggestion::Went::default();
                for id in trends {
                    work.gone("trend", id).await?;
                }
                for (persona, slot) in fills {
                    work.gone("slot_fill", format!("{persona}:{}", slot.0))
                        .await?;
                }
                for id in went.expired {
                    work.changed("suggestion", id).await?;
                }
                for id in went.gone {
                    work.gone("suggestion", id).await?;
                }
                if !any {
                    return Ok::<_, Error>(crate::apply::Effects::default());
                }
                work.tag(Tag::Ideas);
                work.finish().await
            })
        })
        .await?;
    publisher.tell(effects);
    Ok(())
}

type Known = (
    HashMap<SourceId, From>,
    Vec<Trend>,
    Vec<(About, HashSet<SourceId>)>,
);

async fn read(
    publisher: &Publisher,
    organization: OrganizationId,
    now: Instant,
) -> Result<Known, Error> {
    publisher
        .db
        .read(move |tx| {
            Box::pin(async move {
                let mut sources = HashMap::new();
                let mut follows: BTreeMap<PersonaId, HashSet<SourceId>> = BTreeMap::new();
                for source in store::source::all(tx, organization).await? {
                    for persona in &source.source.personas {
                        follows.entry(*persona).or_default().insert(source.id);
                    }
                    let language = source.state.language.as_deref();
                    let from = From {
                        address: source.source.feed.address.clone(),
                        of_many: source.source.feed.kind.is_of_many(),
                        language: language.and_then(Language::of_tag),
                        title: title_of(&source),
                    };
                    sources.insert(source.id, from);
                }
                let known = store::trend::since(tx, organization, now.plus(-SAME_TREND)).await?;
                let mut people = Vec::new();
                for persona in store::persona::all(tx, organization).await? {
                    if persona.archived {
                        continue;
                    }
                    let follows = follows.remove(&persona.id).unwrap_or_default();
                    people.push((about(tx, organization, persona, now).await?, follows));
                }
                Ok((sources, known, people))
            })
        })
        .await
}

/// What a source is called: by people, else by itself, else its address.
pub(crate) fn title_of(source: &store::source::Source) -> String {
    let (kept, state) = (&source.source, &source.state);
    [&kept.name, &state.title, &kept.feed.address]
        .into_iter()
        .find(|name| !name.is_empty())
        .cloned()
        .unwrap_or_default()
}

async fn about(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: Persona,
    now: Instant,
) -> Result<About, Error> {
    let id = persona.id;
    let until = now.plus(i64::from(AHEAD) * DAY);
    let own = Everything::read(tx, organization, id).await?;
    let free = next_free(tx, organization, id, now.plus(HOUR), until, 50).await?;
    let planned = store::delivery::taken(tx, organization, now, until)
        .await?
        .iter()
        .any(|(account, _)| own.accounts.iter().any(|a| a.id == *account));
    Ok(About {
        muted: store::suggestion::muted(tx, organization, id).await?,
        drafts: store::content::unplanned(tx, organization, Some(id)).await?,
        free,
        planned,
        own,
        persona,
    })
}

/// Feeds the memory with what came since the last look; at first with all that is kept.
async fn feed(
    publisher: &Publisher,
    organization: OrganizationId,
    model: &mut Model,
    sources: &HashMap<SourceId, From>,
    now: Instant,
) -> Result<(), Error> {
    loop {
        let after = model
            .cursor
            .unwrap_or_else(|| Cursor::before(now.plus(-KEEP_SIGNALS)));
        let page = page(publisher, organization, after).await?;
        let last = page.len() < PAGE as usize;
        model.take(&page, sources);
        if last {
            return Ok(());
        }
        // Others have their turn.
        tokio::task::yield_now().await;
    }
}

async fn page(
    publisher: &Publisher,
    organization: OrganizationId,
    after: Cursor,
) -> Result<Vec<Signal>, Error> {
    publisher
        .db
        .read(move |tx| {
            Box::pin(async move { Ok(store::signal::after(tx, organization, after, PAGE).await?) })
        })
        .await
}

/// The newest items of the last weeks, in the order of their publishing.
async fn seen(
    publisher: &Publisher,
    organization: OrganizationId,
    sources: &HashMap<SourceId, From>,
    now: Instant,
) -> Result<Vec<Seen>, Error> {
    let mut seen = std::collections::VecDeque::new();
    let mut after = Cursor::before(now.plus(-KEEP_SIGNALS));
    loop {
        let page = page(publisher, organization, after).await?;
        for signal in &page {
            after = signal.cursor();
            if now.since(signal.published_at) >= WEEKS {
                continue;
            }
            if let Some(from) = sources.get(&signal.source) {
                seen.push_back(Seen::of(signal, from));
                if seen.len() > MOST {
                    seen.pop_front();
                }
            }
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    let mut seen = Vec::from(seen);
    seen.sort_by(|a, b| a.at.cmp(&b.at).then(a.named.cmp(&b.named)));
    Ok(seen)
}

struct Work {
    now: Instant,
    sources: HashMap<SourceId, From>,
    known: Vec<Trend>,
    seen: Vec<Seen>,
    threads: HashSet<NetworkId>,
}

/// What is to be kept.
struct Done {
    trends: Vec<(Trend, Vec<(PersonaId, domain::idea::TrendFit)>)>,
    suggestions: Vec<(PersonaId, Vec<Candidate>)>,
}

impl Work {
    fn done(
        &self,
        found: Vec<(Found, HashSet<super::model::Named>)>,
        people: Vec<(About, HashSet<SourceId>)>,
    ) -> Done {
        let mut readers = Readers::default();
        let rises = self.rises(&mut readers, found);
        let ids: Vec<(TrendId, Instant)> = self.ids(&rises);
        let mut fits: Vec<Vec<(PersonaId, domain::idea::TrendFit)>> = vec![vec![]; rises.len()];
        let mut rarities: HashMap<Option<Language>, Rarity> = HashMap::new();
        let mut suggestions = Vec::new();
        for (about, follows) in &people {
            let language = Language::of_tag(&about.persona.profile.language);
            let reader = readers.of(language);
            let rarity = rarities.entry(language).or_insert_with(|| {
                let mut rarity = Rarity::default();
                for item in &self.seen {
                    rarity.add(reader, &item.text());
                }
                rarity
            });
            let eyes = Eyes {
                reader,
                rarity,
                profile: &about.persona.profile,
                follows,
                muted: &about.muted,
                own: &about.own,
                now: self.now,
            };
            let fitting = eyes.fits(&rises, &self.seen);
            for fit in &fitting {
                fits[fit.trend].push((about.persona.id, fit.fit.clone()));
            }
            let with_ids = |fit| {
                let fit: &Fit = fit;
                (ids[fit.trend].0, &rises[fit.trend].facts, fit)
            };
            let ground = Ground {
                fits: fitting.iter().map(with_ids).collect(),
                seen: &self.seen,
                sources: &self.sources,
                free: about.free.clone(),
                good_hour: self.good_hour(about),
                drafts: about.drafts,
                threading: about
                    .own
                    .accounts
                    .iter()
                    .filter(|a| self.threads.contains(&a.network))
                    .map(|a| a.id)
                    .collect(),
                quiet: self.is_quiet(about),
                eyes,
            };
            suggestions.push((about.persona.id, ground.candidates()));
        }
        let trends = rises
            .into_iter()
            .zip(ids)
            .zip(fits)
            .map(|((rise, (id, began)), fits)| {
                let trend = Trend {
                    id,
                    facts: rise.facts,
                    began_at: began,
                    seen_at: self.now,
                };
                (trend, fits)
            });
        Done {
            trends: trends.collect(),
            suggestions,
        }
    }

    fn rises(
        &self,
        readers: &mut Readers,
        found: Vec<(Found, HashSet<super::model::Named>)>,
    ) -> Vec<Rise> {
        let terms: Vec<Vec<String>> = found.iter().map(|(t, _)| t.terms.clone()).collect();
        let everywhere = match found.is_empty() {
            true => Vec::new(),
            false => curve::found(readers, &self.seen, &terms),
        };
        let mut rises = Vec::new();
        for ((trend, named), all) in found.into_iter().zip(everywhere) {
            let items: Vec<usize> = (0..self.seen.len())
                .rev()
                .filter(|at| named.contains(&self.seen[*at].named))
                .collect();
            // Its sources are followed no more.
            if items.is_empty() {
                continue;
            }
            let shown: Vec<&Seen> = items.iter().map(|at| &self.seen[*at]).collect();
            let times = all.iter().map(|at| self.seen[*at].at);
            let facts = TrendFacts {
                title: title(&trend, &shown),
                observed: trend.observed,
                expected_tenths: tenths(trend.expected),
                hours: trend.window,
                sources: count(trend.sources),
                surprise_tenths: tenths(trend.score),
                curve: curve::curve(self.now, times),
                evidence: curve::evidence(&shown, &self.sources),
                items: count(items.len()),
                terms: trend.terms,
            };
            rises.push(Rise { facts, items });
        }
        rises
    }

    /// The id and the beginning of each: those of a trend that has one of its terms, else new.
    fn ids(&self, rises: &[Rise]) -> Vec<(TrendId, Instant)> {
        let mut taken = HashSet::new();
        let mut ids = Vec::new();
        for rise in rises {
            let shares = |trend: &&Trend| {
                let shared = |term| rise.facts.terms.contains(term);
                trend.facts.terms.iter().any(shared) && !taken.contains(&trend.id)
            };
            let known = self.known.iter().find(shares);
            let id = known.map_or_else(|| (TrendId(new_id()), self.now), |t| (t.id, t.began_at));
            taken.insert(id.0);
            ids.push(id);
        }
        ids
    }

    /// The next hour that is good for the account with most posts, as its audience's clocks say.
    fn good_hour(&self, about: &About) -> Option<Planned> {
        let profile = &about.persona.profile;
        let mut zones: Vec<String> = profile
            .audiences
            .iter()
            .flat_map(|a| a.zones.clone())
            .collect();
        if zones.is_empty() {
            zones.push(profile.zone.clone());
        }
        let prior = Prior::of_zones(&zones, self.now).ok()?;
        let account = about.own.accounts.first()?.id;
        let posts: Vec<Post> = about
            .own
            .posts
            .iter()
            .filter(|own| own.account == account)
            .filter_map(|own| {
                Some(Post {
                    identity: own.account,
                    published_at: own.post.at,
                    measured_at: self.now,
                    engagements: own.post.got?,
                    has_media: own.has_media,
                    has_link: own.has_link,
                    is_question: own.post.text.contains('?'),
                })
            })
            .collect();
        let hours = best_hours::best_hours(account, &posts, &prior, self.now).hours;
        let strongest = best_hours::strongest(&hours, 6, 3, &[]);
        let from = self.now.0.div_euclid(HOUR) + 2;
        let at = (from..from + 168)
            .map(|hour| Instant(hour * HOUR))
            .find(|at| strongest.contains(&best_hours::hour_of_week(*at)))?;
        Planned::from_instant(at, &profile.zone).ok()
    }

    fn is_quiet(&self, about: &About) -> bool {
        let recent = |days: i64| {
            let of = |own: &&super::own::Own| self.now.since(own.post.at) < days * DAY;
            about.own.posts.iter().filter(of).count()
        };
        !about.planned && recent(60) >= REGULAR && recent(i64::from(AHEAD)) == 0
    }
}

/// The first term that is made of words, as the items write it where they agree.
fn title(trend: &Found, items: &[&Seen]) -> String {
    let term = trend.terms.iter().find(|term| !is_link(term));
    match term {
        Some(term) => written(term, items).unwrap_or_else(|| term.clone()),
        None => items
            .first()
            .map(|item| item.title.clone())
            .unwrap_or_default(),
    }
}

/// A term as one of the items writes it.
fn written(term: &str, items: &[&Seen]) -> Option<String> {
    items.iter().find_map(|item| {
        let lower = item.title.to_lowercase();
        // Lower case may have another length: then the places do not agree.
        let at = lower
            .find(term)
            .filter(|_| lower.len() == item.title.len())?;
        item.title.get(at..at + term.len()).map(str::to_owned)
    })
}

async fn keep(
    publisher: &Publisher,
    organization: OrganizationId,
    done: Done,
    now: Instant,
) -> Result<Looked, Error> {
    let trends = count(done.trends.len());
    let ctx = publisher.ctx(organization, new_id());
    let (suggestions, mut effects) = publisher
        .db
        .write(move |tx| {
            let (trends, suggestions) = (done.trends.clone(), done.suggestions.clone());
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut change = Change::begin(tx, &ctx).await?;
                for (trend, fits) in &trends {
                    store::trend::save(change.tx, organization, trend, fits).await?;
                    change.changed("trend", trend.id).await?;
                }
                let mut new = 0;
                for (persona, candidates) in suggestions {
                    new += make(&mut change, persona, candidates, now).await?;
                }
                Ok::<_, Error>((new, change.finish().await?))
            })
        })
        .await?;
    effects.tags.extend([Tag::Ideas, Tag::Sources]);
    publisher.tell(effects);
    Ok(Looked {
        trends,
        suggestions,
    })
}

/// Makes what is new, and brings what is open up to date; what was answered stays answered.
async fn make(
    change: &mut Change<'_, '_>,
    persona: PersonaId,
    candidates: Vec<Candidate>,
    now: Instant,
) -> Result<u32, Error> {
    let organization = change.org();
    let known: HashSet<_> = store::suggestion::known(change.tx, organization, persona)
        .await?
        .into_iter()
        .filter(|(_, _, status)| *status != SuggestionStatus::Open)
        .map(|(kind, about, _)| (kind, about))
        .collect();
    let open = store::suggestion::with_status(
        change.tx,
        organization,
        persona,
        SuggestionStatus::Open,
        MOST_OPEN,
    )
    .await?;
    for gap in &open {
        let kept = |c: &Candidate| c.kind == gap.kind && c.about == gap.about;
        if gap.kind == SuggestionKind::FillGap && !candidates.iter().any(kept) {
            // Something fills it by now, or another one comes first.
            let filled = Suggestion {
                status: SuggestionStatus::Expired,
                settled_at: Some(now),
                ..gap.clone()
            };
            store::suggestion::save(change.tx, organization, &filled).await?;
            change.changed("suggestion", filled.id).await?;
        }
    }
    let mut room = (MOST_OPEN as usize).saturating_sub(open.len());
    let mut new = 0;
    for candidate in candidates {
        if known.contains(&(candidate.kind, candidate.about.clone())) {
            continue;
        }
        let same = |s: &&Suggestion| s.kind == candidate.kind && s.about == candidate.about;
        let before = open.iter().find(same);
        if before.is_none() && room == 0 {
            continue;
        }
        let suggestion = match before {
            Some(before) => Suggestion {
                facts: candidate.facts,
                until: candidate.until,
                ..before.clone()
            },
            None => {
                room -= 1;
                new += 1;
                Suggestion {
                    id: SuggestionId(new_id()),
                    persona,
                    kind: candidate.kind,
                    about: candidate.about,
                    facts: candidate.facts,
                    status: SuggestionStatus::Open,
                    reason: None,
                    content: None,
                    begun: None,
                    made_at: now,
                    until: candidate.until,
                    settled_at: None,
                }
            }
        };
        store::suggestion::save(change.tx, organization, &suggestion).await?;
        change.changed("suggestion", suggestion.id).await?;
    }
    Ok(new)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn tenths(value: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    let tenths = (10.0 * value).round().clamp(0.0, 1e9) as u32;
    tenths
}
