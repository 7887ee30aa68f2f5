//! What trends are for a persona, and why.

use std::collections::{HashMap, HashSet};

use assistant::relevance::{Profile, Rarity, Rising, rank};
use assistant::text::{Key, Reader};
use domain::Instant;
use domain::idea::{TrendFacts, TrendFit, Why};
use domain::ids::SourceId;
use domain::persona::PersonaProfile;
use domain::time::DAY;

use super::curve::{Seen, keys};
use super::own::Everything;

/// Interests that are named as reasons.
const NAMED: usize = 3;
/// Own posts that the profile is made of: the newest.
const OWN: usize = 300;
/// What was said in this time is not said again at once.
const LATELY: i64 = 30 * DAY;

/// A trend and where it was.
pub(super) struct Rise {
    pub(super) facts: TrendFacts,
    /// Its items of the last day: places in what was seen, newest first.
    pub(super) items: Vec<usize>,
}

/// A trend that is something for a persona.
pub(super) struct Fit {
    /// Its place among the trends.
    pub(super) trend: usize,
    pub(super) fit: TrendFit,
    /// It was said lately.
    pub(super) said: bool,
    /// The own post that says most about it: its place among one's own.
    pub(super) own: Option<usize>,
}

/// The interests of all audiences, each once.
pub(super) fn interests(profile: &PersonaProfile) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for interest in profile.audiences.iter().flat_map(|a| &a.interests) {
        let interest = interest.trim();
        if !interest.is_empty() && !all.iter().any(|i| i.eq_ignore_ascii_case(interest)) {
            all.push(interest);
        }
    }
    all
}

/// What a persona reads with.
pub(super) struct Eyes<'a> {
    pub(super) reader: &'a Reader,
    pub(super) rarity: &'a Rarity,
    pub(super) profile: &'a PersonaProfile,
    pub(super) follows: &'a HashSet<SourceId>,
    pub(super) muted: &'a [String],
    pub(super) own: &'a Everything,
    pub(super) now: Instant,
}

impl Eyes<'_> {
    /// Trends that items of followed sources hold, in the order in which they fit; one of each
    /// story.
    pub(super) fn fits(&self, rises: &[Rise], seen: &[Seen]) -> Vec<Fit> {
        let reader = self.reader;
        let muted: HashSet<Key> = self.muted.iter().map(|t| reader.key_of(t)).collect();
        let followed: Vec<usize> = (0..rises.len())
            .filter(|at| {
                let rise = &rises[*at];
                let is_followed = |i: &usize| self.follows.contains(&seen[*i].named.0);
                rise.items.iter().any(is_followed)
                    && keys(reader, &rise.facts.terms).is_disjoint(&muted)
            })
            .collect();
        let texts: HashMap<usize, String> = followed
            .iter()
            .flat_map(|at| &rises[*at].items)
            .map(|item| (*item, seen[*item].text()))
            .collect();
        let rising: Vec<Rising<'_>> = followed
            .iter()
            .map(|at| {
                let rise = &rises[*at];
                Rising {
                    terms: rise.facts.terms.iter().map(String::as_str).collect(),
                    burst: f64::from(rise.facts.surprise_tenths),
                    items: rise.items.iter().map(|i| texts[i].as_str()).collect(),
                }
            })
            .collect();
        let posts: Vec<&str> = self
            .own
            .posts
            .iter()
            .take(OWN)
            .map(|own| own.post.text.as_str())
            .collect();
        let recent: Vec<&str> = self
            .own
            .posts
            .iter()
            .filter(|own| self.now.since(own.post.at) < LATELY)
            .map(|own| own.post.text.as_str())
            .collect();
        let interests = interests(self.profile);
        let profile = Profile::new(reader, self.rarity, &interests, &posts, &recent);
        let ranked = rank(reader, self.rarity, &profile, &rising);
        let fit = ranked.into_iter().map(|relevant| {
            let trend = followed[relevant.trends[0]];
            let rise = &rises[trend];
            let items: Vec<&Seen> = rise.items.iter().map(|i| &seen[*i]).collect();
            let (own, about) = self.about(&rise.facts.terms);
            let mut why = vec![Why::Rises {
                observed: rise.facts.observed,
                expected_tenths: rise.facts.expected_tenths,
                hours: rise.facts.hours,
                sources: rise.facts.sources,
            }];
            why.extend(self.of_interest(&interests, &items));
            if let Some(own) = own {
                let post = &self.own.posts[own].post;
                why.push(Why::Wrote {
                    content: post.content,
                    headline: post.headline.clone(),
                    at: post.at,
                    posts: about,
                });
            }
            if relevant.said
                && let Some(last) = self.said(&rise.facts.terms)
            {
                why.push(last);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to what fits"
            )]
            let relevance = (relevant.score * 100.0).round().clamp(0.0, 100.0) as u8;
            Fit {
                trend,
                fit: TrendFit { relevance, why },
                said: relevant.said,
                own,
            }
        });
        fit.collect()
    }

    /// The interests that most items hold, all their words in any order.
    fn of_interest(&self, interests: &[&str], items: &[&Seen]) -> Vec<Why> {
        let words: Vec<HashSet<Key>> = items
            .iter()
            .map(|item| self.reader.words(&item.text()).into_iter().collect())
            .collect();
        let mut held: Vec<(u32, &str)> = interests
            .iter()
            .map(|interest| {
                let wanted: HashSet<Key> = self.reader.words(interest).into_iter().collect();
                let holds = |own: &&HashSet<Key>| !wanted.is_empty() && wanted.is_subset(own);
                (count(words.iter().filter(holds).count()), *interest)
            })
            .filter(|(items, _)| *items > 0)
            .collect();
        held.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        held.truncate(NAMED);
        held.into_iter()
            .map(|(held, interest)| Why::Interest {
                interest: interest.to_owned(),
                items: held,
                of: count(items.len()),
            })
            .collect()
    }

    /// The interest that a text holds.
    pub(super) fn interest_in(&self, text: &str) -> Option<String> {
        let own: HashSet<Key> = self.reader.words(text).into_iter().collect();
        let holds = |interest: &&str| {
            let wanted: HashSet<Key> = self.reader.words(interest).into_iter().collect();
            !wanted.is_empty() && wanted.is_subset(&own)
        };
        interests(self.profile)
            .into_iter()
            .find(holds)
            .map(str::to_owned)
    }

    /// Places of own posts that hold one of these terms, newest first.
    fn holding(&self, terms: &[String]) -> Vec<usize> {
        let wanted = keys(self.reader, terms);
        let holds = |text: &str| {
            let own = self.reader.terms(text);
            own.iter().any(|term| wanted.contains(&term.key))
        };
        let posts = self.own.posts.iter().take(OWN).enumerate();
        posts
            .filter(|(_, own)| holds(&own.post.text))
            .map(|(at, _)| at)
            .collect()
    }

    /// The own post about these terms that got most, and how many there are.
    fn about(&self, terms: &[String]) -> (Option<usize>, u32) {
        let about = self.holding(terms);
        let posts: HashSet<_> = about
            .iter()
            .map(|at| self.own.posts[*at].post.content)
            .collect();
        let got = |at: &usize| self.own.posts[*at].post.got.unwrap_or(0);
        let best = about.iter().rev().max_by_key(|at| got(at)).copied();
        (best, count(posts.len()))
    }

    /// The last own post about these terms, if it is of the last days.
    fn said(&self, terms: &[String]) -> Option<Why> {
        let last = *self.holding(terms).first()?;
        let post = &self.own.posts[last].post;
        (self.now.since(post.at) < LATELY).then(|| Why::Said {
            content: post.content,
            headline: post.headline.clone(),
            at: post.at,
        })
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
