//! Quoting a post, by the address that people copy. Nothing is asked of X, because each reading
//! costs money: whether the post is there, X says when it is sent.

use domain::content::Quote;
use domain::limits::Severity;
use reqwest::Url;

use crate::contract::{PrepareInput, Prepared};

/// Where posts have addresses.
const HOSTS: [&str; 5] = [
    "x.com",
    "www.x.com",
    "twitter.com",
    "www.twitter.com",
    "mobile.twitter.com",
];

/// Whose post an address names, and its id.
fn named(address: &str) -> Option<(String, String)> {
    let url = Url::parse(address).ok()?;
    if url.scheme() != "https" || !HOSTS.contains(&url.host_str()?) {
        return None;
    }
    let parts: Vec<&str> = url.path().split('/').collect();
    let ["", who, "status", id, ..] = parts.as_slice() else {
        return None;
    };
    // <https://docs.x.com/x-api/posts/create-post>, `quote_tweet_id`
    let is_id = (1..=19).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    let is_name = !who.is_empty() && who.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_id && is_name).then(|| ((*who).to_owned(), (*id).to_owned()))
}

/// The post behind an address, as far as the address says.
pub(super) fn find(address: &str) -> Option<Quote> {
    let (author, id) = named(address)?;
    Some(Quote {
        address: address.to_owned(),
        id,
        hash: String::new(),
        author,
        text: String::new(),
    })
}

/// Whether a link leads to the post with this id.
pub(super) fn leads_to(link: &str, id: &str) -> bool {
    named(link).is_some_and(|(_, named)| named == id)
}

/// A post of X has a quote, pictures or a poll
/// (<https://docs.x.com/x-api/posts/create-post>: `quote_tweet_id`, `media` and `poll` exclude each
/// other).
pub(super) fn alone(input: &PrepareInput<'_>, prepared: &mut Prepared) {
    let options = &prepared.target.options;
    let first = input.variant.segments.first();
    let pictured = first.is_some_and(|segment| !segment.media.is_empty());
    if options.quote.is_some() && (pictured || options.poll.is_some()) {
        prepared.add_issue("quote_not_alone", Severity::Error, 0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_named_by_the_addresses_that_people_copy() {
        let read = |address: &str| find(address).map(|q| (q.author, q.id));
        let mara = Some(("mara".to_owned(), "1795428020000".to_owned()));
        for address in [
            "https://x.com/mara/status/1795428020000",
            "https://twitter.com/mara/status/1795428020000?s=20",
            "https://x.com/mara/status/1795428020000/photo/1",
        ] {
            assert_eq!(read(address), mara, "{address}");
        }
        for other in [
            "http://x.com/mara/status/1",
            "https://x.com/mara",
            "https://x.com/mara/status/",
            "https://x.com/mara/status/12345678901234567890",
            "https://x.com/mara/status/1a",
            "https://x.com.evil.example/mara/status/1",
            "1795428020000",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
