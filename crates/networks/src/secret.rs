//! Values that nobody may see.

use reqwest::Url;
use zeroize::Zeroize;

use crate::contract::NetworkError;

/// A value that prints as `***`, does not serialize, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

/// What an adapter needs to act for an account, in a form that only the adapter reads: an opaque
/// text that the caller keeps in the keychain or the vault and hands back unchanged.
pub type AccountSecret = Secret<String>;

impl<T: Zeroize> Secret<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value: for the keychain and for the request that needs it, nothing else.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> std::fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The server a secret is for, as kept beside it: the place where the account's address lies can be
/// written by others than the one who signed in.
pub(crate) fn home(service: &Url) -> String {
    service.origin().ascii_serialization()
}

/// Refuses to take a secret to another server than its `home`. Without a home it was kept before
/// homes were.
pub(crate) fn at_home(home: &str, service: &Url) -> Result<(), NetworkError> {
    let asked = self::home(service);
    if home.is_empty() || home == asked {
        return Ok(());
    }
    Err(NetworkError::NeedsReconnect {
        words: format!(
            "This account was connected at {home}, but now it is said to be at {asked}. \
             Reconnect it if that is right."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars() {
        let secret = AccountSecret::new("hunter2".to_owned());
        assert_eq!(
            format!("{secret} {secret:?} {:#?}", Some(&secret)),
            "*** *** Some(\n    ***,\n)"
        );
        assert_eq!(secret.expose(), "hunter2");
    }
}
