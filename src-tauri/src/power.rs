//! Keeping the computer awake around due times, and noticing that it slept.

use domain::Instant;
use protocol::views::Runtime;

/// From so long before a due time the computer shall not go to sleep.
pub(crate) const BEFORE_MS: i64 = 2 * 60 * 1000;

/// Whether something is going out, or will within two minutes.
#[must_use]
pub(crate) fn must_stay_awake(runtime: &Runtime, now: Instant) -> bool {
    let sends = runtime.owner && !runtime.paused && !runtime.held;
    let soon = runtime
        .next
        .as_ref()
        .is_some_and(|next| next.planned.at.since(now) <= BEFORE_MS);
    sends && (soon || runtime.sending > 0)
}

/// Milliseconds until the answer may become yes, if that is known.
#[must_use]
pub(crate) fn until_awake(runtime: &Runtime, now: Instant) -> Option<i64> {
    let next = runtime.next.as_ref()?;
    Some((next.planned.at.since(now) - BEFORE_MS).max(0))
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{Lock, slept};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Lock, slept};

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::Arc;

    use futures::StreamExt as _;
    use zbus::zvariant::OwnedFd;

    use crate::shell::Shell;
    use crate::words;

    mod wire {
        use zbus::zvariant::OwnedFd;

        #[zbus::proxy(
            interface = "org.freedesktop.login1.Manager",
            default_service = "org.freedesktop.login1",
            default_path = "/org/freedesktop/login1"
        )]
        pub(super) trait Logind {
            fn inhibit(
                &self,
                what: &str,
                who: &str,
                why: &str,
                mode: &str,
            ) -> zbus::Result<OwnedFd>;

            #[zbus(signal)]
            fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
        }
    }

    async fn logind() -> zbus::Result<wire::LogindProxy<'static>> {
        let bus = zbus::Connection::system().await?;
        wire::LogindProxy::new(&bus).await
    }

    /// Sleep is held off for as long as this lives.
    pub(crate) struct Lock {
        _held: OwnedFd,
    }

    impl Lock {
        /// Asks logind to hold sleep off; only to delay it, where it will not do more.
        ///
        /// # Errors
        /// What logind said; there may be none at all.
        pub(crate) async fn take() -> Result<Self, String> {
            let logind = logind().await.map_err(|error| error.to_string())?;
            let why = words::say("power.why");
            let mut said = String::new();
            for mode in ["block", "delay"] {
                match logind.inhibit("sleep", "Rostrum", &why, mode).await {
                    Ok(held) => return Ok(Self { _held: held }),
                    Err(error) => said = error.to_string(),
                }
            }
            Err(said)
        }
    }

    /// Tells the core each time the computer has woken up.
    pub(crate) async fn slept(shell: Arc<Shell>) {
        let listens = async {
            let logind = logind().await?;
            let mut signals = logind.receive_prepare_for_sleep().await?;
            while let Some(signal) = signals.next().await {
                if signal.args().is_ok_and(|args| !args.start) {
                    tracing::info!("the computer woke up");
                    shell.core.woke();
                    shell.changed.notify_one();
                }
            }
            zbus::Result::Ok(())
        };
        tokio::select! {
            () = shell.stop.cancelled() => {}
            ended = listens => if let Err(error) = ended {
                tracing::info!(%error, "logind does not answer: sleep is noticed by the clock alone");
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::sync::Arc;

    use crate::shell::Shell;

    /// Sleep cannot be held off here yet.
    pub struct Lock;

    impl Lock {
        /// Always refuses, and says so in the diagnostics.
        ///
        /// # Errors
        /// Always.
        pub async fn take() -> Result<Self, String> {
            Err("sleep is held off on Linux only".to_owned())
        }
    }

    /// The engine notices a jump of the clock by itself.
    pub async fn slept(shell: Arc<Shell>) {
        shell.stop.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use domain::Planned;
    use protocol::views::NextPost;

    use super::*;

    const DUE: Instant = Instant(1_790_000_000_000);

    fn runtime() -> Runtime {
        let next = NextPost {
            content: uuid::Uuid::nil().into(),
            headline: "Late snow".to_owned(),
            planned: Planned::from_instant(DUE, "UTC").unwrap(),
        };
        Runtime {
            owner: true,
            paused: false,
            held: false,
            other_history: false,
            next: Some(next),
            sending: 0,
            looked_at: None,
        }
    }

    #[test]
    fn the_computer_stays_awake_from_two_minutes_before_a_due_time() {
        assert!(!must_stay_awake(&runtime(), DUE.plus(-BEFORE_MS - 1)));
        assert!(must_stay_awake(&runtime(), DUE.plus(-BEFORE_MS)));
        assert_eq!(until_awake(&runtime(), DUE.plus(-BEFORE_MS - 5)), Some(5));
    }

    #[test]
    fn the_computer_stays_awake_while_something_goes_out() {
        let runtime = Runtime {
            next: None,
            sending: 1,
            ..runtime()
        };
        assert!(must_stay_awake(&runtime, DUE));
    }

    #[test]
    fn a_paused_or_held_runtime_keeps_nobody_awake() {
        assert!(!must_stay_awake(
            &Runtime {
                paused: true,
                ..runtime()
            },
            DUE
        ));
        assert!(!must_stay_awake(
            &Runtime {
                held: true,
                ..runtime()
            },
            DUE
        ));
        assert!(!must_stay_awake(
            &Runtime {
                owner: false,
                ..runtime()
            },
            DUE
        ));
    }
}
