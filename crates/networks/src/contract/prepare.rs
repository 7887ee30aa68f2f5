//! From what was typed to what goes out.

use std::collections::BTreeMap;

use domain::Hash;
use domain::content::{Options, Quote, Variant};
use domain::cost::Cost;
use domain::identity::NetworkId;
use domain::ids::IdentityId;
use domain::limits::{Count, Issue, Limits, Severity};
use domain::media::{AssetFacts, Rendition};
use domain::version::{Card, PreparedTarget};
use serde::{Deserialize, Serialize};

/// All that [`super::Adapter::prepare`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct PrepareInput<'a> {
    /// For whom.
    pub identity: IdentityId,
    /// What was typed.
    pub variant: &'a Variant,
    /// BCP 47 tags, most important first.
    pub languages: &'a [String],
    /// The body's title.
    pub title: &'a str,
    /// What the account may send.
    pub limits: &'a Limits,
    /// Facts of the assets that the variant uses.
    pub assets: &'a BTreeMap<Hash, AssetFacts>,
    /// Ids by handle, as [`super::Adapter::resolve`] gave them. `None`: nobody has this handle.
    /// Not in the map: not asked yet.
    pub mentions: &'a BTreeMap<String, Option<String>>,
    /// Cards by the address in the text. Not in the map: not fetched yet.
    pub cards: &'a BTreeMap<String, CardState>,
    /// Quoted posts by their address as typed, as [`super::Adapter::quoted`] gave them. `None`:
    /// there is none. Not in the map: not asked yet.
    pub quotes: &'a BTreeMap<String, Option<Quote>>,
    /// Fitted files by asset; only needed for assets that do not fit as they are.
    pub renditions: &'a BTreeMap<Hash, Rendition>,
}

/// What is known of a page's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CardState {
    /// Frozen.
    Card(Card),
    /// The page has none, or could not be read.
    None,
}

/// What [`super::Adapter::prepare`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What goes out. Only complete when [`Missing::is_empty`].
    pub target: PreparedTarget,
    /// How long each segment is.
    pub counts: Vec<Count>,
    /// What to fix or to know.
    pub issues: Vec<Issue>,
    /// What must be made or asked before this can be saved as a version.
    pub missing: Missing,
    /// What sending costs, where the network asks for money.
    pub cost: Option<Cost>,
}

impl Prepared {
    /// Adds an issue that only the adapter knows of.
    pub(crate) fn add_issue(
        &mut self,
        code: &str,
        severity: Severity,
        segment: usize,
        asset: Option<Hash>,
    ) {
        self.issues.push(Issue {
            code: code.to_owned(),
            severity,
            segment: crate::text::saturate(segment),
            span: None,
            asset,
            choice: None,
            args: BTreeMap::new(),
        });
    }

    /// Whether nothing stops it from going out.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        self.missing.is_empty() && self.issues.iter().all(|i| i.severity < Severity::Error)
    }
}

/// What a version still needs: make or ask for it, and prepare again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Handles to resolve.
    pub mentions: Vec<String>,
    /// Addresses whose cards to fetch and freeze.
    pub cards: Vec<String>,
    /// Addresses of posts to look up for quoting.
    pub quotes: Vec<String>,
    /// Assets that must be fitted to the limits.
    pub renditions: Vec<Hash>,
}

impl Missing {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mentions.is_empty()
            && self.cards.is_empty()
            && self.quotes.is_empty()
            && self.renditions.is_empty()
    }
}

/// What a text refers to, once each, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Handles without `@`, for [`super::Adapter::resolve`].
    pub mentions: Vec<String>,
    /// Addresses as they go out, with their scheme.
    pub links: Vec<String>,
    /// Whose page makes the card: the first link, where the network has cards.
    pub card: Option<String>,
}

impl Prepared {
    /// Nothing yet, for `identity` on `network`.
    #[must_use]
    pub fn empty(identity: IdentityId, network: NetworkId) -> Self {
        Self {
            target: PreparedTarget {
                identity,
                network,
                segments: Vec::new(),
                languages: Vec::new(),
                title: String::new(),
                options: Options::default(),
            },
            counts: Vec::new(),
            issues: Vec::new(),
            missing: Missing::default(),
            cost: None,
        }
    }
}
