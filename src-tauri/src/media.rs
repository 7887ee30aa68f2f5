//! Pictures for the window under `media://localhost/<hash>`: only what the library holds, by its
//! hash, so that no path can be asked for.

use domain::Hash;
use tauri::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tauri::http::{Response, StatusCode, Uri};

use crate::core::{Core, Within};

/// The scheme.
pub(crate) const SCHEME: &str = "media";

/// Which picture of which organization an address names: the only segment of its path, or the
/// host; `<organization>.<hash>` where it is one that was joined.
fn named(uri: &Uri) -> Option<(Within, Hash)> {
    let path = uri.path().trim_matches('/');
    let name = if path.is_empty() { uri.host()? } else { path };
    match name.split_once('.') {
        None => Some((None, name.parse().ok()?)),
        Some((id, hash)) => Some((Some(id.parse().ok()?), hash.parse().ok()?)),
    }
}

/// What a file is by its first bytes; the window is given pictures and nothing else.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// Answers a request of the window.
pub(crate) async fn answer(core: &dyn Core, uri: &Uri) -> Response<Vec<u8>> {
    let found = match named(uri) {
        Some((within, hash)) => core.picture(within, hash).await,
        None => None,
    };
    let picture = found.and_then(|bytes| Some((kind_of(&bytes)?, bytes)));
    let response = match picture {
        Some((kind, bytes)) => Response::builder()
            .header(CONTENT_TYPE, kind)
            // The name is the hash of the bytes: it never changes.
            .header(CACHE_CONTROL, "private, max-age=31536000, immutable")
            .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(bytes),
        None => Response::builder()
            .status(StatusCode::NOT_FOUND)
            .body(Vec::new()),
    };
    response.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks_for(address: &str) -> Option<(Within, Hash)> {
        named(&address.parse().unwrap())
    }

    #[test]
    fn only_a_hash_can_be_asked_for() {
        let hash = "ab".repeat(32);
        assert!(asks_for(&format!("media://localhost/{hash}")).is_some());
        assert!(asks_for(&format!("http://media.localhost/{hash}")).is_some());
        assert!(asks_for(&format!("media://{hash}")).is_some());
        assert!(asks_for("media://localhost/../../etc/passwd").is_none());
        assert!(asks_for("media://localhost/%2e%2e%2fvault.sealed").is_none());
        assert!(asks_for(&format!("media://localhost/x/{hash}")).is_none());
        assert!(asks_for(&format!("media://localhost/x.{hash}")).is_none());
    }

    #[test]
    fn a_joined_organization_has_its_own_pictures() {
        let (hash, id) = ("ab".repeat(32), uuid::Uuid::from_u128(7));
        let (within, _) = asks_for(&format!("media://localhost/{id}.{hash}")).unwrap();
        assert_eq!(within, Some(id.into()));
        let (within, _) = asks_for(&format!("media://localhost/{hash}")).unwrap();
        assert_eq!(within, None);
    }

    #[test]
    fn what_is_no_picture_is_not_given() {
        assert_eq!(kind_of(b"<html>"), None);
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
    }
}
