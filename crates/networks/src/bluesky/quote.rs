//! Quoting a post: from the address that people copy to the record that is embedded.

use domain::content::Quote;
use reqwest::Url;
use serde_json::Value;

use super::record::COLLECTION;
use super::session::Session;
use crate::contract::NetworkError;

/// A post as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    /// A DID or a handle.
    who: String,
    rkey: String,
}

impl Named {
    /// Reads `https://bsky.app/profile/WHO/post/KEY`, the same at another program's site, and
    /// `at://WHO/app.bsky.feed.post/KEY`.
    fn read(address: &str) -> Option<Self> {
        let (who, rkey) = if let Some(rest) = address.strip_prefix("at://") {
            let (who, rest) = rest.split_once('/')?;
            (
                who.to_owned(),
                rest.strip_prefix(COLLECTION)?.strip_prefix('/')?.to_owned(),
            )
        } else {
            let url = Url::parse(address)
                .ok()
                .filter(|url| url.scheme() == "https")?;
            let parts: Vec<&str> = url.path().trim_end_matches('/').split('/').collect();
            match parts.as_slice() {
                ["", "profile", who, "post", rkey] => ((*who).to_owned(), (*rkey).to_owned()),
                _ => return None,
            }
        };
        // <https://atproto.com/specs/record-key>, <https://atproto.com/specs/handle>
        let is_key = |c: char| c.is_ascii_alphanumeric() || "._:~-".contains(c);
        let is_whole = |text: &str| !text.is_empty() && text.chars().all(is_key);
        (is_whole(&who) && who.contains(['.', ':']) && is_whole(&rkey))
            .then_some(Self { who, rkey })
    }
}

/// The post behind an address, as it is now; `None` where there is none.
pub(super) async fn find(
    session: &mut Session<'_>,
    address: &str,
) -> Result<Option<Quote>, NetworkError> {
    let Some(named) = Named::read(address) else {
        return Ok(None);
    };
    let did = if named.who.starts_with("did:") {
        named.who.clone()
    } else {
        let query = [("handle", named.who.as_str())];
        let asked = session.get("com.atproto.identity.resolveHandle", &query);
        match asked.await {
            Ok(answer) => match answer.get("did").and_then(Value::as_str) {
                Some(did) => did.to_owned(),
                None => return Ok(None),
            },
            Err(NetworkError::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    };
    match session.record_of(&did, COLLECTION, &named.rkey).await {
        Ok(known) => Ok(known.map(|known| known.as_quote(address, &named.who))),
        // The account is not there (any more).
        Err(NetworkError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_named_by_the_addresses_that_people_copy() {
        let read = |address: &str| Named::read(address).map(|n| (n.who, n.rkey));
        let ann = |who: &str| Some((who.to_owned(), "3jzf".to_owned()));
        for address in [
            "https://bsky.app/profile/ann.example/post/3jzf",
            "https://other.app/profile/ann.example/post/3jzf/?ref=x#top",
            "at://ann.example/app.bsky.feed.post/3jzf",
        ] {
            assert_eq!(read(address), ann("ann.example"), "{address}");
        }
        assert_eq!(
            read("https://bsky.app/profile/did:plc:ann/post/3jzf"),
            ann("did:plc:ann")
        );
        for other in [
            "http://bsky.app/profile/ann.example/post/3jzf",
            "https://bsky.app/profile/ann.example",
            "https://bsky.app/profile/ann.example/post/3jzf/likes",
            "https://bsky.app/profile/ann/post/3jzf",
            "https://bsky.app/profile/ann.example/feed/3jzf",
            "at://ann.example/app.bsky.feed.like/3jzf",
            "at://ann.example/app.bsky.feed.post/a/b",
            "https://bsky.app/profile/a%2F..%2F.b/post/x",
            "3jzf",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
