//! Random secrets that travel once and are kept as hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::Key;
use chacha20poly1305::aead::Generate as _;
use domain::Hash;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::keys::KeyRing;

/// 256 random bits, in letters that stand in an address.
#[must_use]
pub fn new_secret() -> String {
    let bytes: [u8; 32] = Key::generate().into();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a secret that can be made again is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Of an invitation.
    Invitation,
    /// Of a token for programs, where its request named an idempotency key.
    Token,
    /// Of a password that is set anew by mail.
    Reset,
}

impl Purpose {
    const fn context(self) -> &'static str {
        match self {
            Self::Invitation => "rostrum-server 2026 secrets of invitations",
            Self::Token => "rostrum-server 2026 secrets of tokens",
            Self::Reset => "rostrum-server 2026 secrets of resets by mail",
        }
    }
}

/// The secret that a key of the ring gives to the thing `id`, always the same: it is kept nowhere, and
/// can be shown or mailed once more. `None` without that key.
#[must_use]
pub fn derived(ring: &KeyRing, key: &str, purpose: Purpose, id: Uuid) -> Option<String> {
    let key = ring.derived(key, purpose.context())?;
    let bytes = blake3::keyed_hash(&key, id.as_bytes());
    Some(URL_SAFE_NO_PAD.encode(bytes.as_bytes()))
}

/// What is kept of one.
#[must_use]
pub fn kept(secret: &str) -> Hash {
    Hash::of(secret.as_bytes())
}

/// Whether a secret is the one of which `hash` is kept.
#[must_use]
pub fn is_of(secret: &str, hash: Hash) -> bool {
    kept(secret).0.ct_eq(&hash.0).into()
}

/// A recovery code: five groups of four letters and digits that nobody mixes up, 100 bits.
#[must_use]
pub fn recovery_code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes: [u8; 32] = Key::generate().into();
    let mut code = String::new();
    for (i, byte) in bytes.iter().take(20).enumerate() {
        if i > 0 && i % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte & 31)]));
    }
    code
}

/// A recovery code as somebody typed it.
#[must_use]
pub fn folded_code(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}
