//! Markup of strangers, cut at its tags. No tree is built: what strangers nest may grow without end
//! in one (the tree builder of HTML makes formatting elements anew in each paragraph).

/// A piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What stands between tags, with its entities.
    Text(&'a str),
    /// From `<` to `>`.
    Tag(Tag<'a>),
}

/// A tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// As it is written.
    pub(super) name: &'a str,
    /// It ends an element.
    pub(super) closes: bool,
    /// All of it.
    pub(super) raw: &'a str,
}

impl Tag<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The pieces of `markup`, in order.
pub(super) fn pieces(markup: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = markup;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let Some(after) = rest.strip_prefix('<') else {
                let end = rest.find('<').unwrap_or(rest.len());
                let (text, more) = rest.split_at(end);
                rest = more;
                return Some(Piece::Text(text));
            };
            if let Some(comment) = after.strip_prefix("!--") {
                rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            let (closes, named) = match after.strip_prefix('/') {
                Some(named) => (true, named),
                None => (false, after),
            };
            if named.starts_with(['!', '?']) {
                rest = named.find('>').map_or("", |end| &named[end + 1..]);
                continue;
            }
            if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
                // A sign, not a tag.
                rest = after;
                return Some(Piece::Text("<"));
            }
            let stop = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
            let name = &named[..named.find(stop).unwrap_or(named.len())];
            let length = end_of(rest);
            let (raw, more) = rest.split_at(length);
            rest = more;
            return Some(Piece::Tag(Tag { name, closes, raw }));
        }
        None
    })
}

/// Where the tag at the beginning ends: a `>` in quotes ends none.
fn end_of(tag: &str) -> usize {
    let mut quote = None;
    let mut before = '<';
    for (at, sign) in tag.char_indices() {
        match quote {
            Some(open) if open == sign => quote = None,
            Some(_) => {}
            // Quotes count only where a value begins.
            None if matches!(sign, '"' | '\'') && before == '=' => quote = Some(sign),
            None if sign == '>' => return at + 1,
            None => {}
        }
        if !sign.is_whitespace() {
            before = sign;
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_cut_at_its_tags() {
        let seen: Vec<String> =
            pieces("a<b title='x > y'>c</B ><!-- <i> -->1 < 2<br/><!doctype html><")
                .map(|piece| match piece {
                    Piece::Text(text) => format!("{text:?}"),
                    Piece::Tag(tag) => format!("{}{}", if tag.closes { "/" } else { "" }, tag.name),
                })
                .collect();
        assert_eq!(
            seen,
            [
                "\"a\"", "b", "\"c\"", "/B", "\"1 \"", "\"<\"", "\" 2\"", "br", "\"<\""
            ]
        );
    }

    proptest! {
        #[test]
        fn every_markup_comes_to_its_end(markup in "[<>a/!'\"= -]{0,80}") {
            prop_assert!(pieces(&markup).count() <= markup.len());
        }
    }
}
