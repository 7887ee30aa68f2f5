//! Pictures: how many, whether they fit, and what those read who cannot see them.

use domain::content::{MediaUse, Segment};
use domain::limits::{ImageLimits, Severity};
use domain::media::{AssetFacts, Rendition};
use domain::version::PreparedMedia;

use super::{Work, args, push_new_hash};
use crate::text;

impl Work<'_> {
    pub(super) fn pictures(&mut self, typed: &Segment) -> Vec<PreparedMedia> {
        let limits = &self.input.limits.images;
        let count = text::saturate(typed.media.len());
        if count > limits.max_count {
            let code = if limits.max_count == 0 {
                "no_images"
            } else {
                "too_many_images"
            };
            let with = args([
                ("length", count.to_string()),
                ("limit", limits.max_count.to_string()),
            ]);
            self.issue(code, Severity::Error).args = with;
        }
        typed
            .media
            .iter()
            .filter_map(|media| self.picture(media))
            .collect()
    }

    fn picture(&mut self, media: &MediaUse) -> Option<PreparedMedia> {
        let limits = &self.input.limits.images;
        self.check_alt(media);
        let Some(facts) = self.input.assets.get(&media.asset) else {
            self.issue("asset_missing", Severity::Error).asset = Some(media.asset);
            return None;
        };
        let rendition = if fits(facts, limits) {
            Rendition {
                asset: facts.hash,
                hash: facts.hash,
                mime: facts.mime.clone(),
                width: facts.width,
                height: facts.height,
                bytes: facts.bytes,
            }
        } else if let Some(made) = self.input.renditions.get(&media.asset) {
            made.clone()
        } else {
            push_new_hash(&mut self.missing.renditions, media.asset);
            return None;
        };
        if rendition.hash != rendition.asset {
            self.issue("image_fitted", Severity::Info).asset = Some(media.asset);
        }
        if rendition.bytes > limits.max_bytes.max(limits.max_animated_bytes.unwrap_or(0))
            || !accepts(limits, &rendition.mime)
        {
            let with = args([
                ("bytes", rendition.bytes.to_string()),
                ("limit", limits.max_bytes.to_string()),
            ]);
            let issue = self.issue("image_does_not_fit", Severity::Error);
            issue.asset = Some(media.asset);
            issue.args = with;
        }
        if facts.animated && rendition.hash != rendition.asset && rendition.mime != "image/gif" {
            self.issue("image_stands_still", Severity::Warning).asset = Some(media.asset);
        }
        Some(PreparedMedia {
            rendition,
            alt: media.alt.trim().to_owned(),
        })
    }

    fn check_alt(&mut self, media: &MediaUse) {
        let limits = &self.input.limits.images;
        let alt = media.alt.trim();
        if alt.is_empty() {
            let severity = if limits.alt_required {
                Severity::Error
            } else {
                Severity::Warning
            };
            self.issue("alt_missing", severity).asset = Some(media.asset);
        }
        let length = text::graphemes(alt);
        if let Some(max) = limits.max_alt.filter(|max| length > *max) {
            let issue = self.issue("alt_too_long", Severity::Error);
            issue.asset = Some(media.asset);
            issue.args = args([("length", length.to_string()), ("limit", max.to_string())]);
        }
        if alt.contains('\0') {
            self.issue("character_not_allowed", Severity::Error).asset = Some(media.asset);
        }
    }
}

/// Whether an asset may go out as it is.
pub(super) fn fits(facts: &AssetFacts, limits: &ImageLimits) -> bool {
    let max_bytes = match limits.max_animated_bytes {
        Some(max) if facts.animated => max,
        _ => limits.max_bytes,
    };
    accepts(limits, &facts.mime)
        && facts.bytes <= max_bytes
        && limits
            .max_side
            .is_none_or(|max| facts.width.max(facts.height) <= max)
}

fn accepts(limits: &ImageLimits, mime: &str) -> bool {
    limits.mimes.iter().any(|m| m == mime)
}
