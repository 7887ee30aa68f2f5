//! Ideas: sources, trends, suggestions.

use std::collections::{BTreeMap, HashMap};

use assistant::suggest::{Kind, Taste};
use db::Tx;
use domain::idea::{SuggestionKind, SuggestionStatus};
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, IdentityId, OrganizationId, PersonaId, SourceId, TrendId};
use domain::source::SourceHealth;
use domain::time::{DAY, HOUR};
use domain::{Instant, Planned};
use protocol::views::{
    FillView, IdeaAccount, Ideas, KindWeight, Learned, OutlineView, SourceView, SuggestionView,
    TrendFitView, TrendView,
};
use store::suggestion::Suggestion;

use super::names::Names;
use crate::Error;
use crate::core::App;
use crate::ideas::{SHOW_TRENDS, features, is_unedited, kind_of, taste, title_of};

/// Open suggestions of a persona that are shown, and dismissed ones.
const MOST: u32 = 40;
/// How long what was dismissed can be brought back.
const DISMISSED: i64 = 30 * DAY;
/// A trend that was found in this time still rises.
const RISING: i64 = 2 * HOUR;
/// How far back it is told what was done with slots, and of how many.
const FILLS: i64 = 14 * DAY;
const MOST_FILLS: usize = 40;
/// The time whose items are counted.
const WEEK: i64 = 7 * DAY;

impl App {
    pub(super) async fn sources(&self) -> Result<Vec<SourceView>, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let items = counted(tx, org, now).await?;
                    let all = store::source::all(tx, org).await?;
                    Ok(all
                        .into_iter()
                        .map(|source| SourceView {
                            id: source.id,
                            title: title_of(&source),
                            personas: source
                                .source
                                .personas
                                .iter()
                                .map(|id| names.persona(*id))
                                .collect(),
                            health: source.state.health,
                            trouble: source.state.trouble,
                            words: source.state.words,
                            failures: source.state.failures,
                            read_at: source.state.read_at,
                            next_at: source.state.next_at,
                            items: items.get(&source.id).copied().unwrap_or(0),
                            source: source.source,
                        })
                        .collect())
                })
            })
            .await
    }

    pub(super) async fn ideas(&self, persona: Option<PersonaId>) -> Result<Ideas, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| Box::pin(async move { ideas(tx, org, persona, now).await }))
            .await
    }

    pub(super) async fn outline(&self, content: ContentId) -> Result<Option<OutlineView>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    store::content::get(tx, org, content)
                        .await?
                        .ok_or_else(|| Error::missing("content"))?;
                    let Some(suggestion) = store::suggestion::of_content(tx, org, content).await?
                    else {
                        return Ok(None);
                    };
                    let names = Names::read(tx, org).await?;
                    let body = match store::content::working_copy(tx, org, content).await? {
                        Some(copy) => Some(copy.body),
                        None => newest(tx, org, content).await?,
                    };
                    let unedited = body.is_some_and(|body| is_unedited(&suggestion, &body));
                    let taste = taste(tx, org, suggestion.persona).await?;
                    Ok(Some(OutlineView {
                        suggestion: view(&names, suggestion, &taste),
                        unedited,
                    }))
                })
            })
            .await
    }
}

async fn newest(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    content: ContentId,
) -> Result<Option<domain::content::Body>, Error> {
    let Some(kept) = store::content::get(tx, org, content).await? else {
        return Ok(None);
    };
    let version = store::version::get(tx, org, content, kept.n).await?;
    // One that a newer program wrote is shown elsewhere; nothing is said of it here.
    Ok(version.and_then(|v| v.doc().ok()).map(|doc| doc.body))
}

async fn counted(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    now: Instant,
) -> Result<HashMap<SourceId, u32>, Error> {
    let counts = store::signal::counts(tx, org, now.plus(-WEEK)).await?;
    Ok(counts.into_iter().collect())
}

async fn ideas(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    persona: Option<PersonaId>,
    now: Instant,
) -> Result<Ideas, Error> {
    let names = Names::read(tx, org).await?;
    let wanted: Vec<PersonaId> = names
        .personas
        .values()
        .filter(|p| !p.archived && persona.is_none_or(|id| id == p.id))
        .map(|p| p.id)
        .collect();
    let items: u32 = counted(tx, org, now).await?.values().sum();
    let sources: Vec<_> = store::source::all(tx, org)
        .await?
        .into_iter()
        .filter(|s| s.source.personas.iter().any(|id| wanted.contains(id)))
        .collect();
    let trends = trends(tx, &names, &wanted, now).await?;
    let (mut suggestions, mut dismissed, mut learned) = (Vec::new(), Vec::new(), Vec::new());
    for id in &wanted {
        let taste = taste(tx, org, *id).await?;
        let open =
            store::suggestion::with_status(tx, org, *id, SuggestionStatus::Open, MOST).await?;
        suggestions.extend(
            open.into_iter()
                .filter(|s| s.until.is_none_or(|until| until > now))
                .map(|s| view(&names, s, &taste)),
        );
        let answered = store::suggestion::answered(tx, org, *id, now.plus(-DISMISSED), MOST);
        let unwanted = answered
            .await?
            .into_iter()
            .filter(|s| s.status == SuggestionStatus::Dismissed);
        dismissed.extend(unwanted.map(|s| (s.settled_at, view(&names, s, &taste))));
        learned.push(Learned {
            persona: names.persona(*id),
            answers: taste.answers(),
            kinds: weights(&taste),
            muted: store::suggestion::muted(tx, org, *id).await?,
        });
    }
    let fills = fills(tx, &names, &wanted, now).await?;
    suggestions.sort_by(|a, b| b.appeal.cmp(&a.appeal).then(a.id.cmp(&b.id)));
    dismissed.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
    let followed = |id: &PersonaId| sources.iter().any(|s| s.source.personas.contains(id));
    let troubled = |health| matches!(health, SourceHealth::Trouble | SourceHealth::Stopped);
    Ok(Ideas {
        trends,
        suggestions,
        dismissed: dismissed.into_iter().map(|(_, view)| view).collect(),
        learned,
        fills,
        sources: count(sources.len()),
        troubled: count(sources.iter().filter(|s| troubled(s.state.health)).count()),
        items,
        read_at: sources.iter().filter_map(|s| s.state.read_at).max(),
        without: wanted.iter().copied().filter(|id| !followed(id)).collect(),
    })
}

/// What was done on its own with slots of these personas.
async fn fills(
    tx: &mut Tx<'_>,
    names: &Names,
    wanted: &[PersonaId],
    now: Instant,
) -> Result<Vec<FillView>, Error> {
    let org = names.organization;
    let mut views = Vec::new();
    for fill in store::fill::since(tx, org, now.plus(-FILLS)).await? {
        let Some(persona) = names.personas.get(&fill.persona) else {
            continue;
        };
        let slot = Planned::from_instant(fill.slot, &persona.profile.zone);
        let (true, Ok(slot)) = (wanted.contains(&fill.persona), slot) else {
            continue;
        };
        let suggestion = match fill.suggestion {
            Some(id) => store::suggestion::get(tx, org, id).await?,
            None => None,
        };
        let content = match fill.content {
            Some(id) => store::content::get(tx, org, id).await?,
            None => None,
        };
        let headline = content.as_ref().map(|c| c.headline.clone());
        let title = suggestion.map(|s| s.facts.title);
        let mut said = [title, headline].into_iter().flatten();
        views.push(FillView {
            persona: names.persona(fill.persona),
            slot,
            done: fill.done,
            reason: fill.reason,
            title: said.find(|title| !title.is_empty()).unwrap_or_default(),
            content: content.map(|c| c.id),
            run: fill.run,
            at: fill.at,
        });
        if views.len() == MOST_FILLS {
            break;
        }
    }
    Ok(views)
}

/// Trends that are something for one of the personas, those that fit best first.
async fn trends(
    tx: &mut Tx<'_>,
    names: &Names,
    wanted: &[PersonaId],
    now: Instant,
) -> Result<Vec<TrendView>, Error> {
    let org = names.organization;
    let since = now.plus(-SHOW_TRENDS);
    let mut fits: BTreeMap<TrendId, Vec<TrendFitView>> = BTreeMap::new();
    for (trend, persona, fit) in store::trend::fits(tx, org, since).await? {
        if wanted.contains(&persona) {
            fits.entry(trend).or_default().push(TrendFitView {
                persona: names.persona(persona),
                fit,
            });
        }
    }
    let mut views = Vec::new();
    for trend in store::trend::since(tx, org, since).await? {
        let Some(mut fits) = fits.remove(&trend.id) else {
            continue;
        };
        fits.sort_by_key(|f| std::cmp::Reverse(f.fit.relevance));
        views.push(TrendView {
            id: trend.id,
            facts: trend.facts,
            began_at: trend.began_at,
            seen_at: trend.seen_at,
            rising: now.since(trend.seen_at) < RISING,
            fits,
        });
    }
    let fit = |view: &TrendView| view.fits.first().map_or(0, |f| f.fit.relevance);
    views.sort_by(|a, b| {
        let rising = b.rising.cmp(&a.rising);
        let surprise = b.facts.surprise_tenths.cmp(&a.facts.surprise_tenths);
        rising
            .then(fit(b).cmp(&fit(a)))
            .then(surprise)
            .then(a.id.cmp(&b.id))
    });
    Ok(views)
}

fn view(names: &Names, suggestion: Suggestion, taste: &Taste) -> SuggestionView {
    let account = |id: &IdentityId| {
        let found = names.identities.get(id)?;
        (found.status != IdentityStatus::Disconnected).then(|| IdeaAccount {
            identity: found.id,
            network: found.network.clone(),
            handle: found.handle.clone(),
        })
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    let appeal = (100.0 * taste.appeal(&features(&suggestion)))
        .round()
        .clamp(0.0, 100.0) as u8;
    SuggestionView {
        id: suggestion.id,
        persona: names.persona(suggestion.persona),
        kind: suggestion.kind,
        accounts: suggestion
            .facts
            .accounts
            .iter()
            .filter_map(account)
            .collect(),
        status: suggestion.status,
        reason: suggestion.reason,
        content: suggestion.content,
        made_at: suggestion.made_at,
        appeal,
        facts: suggestion.facts,
    }
}

/// What each kind weighs beside what everybody begins with.
fn weights(taste: &Taste) -> Vec<KindWeight> {
    let begin = Taste::default();
    let place = |kind: Kind| {
        1 + Kind::ALL
            .iter()
            .position(|k| *k == kind)
            .unwrap_or_default()
    };
    SuggestionKind::ALL
        .into_iter()
        .map(|kind| {
            let at = place(kind_of(kind));
            #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
            let weight = (100.0 * (taste.weights()[at] - begin.weights()[at])).round() as i32;
            KindWeight { kind, weight }
        })
        .collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
