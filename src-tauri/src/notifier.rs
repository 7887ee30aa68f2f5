//! Notifications on the desktop: which are shown, in which words, and where a click leads.
//!
//! A notification is a courtesy. What it tells stays in Today and in the tray, so one that nobody
//! shows loses nothing.

#[cfg(target_os = "linux")]
pub(crate) mod freedesktop;
pub(crate) mod plugin;

use std::sync::Arc;

use async_trait::async_trait;
use domain::Instant;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::settings::Settings;

use crate::core::Within;
use crate::{when, words};

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// A later one with the same key takes its place.
    pub key: String,
    /// First line.
    pub title: String,
    /// Second line; plain text.
    pub body: String,
    /// In which organization a click leads...
    pub within: Within,
    /// ...where.
    pub place: Place,
}

impl Shown {
    /// The words of `notification`, at this time.
    #[must_use]
    pub(crate) fn of(notification: &Notification, now: Instant) -> Self {
        let kind = if is_test(notification) {
            "test".to_owned()
        } else {
            kind_name(notification)
        };
        let mut args = spoken(&notification.args, now);
        if notification.kind == NotificationKind::Summary && !is_test(notification) {
            args.insert("words".to_owned(), summed_up(&args));
        }
        Self {
            key: notification.key.clone(),
            title: words::with(&format!("notification.{kind}.title"), &args),
            body: words::with(&format!("notification.{kind}.body"), &args),
            within: None,
            place: notification.place.clone(),
        }
    }
}

/// The core names things as it keeps them; people read a network's name, a verdict, a local time.
fn spoken(args: &words::Args, now: Instant) -> words::Args {
    let mut args = args.clone();
    if let Some(network) = args.get_mut("network") {
        *network = words::network(network);
    }
    if let Some(verdict) = args.get_mut("verdict") {
        *verdict = words::say(&format!("notification.verdict.{verdict}"));
    }
    if let Some(time) = args.get_mut("time")
        && let Ok(at) = serde_json::from_value::<Instant>(time.as_str().into())
    {
        *time = when::short(at, now);
    }
    args
}

/// How many were late, missed, held: those that there are.
fn summed_up(args: &words::Args) -> String {
    ["late", "missed", "held"]
        .into_iter()
        .filter_map(|what| {
            let count = args.get(what)?.parse().ok().filter(|n| *n > 0)?;
            Some(words::counted(
                &format!("notification.summary.{what}"),
                count,
            ))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// One that a person asked for, to see whether notifications arrive at all.
fn is_test(notification: &Notification) -> bool {
    notification.key.starts_with("test:")
}

fn kind_name(notification: &Notification) -> String {
    serde_json::to_value(notification.kind)
        .ok()
        .and_then(|kind| kind.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Nobody showed it.
#[derive(Debug, thiserror::Error)]
#[error("no service showed the notification: {0}")]
pub(crate) struct NotShown(pub String);

/// A way to show something on the desktop.
#[async_trait]
pub(crate) trait Notifier: Send + Sync {
    /// Shows it; `Ok` means that a service took it.
    async fn show(&self, shown: &Shown) -> Result<(), NotShown>;

    /// Who shows it, for the diagnostics.
    fn name(&self) -> String;
}

/// What becomes of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is shown.
    Shown,
    /// It waits for the end of the quiet hours.
    Held,
    /// Its kind is switched off.
    Dropped,
}

/// What becomes of a notification under these settings.
#[must_use]
pub(crate) fn fate(settings: &Settings, notification: &Notification, minute_of_day: u16) -> Fate {
    use NotificationKind as K;
    if is_test(notification) {
        return Fate::Shown;
    }
    if settings.muted.contains(&notification.kind) {
        return Fate::Dropped;
    }
    let urgent = matches!(notification.kind, K::Failed | K::Unconfirmed);
    match is_quiet(settings, minute_of_day) && !(urgent && settings.urgent_in_quiet) {
        true => Fate::Held,
        false => Fate::Shown,
    }
}

/// Whether it is a quiet hour.
#[must_use]
pub(crate) fn is_quiet(settings: &Settings, minute_of_day: u16) -> bool {
    settings
        .quiet_hours
        .is_some_and(|hours| hours.covers(minute_of_day))
}

/// How many of those that waited are named in the one that tells of them.
const NAMED: usize = 3;

/// What waited as one: itself where it is alone. Nothing where nothing waited.
#[must_use]
pub(crate) fn grouped(mut held: Vec<Shown>) -> Option<Shown> {
    if held.len() < 2 {
        return held.pop();
    }
    let titles: Vec<&str> = held.iter().take(NAMED).map(|s| s.title.as_str()).collect();
    let rest = held.len() - titles.len();
    let mut body = titles.join("\n");
    if rest > 0 {
        body = format!(
            "{body}\n{}",
            words::counted(
                "notification.quiet.more",
                u32::try_from(rest).unwrap_or(u32::MAX)
            )
        );
    }
    Some(Shown {
        key: "quiet".to_owned(),
        title: words::counted(
            "notification.quiet.title",
            u32::try_from(held.len()).unwrap_or(u32::MAX),
        ),
        body,
        within: None,
        place: Place::Today,
    })
}

/// Tries one way after the other.
pub(crate) struct FirstThatShows(Vec<Arc<dyn Notifier>>);

impl FirstThatShows {
    /// In this order.
    #[must_use]
    pub(crate) fn new(ways: Vec<Arc<dyn Notifier>>) -> Self {
        Self(ways)
    }
}

#[async_trait]
impl Notifier for FirstThatShows {
    async fn show(&self, shown: &Shown) -> Result<(), NotShown> {
        let mut why = NotShown("there is none on this system".to_owned());
        for way in &self.0 {
            match way.show(shown).await {
                Ok(()) => return Ok(()),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn name(&self) -> String {
        self.0
            .iter()
            .map(|way| way.name())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use protocol::settings::QuietHours;

    use super::*;

    const NOW: Instant = Instant(1_790_000_000_000);

    fn published() -> Notification {
        Notification {
            key: "delivery:1".to_owned(),
            kind: NotificationKind::Published,
            args: [("headline", "Late snow"), ("network", "site")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            place: Place::Today,
            delivery: None,
            status: None,
            network: None,
        }
    }

    #[test]
    fn a_summary_says_how_many_were_late_missed_and_held_and_leaves_out_what_there_is_none_of() {
        let summary = Notification {
            key: "summary:1".to_owned(),
            kind: NotificationKind::Summary,
            args: [("late", "1"), ("missed", "0"), ("held", "2")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..published()
        };
        assert_eq!(
            Shown::of(&summary, NOW).title,
            "While the computer was off: 1 post went out late, 2 posts are held"
        );
    }

    #[test]
    fn a_muted_kind_is_not_shown() {
        let settings = Settings {
            muted: vec![NotificationKind::Published],
            ..Settings::default()
        };
        assert_eq!(fate(&settings, &published(), 600), Fate::Dropped);
        let usual = Settings::default();
        assert_eq!(fate(&usual, &published(), 600), Fate::Shown);
    }

    #[test]
    fn what_comes_in_quiet_hours_is_held_and_what_failed_comes_through_where_that_is_wanted() {
        let quiet_hours = Some(QuietHours {
            from: 22 * 60,
            to: 7 * 60,
        });
        let settings = Settings {
            quiet_hours,
            ..Settings::default()
        };
        let failed = Notification {
            kind: NotificationKind::Failed,
            ..published()
        };
        for one in [published(), failed.clone()] {
            assert_eq!(fate(&settings, &one, 23 * 60), Fate::Held);
            assert_eq!(fate(&settings, &one, 12 * 60), Fate::Shown);
        }
        let urgent = Settings {
            urgent_in_quiet: true,
            ..settings
        };
        assert_eq!(fate(&urgent, &failed, 23 * 60), Fate::Shown);
        assert_eq!(fate(&urgent, &published(), 23 * 60), Fate::Held);
    }

    #[test]
    fn what_was_held_is_shown_as_one() {
        let one = |n: usize| Shown {
            key: format!("delivery:{n}"),
            title: format!("Post {n}"),
            ..Shown::of(&published(), NOW)
        };
        assert_eq!(grouped(vec![]), None);
        assert_eq!(grouped(vec![one(1)]), Some(one(1)));
        let all = grouped((1..=5).map(one).collect()).unwrap();
        assert!(all.title.contains('5'), "{}", all.title);
        assert!(
            all.body.starts_with("Post 1\nPost 2\nPost 3\n"),
            "{}",
            all.body
        );
        assert!(!all.body.contains("Post 4"));
        assert_eq!(all.place, Place::Today);
    }

    #[test]
    fn a_test_comes_through_whatever_the_switches_say() {
        let settings = Settings {
            muted: NotificationKind::ALL.to_vec(),
            ..Settings::default()
        };
        let test = Notification {
            key: "test:1".to_owned(),
            ..published()
        };
        assert_eq!(fate(&settings, &test, 600), Fate::Shown);
        assert_ne!(
            Shown::of(&test, NOW).title,
            Shown::of(&published(), NOW).title
        );
    }

    #[test]
    fn the_words_name_the_post_and_the_network_as_people_do() {
        let shown = Shown::of(&published(), NOW);
        assert!(shown.body.contains("Late snow"));
        assert!(shown.title.contains("Local site"));
    }
}
