//! What the publisher needs of the machine.

use async_trait::async_trait;
use domain::ids::IdentityId;
use networks::AccountSecret;
use uuid::Uuid;

use crate::apply::Effects;
use crate::core::App;

/// Where secrets of accounts are kept.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret of an account; `None` where there is none.
    ///
    /// # Errors
    /// In words, when the keychain or the vault does not answer.
    async fn secret(&self, identity: IdentityId) -> Result<Option<AccountSecret>, String>;

    /// Keeps other processes from calling for the account, until [`Secrets::release`].
    ///
    /// # Errors
    /// In words, when another one does not let it go.
    async fn hold(&self, _identity: IdentityId) -> Result<(), String> {
        Ok(())
    }

    /// Lets others call for it.
    async fn release(&self, _identity: IdentityId) {}

    /// Keeps a refreshed secret.
    ///
    /// # Errors
    /// In words, when it could not be kept.
    async fn keep(&self, identity: IdentityId, secret: AccountSecret) -> Result<(), String>;
}

/// Who else sends from the same tables.
pub trait Colleagues: Send + Sync {
    /// Whether the process is known to have ended: its lock is free. `false` means that nobody
    /// knows, and its leases count.
    fn is_gone(&self, owner: Uuid) -> bool;
}

/// What the process knows of itself and its surroundings.
pub trait House: Colleagues {
    /// The data folder was restored or copied, and nobody has said that this computer sends.
    fn folder_is_held(&self) -> bool;

    /// Tells the window and the notifier what a commit brought.
    fn tell(&self, effects: Effects);

    /// The core that writes for personas here; none where nothing is written.
    fn core(&self) -> Option<App> {
        None
    }
}

/// Colleagues of whom nothing is known: only leases count (several workers on one server).
#[derive(Clone, Copy, Debug, Default)]
pub struct Everybody;

impl Colleagues for Everybody {
    fn is_gone(&self, _owner: Uuid) -> bool {
        false
    }
}
