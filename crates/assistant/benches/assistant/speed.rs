//! How long things take on this machine: the time that this thread computes, where the system tells
//! it (Linux), so that what else runs does not count.

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use assistant::best_hours::{MAX_POSTS, Post, Prior, best_hours};
use assistant::checks::{Checker, Draft, Earlier};
use assistant::hashtags::{Habits, Tagged};
use assistant::language::{Language, language};
use assistant::near::Said;
use assistant::readability::readability;
use assistant::relevance::{Profile, Rarity, Rising, rank};
use assistant::suggest::{Features, Kind, Taste};
use assistant::text::Reader;
use assistant::trends::{Item, Trends};
use domain::Instant;
use domain::ids::{ContentId, IdentityId};
use domain::persona::{PersonaProfile, Voice};
use domain::time::{DAY, HOUR};

use crate::dice::Dice;
use crate::table::{Goal, Table};
use crate::words::Vocabulary;

const START: i64 = 1_780_272_000_000;

fn texts(count: usize, length: usize) -> Vec<String> {
    let mut dice = Dice::new("speed", 1);
    let vocabulary = Vocabulary::new(&mut dice, 200, 200, 2_000);
    (0..count)
        .map(|_| {
            let topic = dice.below(200);
            let length = length / 2 + dice.below(length);
            vocabulary.sentence(&mut dice, topic, length).join(" ")
        })
        .collect()
}

/// How long some work takes, in milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let (wall, busy) = (Clock::now(), computed());
    work();
    let busy = computed()
        .zip(busy)
        .map(|(now, then)| now.saturating_sub(then));
    busy.unwrap_or_else(|| wall.elapsed()).as_secs_f64() * 1e3
}

/// What this thread has computed so far; the first number that the kernel tells is nanoseconds.
fn computed() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ')
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

/// What this process holds in memory, in MB, where the system tells it (Linux).
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// The mean of several runs.
fn mean_of(runs: u32, mut work: impl FnMut()) -> f64 {
    timed(|| (0..runs).for_each(|_| work())) / f64::from(runs)
}

pub(crate) fn run(_: std::ops::Range<u64>) -> usize {
    let texts = texts(100_000, 12);
    let mut missed = 0;
    missed += feeds(&texts);
    missed += writing(&texts);
    missed + suggestions(&texts)
}

fn feeds(texts: &[String]) -> usize {
    // A day with 100,000 items of 40 sources that are long known.
    let before = resident();
    let mut trends = Trends::default();
    let sources: Vec<String> = (0..40)
        .map(|s| format!("https://feed{s}.example/rss"))
        .collect();
    let item = |id: u32, hour: i64, text| Item {
        id,
        source: &sources[id as usize % sources.len()],
        published_at: Instant(START + hour),
        fetched_at: Instant(START + hour),
        text,
        url: None,
        language: Some(Language::English),
    };
    for (id, text) in (0_u32..40).zip(texts) {
        trends.read(&item(id, -8 * DAY, text));
    }
    let step = DAY / texts.len() as i64;
    let read = timed(|| {
        for (id, text) in (0_u32..).zip(texts) {
            trends.read(&item(id, i64::from(id) * step, text));
        }
    });
    let refreshed = mean_of(3, || {
        black_box(trends.alarms(Instant(START + DAY)));
        black_box(trends.of_the_day(Instant(START + DAY)));
    });
    let mut table = Table::new(
        "Speed: feeds",
        &["items/s", "ms an item", "trends of a full day, ms"],
    );
    table.goal("items/s", Goal::AtLeast(50_000.0));
    table.goal("ms an item", Goal::AtMost(2.0));
    table.goal("trends of a full day, ms", Goal::AtMost(1_000.0));
    let each = read / texts.len() as f64;
    table.ours(
        "100,000 items in a day",
        &[vec![1e3 / each], vec![each], vec![refreshed]],
    );
    let missed = table.print();
    // The day leaves: what is left of it is the past of as many terms as are remembered.
    let read_on = item(0, 2 * DAY, "quiet");
    let full = resident();
    trends.read(&read_on);
    let Some((before, full)) = before.zip(full) else {
        return missed;
    };
    let mut table = Table::new(
        "Speed: memory of trends",
        &["MB above rest", "terms remembered after the day"],
    );
    table.goal("MB above rest", Goal::AtMost(150.0));
    table.ours(
        "100,000 items in a day",
        &[vec![full - before], vec![trends.remembered() as f64]],
    );
    missed + table.print()
}

fn writing(texts: &[String]) -> usize {
    let posts: Vec<String> = texts.chunks(3).take(5_000).map(|c| c.join(". ")).collect();
    let said = Said::new(posts.iter().map(String::as_str));
    let tagged: Vec<Tagged<'_>> = posts
        .iter()
        .zip(texts)
        .map(|(text, tag)| Tagged {
            text,
            tags: tag.split(' ').take(2).collect(),
        })
        .collect();
    let habits = Habits::new(&tagged, Some(Language::English));
    let draft = format!("{} {}", posts[17].replace('a', "o"), texts[3]);
    let expected = [
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
    ];
    let methods = mean_of(200, || {
        black_box(said.nearest(black_box(&draft)));
        black_box(language(black_box(&draft), &expected));
        black_box(readability(black_box(&draft), Language::English));
        black_box(habits.advice(black_box(&draft), 5));
    });
    let earlier = (0_u128..).zip(&posts).map(|(n, text)| Earlier {
        content: ContentId(uuid::Uuid::from_u128(n)),
        headline: String::new(),
        text: text.clone(),
        at: Instant(START),
    });
    let profile = PersonaProfile {
        language: "en".into(),
        voice: Voice {
            donts: (0..40).map(|n| format!("Never “{}”", posts[n])).collect(),
            ..Voice::default()
        },
        ..PersonaProfile::default()
    };
    let checker = Checker::new(&profile, earlier.collect(), &[]);
    let languages = ["en".to_owned()];
    // As long as the longest texts that networks take, in a thread of five.
    let long = [draft.as_str(), &posts[1], &posts[2], &posts[3], &posts[4]];
    let checks = mean_of(200, || {
        let draft = Draft {
            content: None,
            parts: black_box(&long).to_vec(),
            languages: &languages,
        };
        black_box(checker.check(&draft));
    });
    let mut table = Table::new("Speed: writing", &["ms a keystroke"]);
    table.goal("ms a keystroke", Goal::AtMost(5.0));
    table.beside("methods alone", &[vec![methods]]);
    table.ours("all checks, beside 5,000 own posts", &[vec![checks]]);
    table.print()
}

fn suggestions(texts: &[String]) -> usize {
    let reader = Reader::new(Some(Language::English));
    let mut rarity = Rarity::default();
    texts
        .iter()
        .take(20_000)
        .for_each(|text| rarity.add(&reader, text));
    let posts: Vec<&str> = texts.iter().take(500).map(String::as_str).collect();
    let items: Vec<Vec<&str>> = texts
        .chunks(30)
        .take(100)
        .map(|c| c.iter().map(String::as_str).collect())
        .collect();
    let trends: Vec<Rising<'_>> = items
        .iter()
        .map(|items| Rising {
            terms: items[0].split(' ').take(2).collect(),
            burst: 9.0,
            items: items.clone(),
        })
        .collect();
    let me = IdentityId(uuid::Uuid::from_u128(1));
    let measured: Vec<Post> = (0..MAX_POSTS as i64)
        .map(|n| Post {
            identity: me,
            published_at: Instant(START - 3 * DAY - n * 7 * HOUR),
            measured_at: Instant(START),
            engagements: (n % 50) as u32,
            has_media: n % 2 == 0,
            has_link: n % 3 == 0,
            is_question: n % 5 == 0,
        })
        .collect();
    let prior = Prior::of_hours([0.0; 168]);
    let taste = Taste::default();
    let time = mean_of(5, || {
        let profile = Profile::new(&reader, &rarity, &["glacier", "hut"], &posts, &posts[..40]);
        let stories = rank(&reader, &rarity, &profile, &trends);
        let hours = best_hours(me, &measured, &prior, Instant(START));
        let features: Vec<Features> = stories
            .iter()
            .map(|s| Features::new(Kind::Trend, [s.score, 0.5, 0.5, 0.5, 0.0]))
            .collect();
        black_box((taste.rank(&features), hours));
    });
    let mut table = Table::new("Speed: suggestions", &["ms a persona"]);
    table.goal("ms a persona", Goal::AtMost(300.0));
    table.ours("100 trends, 500 posts", &[vec![time]]);
    table.print()
}
