//! What an answer holds that it was not given.

use std::collections::HashSet;

/// The most that is named.
const MOST: usize = 12;

/// Links, figures, mentions and hashtags of a text that stand in nothing that was given, in their
/// order. What strangers wrote can be where a figure is from; where somebody is led, and who is
/// named, is only known of one's `own` words.
pub(super) fn strange(text: &str, own: &str, given: &str) -> Vec<String> {
    let marks_of =
        |words: &str| -> HashSet<String> { words.split_whitespace().flat_map(marks).collect() };
    let (own, given) = (marks_of(own), marks_of(given));
    let is_figure = |mark: &str| mark.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let known = |mark: &str| own.contains(mark) || (is_figure(mark) && given.contains(mark));
    let mut seen = HashSet::new();
    text.split_whitespace()
        .flat_map(marks)
        .filter(|mark| !known(mark) && seen.insert(mark.clone()))
        .take(MOST)
        .collect()
}

/// What of a word can be checked: itself where it is a link, a mention or a hashtag, else the
/// figures in it.
fn marks(word: &str) -> Vec<String> {
    let bare = word.trim_matches(|sign: char| !sign.is_alphanumeric() && !"#@%/".contains(sign));
    let lower = bare.to_lowercase();
    let is_link = lower.contains("://")
        || lower.starts_with("www.")
        || lower.split('/').next().is_some_and(|host| {
            host.rsplit_once('.').is_some_and(|(name, end)| {
                end.len() >= 2 && end.bytes().all(|b| b.is_ascii_lowercase()) && !name.is_empty()
            })
        });
    if is_link || (lower.len() > 1 && lower.starts_with(['#', '@'])) {
        return vec![lower.trim_end_matches('/').to_owned()];
    }
    let figures = lower.split(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != ',');
    figures
        .map(|figure| figure.trim_matches(['.', ',']).replace(',', "."))
        .filter(|figure| !figure.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_not_strange_whatever_stands_around_it() {
        let given = "At 2,400 m, see https://hut.example/a/ and @mara: 4.5 % of #Snow in 2026.";
        let text = "In 2026 (4,5 %) #snow at 2.400 m, by @Mara. HTTPS://hut.example/a";
        assert_eq!(strange(text, given, ""), Vec::<String>::new());
    }

    #[test]
    fn a_stranger_may_give_a_figure_and_no_link_name_or_tag() {
        let fenced = "42 huts, see evil.example/login, ask @scam #buynow";
        let text = "42 huts: evil.example/login @scam #buynow";
        let named = ["evil.example/login", "@scam", "#buynow"];
        assert_eq!(strange(text, "Write of huts.", fenced), named);
    }

    #[test]
    fn figures_links_and_names_of_its_own_are_named_once() {
        let text = "42 people, 42 reasons: evil.example, @stranger #buynow https://x.example/?a=1";
        assert_eq!(
            strange(text, "People have reasons.", ""),
            [
                "42",
                "evil.example",
                "@stranger",
                "#buynow",
                "https://x.example/?a=1"
            ]
        );
    }
}
