//! What comes from feeds: trends, and which of them are for a persona.

use std::collections::HashMap;

use assistant::language::{Language, language_of_many};
use assistant::relevance::{Profile, Rarity, Rising, rank};
use assistant::text::Reader;
use assistant::trends::{Item, Trends};
use domain::Instant;
use domain::time::{DAY, HOUR, MINUTE};
use protocol::Problem;
use serde::{Deserialize, Serialize};

use super::{Told, When, language_of, wrong};

/// When the list of a day is made (UTC), and how long it is.
const DAILY: i64 = 19 * HOUR;
const RANKED: usize = 20;
/// How often trends are looked for at most.
const MOST_STEPS: i64 = 1_000_000;
/// Texts of a source that say which language it has.
const SAMPLE: usize = 40;

#[derive(Debug, Deserialize)]
pub(super) struct TrendsAsked {
    evaluate_from: When,
    until: When,
    step_minutes: f64,
    items: Vec<FeedItem>,
}

#[derive(Debug, Deserialize)]
struct FeedItem {
    #[serde(default)]
    source: String,
    published_at: When,
    fetched_at: When,
    #[serde(default)]
    text: String,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct TrendsTold {
    alerts: Vec<Alert>,
    daily: Vec<Daily>,
}

#[derive(Debug, Serialize)]
struct Alert {
    at: Told,
    term: String,
}

#[derive(Debug, Serialize)]
struct Daily {
    at: Told,
    ranked: Vec<Ranked>,
}

#[derive(Debug, Serialize)]
struct Ranked {
    terms: Vec<String>,
}

pub(super) fn trends(asked: TrendsAsked) -> Result<TrendsTold, Problem> {
    let (from, until, form) = (
        asked.evaluate_from.at,
        asked.until.at,
        asked.evaluate_from.form,
    );
    let step = (asked.step_minutes * MINUTE as f64) as i64;
    if step < 1 {
        return Err(wrong("`step_minutes` must be more than 0."));
    }
    if until.since(from) / step > MOST_STEPS {
        return Err(wrong(format!(
            "From `evaluate_from` until `until` are more than {MOST_STEPS} steps."
        )));
    }
    let languages = languages_of_sources(&asked.items);
    let mut items: Vec<(usize, &FeedItem)> = asked.items.iter().enumerate().collect();
    items.sort_by_key(|(_, item)| (item.fetched_at.at, item.published_at.at));
    let mut items = items.into_iter().peekable();
    let mut trends = Trends::default();
    let mut told = TrendsTold {
        alerts: vec![],
        daily: vec![],
    };
    for (now, is_daily) in moments(from, until, step) {
        while let Some((id, item)) = items.next_if(|(_, item)| item.fetched_at.at <= now) {
            trends.read(&Item {
                id: u32::try_from(id).unwrap_or(u32::MAX),
                source: &item.source,
                published_at: item.published_at.at,
                fetched_at: item.fetched_at.at,
                text: &item.text,
                url: item.url.as_deref(),
                language: languages.get(item.source.as_str()).copied().flatten(),
            });
        }
        if is_daily {
            let groups = trends.of_the_day(now).into_iter().take(RANKED);
            let ranked = groups.map(|trend| Ranked { terms: trend.terms }).collect();
            told.daily.push(Daily {
                at: form.tell(now),
                ranked,
            });
        } else {
            let first = |terms: Vec<String>| terms.into_iter().next();
            let terms = trends
                .alarms(now)
                .into_iter()
                .filter_map(|trend| first(trend.terms));
            told.alerts.extend(terms.map(|term| Alert {
                at: form.tell(now),
                term,
            }));
        }
    }
    Ok(told)
}

/// The moments to look at in their order, and whether it is for the list of the day.
fn moments(from: Instant, until: Instant, step: i64) -> Vec<(Instant, bool)> {
    let mut moments = Vec::new();
    let mut now = from;
    while now <= until {
        moments.push((now, false));
        now = now.plus(step);
        if now.0 == i64::MAX {
            break;
        }
    }
    let mut day = Instant(from.0.div_euclid(DAY) * DAY).plus(DAILY);
    while day <= until && !moments.is_empty() {
        if day >= from {
            moments.push((day, true));
        }
        day = day.plus(DAY);
    }
    moments.sort_unstable();
    moments
}

fn languages_of_sources(items: &[FeedItem]) -> HashMap<&str, Option<Language>> {
    let mut texts: HashMap<&str, Vec<&str>> = HashMap::new();
    for item in items {
        let texts = texts.entry(item.source.as_str()).or_default();
        if texts.len() < SAMPLE {
            texts.push(&item.text);
        }
    }
    texts
        .into_iter()
        .map(|(source, texts)| (source, language_of_many(texts, Language::ALL)))
        .collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct RelevanceAsked {
    persona: PersonaAsked,
    #[serde(default)]
    background: Vec<String>,
    trends: Vec<TrendAsked>,
    k: usize,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
struct PersonaAsked {
    #[serde(default)]
    interests: Vec<String>,
    #[serde(default)]
    posts: Vec<OwnPost>,
}

/// An own post; without a time it is from the last 30 days.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OwnPost {
    Text(String),
    Dated {
        text: String,
        #[serde(default)]
        published_at: Option<When>,
    },
}

impl OwnPost {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Dated { text, .. } => text,
        }
    }

    fn published_at(&self) -> Option<Instant> {
        match self {
            Self::Text(_) => None,
            Self::Dated { published_at, .. } => published_at.map(|when| when.at),
        }
    }
}

#[derive(Debug, Deserialize)]
struct TrendAsked {
    term: String,
    #[serde(default)]
    score: f64,
    items: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct RelevanceTold {
    ranked: Vec<String>,
}

pub(super) fn relevance(asked: RelevanceAsked) -> Result<RelevanceTold, Problem> {
    let texts = asked.background.iter().map(String::as_str);
    let reader = Reader::new(language_of(asked.language.as_ref(), texts)?);
    let mut rarity = Rarity::default();
    asked
        .background
        .iter()
        .for_each(|text| rarity.add(&reader, text));
    let newest = asked
        .persona
        .posts
        .iter()
        .filter_map(OwnPost::published_at)
        .max();
    let is_recent = |post: &&OwnPost| match (post.published_at(), newest) {
        (Some(at), Some(newest)) => newest.since(at) <= 30 * DAY,
        _ => true,
    };
    let interests: Vec<&str> = asked.persona.interests.iter().map(String::as_str).collect();
    let posts: Vec<&str> = asked.persona.posts.iter().map(OwnPost::text).collect();
    let recent: Vec<&str> = asked
        .persona
        .posts
        .iter()
        .filter(is_recent)
        .map(OwnPost::text)
        .collect();
    let profile = Profile::new(&reader, &rarity, &interests, &posts, &recent);
    let trends: Vec<Rising<'_>> = asked
        .trends
        .iter()
        .map(|trend| Rising {
            terms: vec![trend.term.as_str()],
            burst: trend.score,
            items: trend.items.iter().map(String::as_str).collect(),
        })
        .collect();
    let ranked = rank(&reader, &rarity, &profile, &trends);
    let first = ranked.iter().filter_map(|story| story.trends.first());
    Ok(RelevanceTold {
        ranked: first
            .take(asked.k)
            .map(|at| asked.trends[*at].term.clone())
            .collect(),
    })
}
