//! The sealed file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::ids::IdentityId;
use networks::{AccountSecret, Secret};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::seal::{self, Origin, SealKey};
use super::{Kind, PASSPHRASE_VARIABLE, SecretError, SecretStore};
use crate::folder::durable::{self, Readers};

/// The passphrase of a vault.
pub type Passphrase = Secret<String>;

/// All secrets of a data folder in one sealed file, which is replaced as a whole.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    key_file: PathBuf,
    passphrase: Option<Passphrase>,
    /// Keys from passphrases are dear to make.
    made: Mutex<Option<([u8; 16], SealKey)>>,
}

/// Secrets by account; wiped when dropped.
type Contents = BTreeMap<String, Zeroizing<String>>;

impl Vault {
    /// The vault at `file`. Without a passphrase its key lies below `config`, outside the data
    /// folder, so that a copy of the folder alone opens nothing.
    #[must_use]
    pub fn new(file: &Path, config: &Path, folder: Uuid, passphrase: Option<Passphrase>) -> Self {
        Self {
            inner: Arc::new(Inner {
                file: file.to_owned(),
                key_file: config.join("vault-keys").join(format!("{folder}.key")),
                passphrase,
                made: Mutex::new(None),
            }),
        }
    }

    /// The passphrase in the environment, if there is one.
    #[must_use]
    pub fn passphrase_of_environment() -> Option<Passphrase> {
        std::env::var(PASSPHRASE_VARIABLE)
            .ok()
            .filter(|p| !p.is_empty())
            .map(Secret::new)
    }

    pub(super) fn has_passphrase(&self) -> bool {
        self.inner.passphrase.is_some()
    }

    async fn run<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Inner) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || f(&inner))
            .await
            .map_err(|e| SecretError::Io(e.to_string()))?
    }
}

#[async_trait]
impl SecretStore for Vault {
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        self.run(move |vault| {
            let mut contents = vault.read()?;
            let found = contents.remove(&account.to_string());
            Ok(found.map(|s| AccountSecret::new(String::clone(&s))))
        })
        .await
    }

    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        let secret = Zeroizing::new(secret.expose().clone());
        self.run(move |vault| {
            vault.change(|contents| {
                contents.insert(account.to_string(), secret);
                true
            })
        })
        .await
    }

    async fn delete(&self, account: IdentityId) -> Result<(), SecretError> {
        self.run(move |vault| {
            if !vault.file.exists() {
                return Ok(());
            }
            vault.change(|contents| contents.remove(&account.to_string()).is_some())
        })
        .await
    }

    fn kind(&self) -> Kind {
        Kind::Vault
    }
}

impl Inner {
    fn read(&self) -> Result<Contents, SecretError> {
        let sealed = match fs::read(&self.file) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Contents::new()),
            Err(e) => return Err(failed(&e, &self.file)),
        };
        let head = seal::head(&sealed)?;
        let key = match head.origin {
            Origin::KeyFile => self
                .read_key_file()?
                .ok_or_else(|| SecretError::KeyFileMissing(self.key_file.display().to_string()))?,
            Origin::Passphrase => self.key_of_passphrase(&head.salt)?,
        };
        let plain = seal::open(&sealed, &head, &key)?;
        serde_json::from_slice::<BTreeMap<String, String>>(&plain)
            .map(|all| {
                all.into_iter()
                    .map(|(k, v)| (k, Zeroizing::new(v)))
                    .collect()
            })
            .map_err(|_| SecretError::SealBroken)
    }

    /// Reads, changes, and if `change` says so writes anew, while no other process does the same.
    fn change(&self, change: impl FnOnce(&mut Contents) -> bool) -> Result<(), SecretError> {
        let lock_path = self.file.with_extension("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|e| failed(&e, &lock_path))?;
        lock.lock().map_err(|e| failed(&e, &lock_path))?;
        let mut contents = self.read()?;
        if !change(&mut contents) {
            return Ok(());
        }
        let (origin, salt, key) = if self.passphrase.is_some() {
            let salt = self.salt();
            (Origin::Passphrase, salt, self.key_of_passphrase(&salt)?)
        } else {
            (Origin::KeyFile, [0; 16], self.key_for_writing()?)
        };
        let plain: BTreeMap<&str, &str> = contents
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        let plain = serde_json::to_vec(&plain)
            .map(Zeroizing::new)
            .map_err(|e| SecretError::Io(e.to_string()))?;
        let sealed = seal::seal(&plain, origin, &salt, &key)?;
        durable::write(&self.file, &sealed, Readers::Owner).map_err(|e| failed(&e, &self.file))
    }

    /// The salt that was used last, so that the key need not be made again.
    fn salt(&self) -> [u8; 16] {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.as_ref().map_or_else(seal::new_salt, |(salt, _)| *salt)
    }

    fn key_of_passphrase(&self, salt: &[u8; 16]) -> Result<SealKey, SecretError> {
        let passphrase = self
            .passphrase
            .as_ref()
            .ok_or(SecretError::PassphraseNeeded)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, key)) = &*made
            && of == salt
        {
            return Ok(key.clone());
        }
        let key = seal::key_of_passphrase(passphrase.expose(), salt)?;
        *made = Some((*salt, key.clone()));
        Ok(key)
    }

    fn read_key_file(&self) -> Result<Option<SealKey>, SecretError> {
        let text = match fs::read_to_string(&self.key_file) {
            Ok(text) => Zeroizing::new(text),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(&e, &self.key_file)),
        };
        let key: domain::hash::Hash = text
            .trim()
            .parse()
            .map_err(|_| SecretError::KeyFileDamaged(self.key_file.display().to_string()))?;
        Ok(Some(Zeroizing::new(key.0)))
    }

    /// The key, made if this vault has none yet.
    fn key_for_writing(&self) -> Result<SealKey, SecretError> {
        if let Some(key) = self.read_key_file()? {
            return Ok(key);
        }
        let key = seal::new_key();
        let text = Zeroizing::new(format!("{}\n", domain::hash::Hash(*key)));
        if let Some(folder) = self.key_file.parent() {
            durable::make_private_folder(folder).map_err(|e| failed(&e, folder))?;
        }
        durable::write(&self.key_file, text.as_bytes(), Readers::Owner)
            .map_err(|e| failed(&e, &self.key_file))?;
        Ok(key)
    }
}

fn failed(error: &io::Error, path: &Path) -> SecretError {
    let at = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SecretError::DiskFull(at),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            SecretError::ReadOnly(at)
        }
        _ => SecretError::Io(at),
    }
}
