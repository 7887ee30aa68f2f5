//! Best hours: how much a post gets in each hour of the week.
//!
//! A Gaussian process in closed form over the 168 hours of the week (UTC). Before anything was
//! measured it says what the time zones of the audience suggest; every measured post pulls it
//! towards what really happened, and posts of the persona's other accounts count in part. Method
//! and parameters were chosen by trying them on worlds with planted truth; the tests hold what that
//! found.

use std::f64::consts::PI;

use domain::ids::IdentityId;
use domain::time::{DAY, HOUR, TimeError};
use domain::{Instant, Planned};

use crate::normal::Cholesky;

/// Hours of a week.
pub const HOURS: usize = 168;
/// With fewer own posts than this, what is said comes from the audience's time zones.
pub const ENOUGH: u32 = 8;
/// The most posts that are looked at: the newest own ones first, then those of siblings. More say
/// little more, and the work grows with the cube.
pub const MAX_POSTS: usize = 500;
/// A post must have been measured at this age or later: earlier counts are mostly noise.
pub const MATURE: i64 = 30 * HOUR;

/// How alike hours of different accounts of one persona are.
const SIBLINGS: f64 = 0.65;
/// Standard deviation of the effect of an hour, and of how strongly the audience's waking counts.
const EFFECT: f64 = 0.5;
/// Standard deviation of the luck of one post, on the log scale.
const NOISE: f64 = 0.9;
/// How far an hour speaks for its neighbours, in hours.
const REACH: f64 = 2.2;
/// Variances of an account's level, and of growth per 90 days, media, link and question.
const LEVEL: f64 = 16.0;
const TRAITS: f64 = 0.3;
/// The strongest effect of an hour that is believed, on the log scale.
const STRONGEST: f64 = 20.0;
/// Standard deviations on each side of the mean that hold four cases out of five.
const FOUR_OF_FIVE: f64 = 1.281_551_6;

/// A published post and what it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Post {
    /// By which account.
    pub identity: IdentityId,
    /// When it went live.
    pub published_at: Instant,
    /// When it was counted.
    pub measured_at: Instant,
    /// Likes, reposts, replies and quotes together.
    pub engagements: u32,
    /// It has pictures.
    pub has_media: bool,
    /// It has a link.
    pub has_link: bool,
    /// It asks something.
    pub is_question: bool,
}

impl Post {
    /// Whether its count says something.
    #[must_use]
    pub const fn is_mature(&self) -> bool {
        self.measured_at.since(self.published_at) >= MATURE
    }

    /// ln(1 + what it will have got when it is old).
    fn score(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "hours of an age are small numbers"
        )]
        let age = self.measured_at.since(self.published_at) as f64 / HOUR as f64;
        let maturity = 1.0 - (-(age + 1.0) / 10.0).exp();
        (f64::from(self.engagements) / maturity).ln_1p()
    }

    fn traits(&self, now: Instant) -> [f64; 4] {
        let flag = |on: bool| if on { 1.0 } else { 0.0 };
        #[expect(
            clippy::cast_precision_loss,
            reason = "days of an age are small numbers"
        )]
        let days = now.since(self.published_at) as f64 / DAY as f64;
        [
            days / 90.0,
            flag(self.has_media),
            flag(self.has_link),
            flag(self.is_question),
        ]
    }
}

/// The hour of the week of an instant: 0 is Monday 00:00 to 01:00 UTC.
#[must_use]
pub fn hour_of_week(at: Instant) -> usize {
    // 1 January 1970 was a Thursday.
    let hours = at.0.div_euclid(HOUR) + 3 * 24;
    usize::try_from(hours.rem_euclid(168)).unwrap_or_default()
}

/// What the time zones of an audience suggest, on the log scale, centred.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior([f64; HOURS]);

impl Prior {
    /// Of an audience that is spread evenly over these IANA zones, in the week of `at`.
    ///
    /// # Errors
    /// When one is no zone.
    pub fn of_zones(zones: &[String], at: Instant) -> Result<Self, TimeError> {
        let monday =
            at.0.div_euclid(HOUR)
                .saturating_sub(i64::try_from(hour_of_week(at)).unwrap_or_default())
                * HOUR;
        let mut logs = [0.0; HOURS];
        for (hour, log) in (0_i64..).zip(&mut logs) {
            let middle = Instant(monday + hour * HOUR + HOUR / 2);
            let mut sum = 0.0;
            for zone in zones {
                sum += awake(local_hour(middle, zone)?).exp();
            }
            *log = (sum / zones.len().max(1) as f64)
                .max(f64::MIN_POSITIVE)
                .ln();
        }
        Ok(Self(centred(logs)))
    }

    /// Of effects by hour of the week that are known otherwise, on the log scale. What is no number
    /// is an average hour.
    #[must_use]
    pub fn of_hours(effects: [f64; HOURS]) -> Self {
        let effect = |e: f64| {
            if e.is_nan() {
                0.0
            } else {
                e.clamp(-STRONGEST, STRONGEST)
            }
        };
        Self(centred(effects.map(effect)))
    }

    /// The 168 values.
    #[must_use]
    pub const fn hours(&self) -> &[f64; HOURS] {
        &self.0
    }
}

/// The time on the wall of a zone, in hours after midnight.
fn local_hour(at: Instant, zone: &str) -> Result<f64, TimeError> {
    let wall = Planned::from_instant(at, zone)?.wall;
    let number = |from: usize| wall.get(from..from + 2).and_then(|n| n.parse::<f64>().ok());
    Ok(number(11).unwrap_or_default() + number(14).unwrap_or_default() / 60.0)
}

/// How ready people are to read at an hour of their day: a broad hill after noon, with lunch and
/// the evening on it.
fn awake(hour: f64) -> f64 {
    let bump = |middle: f64, width: f64| {
        let away = (hour - middle).abs();
        let away = away.min(24.0 - away) / width;
        (-0.5 * away * away).exp()
    };
    0.9 * bump(14.5, 5.0) + 0.25 * bump(12.5, 1.5) + 0.35 * bump(19.5, 2.0)
}

fn centred(mut values: [f64; HOURS]) -> [f64; HOURS] {
    let mean = values.iter().sum::<f64>() / HOURS as f64;
    for value in &mut values {
        *value -= mean;
    }
    values
}

/// The effect of an hour against the average hour of the week, on the log scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effect {
    /// What is expected.
    pub mean: f64,
    /// Lower end of the range in which it lies four times out of five.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What is known of an account's hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// By hour of the week.
    pub hours: [Effect; HOURS],
    /// Own posts that it is known from.
    pub posts: u32,
}

/// How alike two hours of the week are, from 0 to 1.
fn alike(a: usize, b: usize) -> f64 {
    let apart = (a % 24).abs_diff(b % 24) as f64;
    let wave = (PI * apart / 24.0).sin();
    let width = 2.0 * PI * REACH / 24.0;
    let near = (-2.0 * wave * wave / (width * width)).exp();
    let (a, b) = (a / 24, b / 24);
    let kind = if (a < 5) == (b < 5) { 0.34 } else { 0.0 };
    let day = if a == b { 0.15 } else { 0.0 };
    near * (0.51 + kind + day)
}

/// What a measured post says about which hour.
struct Point {
    identity: IdentityId,
    hour: usize,
    traits: [f64; 4],
    /// What it got beyond what the prior expects.
    beyond: f64,
}

/// The hours of `target`, from its own posts and those of its siblings. Posts that are not mature
/// are left out; the order of `posts` does not matter.
#[must_use]
pub fn best_hours(target: IdentityId, posts: &[Post], prior: &Prior, now: Instant) -> Profile {
    let points = chosen(target, posts, prior, now);
    let own = points.iter().filter(|p| p.identity == target).count();
    let covariance = |a: usize, b: usize| EFFECT * EFFECT * (alike(a, b) + prior.0[a] * prior.0[b]);
    let kin = |a: IdentityId, b: IdentityId| if a == b { 1.0 } else { SIBLINGS };
    let between = |i: usize, j: usize| {
        let (a, b) = (&points[i], &points[j]);
        let shared: f64 = a.traits.iter().zip(&b.traits).map(|(x, y)| x * y).sum();
        let level = if a.identity == b.identity { LEVEL } else { 0.0 };
        let noise = if i == j { NOISE * NOISE } else { 0.0 };
        kin(a.identity, b.identity) * covariance(a.hour, b.hour) + TRAITS * shared + level + noise
    };
    let factor = Cholesky::new(points.len(), between);
    let mut beyond: Vec<f64> = points.iter().map(|p| p.beyond).collect();
    factor.forward(&mut beyond);
    // One column for each hour of the week: how it hangs together with what was measured.
    let columns: Vec<Vec<f64>> = (0..HOURS)
        .map(|hour| {
            let mut column: Vec<f64> = points
                .iter()
                .map(|p| kin(p.identity, target) * covariance(p.hour, hour))
                .collect();
            factor.forward(&mut column);
            column
        })
        .collect();
    let mean_column: Vec<f64> = (0..points.len())
        .map(|i| columns.iter().map(|c| c[i]).sum::<f64>() / HOURS as f64)
        .collect();
    let mut means = [0.0; HOURS];
    for (hour, mean) in means.iter_mut().enumerate() {
        let pull: f64 = columns[hour].iter().zip(&beyond).map(|(c, b)| c * b).sum();
        *mean = prior.0[hour] + pull;
    }
    let means = centred(means);
    let averages: Vec<f64> = (0..HOURS)
        .map(|a| (0..HOURS).map(|b| covariance(a, b)).sum::<f64>() / HOURS as f64)
        .collect();
    let average = averages.iter().sum::<f64>() / HOURS as f64;
    let mut hours = [Effect::default(); HOURS];
    for (hour, effect) in hours.iter_mut().enumerate() {
        let before = covariance(hour, hour) - 2.0 * averages[hour] + average;
        let learned: f64 = columns[hour]
            .iter()
            .zip(&mean_column)
            .map(|(c, m)| (c - m) * (c - m))
            .sum();
        let reach = FOUR_OF_FIVE * (before - learned).max(0.0).sqrt();
        let mean = means[hour];
        *effect = Effect {
            mean,
            low: mean - reach,
            high: mean + reach,
        };
    }
    Profile {
        hours,
        posts: u32::try_from(own).unwrap_or(u32::MAX),
    }
}

/// The mature posts that count, in an order that does not depend on the order in which they came.
fn chosen(target: IdentityId, posts: &[Post], prior: &Prior, now: Instant) -> Vec<Point> {
    let mut mature: Vec<&Post> = posts.iter().filter(|p| p.is_mature()).collect();
    mature.sort_unstable_by_key(|p| (p.identity != target, std::cmp::Reverse(p.published_at), **p));
    mature.truncate(MAX_POSTS);
    mature
        .into_iter()
        .map(|post| {
            let hour = hour_of_week(post.published_at);
            Point {
                identity: post.identity,
                hour,
                traits: post.traits(now),
                beyond: post.score() - prior.0[hour],
            }
        })
        .collect()
}

/// The strongest hours, best first, at least `gap` hours from each other and from `taken`.
#[must_use]
pub fn strongest(hours: &[Effect], count: usize, gap: usize, taken: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..hours.len()).collect();
    order.sort_by(|a, b| {
        let best_first = hours[*b].mean.total_cmp(&hours[*a].mean);
        best_first.then(a.cmp(b))
    });
    let apart = |a: usize, b: usize| {
        let straight = a.abs_diff(b);
        straight.min(HOURS - straight)
    };
    let mut found: Vec<usize> = Vec::with_capacity(count);
    for hour in order {
        if found.len() == count {
            break;
        }
        if found.iter().chain(taken).all(|h| apart(*h, hour) >= gap) {
            found.push(hour);
        }
    }
    found
}
