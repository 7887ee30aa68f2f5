//! What could be said: from trends, from questions, from one's own posts and from gaps in the plan.

use std::collections::{HashMap, HashSet};

use assistant::near::is_similar;
use assistant::range::expected_range;
use domain::idea::{
    ExpectedRange, OpenQuestion as Q, SuggestionFacts, SuggestionKind, TrendFacts, Why,
};
use domain::ids::{ContentId, IdentityId, SourceId, TrendId};
use domain::time::{DAY, HOUR};
use domain::{Instant, Planned};

use super::collect::name_of;
use super::curve::Seen;
use super::fits::{Eyes, Fit};
use super::model::From;
use super::own::{Everything, Own, Standing, traits};

/// The most suggestions of a kind that are made at a time.
const MOST: usize = 4;
/// A trend that fits less than this is none for the persona, in percent.
const LEAST_FIT: u8 = 8;
/// How long a trend is worth joining after it was last seen, and a question worth answering.
const TREND_LASTS: i64 = 2 * DAY;
const QUESTION_LASTS: i64 = 2 * DAY;
/// A post can be used again after this.
const EVERGREEN: i64 = 120 * DAY;
/// What got so many times the usual is worth using again, and worth another form.
const DID_WELL: f64 = 1.5;
const DID_VERY_WELL: f64 = 2.0;
/// Own posts that are looked at for a newer one that says the same.
const NEWER: usize = 300;
/// From so many characters a text is worth a thread.
const LONG: usize = 1_000;
/// The level of an expected range: four posts of five lie in it.
const LEVEL: f64 = 0.8;
/// The longest question, in characters: longer ones are essays.
const LONGEST_QUESTION: usize = 500;

/// A suggestion that could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) kind: SuggestionKind,
    pub(super) about: String,
    pub(super) facts: SuggestionFacts,
    pub(super) until: Option<Instant>,
}

/// What suggestions are made from.
pub(super) struct Ground<'a> {
    pub(super) eyes: Eyes<'a>,
    /// Trends that fit, with their ids.
    pub(super) fits: Vec<(TrendId, &'a TrendFacts, &'a Fit)>,
    pub(super) seen: &'a [Seen],
    pub(super) sources: &'a HashMap<SourceId, From>,
    /// Free posting slots of the next days.
    pub(super) free: Vec<Planned>,
    /// The next good hour, where there are no slots.
    pub(super) good_hour: Option<Planned>,
    /// Drafts without a time.
    pub(super) drafts: u32,
    /// Accounts on networks that have threads.
    pub(super) threading: HashSet<IdentityId>,
    /// Nothing is planned in the days for which `free` was asked, and posts came regularly.
    pub(super) quiet: bool,
}

/// The days for which free slots are looked at.
pub(super) const AHEAD: u8 = 7;

impl Ground<'_> {
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let standings = self.own().standings(self.eyes.now);
        let mut all = self.trends();
        all.extend(self.questions());
        all.extend(self.again(&standings));
        all.extend(self.threads());
        all.extend(self.forms(&standings));
        all.extend(self.gap());
        for candidate in &mut all {
            candidate.facts.ranges = self.ranges(&candidate.facts);
        }
        all
    }

    fn own(&self) -> &Everything {
        self.eyes.own
    }

    fn accounts(&self) -> Vec<IdentityId> {
        self.own().accounts.iter().map(|a| a.id).collect()
    }

    fn time(&self) -> Option<Planned> {
        self.free.first().or(self.good_hour.as_ref()).cloned()
    }

    fn trends(&self) -> Vec<Candidate> {
        let fitting = self
            .fits
            .iter()
            .filter(|(_, _, fit)| fit.fit.relevance >= LEAST_FIT);
        let candidate = |(id, facts, fit): &(TrendId, &TrendFacts, &Fit)| Candidate {
            kind: SuggestionKind::JoinTrend,
            about: id.to_string(),
            until: Some(self.eyes.now.plus(TREND_LASTS)),
            facts: SuggestionFacts {
                title: facts.title.clone(),
                why: fit.fit.why.clone(),
                evidence: facts.evidence.clone(),
                own: fit.own.map(|at| self.own().posts[at].post.clone()),
                trend: Some(*id),
                accounts: self.accounts(),
                planned: self.time(),
                questions: vec![Q::OwnAngle, Q::Checked],
                ranges: vec![],
                qualities: [
                    percent(2.0 * f64::from(fit.fit.relevance)),
                    100,
                    percent(20.0 * f64::from(facts.sources)),
                    if fit.said { -50 } else { 80 },
                    40,
                ],
            },
        };
        fitting.take(MOST).map(candidate).collect()
    }

    /// What people ask in posts of followed lists.
    fn questions(&self) -> Vec<Candidate> {
        let now = self.eyes.now;
        let mut found = Vec::new();
        for item in self.seen.iter().rev() {
            let fresh = now.since(item.at) < QUESTION_LASTS;
            let followed = self.eyes.follows.contains(&item.named.0);
            if !item.of_many || !fresh || !followed || found.len() == MOST {
                continue;
            }
            let text = item.text();
            let asks = text.contains('?') && text.chars().count() <= LONGEST_QUESTION;
            let Some(interest) = self.eyes.interest_in(&text).filter(|_| asks) else {
                continue;
            };
            let age = now.since(item.at) as f64 / QUESTION_LASTS as f64;
            found.push(Candidate {
                kind: SuggestionKind::AnswerQuestion,
                about: name_of(item.named.0, item.named.1),
                until: Some(item.at.plus(QUESTION_LASTS)),
                facts: SuggestionFacts {
                    title: interest.clone(),
                    why: vec![Why::Asked { interest }],
                    evidence: vec![item.evidence(self.sources)],
                    own: None,
                    trend: None,
                    accounts: self.accounts(),
                    planned: self.time(),
                    questions: vec![Q::WhoAsks, Q::Checked],
                    ranges: vec![],
                    qualities: [60, percent(100.0 - 100.0 * age), 20, 60, 50],
                },
            });
        }
        found
    }

    /// Own posts that did well long ago and were not said again since.
    fn again(&self, standings: &[Option<Standing>]) -> Vec<Candidate> {
        let now = self.eyes.now;
        let old = |own: &Own| now.since(own.post.at) >= EVERGREEN;
        let best = self.best(standings, DID_WELL, |own| {
            old(own) && !self.is_said_again(own)
        });
        let candidate = |(own, standing): (&Own, Standing)| {
            let on = self.own().accounts_of(own.post.content);
            let never: Vec<IdentityId> = self
                .accounts()
                .into_iter()
                .filter(|id| !on.contains(id))
                .collect();
            let mut why = vec![did_well(standing), Why::Old { at: own.post.at }];
            if !never.is_empty() {
                why.push(Why::NeverOn {
                    accounts: never.clone(),
                });
            }
            self.of_own(
                SuggestionKind::UseAgain,
                own,
                why,
                if never.is_empty() {
                    self.accounts()
                } else {
                    never
                },
                vec![Q::Changed, Q::StillRight],
                [50, 0, evidence(standing), 20, -40],
            )
        };
        best.into_iter().map(candidate).collect()
    }

    /// Own texts that are long enough for several posts and went out as one.
    fn threads(&self) -> Vec<Candidate> {
        let mut known = HashSet::new();
        let mut found = Vec::new();
        for own in &self.own().posts {
            let length = own.post.text.chars().count();
            let on = self.own().accounts_of(own.post.content);
            let free: Vec<IdentityId> = self
                .accounts()
                .into_iter()
                .filter(|id| self.threading.contains(id) && !on.contains(id))
                .collect();
            let fits = length >= LONG && own.parts == 1 && !free.is_empty();
            if !fits || !known.insert(own.post.content) || found.len() == MOST {
                continue;
            }
            let why = vec![
                Why::Long {
                    characters: u32::try_from(length).unwrap_or(u32::MAX),
                },
                Why::NeverOn {
                    accounts: free.clone(),
                },
            ];
            let age = self.eyes.now.since(own.post.at) as f64 / EVERGREEN as f64;
            found.push(self.of_own(
                SuggestionKind::MakeThread,
                own,
                why,
                free,
                vec![Q::Parts, Q::StillRight],
                [50, percent(60.0 - 60.0 * age), 0, 40, 20],
            ));
        }
        found
    }

    /// Own posts that did very well lately, without a picture.
    fn forms(&self, standings: &[Option<Standing>]) -> Vec<Candidate> {
        let lately = |own: &Own| self.eyes.now.since(own.post.at) < EVERGREEN;
        let best = self.best(standings, DID_VERY_WELL, |own| {
            lately(own) && !own.has_media && own.parts == 1
        });
        let candidate = |(own, standing): (&Own, Standing)| {
            self.of_own(
                SuggestionKind::OtherForm,
                own,
                vec![did_well(standing), Why::Plain],
                self.accounts(),
                vec![Q::Form, Q::Changed],
                [60, 20, evidence(standing), -20, 30],
            )
        };
        best.into_iter().map(candidate).collect()
    }

    /// The next free slot, one at a time.
    fn gap(&self) -> Option<Candidate> {
        let slots = u32::try_from(self.free.len()).unwrap_or(u32::MAX);
        if slots == 0 && !self.quiet {
            return None;
        }
        let planned = self.time()?;
        let mut why = vec![Why::Free { slots, days: AHEAD }];
        if self.drafts > 0 {
            why.push(Why::Drafts { count: self.drafts });
        }
        Some(Candidate {
            kind: SuggestionKind::FillGap,
            about: planned.at.to_string(),
            until: Some(planned.at),
            facts: SuggestionFacts {
                title: String::new(),
                why,
                evidence: vec![],
                own: None,
                trend: None,
                accounts: self.accounts(),
                planned: Some(planned),
                questions: vec![Q::WhichDraft],
                ranges: vec![],
                qualities: [0, 50, percent(20.0 * f64::from(slots)), 0, 0],
            },
        })
    }

    /// Posts from so many times the usual, each content once with its best account, the best first.
    fn best(
        &self,
        standings: &[Option<Standing>],
        least: f64,
        fits: impl Fn(&Own) -> bool,
    ) -> Vec<(&Own, Standing)> {
        let mut best: HashMap<ContentId, (&Own, Standing)> = HashMap::new();
        for (own, standing) in self.own().posts.iter().zip(standings) {
            let Some(standing) = standing.filter(|s| s.times() >= least) else {
                continue;
            };
            let better = best
                .get(&own.post.content)
                .is_none_or(|(_, known)| standing.times() > known.times());
            if better {
                best.insert(own.post.content, (own, standing));
            }
        }
        let mut best: Vec<_> = best.into_values().collect();
        best.sort_by(|a, b| {
            let more = b.1.times().total_cmp(&a.1.times());
            more.then(a.0.post.content.cmp(&b.0.post.content))
        });
        best.into_iter()
            .filter(|(own, _)| fits(own))
            .take(MOST)
            .collect()
    }

    /// Whether another own post says the same and is newer.
    fn is_said_again(&self, own: &Own) -> bool {
        self.own().posts.iter().take(NEWER).any(|other| {
            other.post.at > own.post.at
                && other.post.content != own.post.content
                && is_similar(&other.post.text, &own.post.text)
        })
    }

    fn of_own(
        &self,
        kind: SuggestionKind,
        own: &Own,
        why: Vec<Why>,
        accounts: Vec<IdentityId>,
        questions: Vec<Q>,
        qualities: [i8; 5],
    ) -> Candidate {
        Candidate {
            kind,
            about: own.post.content.to_string(),
            until: None,
            facts: SuggestionFacts {
                title: own.post.headline.clone(),
                why,
                evidence: vec![],
                own: Some(own.post.clone()),
                trend: None,
                accounts,
                planned: self.time(),
                questions,
                ranges: vec![],
                qualities,
            },
        }
    }

    /// What such a post usually gets on each account; nothing where too little is known.
    fn ranges(&self, facts: &SuggestionFacts) -> Vec<ExpectedRange> {
        let now = self.eyes.now;
        let at = facts.planned.as_ref().map_or(now.plus(HOUR), |p| p.at);
        let text = facts.own.as_ref().map_or("", |own| own.text.as_str());
        let draft = traits(at, text, false, false);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits"
        )]
        let whole = |x: f64| x.clamp(0.0, f64::from(u32::MAX)) as u32;
        let of = |account: &IdentityId| {
            let range = expected_range(&self.own().past(*account, now), &draft, LEVEL)?;
            Some(ExpectedRange {
                account: *account,
                low: whole(range.low),
                high: whole(range.high),
                posts: u32::try_from(range.posts).unwrap_or(u32::MAX),
            })
        };
        facts.accounts.iter().filter_map(of).collect()
    }
}

const fn did_well(standing: Standing) -> Why {
    Why::DidWell {
        got: standing.got,
        usual: standing.usual,
        posts: standing.posts,
    }
}

/// Three times the usual is as much as one can ask for.
fn evidence(standing: Standing) -> i8 {
    percent(50.0 * (standing.times() - 1.0))
}

fn percent(value: f64) -> i8 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let value = value.clamp(-100.0, 100.0) as i8;
    value
}
