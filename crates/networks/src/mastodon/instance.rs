//! What a server says of itself: software, limits, how to sign in.

use domain::Instant;
use reqwest::Url;
use serde_json::Value;

use super::api::Api;
use crate::contract::{LiveLimit, NetworkError};
use crate::http::{Call, Reply};

/// A server.
pub(super) struct Server {
    /// The name behind the second `@` of its accounts.
    pub(super) domain: String,
    /// Its version, as it says it; software that only speaks Mastodon's API says so here.
    pub(super) version: String,
    /// Limits that it said.
    pub(super) live: Vec<LiveLimit>,
}

impl Server {
    /// Asks by the newest way that the server has. An address where no such server answers is
    /// said to be a wrong one.
    pub(super) async fn read(api: &Api<'_>) -> Result<Self, NetworkError> {
        for version in ["v2", "v1"] {
            let path = format!("api/{version}/instance");
            let reply = api.ask(Call::get(api.url(&path, &[])?)).await?;
            let found = match reply.status {
                404 | 410 => None,
                429 | 500.. => Some(api.value(&reply)?),
                _ if reply.is_success() => reply.json(),
                _ => None,
            };
            if let Some(found) = found.filter(Value::is_object) {
                let source = format!("{}{path}", api.service);
                return Ok(Self::of(&found, &api.service, &source, &day(&reply)));
            }
        }
        Err(NetworkError::Field {
            field: "service",
            code: "not_a_service",
            words: "No Mastodon server answers at this address.".to_owned(),
        })
    }

    fn of(said: &Value, service: &Url, source: &str, day: &str) -> Self {
        let text = |name: &str| said.get(name).and_then(Value::as_str);
        // Version 1 calls the name `uri`, and some software writes an address there.
        let named = text("domain").or_else(|| text("uri")).unwrap_or_default();
        let domain = named
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let domain = match domain {
            "" => service.host_str().unwrap_or_default(),
            domain => domain,
        };
        let version = text("version").unwrap_or_default();
        let mut live = limits(said, source, day);
        if !Self::keeps_quotes_off(version) {
            live.push(LiveLimit {
                limit: "quotes_off".to_owned(),
                value: 0,
                source: source.to_owned(),
                checked: day.to_owned(),
            });
        }
        Self {
            domain: domain.to_lowercase(),
            version: version.to_owned(),
            live,
        }
    }

    /// Whether it is Mastodon itself, or a fork of it. Software that only speaks its API names
    /// itself beside the version, such as `2.7.2 (compatible; Pleroma 2.6.2)` or
    /// `4.0.0 (not true; really snac/2.73)`, or has a version below any that Mastodon had when it
    /// got its API (GoToSocial: `0.17.3`).
    pub(super) fn is_mastodon(version: &str) -> bool {
        Self::release(version).is_some()
    }

    /// Whether it honours `quote_approval_policy`; a server that does not ignores it in silence
    /// (<https://docs.joinmastodon.org/methods/statuses/#create>: since 4.5.0).
    fn keeps_quotes_off(version: &str) -> bool {
        Self::release(version).is_some_and(|release| release >= (4, 5))
    }

    /// Mastodon's own major and minor version.
    pub(super) fn release(version: &str) -> Option<(u32, u32)> {
        let number = version.split(['+', '-']).next().unwrap_or_default();
        let parts: Vec<Option<u32>> = number.split('.').map(|part| part.parse().ok()).collect();
        match parts[..] {
            [Some(major @ 2..), Some(minor), Some(_)] if !version.contains([' ', '(']) => {
                Some((major, minor))
            }
            _ => None,
        }
    }
}

/// The server's own day: every server that has a clock says it (RFC 9110, 6.6.1).
fn day(reply: &Reply) -> String {
    let at = Instant(reply.date().unwrap_or_default() * 1000);
    at.to_chrono().format("%Y-%m-%d").to_string()
}

/// Where each limit is said (<https://docs.joinmastodon.org/entities/Instance/>,
/// `.../V1_Instance/`); the last places are those of software that speaks version 1 in its own way
/// (Pleroma and Akkoma: `max_toot_chars`, `upload_limit`, `description_limit`, `poll_limits`).
const PLACES: &[(&str, &[&str])] = &[
    (
        "text.max",
        &["/configuration/statuses/max_characters", "/max_toot_chars"],
    ),
    (
        "text.link_length",
        &["/configuration/statuses/characters_reserved_per_url"],
    ),
    (
        "images.max_count",
        &[
            "/configuration/statuses/max_media_attachments",
            "/max_media_attachments",
        ],
    ),
    (
        "images.max_bytes",
        &[
            "/configuration/media_attachments/image_size_limit",
            "/upload_limit",
        ],
    ),
    (
        "images.max_alt",
        &[
            "/configuration/media_attachments/description_limit",
            "/description_limit",
        ],
    ),
    (
        "poll.max_choices",
        &[
            "/configuration/polls/max_options",
            "/poll_limits/max_options",
        ],
    ),
    (
        "poll.max_choice_length",
        &[
            "/configuration/polls/max_characters_per_option",
            "/poll_limits/max_option_chars",
        ],
    ),
];

/// Seconds that become minutes: the first rounded up, the second down.
const TIMES: &[(&str, &[&str], bool)] = &[
    (
        "poll.min_minutes",
        &[
            "/configuration/polls/min_expiration",
            "/poll_limits/min_expiration",
        ],
        true,
    ),
    (
        "poll.max_minutes",
        &[
            "/configuration/polls/max_expiration",
            "/poll_limits/max_expiration",
        ],
        false,
    ),
];

/// Types that the rule pack would send and that this server may not take.
const MIMES: &[&str] = &["image/jpeg", "image/png", "image/webp", "image/gif"];

fn limits(said: &Value, source: &str, checked: &str) -> Vec<LiveLimit> {
    let number = |places: &[&str]| {
        places
            .iter()
            .find_map(|place| said.pointer(place).and_then(Value::as_u64))
    };
    let live = |limit: &str, value: u64| LiveLimit {
        limit: limit.to_owned(),
        value,
        source: source.to_owned(),
        checked: checked.to_owned(),
    };
    let mut all: Vec<LiveLimit> = PLACES
        .iter()
        .filter_map(|(limit, places)| Some(live(limit, number(places)?)))
        .collect();
    for (limit, places, up) in TIMES {
        if let Some(seconds) = number(places) {
            let minutes = if *up {
                seconds.div_ceil(60)
            } else {
                seconds / 60
            };
            all.push(live(limit, minutes));
        }
    }
    let types = said
        .pointer("/configuration/media_attachments/supported_mime_types")
        .and_then(Value::as_array)
        .filter(|types| !types.is_empty());
    if let Some(types) = types {
        let taken = |mime: &str| types.iter().any(|t| t.as_str() == Some(mime));
        all.extend(
            MIMES
                .iter()
                .filter(|mime| !taken(mime))
                .map(|mime| live(&format!("images.mimes.{mime}"), 0)),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_mastodon_itself_is_taken_for_mastodon() {
        for version in [
            "4.5.3",
            "4.4.0-alpha.1+glitch",
            "3.5.19",
            "4.3.1+hometown-1.1",
        ] {
            assert!(Server::is_mastodon(version), "{version}");
        }
        for version in [
            "2.7.2 (compatible; Pleroma 2.6.2)",
            "3.0.0 (compatible; GoToSocial 0.17)",
            "4.2.1 (compatible; Iceshrimp.NET/2025.1)",
            "0.17.3 git-c0ffee",
            "",
            "Friendica",
            "4.0.0 (not true; really snac/2.73)",
            "4.0.0 snac",
            "4.0.0-snac (not true)",
            "4.0.0.1",
        ] {
            assert!(!Server::is_mastodon(version), "{version}");
        }
    }

    #[test]
    fn a_server_that_would_ignore_that_nobody_may_quote_says_so() {
        let service = Url::parse("https://social.example/").unwrap();
        for (version, said) in [
            ("4.4.8", Some(0)),
            ("4.2.0 (compatible; Iceshrimp.NET/2025.1)", Some(0)),
            ("4.5.0", None),
            ("5.0.0-beta.1", None),
        ] {
            let server = Server::of(&json!({"version": version}), &service, "there", "");
            let found = server.live.iter().find(|l| l.limit == "quotes_off");
            assert_eq!(found.map(|l| l.value), said, "{version}");
        }
    }

    #[test]
    fn each_way_of_saying_limits_is_read() {
        let day = "2026-11-23";
        let service = Url::parse("https://social.example/").unwrap();
        let newest = json!({
            "domain": "Example.org",
            "version": "4.5.0",
            "configuration": {
                "statuses": {"max_characters": 1000, "characters_reserved_per_url": 30, "max_media_attachments": 6},
                "media_attachments": {"image_size_limit": 8_000_000, "description_limit": 900,
                    "supported_mime_types": ["image/jpeg", "image/png", "video/mp4"]},
                "polls": {"max_options": 8, "max_characters_per_option": 40, "min_expiration": 301, "max_expiration": 119},
            },
        });
        let server = Server::of(&newest, &service, "there", day);
        assert_eq!(server.domain, "example.org");
        let value = |server: &Server, limit: &str| {
            let found = server.live.iter().find(|l| l.limit == limit);
            found.map(|l| l.value)
        };
        for (limit, expected) in [
            ("text.max", 1000),
            ("text.link_length", 30),
            ("images.max_count", 6),
            ("images.max_bytes", 8_000_000),
            ("images.max_alt", 900),
            ("images.mimes.image/webp", 0),
            ("images.mimes.image/gif", 0),
            ("poll.max_choices", 8),
            ("poll.max_choice_length", 40),
            ("poll.min_minutes", 6),
            ("poll.max_minutes", 1),
        ] {
            assert_eq!(value(&server, limit), Some(expected), "{limit}");
        }
        assert_eq!(value(&server, "images.mimes.image/png"), None);
        assert_eq!(server.live[0].checked, "2026-11-23");
        assert_eq!(server.live[0].source, "there");

        let other = json!({
            "uri": "https://pl.example/",
            "version": "2.7.2 (compatible; Pleroma 2.6.2)",
            "max_toot_chars": 5000,
            "upload_limit": 16_000_000,
            "description_limit": 5000,
            "poll_limits": {"max_options": 20, "max_option_chars": 200},
        });
        let server = Server::of(&other, &service, "there", day);
        assert_eq!(server.domain, "pl.example");
        assert_eq!(value(&server, "text.max"), Some(5000));
        assert_eq!(value(&server, "images.max_bytes"), Some(16_000_000));
        assert_eq!(value(&server, "poll.max_choices"), Some(20));

        let silent = Server::of(&json!({}), &service, "there", day);
        assert_eq!(
            (silent.domain.as_str(), value(&silent, "quotes_off")),
            ("social.example", Some(0))
        );
        assert_eq!(silent.live.len(), 1);
    }
}
