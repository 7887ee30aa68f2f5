//! The key ring: what access tokens are signed with and secrets are sealed under. It is never in
//! the database: a copy of that alone opens nothing.
//!
//! A file (or `ROSTRUM_SERVER_KEYS`) of JSON: `{"keys": [{"name", "key"}, ...]}`, each key 32 bytes
//! in Base64. The first one is used for what is new, all of them for what is there.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use app::folder::write_private;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Generate as _, Payload};
use chacha20poly1305::{Key as CipherKey, KeyInit as _, XChaCha20Poly1305, XNonce};
use domain::Hash;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The environment variable with the ring's JSON.
pub const VARIABLE: &str = "ROSTRUM_SERVER_KEYS";

const NONCE: usize = 24;

#[derive(Serialize, Deserialize)]
struct Written {
    keys: Vec<WrittenKey>,
}

#[derive(Serialize, Deserialize)]
struct WrittenKey {
    name: String,
    key: String,
}

#[derive(Clone)]
struct Key {
    name: String,
    bytes: Zeroizing<[u8; 32]>,
}

/// All keys, the one for what is new first.
pub struct KeyRing {
    keys: RwLock<Vec<Key>>,
    /// Where others add keys; absent for a ring of the environment.
    file: Option<PathBuf>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyRing").field(&self.names()).finish()
    }
}

fn wrong(why: impl std::fmt::Display) -> Problem {
    Problem::new(
        Code::NoSecretStore,
        format!("The server's keys cannot be used: {why}."),
    )
}

impl KeyRing {
    /// The ring of the environment, else of `file`, which is made where there is none.
    ///
    /// # Errors
    /// `no_secret_store` for what is no ring, or cannot be read or written.
    pub fn open(file: &Path) -> Result<Self, Problem> {
        if let Some(text) = std::env::var(VARIABLE).ok().filter(|v| !v.is_empty()) {
            return Ok(Self {
                keys: RwLock::new(Self::read(&Zeroizing::new(text))?),
                file: None,
            });
        }
        // Of several processes that begin at once one makes it, and all read that one.
        make(file)?;
        Ok(Self {
            keys: RwLock::new(Self::of(file)?),
            file: Some(file.to_owned()),
        })
    }

    fn of(file: &Path) -> Result<Vec<Key>, Problem> {
        let text = std::fs::read_to_string(file).map_err(wrong)?;
        Self::read(&Zeroizing::new(text))
    }

    fn keys(&self) -> Vec<Key> {
        let keys = self.keys.read();
        keys.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn read(text: &str) -> Result<Vec<Key>, Problem> {
        let written: Written = serde_json::from_str(text).map_err(|_| wrong("not a key ring"))?;
        let mut keys = Vec::new();
        for WrittenKey { name, key } in written.keys {
            let key = Zeroizing::new(key);
            let bytes = STANDARD.decode(key.as_bytes()).map(Zeroizing::new);
            let bytes = bytes
                .ok()
                .and_then(|b| <[u8; 32]>::try_from(b.as_slice()).ok());
            keys.push(Key {
                bytes: Zeroizing::new(bytes.ok_or_else(|| wrong("a key has 32 bytes in Base64"))?),
                name,
            });
        }
        if keys.is_empty() {
            return Err(wrong("there is none"));
        }
        Ok(keys)
    }

    /// Puts a new key before the others. Processes that run find it when they meet what is sealed
    /// under it; what they seal meanwhile is under the one before, which stays in the ring.
    ///
    /// # Errors
    /// When the ring is the environment's, or the file cannot be written.
    pub fn add(&self) -> Result<(), Problem> {
        let Some(file) = &self.file else {
            return Err(wrong(format_args!(
                "they are in {VARIABLE}, which only you can change: keep the ring in a file to \
                 have keys added"
            )));
        };
        let mut keys = Self::of(file)?;
        keys.insert(0, new_key());
        write_private(file, &written(&keys)?).map_err(Problem::from)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// The name of the key for what is new.
    #[must_use]
    pub fn current(&self) -> String {
        self.names().into_iter().next().unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<Key> {
        if let Some(key) = self.keys().into_iter().find(|key| key.name == name) {
            return Some(key);
        }
        // Another process may have added it.
        let newer = Self::of(self.file.as_deref()?).ok()?;
        let found = newer.iter().find(|key| key.name == name).cloned();
        if found.is_some() {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = newer;
        }
        found
    }

    /// What a key gives for one purpose.
    #[must_use]
    pub fn derived(&self, name: &str, purpose: &str) -> Option<Zeroizing<[u8; 32]>> {
        let key = self.find(name)?;
        Some(Zeroizing::new(blake3::derive_key(purpose, &*key.bytes)))
    }

    fn cipher(&self, name: &str) -> Option<XChaCha20Poly1305> {
        let key = self.derived(name, "rostrum-server 2026 sealed secrets")?;
        Some(XChaCha20Poly1305::new(&CipherKey::from(*key)))
    }

    /// Seals for one place: what is moved elsewhere does not open there. Answers the key's name.
    ///
    /// # Errors
    /// `no_secret_store`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<(String, Vec<u8>), Problem> {
        let name = self.current();
        let cipher = self.cipher(&name).ok_or_else(|| wrong("there is none"))?;
        let nonce = XNonce::generate();
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let sealed = cipher
            .encrypt(&nonce, payload)
            .map_err(|_| wrong("nothing can be sealed"))?;
        let mut out = nonce.to_vec();
        out.extend(sealed);
        Ok((name, out))
    }

    /// Opens what was sealed for a place under a named key.
    ///
    /// # Errors
    /// `no_secret_store` when the key is gone, or the seal is broken.
    pub fn open_sealed(
        &self,
        name: &str,
        place: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let cipher = self.cipher(name).ok_or_else(|| {
            wrong(format_args!(
                "the key {name} is not in the ring; put it back"
            ))
        })?;
        let broken = || wrong("a seal is broken: the data or the key was changed");
        let (nonce, msg) = sealed.split_at_checked(NONCE).ok_or_else(broken)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| broken())?;
        let payload = Payload {
            msg,
            aad: place.as_bytes(),
        };
        cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| broken())
    }

    /// Seals for one place, with the name of the key before it.
    ///
    /// # Errors
    /// As [`KeyRing::seal`].
    pub fn pack(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Problem> {
        let (name, sealed) = self.seal(place, plain)?;
        Ok([name.as_bytes(), b":", &sealed].concat())
    }

    /// Opens what [`KeyRing::pack`] sealed.
    ///
    /// # Errors
    /// As [`KeyRing::open_sealed`].
    pub fn unpack(&self, place: &str, packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let colon = packed.iter().position(|b| *b == b':');
        let (name, sealed) = packed.split_at(colon.unwrap_or_default());
        let name = String::from_utf8_lossy(name);
        self.open_sealed(&name, place, sealed.get(1..).unwrap_or_default())
    }

    /// The names of all keys.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.keys().into_iter().map(|key| key.name).collect()
    }

    /// What shows that a key is the one of its name, and nothing else.
    #[must_use]
    pub fn proof(&self, name: &str) -> Option<Hash> {
        let derived = self.derived(name, "rostrum-server 2026 proof of a key")?;
        Some(Hash(*derived))
    }
}

fn written(keys: &[Key]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let keys = keys.iter().map(|key| WrittenKey {
        name: key.name.clone(),
        key: STANDARD.encode(*key.bytes),
    });
    let written = Written {
        keys: keys.collect(),
    };
    serde_json::to_vec_pretty(&written)
        .map(Zeroizing::new)
        .map_err(wrong)
}

/// Makes the file where there is none, whole or not at all.
fn make(file: &Path) -> Result<(), Problem> {
    if file.exists() {
        return Ok(());
    }
    let parent = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(wrong)?;
    let fresh = parent.join(format!(".{}.new", uuid::Uuid::new_v4()));
    write_private(&fresh, &written(&[new_key()])?).map_err(Problem::from)?;
    let linked = std::fs::hard_link(&fresh, file);
    let _ = std::fs::remove_file(&fresh);
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(wrong(e)),
        _ => Ok(()),
    }
}

fn new_key() -> Key {
    let bytes: [u8; 32] = CipherKey::generate().into();
    Key {
        name: uuid::Uuid::now_v7().simple().to_string(),
        bytes: Zeroizing::new(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_in_its_place_only_and_after_new_keys_came() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        let ring = KeyRing::open(&file).unwrap();
        let running = KeyRing::open(&file).unwrap();
        let (under, sealed) = ring.seal("here", b"secret").unwrap();
        ring.add().unwrap();
        // A process that runs already finds the new key when it meets it.
        let (newer, fresh) = ring.seal("here", b"fresh").unwrap();
        assert!(running.open_sealed(&newer, "here", &fresh).is_ok());
        assert_ne!(ring.current(), under);
        let opened = ring.open_sealed(&under, "here", &sealed).unwrap();
        assert_eq!(opened.as_slice(), b"secret");
        assert!(ring.open_sealed(&under, "there", &sealed).is_err());
        assert!(ring.open_sealed(&ring.current(), "here", &sealed).is_err());
        assert!(ring.open_sealed("gone", "here", &sealed).is_err());
        let mut changed = sealed;
        changed[30] ^= 1;
        assert!(ring.open_sealed(&under, "here", &changed).is_err());
        assert!(!format!("{ring:?}").contains("secret"));
    }

    #[test]
    fn what_is_no_ring_is_refused() {
        for text in [
            "",
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[{"name":"a","key":"AAAA"}]}"#,
        ] {
            assert!(KeyRing::read(text).is_err(), "{text}");
        }
    }
}
