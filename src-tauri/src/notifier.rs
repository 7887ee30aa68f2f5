//! Notifications on the desktop: which are shown, in which words, and where a click leads.
//!
//! A notification is a courtesy. What it tells stays in Today and in the tray, so one that nobody
//! shows loses nothing.

#[cfg(target_os = "linux")]
pub(crate) mod freedesktop;
pub(crate) mod plugin;
pub(crate) mod quiet;

use std::sync::Arc;

use async_trait::async_trait;
use protocol::event::{Notification, Place};
use protocol::settings::Settings;

use crate::words;

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// A later one with the same key takes its place.
    pub key: String,
    /// First line.
    pub title: String,
    /// Second line; plain text.
    pub body: String,
    /// Where a click leads.
    pub place: Place,
}

impl Shown {
    /// The words of `notification`.
    #[must_use]
    pub(crate) fn of(notification: &Notification) -> Self {
        let kind = kind_name(notification);
        Self {
            key: notification.key.clone(),
            title: words::with(&format!("notification.{kind}.title"), &notification.args),
            body: words::with(&format!("notification.{kind}.body"), &notification.args),
            place: notification.place.clone(),
        }
    }
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

/// What becomes of a notification under these settings.
#[must_use]
pub(crate) fn wanted(settings: &Settings, notification: &Notification, minute_of_day: u16) -> bool {
    let muted = settings.muted.contains(&notification.kind);
    let quiet = settings
        .quiet_hours
        .as_ref()
        .is_some_and(|hours| quiet::covers(hours, minute_of_day));
    !muted && !quiet
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
    use std::collections::BTreeMap;

    use protocol::event::NotificationKind;
    use protocol::settings::QuietHours;

    use super::*;

    fn published() -> Notification {
        Notification {
            key: "delivery:1".to_owned(),
            kind: NotificationKind::Published,
            args: BTreeMap::from([("headline".to_owned(), "Late snow".to_owned())]),
            place: Place::Today,
            delivery: None,
            status: None,
            network: None,
        }
    }

    #[test]
    fn a_muted_kind_is_not_shown() {
        let settings = Settings {
            muted: vec![NotificationKind::Published],
            ..Settings::default()
        };
        assert!(!wanted(&settings, &published(), 600));
        assert!(wanted(&Settings::default(), &published(), 600));
    }

    #[test]
    fn nothing_is_shown_in_quiet_hours() {
        let quiet_hours = Some(QuietHours {
            from: 22 * 60,
            to: 7 * 60,
        });
        let settings = Settings {
            quiet_hours,
            ..Settings::default()
        };
        assert!(!wanted(&settings, &published(), 23 * 60));
        assert!(wanted(&settings, &published(), 12 * 60));
    }

    #[test]
    fn the_words_name_what_it_is_about() {
        assert!(Shown::of(&published()).body.contains("Late snow"));
    }
}
