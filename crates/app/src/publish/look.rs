//! Looking for what may have been written, and asking about what a network works on.

use std::sync::Arc;

use domain::attempt::{AttemptPhase, Idempotency};
use domain::ids::{AttemptId, OrganizationId};
use domain::time::MINUTE;
use engine::Failure;
use networks::{EditInput, FindInput, Found, NetworkError, Outcome, Said, Unleased};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::send::{BootLease, Done, Job};
use super::terms::millis;
use super::{By, Publisher, Report};
use crate::calls::NoAnswer;

/// What is kept with an attempt to ask with later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Handle {
    /// What the network gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Value>,
    /// How often it was looked for and not found.
    pub looks: u32,
    /// How often in a row looking did not work.
    pub fails: u32,
    /// The network gave it back, so near its time that it may be on its way out all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub given_back: bool,
    /// A person has answered, and the network was asked once more what it keeps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub asked_back: bool,
}

impl Handle {
    pub(super) fn of(stored: Option<&Value>) -> Self {
        stored
            .and_then(|v| serde_json::from_value(v.clone()).ok())
            .unwrap_or_default()
    }

    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Publisher {
    /// Looks whether an ambiguous attempt is live. With `repeat`, which the check allows where
    /// repeating is the same write, it is repeated when it is not there.
    ///
    /// # Errors
    /// Only when the database cannot be used.
    pub async fn look(
        &self,
        organization: OrganizationId,
        run: Uuid,
        id: AttemptId,
        repeat: bool,
    ) -> Result<Done, Failure> {
        // One of an earlier check is used up all the same.
        let permit = self.take_permit(id).filter(|_| repeat);
        if repeat && permit.is_none() {
            // The check was another process's, which has gone: only a new one may allow it.
            return Ok(Done::of("not_ours"));
        }
        let job = match self
            .job_in(organization, id, AttemptPhase::Ambiguous)
            .await?
        {
            Ok(job) => job,
            Err(done) => return Ok(done),
        };
        let report = match self.find(&job).await {
            Report::Absent => match permit {
                Some((lease, _alive)) => self.repeat(job, lease).await,
                None => Report::Absent,
            },
            found => found,
        };
        self.write(organization, run, id, report, By::Look).await
    }

    pub(super) async fn find(&self, job: &Arc<Job>) -> Report {
        // What the network kept came out at its time, and not when it was given to it.
        let kept = Handle::of(job.attempt.handle.as_ref()).network.is_some();
        let now = self.now();
        let from = job.attempt.handed_for.filter(|at| kept && *at < now);
        let from = from.map_or(job.attempt.started_at, |at| at.plus(-MINUTE));
        let since = from.plus(-millis(self.terms.skew));
        let (identity, facts) = (job.identity, job.account.clone());
        let job = Arc::clone(job);
        if job.edits.is_some() {
            return self.says(job).await;
        }
        let found = self.calls.call(identity, facts, move |account| {
            Box::pin(async move {
                let keys = job.keys();
                job.adapter
                    .find(FindInput {
                        account,
                        attempt: &keys,
                        target: &job.target,
                        thread: &job.thread,
                        since,
                    })
                    .await
            })
        });
        match found.await {
            Ok(Ok(Found::One(remote))) => Report::Confirmed(remote),
            Ok(Ok(Found::None)) => Report::Absent,
            Ok(Ok(Found::Several(n))) => Report::Several(n),
            Ok(Ok(Found::Kept(handle))) => Report::Pending(handle),
            Ok(Err(error)) => no_look(&error),
            Err(why) => unanswered(&why),
        }
    }

    /// Reads back whether the place of an edit says what it shall say.
    async fn says(&self, job: Arc<Job>) -> Report {
        let (identity, facts) = (job.identity, job.account.clone());
        let media = Arc::clone(&self.media);
        let said = self.calls.call(identity, facts, move |account| {
            Box::pin(async move {
                let Some(place) = &job.edits else {
                    return networks::Answer::from(Ok(Said::Other));
                };
                let keys = job.keys();
                job.adapter
                    .says(EditInput {
                        account,
                        attempt: &keys,
                        remote: &place.remote,
                        before: &place.before,
                        target: &job.target,
                        media: &*media,
                        lease: &Unleased,
                    })
                    .await
            })
        });
        match said.await {
            Ok(Ok(Said::This(remote))) => Report::Confirmed(remote),
            Ok(Ok(Said::Other)) => Report::Absent,
            Ok(Ok(Said::Gone)) => Report::Rejected {
                code: "gone".to_owned(),
                words: "It is not on the network any more.".to_owned(),
            },
            Ok(Err(error)) => no_look(&error),
            Err(why) => unanswered(&why),
        }
    }

    /// The same write again. Only what it says for certain counts: that this try was not sent
    /// says nothing of the first.
    async fn repeat(&self, job: Arc<Job>, lease: BootLease) -> Report {
        let natural =
            job.edits.is_some() || job.adapter.descriptor().idempotency == Idempotency::Natural;
        match self.submit(job, lease).await {
            settled @ (Report::Confirmed(_) | Report::Pending(_)) => settled,
            settled @ Report::Rejected { .. } if natural => settled,
            // While a first write under a key is at work, its repeat may be refused.
            Report::Rejected { words, .. } => Report::NoLook {
                why: words,
                again: true,
                reconnect: false,
            },
            Report::NeedsReconnect(why) => Report::NoLook {
                why,
                again: true,
                reconnect: true,
            },
            Report::NotSent { why, .. } | Report::Ambiguous(why) => Report::NoLook {
                why,
                again: true,
                reconnect: false,
            },
            _ => Report::NoLook {
                why: "The network asked to wait.".to_owned(),
                again: true,
                reconnect: false,
            },
        }
    }

    /// Asks what became of what the network works on.
    ///
    /// # Errors
    /// Only when the database cannot be used.
    pub async fn poll(
        &self,
        organization: OrganizationId,
        run: Uuid,
        id: AttemptId,
    ) -> Result<Done, Failure> {
        let job = match self.job_in(organization, id, AttemptPhase::Pending).await? {
            Ok(job) => job,
            Err(done) => return Ok(done),
        };
        let report = match self.asked(&job).await {
            Ok(outcome) => polled(outcome),
            Err(why) => unanswered(&why),
        };
        self.write(organization, run, id, report, By::Look).await
    }

    /// What the network says of what it works on, or keeps.
    pub(super) async fn asked(&self, job: &Job) -> Result<Outcome, NoAnswer> {
        let handle = Handle::of(job.attempt.handle.as_ref());
        let handle = handle.network.unwrap_or_default();
        let adapter = Arc::clone(&job.adapter);
        let said = self
            .calls
            .call(job.identity, job.account.clone(), move |account| {
                Box::pin(async move { adapter.poll(account, &handle).await })
            });
        said.await
    }
}

/// That the question was not sent, or refused for now, says nothing of the post.
fn polled(outcome: Outcome) -> Report {
    match outcome {
        Outcome::Confirmed(remote) => Report::Confirmed(remote),
        Outcome::Pending(handle) => Report::Pending(handle),
        Outcome::Rejected { code, words } => Report::Rejected {
            code: code.to_owned(),
            words,
        },
        Outcome::Ambiguous { why } => Report::Ambiguous(why),
        Outcome::NotSent { why } => Report::NoLook {
            why,
            again: true,
            reconnect: false,
        },
        Outcome::NeedsReconnect { words } => Report::NoLook {
            why: words,
            again: true,
            reconnect: true,
        },
        Outcome::Throttled { .. } => Report::NoLook {
            why: "The network asked to wait.".to_owned(),
            again: true,
            reconnect: false,
        },
    }
}

fn unanswered(why: &NoAnswer) -> Report {
    Report::NoLook {
        why: why.to_string(),
        again: true,
        reconnect: false,
    }
}

fn no_look(error: &NetworkError) -> Report {
    Report::NoLook {
        why: error.to_string(),
        again: !matches!(error, NetworkError::Unsupported(_)),
        reconnect: matches!(error, NetworkError::NeedsReconnect { .. }),
    }
}
