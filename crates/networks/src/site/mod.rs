//! The local site: a folder with pages and a feed that anyone can host.

use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::{self, grammar};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::plain,
        length: |text, _| text::characters(text),
        mention_ids: false,
        cards: true,
        card_or_pictures: false,
        titles: true,
    };
    Rules::new("site", grammar, include_str!("limits.toml"))
}
