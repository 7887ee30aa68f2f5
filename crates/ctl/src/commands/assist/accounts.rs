//! What comes from an account's own figures: hours, ranges, odd days, variants, suggestions.

use std::collections::HashMap;

use assistant::best_hours::{HOURS, Post, Prior, best_hours, strongest};
use assistant::range::{Past, Traits, expected_range};
use assistant::suggest::{Answer, Features, Kind, Reason, Taste};
use assistant::unusual::{self, Direction};
use assistant::variants::{Difference, Shown, Winner, compare};
use domain::ids::IdentityId;
use protocol::Problem;
use serde::{Deserialize, Serialize};

use super::{When, wrong};

#[derive(Debug, Deserialize)]
pub(super) struct BesttimeAsked {
    target: String,
    now: When,
    k: usize,
    min_gap_hours: usize,
    audience_prior_utc: Vec<f64>,
    posts: Vec<MeasuredPost>,
}

#[derive(Debug, Deserialize)]
struct MeasuredPost {
    identity: String,
    published_at: When,
    measured_at: When,
    engagements: f64,
    #[serde(default)]
    has_media: bool,
    #[serde(default)]
    has_link: bool,
    #[serde(default)]
    is_question: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct BesttimeTold {
    /// Hours of the week, 0 is Monday 00:00 UTC.
    slots: Vec<usize>,
    profile: Vec<HourTold>,
}

#[derive(Debug, Serialize)]
struct HourTold {
    mean: f64,
    low: f64,
    high: f64,
}

/// A count as it can be: not negative, a whole number, and no larger than fits.
fn count(value: f64) -> u64 {
    value.round() as u64
}

pub(super) fn besttime(asked: BesttimeAsked) -> Result<BesttimeTold, Problem> {
    let given = asked.audience_prior_utc.len();
    let prior: [f64; HOURS] = asked.audience_prior_utc.try_into().map_err(|_| {
        wrong(format!(
            "`audience_prior_utc` must have {HOURS} values, not {given}."
        ))
    })?;
    let mut ids: HashMap<String, IdentityId> = HashMap::new();
    let mut id = |name: &str| {
        let next = IdentityId(uuid::Uuid::from_u128(ids.len() as u128 + 1));
        *ids.entry(name.to_owned()).or_insert(next)
    };
    let target = id(&asked.target);
    let posts: Vec<Post> = asked
        .posts
        .iter()
        .map(|post| Post {
            identity: id(&post.identity),
            published_at: post.published_at.at,
            measured_at: post.measured_at.at,
            engagements: u32::try_from(count(post.engagements)).unwrap_or(u32::MAX),
            has_media: post.has_media,
            has_link: post.has_link,
            is_question: post.is_question,
        })
        .collect();
    let profile = best_hours(target, &posts, &Prior::of_hours(prior), asked.now.at);
    let told = |e: &assistant::best_hours::Effect| HourTold {
        mean: e.mean,
        low: e.low,
        high: e.high,
    };
    Ok(BesttimeTold {
        slots: strongest(&profile.hours, asked.k.min(HOURS), asked.min_gap_hours, &[]),
        profile: profile.hours.iter().map(told).collect(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct RangeAsked {
    drafts: Vec<DraftAsked>,
}

#[derive(Debug, Deserialize)]
struct DraftAsked {
    #[serde(default = "four_of_five")]
    level: f64,
    posts: Vec<PastPost>,
    draft: TraitsAsked,
}

const fn four_of_five() -> f64 {
    0.8
}

#[derive(Debug, Deserialize)]
struct PastPost {
    #[serde(flatten)]
    traits: TraitsAsked,
    engagements: f64,
}

#[derive(Debug, Deserialize)]
struct TraitsAsked {
    published_at: When,
    hour_of_week: f64,
    #[serde(default)]
    has_media: bool,
    #[serde(default)]
    has_link: bool,
    #[serde(default)]
    length: f64,
}

impl TraitsAsked {
    fn traits(&self) -> Result<Traits, Problem> {
        if !(0.0..168.0).contains(&self.hour_of_week) {
            return Err(wrong(format!(
                "{} is no hour of the week: 0 to 167.",
                self.hour_of_week
            )));
        }
        Ok(Traits {
            published_at: self.published_at.at,
            hour_of_week: self.hour_of_week as u8,
            has_media: self.has_media,
            has_link: self.has_link,
            length: u32::try_from(count(self.length)).unwrap_or(u32::MAX),
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct RangeTold {
    ranges: Vec<OneRange>,
}

#[derive(Debug, Serialize)]
struct OneRange {
    refused: bool,
    low: Option<f64>,
    mid: Option<f64>,
    high: Option<f64>,
}

pub(super) fn range(asked: RangeAsked) -> Result<RangeTold, Problem> {
    let one = |draft: &DraftAsked| {
        let past = |post: &PastPost| {
            Ok(Past {
                traits: post.traits.traits()?,
                engagements: count(post.engagements),
            })
        };
        let posts = draft
            .posts
            .iter()
            .map(past)
            .collect::<Result<Vec<Past>, Problem>>()?;
        let range = expected_range(&posts, &draft.draft.traits()?, draft.level);
        Ok(OneRange {
            refused: range.is_none(),
            low: range.map(|r| r.low),
            mid: range.map(|r| r.mid),
            high: range.map(|r| r.high),
        })
    };
    let ranges = asked
        .drafts
        .iter()
        .map(one)
        .collect::<Result<_, Problem>>()?;
    Ok(RangeTold { ranges })
}

#[derive(Debug, Deserialize)]
pub(super) struct UnusualAsked {
    values: Vec<Option<f64>>,
}

#[derive(Debug, Serialize)]
pub(super) struct UnusualTold {
    alarms: Vec<AlarmTold>,
}

#[derive(Debug, Serialize)]
struct AlarmTold {
    index: usize,
    direction: &'static str,
    observed: f64,
    expected: f64,
}

pub(super) fn unusual(asked: UnusualAsked) -> Result<UnusualTold, Problem> {
    let alarms = unusual::unusual(&asked.values)
        .into_iter()
        .map(|alarm| AlarmTold {
            index: alarm.index,
            direction: match alarm.direction {
                Direction::Up => "up",
                Direction::Down => "down",
            },
            observed: alarm.observed,
            expected: alarm.expected,
        });
    Ok(UnusualTold {
        alarms: alarms.collect(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct VariantsAsked {
    pairs: Vec<PairAsked>,
}

#[derive(Debug, Deserialize)]
struct PairAsked {
    a: ShownAsked,
    b: ShownAsked,
}

#[derive(Debug, Deserialize)]
struct ShownAsked {
    impressions: f64,
    clicks: f64,
}

impl ShownAsked {
    fn shown(&self) -> Shown {
        Shown {
            impressions: count(self.impressions),
            clicks: count(self.clicks),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct VariantsTold {
    /// After how many pairs it was clear.
    decided_at: Option<usize>,
    winner: Option<&'static str>,
    mean: f64,
    margin: Option<f64>,
}

pub(super) fn variants(asked: VariantsAsked) -> Result<VariantsTold, Problem> {
    let difference = |pair: &PairAsked| Difference::of_clicks(pair.a.shown(), pair.b.shown());
    let pairs: Vec<Difference> = asked.pairs.iter().map(difference).collect();
    let verdict = compare(&pairs);
    Ok(VariantsTold {
        decided_at: verdict.decided.map(|(after, _)| after),
        winner: verdict.decided.map(|(_, winner)| match winner {
            Winner::A => "a",
            Winner::B => "b",
        }),
        mean: verdict.mean,
        margin: verdict.margin,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct SuggestionsAsked {
    #[serde(default)]
    answers: Vec<AnswerAsked>,
    suggestions: Vec<SuggestionAsked>,
}

#[derive(Debug, Deserialize)]
struct AnswerAsked {
    #[serde(flatten)]
    suggestion: SuggestionAsked,
    answer: AnswerWord,
    at: When,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerWord {
    Accepted,
    Edited,
    Dismissed,
}

#[derive(Debug, Deserialize)]
struct SuggestionAsked {
    kind: KindWord,
    #[serde(default)]
    topic: f64,
    #[serde(default)]
    freshness: f64,
    #[serde(default)]
    evidence: f64,
    #[serde(default)]
    novelty: f64,
    #[serde(default)]
    effort: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    Trend,
    Question,
    Reuse,
    Recast,
    Gap,
}

impl SuggestionAsked {
    fn features(&self) -> Features {
        let kind = match self.kind {
            KindWord::Trend => Kind::Trend,
            KindWord::Question => Kind::Question,
            KindWord::Reuse => Kind::Reuse,
            KindWord::Recast => Kind::Recast,
            KindWord::Gap => Kind::Gap,
        };
        Features::new(
            kind,
            [
                self.topic,
                self.freshness,
                self.evidence,
                self.novelty,
                self.effort,
            ],
        )
    }
}

#[derive(Debug, Serialize)]
pub(super) struct SuggestionsTold {
    /// Places of the list, best first.
    ranked: Vec<usize>,
    suggestions: Vec<SuggestionTold>,
    /// Answers that were learned from.
    learned: u32,
}

#[derive(Debug, Serialize)]
struct SuggestionTold {
    appeal: f64,
    /// What weighs most, strongest first.
    reasons: Vec<ReasonTold>,
}

#[derive(Debug, Serialize)]
struct ReasonTold {
    of: String,
    weight: f64,
}

pub(super) fn suggestions(asked: SuggestionsAsked) -> Result<SuggestionsTold, Problem> {
    let mut taste = Taste::default();
    for answer in &asked.answers {
        let word = match answer.answer {
            AnswerWord::Accepted => Answer::Accepted,
            AnswerWord::Edited => Answer::Edited,
            AnswerWord::Dismissed => Answer::Dismissed,
        };
        let day = answer.at.at.0.div_euclid(domain::time::DAY);
        taste.learn(&answer.suggestion.features(), word, day);
    }
    let features: Vec<Features> = asked
        .suggestions
        .iter()
        .map(SuggestionAsked::features)
        .collect();
    let reason = |reason: Reason| ReasonTold {
        of: match reason {
            Reason::Kind(kind, _) => format!("{kind:?}").to_lowercase(),
            Reason::Quality(quality, _) => format!("{quality:?}").to_lowercase(),
        },
        weight: reason.weight(),
    };
    let told = |f: &Features| SuggestionTold {
        appeal: taste.appeal(f),
        reasons: taste.reasons(f).into_iter().take(3).map(reason).collect(),
    };
    Ok(SuggestionsTold {
        ranked: taste.rank(&features),
        suggestions: features.iter().map(told).collect(),
        learned: taste.answers(),
    })
}
