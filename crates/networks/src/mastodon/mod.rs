//! Mastodon: counting only.

use domain::attempt::Idempotency;
use domain::content::Visibility;

use crate::contract::Choices;
use crate::counting::Counting;
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::grammar;

/// What a link counts where neither the rule pack nor the server says.
const LINK: u32 = 23;

/// <https://docs.joinmastodon.org/methods/statuses/#create>: `visibility`, `spoiler_text`,
/// `sensitive`, `quote_approval_policy` (4.5). Everybody who may read may reply.
const CHOICES: Choices = Choices {
    visibility: &[
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Followers,
        Visibility::Direct,
    ],
    content_warning: true,
    sensitive: true,
    replies: &[],
    quotes_off: true,
    made_with_ai: false,
    labels: &[],
};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::mastodon,
        length: |text, limits| {
            grammar::mastodon_length(text, limits.text.link_length.unwrap_or(LINK))
        },
        mention_ids: false,
        cards: false,
        card_or_pictures: false,
        titles: false,
        choices: CHOICES,
        warning_counts: true,
    };
    Rules::new("mastodon", grammar, include_str!("limits.toml"))
}

pub(crate) fn adapter() -> Result<Counting, PackError> {
    Ok(Counting::new(rules()?, "Mastodon", "Ma", Idempotency::Key))
}
