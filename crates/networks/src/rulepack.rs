//! Rule packs: limits as data, each number with its source and the day it was looked at.

use domain::limits::{CountUnit, ImageLimits, LimitSource, Limits, PollLimits, TextLimits};
use serde::Deserialize;

use crate::contract::{AccountFacts, LiveLimit};

/// Why a rule pack cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Not TOML of the expected shape.
    #[error("rule pack of {network}: {why}")]
    Malformed {
        /// Whose.
        network: &'static str,
        /// In words.
        why: String,
    },
    /// A number for something that is no limit.
    #[error("rule pack of {network}: there is no limit “{limit}”, or it takes another value")]
    Unknown {
        /// Whose.
        network: &'static str,
        /// Which.
        limit: String,
    },
}

/// A parsed rule pack.
#[derive(Clone, Debug)]
pub struct RulePack {
    limits: Limits,
    card: Option<ImageLimits>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    unit: CountUnit,
    #[serde(default)]
    limit: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    limit: String,
    value: Value,
    source: String,
    checked: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Number(u64),
    Flag(bool),
    Names(Vec<String>),
}

impl RulePack {
    /// Reads the TOML of a network's folder.
    ///
    /// # Errors
    /// When it is no rule pack. A test reads every pack, so a program that was released has none
    /// of these.
    pub fn parse(network: &'static str, text: &str) -> Result<Self, PackError> {
        let file: File = toml::from_str(text).map_err(|e| PackError::Malformed {
            network,
            why: e.to_string(),
        })?;
        let mut limits = Limits {
            text: TextLimits {
                unit: file.unit,
                max: None,
                max_bytes: None,
                link_length: None,
                max_tag: None,
                max_languages: None,
            },
            images: ImageLimits::default(),
            poll: None,
            max_segments: 1,
            quotes_off: None,
            sources: Vec::new(),
        };
        let mut card = ImageLimits::default();
        for entry in file.limit {
            if !set(&mut limits, &mut card, &entry.limit, &entry.value) {
                return Err(PackError::Unknown {
                    network,
                    limit: entry.limit,
                });
            }
            limits.sources.push(LimitSource {
                limit: entry.limit,
                source: entry.source,
                checked: entry.checked,
            });
        }
        Ok(Self {
            limits,
            card: (card.max_bytes > 0).then_some(ImageLimits {
                max_count: 1,
                ..card
            }),
        })
    }

    /// How the picture of a link card must be fitted; `None` where there are no cards.
    #[must_use]
    pub fn card_image(&self) -> Option<ImageLimits> {
        self.card.clone()
    }

    /// The pack overlaid with what the account itself said.
    #[must_use]
    pub fn limits(&self, account: Option<&AccountFacts>) -> Limits {
        let mut limits = self.limits.clone();
        for live in account.iter().flat_map(|a| &a.live) {
            overlay(&mut limits, live);
        }
        // A server without polls says that they have no choices.
        limits.poll = limits.poll.filter(|poll| poll.max_choices >= 2);
        limits
    }
}

/// A live number replaces the pack's, and so does its source. One that this program does not know
/// changes nothing.
fn overlay(limits: &mut Limits, live: &LiveLimit) {
    let mut card = ImageLimits::default();
    if !set(limits, &mut card, &live.limit, &Value::Number(live.value)) {
        tracing::debug!(limit = live.limit, "unknown live limit");
        return;
    }
    limits.sources.retain(|s| s.limit != live.limit);
    limits.sources.push(LimitSource {
        limit: live.limit.clone(),
        source: live.source.clone(),
        checked: live.checked.clone(),
    });
}

fn set(limits: &mut Limits, card: &mut ImageLimits, path: &str, value: &Value) -> bool {
    let small = match value {
        Value::Number(n) => u32::try_from(*n).ok(),
        Value::Flag(_) | Value::Names(_) => None,
    };
    match (path, value) {
        ("text.max", _) if small.is_some() => limits.text.max = small,
        ("text.max_bytes", _) if small.is_some() => limits.text.max_bytes = small,
        ("text.link_length", _) if small.is_some() => limits.text.link_length = small,
        ("text.max_tag", _) if small.is_some() => limits.text.max_tag = small,
        ("text.max_languages", _) if small.is_some() => limits.text.max_languages = small,
        ("images.max_side", _) if small.is_some() => limits.images.max_side = small,
        ("images.max_alt", _) if small.is_some() => limits.images.max_alt = small,
        ("images.max_bytes", Value::Number(n)) => limits.images.max_bytes = *n,
        ("images.max_animated_bytes", Value::Number(n)) => {
            limits.images.max_animated_bytes = Some(*n);
        }
        ("card.max_bytes", Value::Number(n)) => card.max_bytes = *n,
        ("card.max_side", _) if small.is_some() => card.max_side = small,
        ("card.mimes", Value::Names(names)) => card.mimes.clone_from(names),
        ("images.max_count", _) => match small {
            Some(n) => limits.images.max_count = n,
            None => return false,
        },
        ("max_segments", _) => match small {
            Some(n) => limits.max_segments = n,
            None => return false,
        },
        ("quotes_off", Value::Number(n)) => limits.quotes_off = Some(*n > 0),
        ("poll.multiple", Value::Flag(flag)) => poll(limits).multiple = *flag,
        ("poll.hide_totals", Value::Flag(flag)) => poll(limits).hide_totals = *flag,
        ("poll.with_pictures", Value::Flag(flag)) => poll(limits).with_pictures = *flag,
        (path, Value::Number(_)) if path.starts_with("poll.") => {
            let Some(n) = small else { return false };
            let poll = poll(limits);
            match path {
                "poll.min_choices" => poll.min_choices = n,
                "poll.max_choices" => poll.max_choices = n,
                "poll.max_choice_length" => poll.max_choice_length = n,
                "poll.min_minutes" => poll.min_minutes = n,
                "poll.max_minutes" => poll.max_minutes = n,
                _ => return false,
            }
        }
        ("images.alt_required", Value::Flag(flag)) => limits.images.alt_required = *flag,
        // What a server says that it does not take.
        (path, Value::Number(0)) if path.starts_with("images.mimes.") => {
            let mime = &path["images.mimes.".len()..];
            limits.images.mimes.retain(|known| known != mime);
        }
        ("images.mimes", Value::Names(names)) => limits.images.mimes.clone_from(names),
        _ => return false,
    }
    true
}

fn poll(limits: &mut Limits) -> &mut PollLimits {
    limits.poll.get_or_insert_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = r#"
        unit = "graphemes"
        [[limit]]
        limit = "text.max"
        value = 500
        source = "https://example.org"
        checked = "2026-11-23"
    "#;

    #[test]
    fn a_live_limit_replaces_the_packs_and_names_its_source() {
        let pack = RulePack::parse("test", PACK).unwrap();
        let account = AccountFacts {
            live: vec![
                LiveLimit {
                    limit: "text.max".into(),
                    value: 5000,
                    source: "the instance".into(),
                    checked: "2026-11-24".into(),
                },
                LiveLimit {
                    limit: "text.colour".into(),
                    value: 3,
                    source: "the instance".into(),
                    checked: "2026-11-24".into(),
                },
            ],
            ..AccountFacts::default()
        };
        assert_eq!(pack.limits(None).text.max, Some(500));
        let limits = pack.limits(Some(&account));
        assert_eq!(limits.text.max, Some(5000));
        assert_eq!(limits.sources.len(), 1);
        assert_eq!(limits.sources[0].source, "the instance");
    }

    #[test]
    fn a_number_without_source_or_meaning_is_refused() {
        let without = PACK.replace("source = \"https://example.org\"", "");
        assert!(matches!(
            RulePack::parse("test", &without),
            Err(PackError::Malformed { .. })
        ));
        let unknown = PACK.replace("text.max", "text.most");
        assert!(matches!(
            RulePack::parse("test", &unknown),
            Err(PackError::Unknown { .. })
        ));
    }

    #[test]
    fn a_server_without_polls_has_none_whatever_the_pack_says() {
        let pack = PACK.replace("text.max", "poll.max_choices");
        let pack = RulePack::parse("test", &pack).unwrap();
        let choices = |value| {
            let account = AccountFacts {
                live: vec![LiveLimit {
                    limit: "poll.max_choices".into(),
                    value,
                    source: "the instance".into(),
                    checked: "2026-11-24".into(),
                }],
                ..AccountFacts::default()
            };
            pack.limits(Some(&account)).poll.map(|p| p.max_choices)
        };
        assert_eq!(choices(6), Some(6));
        assert_eq!(choices(0), None);
    }
}
