//! Watches over the audit: what this computer saw last must still be in it, and nothing in it may
//! have been changed.
//!
//! The last entries are looked at when a folder is opened, new ones as they come, and all of them
//! little by little, once a day, with the looks that there are anyhow.

use std::time::Duration;

use db::Tx;
use domain::Instant;
use domain::ids::OrganizationId;
use domain::rights::Action;
use domain::time::DAY;
use protocol::views::Done;
use protocol::{Event, Problem, Tag};
use serde_json::json;

use super::Host;
use crate::Error;
use crate::act::Way;
use crate::apply::Work;
use crate::audit::{self, BEGINNING};
use crate::core::{App, new_id};
use crate::folder::{AllSeen, Head, Seen};

/// How often the end is kept: what happens within it can be taken away unseen.
const EVERY: Duration = Duration::from_secs(30);

/// How many of the last entries are looked at when a folder is opened.
const TAIL: u64 = 200;

/// How many entries are gone through at each look, until all were.
const PACE: u64 = 500;

/// A history that is not the one that this computer saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What it saw last.
    pub kept: Head,
    /// Where the history ends now.
    pub found: Head,
    /// The first entry that was changed; absent where the history as a whole is another one.
    pub broken: Option<u64>,
}

impl Alarm {
    /// What is wrong, in English, as the problem's message says it.
    pub(crate) fn words(&self) -> String {
        match self.broken {
            Some(n) => format!("the history was changed: entry {n} is not as it was written"),
            None => format!(
                "the history is another one than this computer saw last: entry {} is not in it",
                self.kept.n
            ),
        }
    }

    /// As the history remembers it.
    pub(super) fn payload(&self) -> serde_json::Value {
        let mut payload = json!({
            "entries": self.kept.n, "head": self.kept.hash, "found": self.found.n,
        });
        if let Some(n) = self.broken {
            payload["broken"] = json!(n);
        }
        payload
    }
}

/// How much of the history is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The last entries, and what was found changed before.
    AtTail,
    /// What was added since the last look.
    AtNew,
}

/// How far a round through all entries has come.
#[derive(Clone, Copy, Debug)]
struct Round {
    begun: Instant,
    /// The last entry that was gone through; absent when all were.
    at: Option<Head>,
}

impl App {
    /// Looks whether the audit goes on from the end that was kept, and keeps the new one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn watch_head(&self) -> Result<(), Error> {
        self.look(Look::AtNew).await
    }

    /// Looks at the audit, and keeps its end. Once it is another one, nothing is kept until a
    /// person has taken note.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn look(&self, look: Look) -> Result<(), Error> {
        if self.audit_alarm().is_some() {
            return Ok(());
        }
        let org = self.organization();
        let mut all = self.folder().seen();
        let own = all.remove(&org);
        // A folder has one organization: with another one in its place, all of the history is gone.
        let gone = all.into_values().map(|seen| seen.head);
        let gone = gone.filter(|head| head.n > 0).max_by_key(|head| head.n);
        let seen = own.unwrap_or(Seen::from(BEGINNING));
        let (found, mut alarm) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let found = audit::end(tx, org).await?;
                    Ok::<_, Error>((found, trouble(tx, org, seen, found, look).await?))
                })
            })
            .await?;
        if let Some(kept) = gone {
            alarm = Some(Alarm {
                kept,
                found,
                broken: None,
            });
        }
        match alarm {
            Some(alarm) => self.raise(alarm),
            None => self.keep(Seen {
                head: found,
                broken: None,
                ..seen
            }),
        }
        Ok(())
    }

    /// Tells that the history is another one, and remembers what cannot be seen at the next start.
    fn raise(&self, alarm: Alarm) {
        let (kept, found) = (alarm.kept.n, alarm.found.n);
        tracing::error!(
            kept,
            found,
            broken = alarm.broken,
            "the audit is another one"
        );
        self.set_audit_alarm(Some(alarm));
        // The folder is let go before it is asked for again.
        let seen = self.folder().seen().remove(&self.organization());
        if let Some(seen) = seen {
            self.keep(Seen {
                broken: alarm.broken,
                ..seen
            });
        }
        self.send(Event::Changed {
            tags: vec![Tag::Runtime],
        });
    }

    /// From here on the audit as it is now is what this computer has seen, and all that it has; with
    /// `taken`, what is broken in it until here is not told again.
    pub(super) async fn accept_head(&self, taken: bool) -> Result<(), Error> {
        let org = self.organization();
        let end = self
            .db()
            .read(move |tx| Box::pin(async move { audit::end(tx, org).await }))
            .await?;
        let seen = Seen {
            taken: taken.then_some(end),
            ..Seen::from(end)
        };
        self.keep_all(&AllSeen::from([(org, seen)]));
        self.set_audit_alarm(None);
        Ok(())
    }

    fn keep(&self, seen: Seen) {
        let mut all = self.folder().seen();
        all.insert(self.organization(), seen);
        self.keep_all(&all);
    }

    fn keep_all(&self, all: &AllSeen) {
        // A configuration that cannot be written is told where the folder is opened.
        if let Err(error) = self.folder().keep_seen(all) {
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
                    let payload = alarm.payload();
                    work.record("audit_acknowledged", &subject, None, payload)
                        .await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        self.accept_head(alarm.broken.is_some()).await?;
        self.send(Event::Changed {
            tags: vec![Tag::Runtime],
        });
        Ok(Done {})
    }

    /// Goes a piece further through all entries, and answers how far it came.
    async fn go_through(&self, round: Round) -> Result<Round, Error> {
        let over = self.now().since(round.begun) >= DAY;
        let from = match round.at {
            _ if self.audit_alarm().is_some() => return Ok(round),
            Some(at) => at,
            None if over => BEGINNING,
            None => return Ok(round),
        };
        let org = self.organization();
        let Some(seen) = self.folder().seen().remove(&org) else {
            return Ok(round);
        };
        let from = seen.taken.filter(|t| t.n > from.n).unwrap_or(from);
        let gone = self
            .db()
            .read(move |tx| Box::pin(async move { audit::follow(tx, org, from, PACE).await }))
            .await?;
        let at = match gone {
            Ok(at) => (at.n == from.n + PACE).then_some(at),
            Err(broken) => {
                self.raise(Alarm {
                    kept: seen.head,
                    found: seen.head,
                    broken: Some(broken.n),
                });
                None
            }
        };
        let begun = match round.at {
            Some(_) => round.begun,
            None => self.now(),
        };
        Ok(Round { begun, at })
    }
}

/// What is wrong with a history that ends at `found`, as far as is looked.
async fn trouble(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    seen: Seen,
    found: Head,
    look: Look,
) -> Result<Option<Alarm>, Error> {
    let kept = seen.head;
    let alarm = |broken| Alarm {
        kept,
        found,
        broken,
    };
    if look == Look::AtNew && found == kept {
        return Ok(None);
    }
    if audit::at(tx, org, kept.n).await? != Some(kept) {
        return Ok(Some(alarm(None)));
    }
    let mut pieces = Vec::new();
    let known = match look {
        Look::AtNew => kept,
        Look::AtTail => {
            pieces.extend(seen.broken.map(|n| (n.saturating_sub(1), 1)));
            seen.taken.unwrap_or(BEGINNING)
        }
    };
    let from = known.n.max(found.n.saturating_sub(TAIL));
    pieces.push((from, found.n.saturating_sub(from)));
    for (from, length) in pieces {
        let Some(before) = audit::at(tx, org, from).await? else {
            return Ok(Some(alarm(Some(from))));
        };
        match audit::follow(tx, org, before, length).await? {
            Err(broken) => return Ok(Some(alarm(Some(broken.n)))),
            Ok(last) if last.n < from + length => return Ok(Some(alarm(Some(last.n + 1)))),
            Ok(last) if last.n == found.n && last != found => {
                return Ok(Some(alarm(Some(last.n))));
            }
            Ok(_) => {}
        }
    }
    Ok(None)
}

impl Host {
    /// Keeps the end of the audit as it grows, and goes through all of it.
    pub(super) fn watch_heads(&self) {
        let (app, stop) = (self.app.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            let mut round = Round {
                begun: app.now(),
                at: Some(BEGINNING),
            };
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(EVERY) => {}
                }
                let looked = async {
                    app.watch_head().await?;
                    app.go_through(round).await
                };
                match looked.await {
                    Ok(gone) => round = gone,
                    Err(error) => tracing::warn!(%error, "the audit was not looked at"),
                }
            }
        });
    }
}

#[cfg(test)]
mod tests;
