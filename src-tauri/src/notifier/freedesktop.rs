//! Notifications over D-Bus, as all Linux desktops take them (Desktop Notifications 1.2).
//!
//! Spoken to directly: one connection and one listener serve every notification, a second one with
//! the same key replaces the first, and a click is heard for as long as the program runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::StreamExt as _;
use protocol::event::Place;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use zbus::zvariant::Value;

use super::{NotShown, Notifier, Shown};
use crate::core::Within;

mod wire {
    use std::collections::HashMap;

    use zbus::zvariant::Value;

    #[zbus::proxy(
        interface = "org.freedesktop.Notifications",
        default_service = "org.freedesktop.Notifications",
        default_path = "/org/freedesktop/Notifications"
    )]
    pub(super) trait Notifications {
        #[expect(clippy::too_many_arguments, reason = "the specification's own")]
        fn notify(
            &self,
            app_name: &str,
            replaces_id: u32,
            app_icon: &str,
            summary: &str,
            body: &str,
            actions: &[&str],
            hints: HashMap<&str, Value<'_>>,
            expire_timeout: i32,
        ) -> zbus::Result<u32>;

        fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

        #[zbus(signal)]
        fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;
    }
}

/// What was shown: the service's number of each, and where a click leads. Closed ones stay, since
/// some services say "closed" before they say "clicked".
#[derive(Default)]
struct Open {
    places: BTreeMap<u32, (Within, Place)>,
    numbers: BTreeMap<String, u32>,
}

/// Shows over the session bus and hears the clicks.
pub(crate) struct Freedesktop {
    clicked: Clicked,
    open: Arc<Mutex<Open>>,
    service: OnceCell<Service>,
    stop: CancellationToken,
    spawn: Spawn,
}

/// Is told where a click leads.
pub(crate) type Clicked = Arc<dyn Fn((Within, Place)) + Send + Sync>;

/// Where the listener runs: under the shell's tracker.
pub(crate) type Spawn = Box<dyn Fn(futures::future::BoxFuture<'static, ()>) + Send + Sync>;

struct Service {
    proxy: wire::NotificationsProxy<'static>,
    /// The body may hold markup, so that `<` and `&` must be escaped.
    markup: bool,
}

impl Freedesktop {
    /// `clicked` is told where to go; the listener ends with `stop`.
    #[must_use]
    pub(crate) fn new(clicked: Clicked, spawn: Spawn, stop: CancellationToken) -> Self {
        Self {
            clicked,
            open: Arc::default(),
            service: OnceCell::new(),
            stop,
            spawn,
        }
    }

    /// Connects at the first notification: there may be no bus at all, or one that comes later.
    async fn service(&self) -> zbus::Result<&Service> {
        self.service
            .get_or_try_init(|| async {
                let connection = zbus::Connection::session().await?;
                let proxy = wire::NotificationsProxy::new(&connection).await?;
                let capabilities = proxy.get_capabilities().await?;
                self.listen(&proxy).await?;
                Ok(Service {
                    proxy,
                    markup: capabilities.iter().any(|c| c == "body-markup"),
                })
            })
            .await
    }

    async fn listen(&self, proxy: &wire::NotificationsProxy<'static>) -> zbus::Result<()> {
        let mut clicks = proxy.receive_action_invoked().await?;
        let (open, clicked, stop) = (self.open.clone(), self.clicked.clone(), self.stop.clone());
        (self.spawn)(Box::pin(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    Some(click) = clicks.next() => {
                        let Ok(click) = click.args() else { continue };
                        let place = lock(&open).places.get(&click.id).cloned();
                        if let Some(place) = place {
                            clicked(place);
                        }
                    }
                    else => break,
                }
            }
        }));
        Ok(())
    }
}

fn lock(open: &Mutex<Open>) -> std::sync::MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As markup, every sign of the text stands for itself.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[async_trait]
impl Notifier for Freedesktop {
    async fn show(&self, shown: &Shown) -> Result<(), NotShown> {
        let said = |error: zbus::Error| NotShown(error.to_string());
        let service = self.service().await.map_err(said)?;
        let replaces = lock(&self.open)
            .numbers
            .get(&shown.key)
            .copied()
            .unwrap_or(0);
        let body = if service.markup {
            escaped(&shown.body)
        } else {
            shown.body.clone()
        };
        let hints = HashMap::from([
            ("desktop-entry", Value::from("Rostrum")),
            ("category", Value::from("im")),
        ]);
        let open_it = crate::words::say("notification.open");
        let number = service
            .proxy
            .notify(
                "Rostrum",
                replaces,
                "rostrum",
                &shown.title,
                &body,
                &["default", &open_it],
                hints,
                -1,
            )
            .await
            .map_err(said)?;
        let mut open = lock(&self.open);
        open.places.remove(&replaces);
        open.places
            .insert(number, (shown.within, shown.place.clone()));
        open.numbers.insert(shown.key.clone(), number);
        // Two hundred on a screen are more than anybody looks at.
        while open.places.len() > 200 {
            open.places.pop_first();
        }
        let Open { places, numbers } = &mut *open;
        numbers.retain(|_, number| places.contains_key(number));
        Ok(())
    }

    fn name(&self) -> String {
        "org.freedesktop.Notifications".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(escaped("a <b> & c"), "a &lt;b&gt; &amp; c");
    }
}
