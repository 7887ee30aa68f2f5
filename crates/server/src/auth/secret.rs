//! Random secrets that travel once and are kept as hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::Key;
use chacha20poly1305::aead::Generate as _;
use domain::Hash;
use subtle::ConstantTimeEq as _;

/// 256 random bits, in letters that stand in an address.
#[must_use]
pub fn new_secret() -> String {
    let bytes: [u8; 32] = Key::generate().into();
    URL_SAFE_NO_PAD.encode(bytes)
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
