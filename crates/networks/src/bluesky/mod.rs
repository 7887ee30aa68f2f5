//! Bluesky, by app password.

use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::{self, grammar};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::bluesky,
        length: |text, _| text::graphemes(text),
        mention_ids: true,
        cards: true,
        card_or_pictures: true,
        titles: false,
    };
    Rules::new("bluesky", grammar, include_str!("limits.toml"))
}
