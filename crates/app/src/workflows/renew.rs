//! `renew_sign_in`: renews a sign-in before it ends, where the network's sign-ins do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::identity::IdentityStatus;
use domain::ids::{IdentityId, OrganizationId};
use domain::time::MINUTE;
use engine::{Ctx, Failure, Policy, Workflow};
use networks::NetworkError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::identity::Identity;

use super::{Hand, RENEW, input, tireless};
use crate::Error;
use crate::apply::Work;
use crate::apply::identities::IDENTITY_CHANGED;
use crate::calls::facts_of;
use crate::publish::{failure, needs_reconnect};

pub(super) struct Renew(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    identity: IdentityId,
}

/// How long before its end a sign-in is renewed.
const AHEAD: i64 = 10 * MINUTE;

/// The shortest time between two tries.
const PAUSE: i64 = MINUTE;

/// A run's journal must not grow for ever; the daily check of the account starts the next run.
const ROUNDS: usize = 1_000;

/// What is known of a sign-in's end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
enum Finding {
    /// To be looked at again then.
    Until { at: Instant },
    /// It needs a person.
    Reconnect { words: String, asked: Instant },
    /// It does not end, or the account is not in use.
    Over,
}

/// Renews an account's sign-in from now on; one run per account.
///
/// # Errors
/// When the database says no.
pub async fn renew_sign_in(work: &mut Work<'_, '_>, identity: &Identity) -> Result<(), Error> {
    super::start_for(work, identity, "renew_run", RENEW).await
}

#[async_trait]
impl Workflow for Renew {
    fn name(&self) -> &'static str {
        RENEW.0
    }

    fn revision(&self) -> u32 {
        RENEW.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: tireless(),
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input {
            organization,
            identity,
        } = input(value)?;
        let key = identity.to_string();
        for _ in 0..ROUNDS {
            let finding = ctx
                .run("renew", || self.renew(organization, identity))
                .await?;
            let at = match finding {
                Finding::Over => break,
                Finding::Until { at } => at,
                Finding::Reconnect { words, asked } => {
                    self.0
                        .change(ctx, organization, "note", move |work, _| {
                            let words = words.clone();
                            Box::pin(async move {
                                needs_reconnect(work, identity, &words, asked).await?;
                                Ok(((), true))
                            })
                        })
                        .await?;
                    break;
                }
            };
            let wait = at.since(Instant(ctx.now())).max(PAUSE);
            let wait = Duration::from_millis(u64::try_from(wait).unwrap_or_default());
            // A new sign-in has another end.
            ctx.wait_for_event("wait", IDENTITY_CHANGED, &key, Some(wait))
                .await?;
        }
        Ok(json!({}))
    }
}

impl Renew {
    /// Renews the sign-in when its end is near.
    async fn renew(
        &self,
        organization: OrganizationId,
        id: IdentityId,
    ) -> Result<Finding, Failure> {
        let publisher = self.0.publishers.of(organization);
        let identity = publisher
            .db
            .read(|tx| {
                Box::pin(async move {
                    store::identity::get(tx, organization, id)
                        .await
                        .map_err(Error::from)
                })
            })
            .await
            .map_err(failure)?;
        let Some(identity) = identity.filter(|i| i.status == IdentityStatus::Connected) else {
            return Ok(Finding::Over);
        };
        let Some(adapter) = publisher.networks.get(&identity.network) else {
            return Ok(Finding::Over);
        };
        let adapter = Arc::clone(adapter);
        if !adapter.descriptor().needs_secret() {
            return Ok(Finding::Over);
        }
        let now = publisher.now();
        let said = publisher
            .calls
            .renew(id, facts_of(&identity), adapter, now, AHEAD);
        let later = Finding::Until {
            at: now.plus(PAUSE),
        };
        Ok(match said.await {
            Ok(Ok(None)) => Finding::Over,
            Ok(Ok(Some(ends))) => Finding::Until {
                at: ends.plus(-AHEAD),
            },
            Ok(Err(NetworkError::NeedsReconnect { words })) => {
                Finding::Reconnect { words, asked: now }
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, network = %identity.network, "a sign-in was not renewed");
                later
            }
            // A keychain that is locked now may be open in a minute.
            Err(_) => later,
        })
    }
}
