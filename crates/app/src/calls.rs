//! Calls to networks on behalf of accounts.
//!
//! A network may give a new refresh token with each use and take back the old one. Two calls that
//! refresh with the same token, or one whose answer nobody stores, lock the account out. So the
//! calls of an account are made one after another, each with the secret as it is then; and a call
//! goes on to its end, and what it refreshed is stored, whatever becomes of who asked for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use db::BoxFuture;
use domain::Instant;
use domain::ids::IdentityId;
use engine::Clock;
use networks::{Account, AccountFacts, AccountSecret, Adapter, Answer, NetworkError, SIGN_IN_OVER};
use store::identity::Identity;
use tokio::sync::OwnedMutexGuard;
use tokio_util::task::TaskTracker;

use crate::publish::Secrets;

/// How often a refreshed secret is tried to be stored before it is kept in hand.
const TRIES: u32 = 3;
/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// What an adapter gets to know of a stored account.
#[must_use]
pub fn facts_of(identity: &Identity) -> AccountFacts {
    AccountFacts {
        remote_id: identity.remote_id.clone(),
        handle: identity.handle.clone(),
        settings: identity.settings.clone(),
        live: identity.live.clone(),
    }
}

/// When the account's sign-in ends for good, where somebody knows.
#[must_use]
pub fn sign_in_over(identity: &Identity) -> Option<Instant> {
    identity.settings.get(SIGN_IN_OVER)?.parse().ok()
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The keychain or the vault does not answer: nobody was called.
    #[error("{0}")]
    NoSecret(String),
    /// The call broke off in this program; how far it came is not known.
    #[error("the call broke off")]
    Broken,
}

impl From<NoAnswer> for engine::Failure {
    fn from(why: NoAnswer) -> Self {
        Self::retryable("no_secret_store", why.to_string())
    }
}

/// A refreshed secret that could not be stored yet; the newest there is.
type InHand = Option<AccountSecret>;

/// The calls of this process.
pub struct Calls {
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    turns: Mutex<HashMap<IdentityId, Arc<tokio::sync::Mutex<InHand>>>>,
    tracker: TaskTracker,
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

impl Calls {
    /// With the secrets at `secrets`.
    #[must_use]
    pub fn new(secrets: Arc<dyn Secrets>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            secrets,
            clock,
            turns: Mutex::default(),
            tracker: TaskTracker::new(),
        })
    }

    /// Waits until nobody calls for the account, and keeps others from it: for who changes its
    /// secret. What is inside is to be forgotten with the old secret.
    pub(crate) async fn turn(&self, id: IdentityId) -> OwnedMutexGuard<InHand> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(id).or_default())
        };
        turn.lock_owned().await
    }

    /// Makes a call for an account when it is its turn.
    ///
    /// # Errors
    /// When there is no answer of the adapter's at all.
    pub async fn call<T, F>(
        self: &Arc<Self>,
        id: IdentityId,
        facts: AccountFacts,
        call: F,
    ) -> Result<T, NoAnswer>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(Account<'a>) -> BoxFuture<'a, Answer<T>> + Send + 'static,
    {
        self.marked(id, facts, |_| None, call).await
    }

    /// Renews an account's sign-in where it ends within `ahead` milliseconds, in a call of its own:
    /// that it begins is stored first, and what came of it before anything else is done. Answers
    /// when the sign-in ends; `None` when it does not.
    ///
    /// # Errors
    /// When there is no answer of the adapter's at all. Nothing is used up that could not be kept.
    pub async fn renew(
        self: &Arc<Self>,
        id: IdentityId,
        facts: AccountFacts,
        adapter: Arc<dyn Adapter>,
        now: Instant,
        ahead: i64,
    ) -> Result<Result<Option<Instant>, NetworkError>, NoAnswer> {
        let marks = Arc::clone(&adapter);
        let is_near = move |ends: Option<Instant>| ends.is_some_and(|at| now >= at.plus(-ahead));
        let mark = move |secret: &AccountSecret| match is_near(marks.expires(secret)) {
            true => marks.before_renewal(secret, now),
            false => None,
        };
        self.marked(id, facts, mark, move |account| {
            Box::pin(async move {
                let ends = account.secret.and_then(|secret| adapter.expires(secret));
                if !is_near(ends) {
                    return Answer::from(Ok(ends));
                }
                let answer = adapter.renew(account, now).await;
                let fresh = answer.refreshed.as_ref().and_then(|s| adapter.expires(s));
                Answer {
                    value: answer.value.map(|()| fresh.or(ends)),
                    refreshed: answer.refreshed,
                }
            })
        })
        .await
    }

    async fn marked<T, F>(
        self: &Arc<Self>,
        id: IdentityId,
        facts: AccountFacts,
        mark: impl FnOnce(&AccountSecret) -> Option<AccountSecret> + Send + 'static,
        call: F,
    ) -> Result<T, NoAnswer>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(Account<'a>) -> BoxFuture<'a, Answer<T>> + Send + 'static,
    {
        let me = Arc::clone(self);
        self.outlive(async move {
            let mut in_hand = me.turn(id).await;
            me.secrets.hold(id).await.map_err(NoAnswer::NoSecret)?;
            let mut secret = match in_hand.take() {
                Some(newest) => {
                    *in_hand = me.store(id, newest.clone()).await;
                    Some(newest)
                }
                None => match me.secrets.secret(id).await {
                    Ok(secret) => secret,
                    Err(why) => {
                        me.secrets.release(id).await;
                        return Err(NoAnswer::NoSecret(why));
                    }
                },
            };
            if let Some(marked) = secret.as_ref().and_then(mark) {
                if me.store(id, marked.clone()).await.is_some() {
                    me.secrets.release(id).await;
                    return Err(NoAnswer::NoSecret(
                        "The sign-in was not renewed: nothing would keep the new one.".to_owned(),
                    ));
                }
                secret = Some(marked);
            }
            let account = Account {
                facts: &facts,
                secret: secret.as_ref(),
            };
            let answer = call(account).await;
            if let Some(newest) = answer.refreshed {
                *in_hand = me.store(id, newest).await;
            }
            me.secrets.release(id).await;
            Ok(answer.value)
        })
        .await
        .unwrap_or(Err(NoAnswer::Broken))
    }

    /// Does something to its end, also when nobody waits for it any more; absent when it broke off.
    pub(crate) async fn outlive<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.tracker.spawn(work).await.ok()
    }

    /// Stores a refreshed secret, before anything else; answers it when it cannot be.
    async fn store(&self, id: IdentityId, secret: AccountSecret) -> InHand {
        for _ in 0..TRIES {
            match self.secrets.keep(id, secret.clone()).await {
                Ok(()) => return None,
                Err(why) => tracing::error!(identity = %id, why, "a refreshed secret was not kept"),
            }
            self.clock.sleep(PAUSE).await;
        }
        Some(secret)
    }

    /// Returns when every call has come to its end.
    pub async fn settled(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
