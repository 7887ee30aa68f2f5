//! Watches over the end of the audit: what this computer saw last must still be in it.

use std::time::Duration;

use domain::rights::Action;
use protocol::views::Done;
use protocol::{Event, Problem, Tag};
use serde_json::json;

use super::Host;
use crate::Error;
use crate::act::Way;
use crate::apply::Work;
use crate::core::{App, new_id};
use crate::folder::Head;

/// How often the end is kept: what happens within it can be taken away unseen.
const EVERY: Duration = Duration::from_secs(30);

/// A history that does not go on from where this computer saw it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What it saw.
    pub kept: Head,
    /// Where the history ends now.
    pub found: Head,
}

impl App {
    /// Looks whether the audit goes on from the end that was kept, and keeps the new one. Once it
    /// does not, nothing is kept until a person has taken note.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn watch_head(&self) -> Result<(), Error> {
        if self.audit_alarm().is_some() {
            return Ok(());
        }
        let org = self.organization();
        let kept = self.folder().kept_head(org);
        let (found, goes_on) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let organization = store::organization::get(tx, org)
                        .await?
                        .ok_or_else(|| Error::missing("organization"))?;
                    let found = Head {
                        n: organization.audit_n,
                        hash: organization.audit_head,
                    };
                    let goes_on = match kept.filter(|kept| kept.n > 0) {
                        None => true,
                        Some(kept) => store::audit::from(tx, org, kept.n, 1)
                            .await?
                            .first()
                            .is_some_and(|(e, _)| e.entry.n == kept.n && e.hash == kept.hash),
                    };
                    Ok::<_, Error>((found, goes_on))
                })
            })
            .await?;
        match kept {
            Some(kept) if !goes_on => {
                tracing::error!(kept = kept.n, found = found.n, "the audit does not go on");
                self.set_audit_alarm(Some(Alarm { kept, found }));
            }
            _ => self.keep_head(found),
        }
        Ok(())
    }

    /// From here on the audit as it is now is what this computer has seen.
    pub(super) async fn accept_head(&self) -> Result<(), Error> {
        let org = self.organization();
        let organization = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    store::organization::get(tx, org)
                        .await?
                        .ok_or_else(|| Error::missing("organization"))
                })
            })
            .await?;
        self.keep_head(Head {
            n: organization.audit_n,
            hash: organization.audit_head,
        });
        self.set_audit_alarm(None);
        Ok(())
    }

    fn keep_head(&self, head: Head) {
        // A configuration that cannot be written is told where the folder is opened.
        if let Err(error) = self.folder().keep_head(self.organization(), head) {
            tracing::warn!(%error, "the end of the audit is not kept");
        }
    }

    /// A person has seen that the history is another one, and goes on with it: said in it.
    pub(crate) async fn acknowledge_audit(&self, way: &Way) -> Result<Done, Problem> {
        let Some(alarm) = self.audit_alarm() else {
            return Ok(Done {});
        };
        let ctx = self.ctx(way.acting, new_id()).await?;
        let effects = self
            .db()
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    work.require(Action::ManagePeople)?;
                    let subject = format!("organization:{}", ctx.organization);
                    let payload = json!({
                        "entries": alarm.kept.n, "head": alarm.kept.hash, "found": alarm.found.n,
                    });
                    work.record("audit_acknowledged", &subject, None, payload)
                        .await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        self.accept_head().await?;
        self.send(Event::Changed {
            tags: vec![Tag::Runtime],
        });
        Ok(Done {})
    }
}

impl Host {
    /// Keeps the end of the audit as it grows.
    pub(super) fn watch_heads(&self) {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(EVERY) => {}
                }
                if let Err(error) = app.watch_head().await {
                    tracing::warn!(%error, "the end of the audit was not looked at");
                }
            }
        });
    }
}
