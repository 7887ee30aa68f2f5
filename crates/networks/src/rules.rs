//! How one network reads text and what it accepts: the pure half of an adapter.

use domain::content::{Options, Variant};
use domain::identity::NetworkId;
use domain::ids::IdentityId;
use domain::limits::{Count, ImageLimits, Issue, Limits};
use std::collections::BTreeMap;

use crate::contract::{AccountFacts, CardState, Choices, PrepareInput, Prepared, References};
use crate::prepare::Grammar;
use crate::rulepack::{PackError, RulePack};

/// A network's grammar and its rule pack.
pub(crate) struct Rules {
    pub(crate) id: NetworkId,
    grammar: Grammar,
    pack: RulePack,
}

impl Rules {
    pub(crate) fn new(id: &'static str, grammar: Grammar, pack: &str) -> Result<Self, PackError> {
        Ok(Self {
            id: NetworkId::new(id),
            grammar,
            pack: RulePack::parse(id, pack)?,
        })
    }

    pub(crate) fn limits(&self, account: Option<&AccountFacts>) -> Limits {
        self.pack.limits(account)
    }

    pub(crate) fn card_image(&self) -> Option<ImageLimits> {
        self.pack.card_image()
    }

    pub(crate) fn choices(&self) -> Choices {
        self.grammar.choices
    }

    pub(crate) fn count(&self, text: &str, limits: &Limits) -> Count {
        self.grammar.count(text, limits)
    }

    pub(crate) fn reserved(&self, options: &Options) -> u32 {
        self.grammar.reserved(options)
    }

    pub(crate) fn references(&self, text: &str) -> References {
        self.grammar.references(text)
    }

    pub(crate) fn prepare(&self, input: &PrepareInput<'_>) -> Prepared {
        self.grammar.prepare(&self.id, input)
    }
}

/// Writes the pure half of an `impl Adapter` for a type with a field `rules`.
macro_rules! pure_half {
    () => {
        fn limits(
            &self,
            account: Option<&crate::contract::AccountFacts>,
        ) -> domain::limits::Limits {
            self.rules.limits(account)
        }

        fn card_image(&self) -> Option<domain::limits::ImageLimits> {
            self.rules.card_image()
        }

        fn count(&self, text: &str, limits: &domain::limits::Limits) -> domain::limits::Count {
            self.rules.count(text, limits)
        }

        fn reserved(&self, options: &domain::content::Options) -> u32 {
            self.rules.reserved(options)
        }

        fn references(&self, text: &str) -> crate::contract::References {
            self.rules.references(text)
        }

        fn prepare(&self, input: &crate::contract::PrepareInput<'_>) -> crate::contract::Prepared {
            self.rules.prepare(input)
        }
    };
}
pub(crate) use pure_half;

/// Why [`count`] cannot count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// No adapter of this name.
    #[error("there is no network “{0}”")]
    UnknownNetwork(String),
    /// A rule pack of this program is broken.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// How long `text` is on a network by its rule pack alone, and what is wrong with it as a single
/// post. Reaches nothing.
///
/// # Errors
/// When there is no such network.
pub fn count(network: &str, text: &str) -> Result<(Count, Vec<Issue>), CountError> {
    let rules = crate::registry::rules_of(network)
        .ok_or_else(|| CountError::UnknownNetwork(network.to_owned()))??;
    let limits = rules.limits(None);
    let variant = Variant::of_text(text);
    let references = rules.references(text);
    // Nothing is fetched or resolved: what a post needs beside its text is no matter of length.
    let cards: BTreeMap<String, CardState> = references
        .card
        .into_iter()
        .map(|url| (url, CardState::None))
        .collect();
    let prepared = rules.prepare(&PrepareInput {
        identity: IdentityId(uuid::Uuid::nil()),
        variant: &variant,
        languages: &[],
        title: "",
        limits: &limits,
        assets: &BTreeMap::new(),
        mentions: &BTreeMap::new(),
        cards: &cards,
        quotes: &BTreeMap::new(),
        renditions: &BTreeMap::new(),
    });
    let issues = prepared
        .issues
        .into_iter()
        .filter(|issue| issue.code != "card_none")
        .collect();
    Ok((rules.count(text.trim(), &limits), issues))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_pack_reads_and_names_its_sources() {
        for network in crate::registry::NAMES {
            let rules = crate::registry::rules_of(network).unwrap().unwrap();
            let limits = rules.limits(None);
            assert!(!limits.sources.is_empty(), "{network}");
            for source in limits.sources {
                assert!(source.source.len() > 10, "{network}: {}", source.limit);
                assert_eq!(source.checked.len(), 10, "{network}: {}", source.limit);
            }
        }
    }

    #[test]
    fn one_character_too_many_is_an_error_at_its_place() {
        let long = "ä".repeat(301);
        let (count, issues) = count("bluesky", &long).unwrap();
        assert_eq!((count.length, count.limit), (301, Some(300)));
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].code, "text_too_long");
        let span = issues[0].span.unwrap();
        assert_eq!((span.start, span.end), (300, 301));
        assert_eq!(issues[0].args["over"], "1");
        assert!(
            super::count("bluesky", &"ä".repeat(300))
                .unwrap()
                .1
                .is_empty()
        );
    }

    #[test]
    fn each_network_counts_in_its_own_way() {
        let text =
            "👩‍👩‍👧‍👦 https://example.org/a/long/path/that/is/longer/than/twenty-three @a@example.social";
        let length = |network: &str| count(network, text).unwrap().0.length;
        assert_eq!(length("x"), 2 + 1 + 23 + 1 + 17);
        assert_eq!(length("mastodon"), 1 + 1 + 23 + 1 + 2);
        assert_eq!(length("bluesky"), 84);
        assert!(matches!(
            super::count("myspace", text),
            Err(CountError::UnknownNetwork(_))
        ));
    }
}
