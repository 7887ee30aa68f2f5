//! `watch_account`: asks every day whether an account works, and keeps its limits as they are.

use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::identity::IdentityStatus;
use domain::ids::{IdentityId, OrganizationId};
use domain::limits::LiveLimit;
use domain::time::{DAY, HOUR};
use engine::{Ctx, Failure, Policy, Workflow};
use networks::{AccountFacts, NetworkError};
use protocol::Mutation;
use protocol::mutation::IdentityFacts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::identity::Identity;

use super::{Hand, WATCH, input, tireless};
use crate::Error;
use crate::apply::identities::IDENTITY_CHANGED;
use crate::apply::{self, Work};
use crate::calls::{facts_of, sign_in_over};
use crate::publish::{failure, needs_reconnect, tell};

pub(super) struct Watch(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    identity: IdentityId,
}

const EVERY: Duration = Duration::from_millis((24 * HOUR) as u64);

/// How long before its end a person is told that a sign-in cannot be renewed: three days to do it.
const AHEAD: i64 = 3 * DAY;

/// What the network said.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
enum Finding {
    /// It works.
    Works {
        facts: AccountFacts,
        name: Option<String>,
    },
    /// It needs a new sign-in.
    Reconnect {
        words: String,
        #[serde(default)]
        asked: Instant,
    },
    /// Nothing can be said.
    Silent { words: String },
    /// There is nothing to watch any more.
    Over,
}

/// Watches an account from now on; one run per account.
///
/// # Errors
/// When the database says no.
pub async fn watch_account(work: &mut Work<'_, '_>, identity: &Identity) -> Result<(), Error> {
    super::start_for(work, identity, "watch_run", WATCH).await
}

#[async_trait]
impl Workflow for Watch {
    fn name(&self) -> &'static str {
        WATCH.0
    }

    fn revision(&self) -> u32 {
        WATCH.1
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
        loop {
            let heard = ctx
                .wait_for_event("wait", IDENTITY_CHANGED, &key, Some(EVERY))
                .await?;
            // Somebody has just dealt with it: only whether it is still in use matters.
            let ask = heard.is_none();
            let finding = ctx
                .run("ask", || self.ask(organization, identity, ask))
                .await?;
            if matches!(finding, Finding::Over) {
                return Ok(json!({}));
            }
            self.0
                .change(ctx, organization, "note", move |work, _| {
                    let finding = finding.clone();
                    Box::pin(async move { note(work, identity, finding).await.map(|c| ((), c)) })
                })
                .await?;
        }
    }
}

impl Watch {
    async fn ask(
        &self,
        organization: OrganizationId,
        id: IdentityId,
        ask: bool,
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
        let identity = identity.filter(|i| i.status != IdentityStatus::Disconnected);
        let Some(identity) = identity else {
            return Ok(Finding::Over);
        };
        let silent = |words: &str| {
            Ok(Finding::Silent {
                words: words.to_owned(),
            })
        };
        if !ask {
            return silent("");
        }
        let Some(adapter) = publisher.networks.get(&identity.network).cloned() else {
            return silent("There is no such network.");
        };
        let asked = publisher.now();
        let said = publisher.calls.call(id, facts_of(&identity), |account| {
            Box::pin(async move { adapter.check(account).await })
        });
        Ok(match said.await {
            Ok(Ok(checked)) => Finding::Works {
                facts: checked.facts,
                name: checked.name,
            },
            Ok(Err(NetworkError::NeedsReconnect { words })) => Finding::Reconnect { words, asked },
            Ok(Err(error)) => return silent(&error.to_string()),
            Err(why) => return silent(&why.to_string()),
        })
    }
}

async fn note(work: &mut Work<'_, '_>, id: IdentityId, finding: Finding) -> Result<bool, Error> {
    let (org, now) = (work.org(), work.now());
    let (facts, name) = match finding {
        Finding::Works { facts, name } => (facts, name),
        Finding::Reconnect { words, asked } => {
            needs_reconnect(work, id, &words, asked).await?;
            return Ok(true);
        }
        Finding::Silent { .. } | Finding::Over => return Ok(false),
    };
    let Some(identity) = store::identity::get(work.tx, org, id).await? else {
        return Ok(false);
    };
    if identity.status == IdentityStatus::Disconnected || identity.remote_id != facts.remote_id {
        return Ok(false);
    }
    // One that ended, or was never begun, is begun anew; a living one stays.
    super::renew_sign_in(work, &identity).await?;
    let over = sign_in_over(&identity);
    if let Some(over) = over.filter(|over| over.since(now) < AHEAD) {
        tell::sign_in_over(work, &identity, over).await?;
    }
    let same_live = same(&identity.live, &facts.live);
    if identity.status == IdentityStatus::Connected && same_live && identity.handle == facts.handle
    {
        let checked = Identity {
            checked_at: Some(now),
            live: facts.live,
            ..identity
        };
        store::identity::save(work.tx, org, &checked, now).await?;
        work.changed("identity", id).await?;
        work.tag(protocol::Tag::Accounts);
        return Ok(true);
    }
    let facts = IdentityFacts {
        network: identity.network,
        remote_id: facts.remote_id,
        handle: facts.handle,
        display_name: name.unwrap_or(identity.display_name),
        service: identity.service,
        settings: facts.settings,
        live: facts.live,
    };
    apply::apply(work, &Mutation::UpdateIdentity { id, facts }).await?;
    Ok(true)
}

/// Whether two readings say the same, however old they are.
fn same(a: &[LiveLimit], b: &[LiveLimit]) -> bool {
    let plain = |l: &[LiveLimit]| -> Vec<(String, u64)> {
        l.iter().map(|l| (l.limit.clone(), l.value)).collect()
    };
    plain(a) == plain(b)
}
