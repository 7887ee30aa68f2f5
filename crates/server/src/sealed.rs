//! Secrets of accounts in the tables of the server, sealed.

use std::sync::Arc;
use std::time::Duration;

use app::Clock;
use app::secrets::{Kind, SecretError, SecretStore};
use async_trait::async_trait;
use db::Db;
use domain::Instant;
use domain::ids::{IdentityId, OrganizationId};
use domain::time::MINUTE;
use networks::AccountSecret;
use store::identity_secret::{self, Sealed};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::auth::second_factor;
use crate::keys::KeyRing;

/// How long a process may call with a secret, milliseconds: longer than any call takes.
const HELD: i64 = 5 * MINUTE;
/// How often one looks whether it was let go.
const AGAIN: Duration = Duration::from_millis(100);

/// Those of one organization.
#[derive(Clone)]
pub struct Columns {
    /// This process.
    me: Uuid,
    clock: Arc<dyn Clock>,
    db: Db,
    organization: OrganizationId,
    ring: Arc<KeyRing>,
}

impl Columns {
    /// Those of `organization`.
    #[must_use]
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        organization: OrganizationId,
        ring: Arc<KeyRing>,
    ) -> Self {
        Self {
            me: Uuid::new_v4(),
            clock,
            db,
            organization,
            ring,
        }
    }
}

impl Columns {
    fn seal(&self, account: IdentityId, secret: &AccountSecret) -> Result<Sealed, SecretError> {
        let plain = Zeroizing::new(secret.expose().clone());
        let (under, bytes) = self
            .ring
            .seal(&place(self.organization, account), plain.as_bytes())
            .map_err(failed)?;
        Ok(Sealed { under, bytes })
    }
}

/// What a seal is bound to.
fn place(organization: OrganizationId, account: IdentityId) -> String {
    format!("{organization}:{account}")
}

fn failed(error: impl std::fmt::Display) -> SecretError {
    SecretError::Io(error.to_string())
}

#[async_trait]
impl SecretStore for Columns {
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        let organization = self.organization;
        let found = self
            .db
            .read(move |tx| {
                Box::pin(async move { identity_secret::get(tx, organization, account).await })
            })
            .await
            .map_err(failed)?;
        let Some(sealed) = found else {
            return Ok(None);
        };
        let place = place(organization, account);
        let plain = self
            .ring
            .open_sealed(&sealed.under, &place, &sealed.bytes)
            .map_err(failed)?;
        let text = String::from_utf8(plain.to_vec()).map_err(|_| SecretError::SealBroken)?;
        Ok(Some(AccountSecret::new(text)))
    }

    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        let organization = self.organization;
        let sealed = self.seal(account, secret)?;
        self.db
            .write(move |tx| {
                let sealed = sealed.clone();
                Box::pin(
                    async move { identity_secret::set(tx, organization, account, &sealed).await },
                )
            })
            .await
            .map_err(failed)
    }

    async fn set_first(
        &self,
        account: IdentityId,
        secret: &AccountSecret,
    ) -> Result<bool, SecretError> {
        let (organization, me) = (self.organization, self.me);
        let sealed = self.seal(account, secret)?;
        let now = Instant(self.clock.wall());
        self.db
            .write(move |tx| {
                let sealed = sealed.clone();
                let until = now.plus(HELD);
                Box::pin(async move {
                    let held = (me, now, until);
                    identity_secret::set_first(tx, organization, account, &sealed, held).await
                })
            })
            .await
            .map_err(failed)
    }

    async fn delete(&self, account: IdentityId) -> Result<(), SecretError> {
        let organization = self.organization;
        self.db
            .write(move |tx| {
                Box::pin(async move { identity_secret::delete(tx, organization, account).await })
            })
            .await
            .map_err(failed)
    }

    async fn hold(&self, account: IdentityId) -> Result<(), SecretError> {
        let (organization, me) = (self.organization, self.me);
        let patience = self.clock.wall() + HELD;
        loop {
            let now = Instant(self.clock.wall());
            let held = self.db.write(move |tx| {
                Box::pin(async move {
                    let until = now.plus(HELD);
                    identity_secret::hold(tx, organization, account, me, now, until).await
                })
            });
            if held.await.map_err(failed)? {
                return Ok(());
            }
            if now.0 > patience {
                return Err(SecretError::Locked(
                    "another process of this server calls for the account".to_owned(),
                ));
            }
            self.clock.sleep(AGAIN).await;
        }
    }

    async fn release(&self, account: IdentityId) {
        let (organization, me) = (self.organization, self.me);
        let released = self.db.write(move |tx| {
            Box::pin(async move { identity_secret::release(tx, organization, account, me).await })
        });
        if let Err(error) = released.await {
            tracing::warn!(%error, "an account's secret is held a little longer");
        }
    }

    fn kind(&self) -> Kind {
        Kind::Column
    }
}

/// Seals under the ring's current key the accounts' secrets that are sealed under another, and all
/// second factors; answers how many.
///
/// # Errors
/// When a seal does not open, or the database says no.
pub async fn seal_anew(db: &Db, ring: &KeyRing) -> Result<usize, app::Error> {
    let current = ring.current();
    let others = db
        .read(move |tx| Box::pin(async move { identity_secret::under_others(tx, &current).await }))
        .await?;
    let count = others.len();
    for (organization, account, old) in others {
        let place = place(organization, account);
        let plain = ring.open_sealed(&old.under, &place, &old.bytes)?;
        let (under, bytes) = ring.seal(&place, &plain)?;
        let new = Sealed { under, bytes };
        db.write(move |tx| {
            let (new, old) = (new.clone(), old.clone());
            Box::pin(async move {
                identity_secret::reseal(tx, organization, account, &new, &old.bytes).await
            })
        })
        .await?;
    }
    let factors = db
        .read(|tx| Box::pin(async move { store::login::sealed(tx).await }))
        .await?;
    let second = factors.len();
    for (login, packed) in factors {
        let place = second_factor::place(login);
        let plain = ring.unpack(&place, &packed)?;
        let fresh = ring.pack(&place, &plain)?;
        db.write(move |tx| {
            let (fresh, packed) = (fresh.clone(), packed.clone());
            Box::pin(async move { store::login::reseal(tx, login, &fresh, &packed).await })
        })
        .await?;
    }
    Ok(count + second)
}
