//! What goes out for a variant on X.

use domain::content::Replies;
use domain::limits::Severity;

use crate::contract::{Choices, PrepareInput, Prepared};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::{grammar, weighted};

/// <https://docs.x.com/x-api/posts/create-post>: `reply_settings`, `made_with_ai`,
/// `quote_tweet_id`. Every post is
/// public.
const CHOICES: Choices = Choices {
    visibility: &[],
    content_warning: false,
    sensitive: false,
    replies: &[
        Replies::Everyone,
        Replies::Following,
        Replies::Mentioned,
        Replies::Verified,
        Replies::Subscribers,
    ],
    quotes_off: false,
    made_with_ai: true,
    labels: &[],
    quote: true,
};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::x,
        length: |text, limits| {
            weighted::count(text, limits.text.link_length.unwrap_or(weighted::LINK))
        },
        mention_ids: false,
        cards: false,
        card_or_pictures: false,
        titles: false,
        choices: CHOICES,
        warning_counts: false,
    };
    Rules::new("x", grammar, include_str!("limits.toml"))
}

/// What moves stands alone on X, and only GIFs move.
pub(super) fn animations(input: &PrepareInput<'_>, prepared: &mut Prepared) {
    for (index, segment) in input.variant.segments.iter().enumerate() {
        for used in &segment.media {
            let Some(facts) = input.assets.get(&used.asset).filter(|a| a.animated) else {
                continue;
            };
            let (code, severity) = match facts.mime.as_str() {
                "image/gif" if segment.media.len() > 1 => ("animation_not_alone", Severity::Error),
                "image/gif" => continue,
                _ => ("image_stands_still", Severity::Warning),
            };
            let known = prepared
                .issues
                .iter()
                .any(|i| i.code == code && i.asset == Some(used.asset));
            if !known {
                prepared.add_issue(code, severity, index, Some(used.asset));
            }
        }
    }
}
