//! Brings tray and power up to date: after a change, and at the latest every half minute.

use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::views::Overview;
use tauri::AppHandle;

use crate::core::{organizations, overview};
use crate::power::{self, Lock};
use crate::shell::Shell;
use crate::tray::{Face, Tray};

/// A change seldom comes alone.
const GATHER: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);

/// Runs until the end.
pub(crate) async fn run(app: AppHandle, tray: Option<Tray>) {
    let shell = Shell::of(&app);
    shell.tray.store(tray.is_some(), Ordering::Relaxed);
    let mut awake = Awake::default();
    loop {
        let mut wait = LONGEST;
        match overview(&*shell.core).await {
            Ok(view) => {
                if let Some(tray) = &tray {
                    let joined = match organizations(&*shell.core).await {
                        Ok(all) => all.joined,
                        Err(problem) => {
                            tracing::warn!(code = problem.code.as_str(), "no organizations");
                            vec![]
                        }
                    };
                    tray.show(&Face::of(&view, &joined, shell.core.now()));
                }
                wait = awake.follow(&shell, &view).await;
            }
            Err(problem) => tracing::warn!(code = problem.code.as_str(), "no overview"),
        }
        tokio::select! {
            () = shell.stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            () = shell.changed.notified() => tokio::time::sleep(GATHER).await,
        }
    }
}

/// Holds sleep off while it must.
#[derive(Default)]
struct Awake {
    lock: Option<Lock>,
    refused: bool,
}

impl Awake {
    /// Takes or drops the lock; answers how long until to look again.
    async fn follow(&mut self, shell: &Shell, view: &Overview) -> Duration {
        let now = shell.core.now();
        if !power::must_stay_awake(&view.runtime, now) {
            self.lock = None;
        } else if self.lock.is_none() && !self.refused {
            match Lock::take().await {
                Ok(lock) => self.lock = Some(lock),
                Err(why) => {
                    tracing::info!(%why, "sleep cannot be held off");
                    shell.core.found("sleep_lock", format!("none ({why})"));
                    self.refused = true;
                }
            }
        }
        let until = power::until_awake(&view.runtime, now).filter(|ms| *ms > 0);
        let until = until
            .and_then(|ms| u64::try_from(ms).ok())
            .map(Duration::from_millis);
        until.map_or(LONGEST, |until| until.min(LONGEST))
    }
}
