//! A backup put in the place of a folder that is open: unpacked while the work goes on, then the
//! folder changes hands between two breaths.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Instant;
use domain::person::Actor;
use engine::{Clock, SystemClock};
use protocol::{Act, Code, Problem, views};
use serde_json::json;
use uuid::Uuid;

use super::{Alarm, Host, Options, open};
use crate::Error;
use crate::act::Way;
use crate::audit::{self, BEGINNING};
use crate::core::{App, new_id};
use crate::folder::backup::{Restored, unpack};
use crate::folder::{Head, Work};

/// The folder after a restore that was tried.
#[derive(Debug)]
pub struct Back {
    /// Opened and at work: the restored folder, or the old one when it could not be moved.
    pub host: Host,
    /// What was done.
    pub done: Result<views::Restored, Problem>,
}

/// Restores `file` (a backup's folder or file) in place of the folder of `host`. `swap` is awaited
/// when the old host is about to stop: from then on nobody may use it.
///
/// # Errors
/// `forbidden`, `bad_backup`, `binary_too_old`, `disk_full`, `read_only`, `cancelled`: the host is
/// then as it was. Whatever else comes after `swap`, and says to start again: nothing is open then.
pub async fn restore(
    host: &Host,
    file: &str,
    options: Options,
    way: &Way,
    swap: impl Future<Output = ()> + Send,
) -> Result<Back, Problem> {
    let word = Word::of(&host.app, file, way).await?;
    let (root, config) = places(host);
    let work = way.backup_work();
    let ready = unpack(&root, Path::new(file), host.app.now(), &work)
        .await
        .map_err(Problem::from)?;
    swap.await;
    host.stop().await;
    let done = ready.put_in_place(&work).await;
    let opened = async {
        let host = open(&root, &config, options).await?;
        if let Ok(done) = &done {
            word.record(&host.app, done.backup.at).await?;
        }
        host.start().await?;
        Ok::<_, Problem>(host)
    };
    match opened.await {
        Ok(host) => Ok(Back {
            host,
            done: done.map(views::Restored::from).map_err(Problem::from),
        }),
        Err(problem) => Err(done.err().map(Problem::from).unwrap_or_else(|| {
            let words = format!(
                "It was restored but did not open; start Rostrum again. {}",
                problem.message
            );
            Problem::new(Code::Internal, words)
        })),
    }
}

/// Restores `file` in place of the folder of `host`, which was never started, and leaves nothing
/// open.
///
/// # Errors
/// As [`restore`].
pub async fn restore_closed(
    host: Host,
    file: &str,
    options: Options,
    way: &Way,
) -> Result<views::Restored, Problem> {
    let (root, config) = places(&host);
    let work = way.backup_work();
    let ready = async {
        let word = Word::of(&host.app, file, way).await?;
        let ready = unpack(&root, Path::new(file), host.app.now(), &work).await;
        Ok::<_, Problem>((word, ready.map_err(Problem::from)?))
    }
    .await;
    host.stop().await;
    let (word, ready) = ready?;
    let done = ready.put_in_place(&work).await.map_err(Problem::from)?;
    let host = open(&root, &config, options).await?;
    let recorded = word.record(&host.app, done.backup.at).await;
    host.stop().await;
    recorded?;
    Ok(done.into())
}

/// Restores `file` in place of a folder at `root` that does not open: nobody is there whose right
/// could be asked for. What is left of its history is what this computer saw last.
///
/// # Errors
/// As [`restore`].
pub async fn restore_unopened(
    root: &Path,
    config: &Path,
    file: &Path,
    options: Options,
) -> Result<views::Restored, Problem> {
    let clock: Arc<dyn Clock> = match &options.clock {
        Some(clock) => Arc::clone(clock),
        None => Arc::new(SystemClock),
    };
    let (now, work) = (Instant(clock.wall()), Work::default());
    let restored = crate::folder::backup::restore(root, file, now, &work);
    let done = restored.await.map_err(Problem::from)?;
    let host = open(root, config, options).await?;
    let kept = host.app.audit_alarm().map(|alarm| alarm.kept);
    let word = Word {
        actor: Actor::Run { id: new_id() },
        left: kept.unwrap_or(BEGINNING),
        alarm: None,
    };
    let recorded = word.record(&host.app, done.backup.at).await;
    host.stop().await;
    recorded?;
    Ok(done.into())
}

/// The data folder and the folder of what is not in it.
fn places(host: &Host) -> (PathBuf, PathBuf) {
    let folder = host.app.folder();
    (
        folder.layout().root().to_owned(),
        folder.config().to_owned(),
    )
}

/// On whose word a folder is replaced, and what is known of the history that goes with it.
struct Word {
    actor: Actor,
    /// Where it ended.
    left: Head,
    /// It was not the one that this computer saw last.
    alarm: Option<Alarm>,
}

impl Word {
    /// Asks for the right to restore `file`.
    async fn of(app: &App, file: &str, way: &Way) -> Result<Self, Problem> {
        let act = Act::Restore {
            file: file.to_owned(),
        };
        app.may_act(&act, way).await?;
        let actor = match app.is_nobodys().await? {
            true => Actor::Run { id: new_id() },
            false => app.actor(way.acting).await?,
        };
        let org = app.organization();
        let left = app
            .db()
            .read(move |tx| Box::pin(async move { audit::end(tx, org).await }))
            .await?;
        Ok(Self {
            actor,
            left,
            alarm: app.audit_alarm(),
        })
    }

    /// Appends it to the history of the restored folder, which may not know the person. An alarm
    /// about the history that went is told there: with it goes what showed it.
    async fn record(&self, app: &App, made: Instant) -> Result<(), Problem> {
        let (org, now, actor) = (app.organization(), app.now(), self.actor);
        let mut payload = json!({"made": made, "entries": self.left.n, "head": self.left.hash});
        let action = match &self.alarm {
            None => "backup_restored",
            Some(alarm) => {
                payload["alarm"] = alarm.payload();
                "backup_restored_after_alarm"
            }
        };
        let payload = payload.to_string();
        let salt = Uuid::new_v4().into_bytes();
        app.db()
            .write(move |tx| {
                let payload = payload.clone();
                Box::pin(async move {
                    let mut organization = store::organization::lock(tx, org)
                        .await?
                        .ok_or_else(|| Error::missing("organization"))?;
                    let record = store::audit::Record {
                        at: now,
                        actor,
                        action,
                        subject: &format!("organization:{org}"),
                        about: None,
                        payload: &payload,
                        salt: &salt,
                    };
                    store::audit::append(tx, &mut organization, &record).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        // It is known why the history is another one now.
        Ok(app.accept_head(false).await?)
    }
}

impl From<Restored> for views::Restored {
    fn from(done: Restored) -> Self {
        Self {
            backup: done.backup.into(),
            aside: done.aside.map(|path| path.to_string_lossy().into_owned()),
        }
    }
}
