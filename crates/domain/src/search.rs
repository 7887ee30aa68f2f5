//! Search terms, made here so that both databases index and find the same (rules.md 20).

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The terms of `text`: folded words, CJK bigrams, and hashtags and mentions with their sign as
/// well as without. Sorted, each once.
#[must_use]
pub fn search_terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for (sign, word) in words(&fold(text)) {
        if let Some(sign) = sign {
            terms.push(format!("{sign}{word}"));
        }
        push_word(&word, &mut terms);
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The prefixes that a query asks for; every one must be found. A query of one CJK character
/// finds it as a prefix of bigrams.
#[must_use]
pub fn query_terms(query: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for (sign, word) in words(&fold(query)) {
        match sign {
            Some(sign) => terms.push(format!("{sign}{word}")),
            None => push_word(&word, &mut terms),
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// NFKC, lower case, without diacritics.
fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| {
            if c == 'ß' {
                "ss".to_owned()
            } else {
                c.to_string()
            }
        })
        .collect::<String>()
        .nfd()
        // The kana voicing marks are spelling, not diacritics.
        .filter(|c| !is_combining_mark(*c) || matches!(c, '\u{3099}' | '\u{309a}'))
        .nfc()
        .collect()
}

/// Runs of letters and digits, each with the `#` or `@` before it.
fn words(folded: &str) -> Vec<(Option<char>, String)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut sign = None;
    for c in folded.chars() {
        if c.is_alphanumeric() || (c == '_' && !word.is_empty()) {
            word.push(c);
        } else {
            if !word.is_empty() {
                found.push((sign.take(), std::mem::take(&mut word)));
            }
            sign = matches!(c, '#' | '@').then_some(c);
        }
    }
    if !word.is_empty() {
        found.push((sign, word));
    }
    found
}

/// A word as it is, but runs of CJK (which has no spaces) as overlapping pairs.
fn push_word(word: &str, terms: &mut Vec<String>) {
    let mut run: Vec<char> = Vec::new();
    let mut plain = String::new();
    let flush_run = |run: &mut Vec<char>, terms: &mut Vec<String>| {
        match run.as_slice() {
            [] => {}
            [one] => terms.push(one.to_string()),
            many => terms.extend(many.windows(2).map(|pair| pair.iter().collect::<String>())),
        }
        run.clear();
    };
    for c in word.chars() {
        if is_cjk(c) {
            if !plain.is_empty() {
                terms.push(std::mem::take(&mut plain));
            }
            run.push(c);
        } else {
            flush_run(&mut run, terms);
            plain.push(c);
        }
    }
    flush_run(&mut run, terms);
    if !plain.is_empty() {
        terms.push(plain);
    }
}

/// Han, kana and Hangul, the scripts that are searched by pairs.
const fn is_cjk(c: char) -> bool {
    matches!(c as u32,
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        assert_eq!(
            search_terms("Öfen, STRASSE Straße ﬁn"),
            ["fin", "ofen", "strasse"]
        );
    }

    #[test]
    fn tags_and_mentions_are_found_with_and_without_their_sign() {
        assert_eq!(
            search_terms("#LateSnow @ada"),
            ["#latesnow", "@ada", "ada", "latesnow"]
        );
        assert_eq!(query_terms("#late"), ["#late"]);
    }

    #[test]
    fn text_without_spaces_is_found_by_pairs() {
        assert_eq!(search_terms("雪が降る"), ["が降", "降る", "雪が"]);
        assert_eq!(query_terms("雪"), ["雪"]);
    }

    #[test]
    fn a_query_of_signs_asks_for_nothing() {
        assert!(query_terms(" -- # \"'*").is_empty());
    }
}
