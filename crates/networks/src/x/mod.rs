//! X: counting only.

use domain::attempt::Idempotency;

use crate::counting::Counting;
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::text::{grammar, weighted};

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
    };
    Rules::new("x", grammar, include_str!("limits.toml"))
}

pub(crate) fn adapter() -> Result<Counting, PackError> {
    Ok(Counting::new(rules()?, "X", "X", Idempotency::Refused))
}
