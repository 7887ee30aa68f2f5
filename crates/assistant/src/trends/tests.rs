//! What trends promise.

use super::*;
use proptest::prelude::*;

/// Monday, 23 November 2026, 00:00 UTC.
const START: i64 = 1_795_392_000_000;
const TOPICS: [&str; 6] = [
    "council votes on harbour budget plan",
    "museum shows early maritime paintings",
    "orchard growers report apple harvest",
    "library extends evening opening times",
    "tram line works finish before winter",
    "school choir sings in market square",
];

fn at(hour: i64) -> Instant {
    Instant(START + hour * HOUR + 1)
}

/// Reads feeds as they come, with numbers that go up.
struct Feeds {
    trends: Trends,
    next: u32,
}

impl Feeds {
    /// Six feeds that say everyday things for three weeks.
    fn everyday() -> Self {
        let mut feeds = Self {
            trends: Trends::default(),
            next: 0,
        };
        for hour in 0..21 * 24 {
            feeds.everyday_hour(hour);
        }
        feeds
    }

    fn everyday_hour(&mut self, hour: i64) {
        for source in 0..6 {
            let topic = TOPICS[(hour * 7 + source * 3) as usize % TOPICS.len()];
            let text = format!("{topic} {}", filler(hour * 31 + source));
            self.read(source, hour, &text);
        }
    }

    fn read(&mut self, source: i64, hour: i64, text: &str) {
        self.read_from(
            &format!("https://feed{source}.example/rss"),
            at(hour),
            at(hour),
            text,
        );
    }

    fn read_from(&mut self, source: &str, published_at: Instant, fetched_at: Instant, text: &str) {
        self.next += 1;
        self.trends.read(&Item {
            id: self.next,
            source,
            published_at,
            fetched_at,
            text,
            url: None,
            language: Some(Language::English),
        });
    }

    /// The terms that are told in an hour.
    fn told(&mut self, hour: i64) -> Vec<String> {
        self.trends
            .alarms(at(hour))
            .into_iter()
            .flat_map(|t| t.terms)
            .collect()
    }
}

/// Words of their own, so that no item is a copy of another.
fn filler(n: i64) -> String {
    let letters = b"bcdfghklmnprstvz";
    let word = |n: i64| -> String {
        (0..4)
            .flat_map(|i| {
                let at = (n.wrapping_mul(2_654_435_761) >> (4 * i)) & 15;
                [
                    char::from(letters[at as usize]),
                    ['a', 'e', 'i', 'o'][(at % 4) as usize],
                ]
            })
            .collect()
    };
    (0..6)
        .map(|i| word(n * 17 + i * 7_919))
        .collect::<Vec<_>>()
        .join(" ")
}

fn flare(n: i64) -> String {
    format!(
        "{} solar flare {}",
        filler(9_000_000 + n),
        filler(8_000_000 + n * 3)
    )
}

const NOW: i64 = 21 * 24;

#[test]
fn a_term_that_several_feeds_suddenly_have_is_told_once() {
    let mut feeds = Feeds::everyday();
    assert_eq!(feeds.told(NOW - 1), Vec::<String>::new());
    for source in 0..6 {
        feeds.read(source, NOW, &flare(source));
    }
    let trends = feeds.trends.alarms(at(NOW));
    assert_eq!(trends.len(), 1, "{trends:?}");
    let trend = &trends[0];
    assert!(trend.terms.contains(&"solar flare".to_owned()), "{trend:?}");
    assert_eq!(
        (trend.observed, trend.sources, trend.items.len()),
        (6, 6, 6)
    );
    assert!(trend.expected < 0.5 && trend.score >= SURPRISE);
    assert_eq!(feeds.told(NOW), Vec::<String>::new());
    for source in 0..6 {
        feeds.read(source, NOW + 1, &flare(100 + source));
    }
    assert_eq!(feeds.told(NOW + 1), Vec::<String>::new());
}

#[test]
fn one_feed_alone_makes_no_trend_however_much_it_says() {
    let mut feeds = Feeds::everyday();
    for n in 0..200 {
        feeds.read(2, NOW, &flare(n));
    }
    assert_eq!(feeds.told(NOW), Vec::<String>::new());
}

#[test]
fn the_feeds_of_one_owner_are_one_source() {
    let mut feeds = Feeds::everyday();
    for hour in 0..9 * 24 {
        for n in 0..6 {
            let source = format!("https://blog{n}.mill.co.uk/feed");
            let text = filler(50_000_000 + hour * 10 + n);
            feeds.read_from(&source, at(NOW + hour), at(NOW + hour), &text);
        }
    }
    for n in 0..60 {
        let source = format!("https://blog{}.mill.co.uk/feed", n % 6);
        feeds.read_from(&source, at(NOW + 9 * 24), at(NOW + 9 * 24), &flare(n));
    }
    assert_eq!(feeds.told(NOW + 9 * 24), Vec::<String>::new());
    assert_eq!(owner("https://blog1.mill.co.uk/feed"), "mill.co.uk");
    assert_eq!(owner("news.example.org"), "example.org");
    assert_eq!(owner("feed-7"), "feed-7");
}

#[test]
fn a_text_that_feeds_copy_counts_once() {
    let mut feeds = Feeds::everyday();
    for source in 0..6 {
        feeds.read(
            source,
            NOW,
            "Solar flare hits the northern grid tonight, says the agency in its report.",
        );
    }
    assert_eq!(feeds.told(NOW), Vec::<String>::new());
}

#[test]
fn a_source_counts_after_a_week() {
    let mut feeds = Feeds::everyday();
    for n in 0..6 {
        feeds.read_from(
            &format!("https://new{n}.example/"),
            at(NOW),
            at(NOW),
            &flare(n),
        );
    }
    assert_eq!(feeds.told(NOW), Vec::<String>::new());
    // With a backlog it has been read for a week.
    for n in 0..6 {
        let source = format!("https://old{n}.test/");
        feeds.read_from(&source, at(NOW - 8 * 24), at(NOW), &filler(70_000_000 + n));
        feeds.read_from(&source, at(NOW), at(NOW), &flare(50 + n));
    }
    assert!(!feeds.told(NOW).is_empty());
}

#[test]
fn what_comes_late_or_with_a_wrong_time_raises_no_alarm() {
    let mut feeds = Feeds::everyday();
    for n in 0..6 {
        let source = format!("https://feed{n}.example/rss");
        feeds.read_from(&source, at(NOW - 30), at(NOW), &flare(n));
        feeds.read_from(&source, Instant(i64::MIN), at(NOW), &flare(20 + n));
    }
    assert_eq!(feeds.told(NOW), Vec::<String>::new());
    // A time that is still to come is now.
    for n in 0..6 {
        let source = format!("https://feed{n}.example/rss");
        feeds.read_from(
            &source,
            Instant(i64::MAX),
            at(NOW),
            &format!("comet {}", filler(60_000 + n)),
        );
    }
    assert!(feeds.told(NOW).contains(&"comet".to_owned()));
}

#[test]
fn the_list_of_the_day_begins_with_the_strongest() {
    let mut feeds = Feeds::everyday();
    for n in 0..18 {
        feeds.read(n % 6, NOW + n / 6, &flare(n));
    }
    for n in 0..6 {
        feeds.read(n, NOW + 2, &format!("{} comet sighted", filler(77_000 + n)));
    }
    let day = feeds.trends.of_the_day(at(NOW + 3));
    assert!(day[0].terms.iter().any(|t| t == "solar flare"), "{day:?}");
    assert!(day[1].terms.iter().any(|t| t.contains("comet")), "{day:?}");
}

#[test]
fn surprise_is_the_tail_of_the_negative_binomial() {
    // P(X >= 1) with mean 1 and shape 1 is 1/2; P(X >= 3) is 1/8.
    assert!((surprise(1, 1.0, 1.0) - 0.5_f64.log10().abs()).abs() < 1e-9);
    assert!((surprise(3, 1.0, 1.0) - 0.125_f64.log10().abs()).abs() < 1e-9);
    assert_eq!(surprise(0, 1.0, 1.0), 0.0);
    assert_eq!(surprise(5, 0.0, 1.0), MOST_SURPRISE);
    assert_eq!(surprise(5, f64::NAN, 1.0), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_items_are_taken(
        items in proptest::collection::vec((any::<i64>(), any::<i64>(), ".{0,40}", "[a-c.:/]{0,8}"), 0..40)
    ) {
        let mut trends = Trends::with_rows(50);
        for (id, (published, fetched, text, source)) in (0_u32..).zip(&items) {
            trends.read(&Item {
                id,
                source,
                published_at: Instant(*published),
                fetched_at: Instant(*fetched),
                text,
                url: Some(text),
                language: None,
            });
            prop_assert!(trends.remembered() <= 50);
        }
        for trend in trends.alarms(Instant(i64::MAX)) {
            prop_assert!(trend.score.is_finite() && trend.expected.is_finite());
        }
    }
}
