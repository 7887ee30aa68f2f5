//! Where secrets live: the system's keychain, or a sealed file where no keychain answers.
//!
//! A secret is written to one place and read from wherever it is: a computer whose keychain comes
//! and goes (a desktop that is also reached over ssh) finds what it stored in either. What is too
//! large for the keychain goes to the sealed file as well.

mod keychain;
mod keys;
mod seal;
mod vault;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::IdentityId;
use networks::AccountSecret;
use protocol::{Code, Problem};
use uuid::Uuid;

pub use keychain::Keychain;
pub(crate) use keys::Keys;
pub use vault::{Passphrase, Vault};

/// The environment variable with the vault's passphrase, for computers without a person at them.
pub const PASSPHRASE_VARIABLE: &str = "ROSTRUM_VAULT_PASSPHRASE";

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The system's keychain.
    Keychain,
    /// A sealed file in the data folder.
    Vault,
    /// Sealed columns in the tables of a server.
    Column,
}

impl Kind {
    /// As it crosses boundaries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Vault => "vault",
            Self::Column => "column",
        }
    }
}

/// Why a secret could not be kept or found. Never holds any part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No keychain service answers.
    #[error("no keychain answers on this computer ({0})")]
    NoKeychain(String),
    /// The keychain is there but locked, or its question was not answered.
    #[error("the keychain is locked; unlock it and try again ({0})")]
    Locked(String),
    /// The keychain failed otherwise.
    #[error("the keychain failed ({0})")]
    KeychainFailed(String),
    /// The keychain has no room for a secret of this size.
    #[error("the keychain takes no secret of more than {0} bytes")]
    TooLarge(u32),
    /// The vault wants its passphrase.
    #[error("the vault is sealed with a passphrase; set ROSTRUM_VAULT_PASSPHRASE")]
    PassphraseNeeded,
    /// The file with the vault's key is gone.
    #[error(
        "the vault's key file {0} is missing; put it back from where you keep it, or remove the \
         vault and sign in to the accounts again"
    )]
    KeyFileMissing(String),
    /// The file with the vault's key is not one.
    #[error("the vault's key file {0} is damaged; put it back from where you keep it")]
    KeyFileDamaged(String),
    /// The seal is broken.
    #[error(
        "the vault does not open: its passphrase or key is another one, or the file was changed; \
         put the right one back, or remove the vault and sign in to the accounts again"
    )]
    SealBroken,
    /// Made by a newer release.
    #[error("the vault was written by a newer release; install the newer release")]
    VaultTooNew,
    /// No room.
    #[error("the disk is full ({0}); free some space and try again")]
    DiskFull(String),
    /// No permission.
    #[error("the secret cannot be written ({0}); check the folder's permissions")]
    ReadOnly(String),
    /// The disk failed otherwise.
    #[error("the disk failed ({0})")]
    Io(String),
}

impl SecretError {
    /// The code that crosses boundaries.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::DiskFull(_) => Code::DiskFull,
            Self::ReadOnly(_) => Code::ReadOnly,
            _ => Code::NoSecretStore,
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        let mut problem = Self::new(error.code(), error.to_string());
        problem.retryable |= matches!(error, SecretError::Locked(_));
        problem
    }
}

/// Keeps the secrets of accounts.
#[async_trait]
pub trait SecretStore: Send + Sync + 'static {
    /// The secret of an account; absent when there is certainly none.
    ///
    /// # Errors
    /// When the place cannot be asked: then nobody knows whether there is one.
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError>;

    /// Keeps a secret in place of an earlier one; durable when this returns.
    ///
    /// # Errors
    /// When it cannot be kept; an earlier one is then still there.
    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError>;

    /// Keeps the secret of an account that is being made, and holds it until
    /// [`SecretStore::release`]; `false` where another one makes it, or did. What was held for some
    /// minutes is nobody's any more. One computer makes an account under one id only once.
    ///
    /// # Errors
    /// As [`SecretStore::set`].
    async fn set_first(
        &self,
        account: IdentityId,
        secret: &AccountSecret,
    ) -> Result<bool, SecretError> {
        self.set(account, secret).await.map(|()| true)
    }

    /// Removes a secret. That there is none is fine.
    ///
    /// # Errors
    /// When it cannot be removed.
    async fn delete(&self, account: IdentityId) -> Result<(), SecretError>;

    /// Keeps other processes on the same secrets from calling with this one, until
    /// [`SecretStore::release`] or a few minutes later. One computer has one such process.
    ///
    /// # Errors
    /// When another process does not let it go, or the place cannot be asked.
    async fn hold(&self, _account: IdentityId) -> Result<(), SecretError> {
        Ok(())
    }

    /// Lets others call with it.
    async fn release(&self, _account: IdentityId) {}

    /// Where new secrets go.
    fn kind(&self) -> Kind;

    /// Why not in the keychain, for Settings.
    fn note(&self) -> Option<String> {
        None
    }
}

/// Keychain and vault together.
pub struct Secrets {
    keychain: Result<Arc<dyn SecretStore>, SecretError>,
    vault: Vault,
}

impl Secrets {
    /// Tries the keychain with a real secret, and falls back to the vault at `vault`.
    ///
    /// `folder` is the data folder's id, so that two folders on one computer do not mix; `config`
    /// is where the vault's key lies, outside the data folder. Fails never: what is wrong shows when
    /// a secret is wanted, and in [`SecretStore::note`].
    pub async fn open(
        folder: Uuid,
        vault: &Path,
        config: &Path,
        passphrase: Option<Passphrase>,
    ) -> Self {
        let keychain = Keychain::new(folder);
        let keychain = match keychain.probe().await {
            Ok(()) => Ok(Arc::new(keychain) as Arc<dyn SecretStore>),
            Err(e) => Err(e),
        };
        Self::of(keychain, Vault::new(vault, config, folder, passphrase))
    }

    fn of(keychain: Result<Arc<dyn SecretStore>, SecretError>, vault: Vault) -> Self {
        Self { keychain, vault }
    }

    /// Keeps in the vault what the keychain is too small for. The keychain is asked first, so what
    /// it has of the account must go; where it does not, nothing was changed.
    async fn set_aside(
        &self,
        keychain: &dyn SecretStore,
        account: IdentityId,
        secret: &AccountSecret,
    ) -> Result<(), SecretError> {
        self.vault.set(account, secret).await?;
        let gone = keychain.delete(account).await;
        if gone.is_err() {
            let _ = self.vault.delete(account).await;
        }
        gone
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        match &self.keychain {
            Ok(keychain) => {
                if let Some(secret) = keychain.get(account).await? {
                    return Ok(Some(secret));
                }
                // Stored while the keychain was away: bring it home.
                let Some(secret) = self.vault.get(account).await? else {
                    return Ok(None);
                };
                if keychain.set(account, &secret).await.is_ok() {
                    // It may stay in both; the keychain is asked first.
                    let _ = self.vault.delete(account).await;
                }
                Ok(Some(secret))
            }
            Err(why) => match self.vault.get(account).await? {
                Some(secret) => Ok(Some(secret)),
                // It may lie in the keychain.
                None => Err(why.clone()),
            },
        }
    }

    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        match &self.keychain {
            Ok(keychain) => {
                match keychain.set(account, secret).await {
                    Err(SecretError::TooLarge(_)) => {
                        return self.set_aside(&**keychain, account, secret).await;
                    }
                    kept => kept?,
                }
                // An older one should not come back when the keychain is away; a vault that does
                // not open gives nothing back anyway.
                let _ = self.vault.delete(account).await;
                Ok(())
            }
            Err(_) => self.vault.set(account, secret).await,
        }
    }

    async fn delete(&self, account: IdentityId) -> Result<(), SecretError> {
        let kept = match &self.keychain {
            Ok(keychain) => keychain.delete(account).await,
            Err(_) => Ok(()),
        };
        self.vault.delete(account).await?;
        kept
    }

    fn kind(&self) -> Kind {
        match &self.keychain {
            Ok(_) => Kind::Keychain,
            Err(_) => Kind::Vault,
        }
    }

    fn note(&self) -> Option<String> {
        let why = self.keychain.as_ref().err()?;
        Some(format!(
            "{why}; secrets are kept in a sealed file in the data folder, whose key {}",
            if self.vault.has_passphrase() {
                "is your passphrase"
            } else {
                "lies in your configuration folder"
            }
        ))
    }
}

#[cfg(test)]
mod tests;
