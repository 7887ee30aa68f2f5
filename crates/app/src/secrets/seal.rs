//! The sealed form of the vault: XChaCha20-Poly1305 over everything, under a key from a file or
//! from a passphrase.
//!
//! `ROSTRUM-VAULT-1\n`, one byte for the origin of the key, 16 bytes of salt, 24 of nonce, then the
//! sealed bytes. Everything before them is authenticated too.

use chacha20poly1305::aead::{Aead as _, Generate as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::SecretError;

const MAGIC: &[u8; 16] = b"ROSTRUM-VAULT-1\n";
const HEAD: usize = 16 + 1 + 16 + 24;

/// A key that wipes itself.
pub(super) type SealKey = Zeroizing<[u8; 32]>;

/// Where the key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    KeyFile,
    Passphrase,
}

/// The head of a sealed file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) origin: Origin,
    pub(super) salt: [u8; 16],
    nonce: [u8; 24],
}

pub(super) fn new_key() -> SealKey {
    Zeroizing::new(Key::generate().into())
}

pub(super) fn new_salt() -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&new_key()[..16]);
    salt
}

/// Argon2id with 64 MiB and three passes: about a tenth of a second here, and dear to guess.
pub(super) fn key_of_passphrase(passphrase: &str, salt: &[u8; 16]) -> Result<SealKey, SecretError> {
    let mut key = SealKey::default();
    let failed = |e: argon2::Error| SecretError::Io(format!("the passphrase cannot be used: {e}"));
    let params = argon2::Params::new(64 << 10, 3, 1, Some(32)).map_err(failed)?;
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
        .map_err(failed)?;
    Ok(key)
}

/// Reads the head of a sealed file.
pub(super) fn head(sealed: &[u8]) -> Result<Head, SecretError> {
    let (Some(head), true) = (sealed.get(..HEAD), sealed.starts_with(MAGIC)) else {
        return Err(
            if sealed.starts_with(b"ROSTRUM-VAULT-") && sealed.len() >= HEAD {
                SecretError::VaultTooNew
            } else {
                SecretError::SealBroken
            },
        );
    };
    let mut found = Head {
        origin: match head[16] {
            0 => Origin::KeyFile,
            1 => Origin::Passphrase,
            _ => return Err(SecretError::SealBroken),
        },
        salt: [0; 16],
        nonce: [0; 24],
    };
    found.salt.copy_from_slice(&head[17..33]);
    found.nonce.copy_from_slice(&head[33..]);
    Ok(found)
}

pub(super) fn open(
    sealed: &[u8],
    head: &Head,
    key: &SealKey,
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let cipher = XChaCha20Poly1305::new(&Key::from(**key));
    let payload = Payload {
        msg: &sealed[HEAD..],
        aad: &sealed[..HEAD],
    };
    cipher
        .decrypt(&XNonce::from(head.nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| SecretError::SealBroken)
}

pub(super) fn seal(
    plain: &[u8],
    origin: Origin,
    salt: &[u8; 16],
    key: &SealKey,
) -> Result<Vec<u8>, SecretError> {
    let nonce = XNonce::generate();
    let mut out = MAGIC.to_vec();
    out.push(match origin {
        Origin::KeyFile => 0,
        Origin::Passphrase => 1,
    });
    out.extend_from_slice(salt);
    out.extend_from_slice(&nonce);
    let payload = Payload {
        msg: plain,
        aad: &out,
    };
    let sealed = XChaCha20Poly1305::new(&Key::from(**key))
        .encrypt(&nonce, payload)
        .map_err(|_| SecretError::SealBroken)?;
    out.extend(sealed);
    Ok(out)
}
