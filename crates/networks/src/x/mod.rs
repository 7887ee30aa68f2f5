//! X: counting only.

use domain::attempt::Idempotency;
use domain::content::Replies;

use crate::contract::Choices;
use crate::counting::Counting;
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::{grammar, weighted};

/// <https://docs.x.com/x-api/posts/create-post>: `reply_settings`, `made_with_ai`. Every post is
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

pub(crate) fn adapter() -> Result<Counting, PackError> {
    Ok(Counting::new(rules()?, "X", "X", Idempotency::Refused))
}
