//! Whether the links of a text lead anywhere: asked when somebody has stopped typing, one after the
//! other, and remembered.

use assistant::checks::{Draft, links_of};
use domain::Instant;
use domain::content::Body;
use domain::time::{DAY, HOUR};
use networks::links::{Lead, lead};
use protocol::Problem;
use protocol::views::LookedAt;

use super::Way;
use crate::core::App;

/// Links of one text that are asked for.
const MOST: usize = 20;
/// Answers that are remembered.
const KEPT: usize = 2_000;

/// How long an answer holds: what is gone may be put up while the post is written.
const fn holds(lead: Lead) -> i64 {
    match lead {
        Lead::Somewhere => DAY,
        Lead::Nowhere | Lead::Unknown => HOUR,
    }
}

impl App {
    /// Asks for links of which nothing is known, unless nothing is to leave this computer.
    pub(super) async fn look_at_links(&self, body: &Body, way: &Way) -> Result<LookedAt, Problem> {
        let mut nowhere = 0;
        if self.settings().models_here_only {
            return Ok(LookedAt { nowhere });
        }
        let variants = std::iter::once(&body.shared).chain(body.variants.values());
        let parts = variants.flat_map(|v| v.segments.iter().map(|s| s.text.as_str()));
        let draft = Draft {
            content: None,
            parts: parts.collect(),
            languages: &body.languages,
        };
        for link in links_of(&draft, MOST) {
            if way.cancel.is_cancelled() {
                break;
            }
            let known = self.lead_of(&link);
            let found = match known {
                Some(found) => found,
                None => {
                    let found = lead(self.http(), &link).await;
                    self.remember(link, found);
                    found
                }
            };
            nowhere += u32::from(found == Lead::Nowhere);
        }
        Ok(LookedAt { nowhere })
    }

    fn remember(&self, link: String, found: Lead) {
        let now = self.now();
        let mut known = self.known();
        if known.links.len() >= KEPT {
            known.links.clear();
        }
        known.links.insert(link, (found, now));
    }

    /// What is known of a link without asking anybody.
    pub(crate) fn lead_of(&self, link: &str) -> Option<Lead> {
        let now: Instant = self.now();
        let known = self.known();
        let (found, at) = known.links.get(link)?;
        (now.since(*at) < holds(*found)).then_some(*found)
    }
}
