//! What a post costs, as dated data.

use domain::cost::Cost;
use domain::version::{MarkKind, PreparedSegment, PreparedTarget};
use serde::Deserialize;

use crate::rulepack::PackError;

/// X's published prices.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    post: Cost,
    post_with_link: Cost,
    alt_text: Cost,
    read_post: Cost,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    currency: String,
    price: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    micros: u64,
    source: String,
    checked: String,
}

impl Prices {
    pub(super) fn read() -> Result<Self, PackError> {
        let malformed = |why: String| PackError::Malformed { network: "x", why };
        let file: File =
            toml::from_str(include_str!("prices.toml")).map_err(|e| malformed(e.to_string()))?;
        let price = |what: &str| {
            file.price
                .iter()
                .find(|p| p.what == what && !p.source.is_empty())
                .map(|p| Cost {
                    amount_micros: p.micros,
                    currency: file.currency.clone(),
                    as_of: p.checked.clone(),
                })
                .ok_or_else(|| malformed(format!("no price of “{what}” with its source")))
        };
        Ok(Self {
            post: price("post")?,
            post_with_link: price("post_with_link")?,
            alt_text: price("alt_text")?,
            read_post: price("read_post")?,
        })
    }

    /// What sending all segments costs; `None` when there are none.
    pub(super) fn of(&self, target: &PreparedTarget) -> Option<Cost> {
        let parts = target.segments.iter().flat_map(|s| self.of_segment(s));
        parts.reduce(Cost::plus)
    }

    fn of_segment(&self, segment: &PreparedSegment) -> impl Iterator<Item = Cost> {
        let is_link = |kind: &MarkKind| matches!(kind, MarkKind::Link { .. });
        let post = match segment.marks.iter().any(|m| is_link(&m.kind)) {
            true => &self.post_with_link,
            false => &self.post,
        };
        let described = segment.media.iter().filter(|m| !m.alt.is_empty()).count();
        std::iter::once(post)
            .chain(std::iter::repeat_n(&self.alt_text, described))
            .cloned()
    }

    /// What reading the numbers of one post once costs.
    pub(super) fn of_reading(&self) -> Cost {
        self.read_post.clone()
    }
}
