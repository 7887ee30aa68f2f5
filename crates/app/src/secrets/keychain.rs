//! The system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.

use std::time::Duration;

use async_trait::async_trait;
use domain::ids::IdentityId;
use keyring::{Entry, Error};
use networks::AccountSecret;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Kind, SecretError, SecretStore};

const SERVICE: &str = "Rostrum";
/// A locked keychain asks the person; until then the call does not return.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is written, read and deleted to see whether a keychain is there.
const PROBE: &[u8] = b"probe";
/// At the start nobody may be there to answer.
const PROBE_PATIENCE: Duration = Duration::from_secs(15);

/// The keychain's entries of one data folder.
#[derive(Clone, Debug)]
pub struct Keychain {
    folder: Uuid,
}

impl Keychain {
    /// Entries of the data folder with this id.
    #[must_use]
    pub const fn new(folder: Uuid) -> Self {
        Self { folder }
    }

    /// Writes, reads and deletes a value: only that shows that a keychain is there and open.
    /// Whether the system has a keychain service is looked at once per process.
    ///
    /// # Errors
    /// [`SecretError::NoKeychain`], [`SecretError::Locked`], [`SecretError::KeychainFailed`].
    pub async fn probe(&self) -> Result<(), SecretError> {
        let name = format!("{}/probe-{}", self.folder, std::process::id());
        let back = ask(PROBE_PATIENCE, name, |entry| {
            entry.set_secret(PROBE)?;
            let back = entry.get_secret()?;
            entry.delete_credential()?;
            Ok(back)
        })
        .await?;
        if back.as_deref() == Some(PROBE) {
            return Ok(());
        }
        Err(SecretError::KeychainFailed(
            "it gave back something else than it was given".to_owned(),
        ))
    }

    fn name(&self, account: IdentityId) -> String {
        format!("{}/{account}", self.folder)
    }
}

#[async_trait]
impl SecretStore for Keychain {
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        let found = ask(PATIENCE, self.name(account), |entry| {
            entry.get_secret().map(Zeroizing::new)
        });
        let Some(bytes) = found.await? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| no_text())?;
        Ok(Some(AccountSecret::new(text.to_owned())))
    }

    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        let secret = AccountSecret::new(secret.expose().clone());
        // As bytes: Windows keeps a password in UTF-16, which takes twice the room.
        ask(PATIENCE, self.name(account), move |entry| {
            entry.set_secret(secret.expose().as_bytes())
        })
        .await
        .map(|_| ())
    }

    async fn delete(&self, account: IdentityId) -> Result<(), SecretError> {
        ask(PATIENCE, self.name(account), Entry::delete_credential)
            .await
            .map(|_| ())
    }

    fn kind(&self) -> Kind {
        Kind::Keychain
    }
}

/// Runs `f` where it may block; absent means that there is no such entry.
async fn ask<T: Send + 'static>(
    patience: Duration,
    name: String,
    f: impl FnOnce(&Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<Option<T>, SecretError> {
    let asked = tokio::task::spawn_blocking(move || Entry::new(SERVICE, &name).and_then(|e| f(&e)));
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(Ok(value))) => Ok(Some(value)),
        Ok(Ok(Err(Error::NoEntry))) => Ok(None),
        Ok(Ok(Err(e))) => Err(told(e)),
        Ok(Err(e)) => Err(SecretError::KeychainFailed(if e.is_panic() {
            "it ended the call unexpectedly".to_owned()
        } else {
            "the call was given up".to_owned()
        })),
        Err(_) => Err(SecretError::Locked(
            "it did not answer; perhaps its question is still on the screen".to_owned(),
        )),
    }
}

fn no_text() -> SecretError {
    SecretError::KeychainFailed("what it holds is no text of ours".to_owned())
}

/// Only kinds and the system's own words: some variants carry the secret's bytes.
fn told(error: Error) -> SecretError {
    match error {
        Error::NoDefaultStore => SecretError::NoKeychain("no keychain service runs".to_owned()),
        Error::NotSupportedByStore(_) => {
            SecretError::NoKeychain("it cannot keep such secrets".to_owned())
        }
        Error::NoStorageAccess(e) => SecretError::Locked(e.to_string()),
        Error::PlatformFailure(e) => SecretError::KeychainFailed(e.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => no_text(),
        // Windows: 2,560 bytes for a generic credential
        // (<https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw>,
        // `CRED_MAX_CREDENTIAL_BLOB_SIZE`).
        Error::TooLong(_, most) => SecretError::TooLarge(most),
        Error::Ambiguous(found) => {
            SecretError::KeychainFailed(format!("it holds {} entries of that name", found.len()))
        }
        _ => SecretError::KeychainFailed("it refused".to_owned()),
    }
}
