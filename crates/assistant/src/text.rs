//! Folding: how texts of many hands become comparable, and the terms that they are compared by.
//!
//! Compatibility forms, case, accents, invisible signs, tracking parameters and the endings of words
//! are taken away; `#CamelCase` is split into its words. What is left out can neither hide a copy
//! nor make one term look like two.

use std::borrow::Cow;
use std::collections::HashSet;

use rust_stemmers::Stemmer;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use crate::language::Language;

/// The most bytes of a text that are read: a page is not a post.
pub const MAX_BYTES: usize = 6_000;
/// The most words of a text, and the longest one in characters, that become terms.
const MAX_WORDS: usize = 400;
const MAX_WORD: usize = 40;
/// The longest phrase, in words.
const MAX_PHRASE: usize = 3;
/// Parameters that say who sent a link, beside all that begin with `utm_`.
const TRACKING: &[&str] = &[
    "fbclid", "gclid", "dclid", "msclkid", "igshid", "igsh", "mc_cid", "mc_eid", "yclid",
    "ref_src", "ref_url", "s_kwcid", "twclid", "wt_mc", "cmpid", "spm", "si",
];

/// Names a term: equal for all forms of it, whatever its words are glued together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(crate) u64);

/// FNV-1a (Fowler, Noll, Vo), which can be continued over the words of a phrase.
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

fn continued(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Signs that nobody sees: zero-width, direction, tags, soft hyphens.
const fn is_hidden(sign: char) -> bool {
    matches!(sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// At most `MAX_BYTES` of a text.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_BYTES)]
}

/// The text without what cannot be seen, in compatibility forms; its case stays.
fn clean(text: &str) -> Cow<'_, str> {
    let text = head(text);
    if text.bytes().all(|b| (b' '..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let seen = text.nfkc().filter(|sign| !is_hidden(*sign));
    let plain = seen.map(|sign| match sign {
        '’' | '‘' | 'ʼ' => '\'',
        sign if sign.is_control() => ' ',
        sign => sign,
    });
    Cow::Owned(plain.collect())
}

/// A word in lower case without accents.
fn fold_word(word: &str) -> Cow<'_, str> {
    if word
        .bytes()
        .all(|b| b.is_ascii() && !b.is_ascii_uppercase())
    {
        return Cow::Borrowed(word);
    }
    let lower = word.to_lowercase();
    if lower.is_ascii() {
        return Cow::Owned(lower);
    }
    let without = lower
        .nfd()
        .filter(|sign| !matches!(sign, '\u{300}'..='\u{36f}'));
    Cow::Owned(
        without
            .nfc()
            .collect::<String>()
            .replace('ß', "ss")
            .replace('ς', "σ"),
    )
}

/// A whole text in the form in which copies are equal: clean, lower case, without accents, one
/// space between words.
#[must_use]
pub fn fold(text: &str) -> String {
    let clean = clean(text);
    let mut folded = String::with_capacity(clean.len());
    for word in clean.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&fold_word(word));
    }
    folded
}

/// The sentences of a text that hold something; a line ends one.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    for line in text.lines() {
        // Without asking for its length, which the iterator gets wrong at its end.
        for sentence in line.split_sentence_bounds() {
            if sentence.chars().any(char::is_alphanumeric) {
                sentences.push(sentence);
            }
        }
    }
    sentences
}

/// An address without scheme, `www.`, fragment, tracking parameters and a slash at its end; absent
/// when it is no address of the web.
#[must_use]
pub fn fold_link(link: &str) -> Option<String> {
    let url = Url::parse(link)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_start_matches("www.").to_owned();
    let mut kept: Vec<_> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_") && !TRACKING.contains(&name.as_ref()))
        .collect();
    kept.sort_unstable();
    let path = url.path().trim_end_matches('/');
    let mut folded = format!("{host}{path}");
    for (i, (name, value)) in kept.iter().enumerate() {
        folded.push(if i == 0 { '?' } else { '&' });
        folded.push_str(&format!("{name}={value}"));
    }
    Some(folded)
}

/// The words of a hashtag: `#SolarFlare2026` is solar, flare, 2026.
#[must_use]
pub fn split_tag(tag: &str) -> Vec<&str> {
    let signs: Vec<(usize, char)> = tag.char_indices().collect();
    let mut parts = Vec::new();
    let mut start = 0;
    for (i, (at, sign)) in signs.iter().enumerate().skip(1) {
        let before = signs[i - 1].1;
        let after = signs.get(i + 1).map(|(_, s)| *s);
        let new_word = sign.is_uppercase() && !before.is_uppercase()
            // The last capital of a run begins a word: `NASALaunch`.
            || sign.is_uppercase() && before.is_uppercase() && after.is_some_and(char::is_lowercase)
            || sign.is_numeric() != before.is_numeric();
        if *sign == '_' || new_word {
            parts.push(&tag[start..*at]);
            start = *at;
        }
    }
    parts.push(&tag[start..]);
    parts
        .into_iter()
        .map(|p| p.trim_matches('_'))
        .filter(|p| !p.is_empty())
        .collect()
}

/// A content word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// Folded, without its ending.
    stem: String,
    /// In lower case.
    shown: String,
}

impl Word {
    fn key(&self) -> Key {
        Key(continued(EMPTY, &self.stem))
    }
}

/// What stands between two breaks.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// Content words in a row, with no stop word or sign between them.
    Run(Vec<Word>),
    /// The words of a hashtag.
    Tag(Vec<Word>),
    /// A folded link.
    Link(String),
}

/// A term that a text holds: a word, a phrase, a hashtag or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Equal for all forms of the term.
    pub key: Key,
    /// The form that the text has, in lower case.
    pub shown: String,
}

/// Reads texts of one language.
pub struct Reader {
    language: Option<Language>,
    stemmer: Option<Stemmer>,
    stop_words: &'static HashSet<&'static str>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reader").field(&self.language).finish()
    }
}

impl Reader {
    /// For a language; where it is not known words keep their endings, and English stop words are
    /// left out.
    #[must_use]
    pub fn new(language: Option<Language>) -> Self {
        Self {
            language,
            stemmer: language.and_then(Language::stemmer),
            stop_words: language.unwrap_or(Language::English).stop_words(),
        }
    }

    /// The content words of a text in their order, also those of hashtags.
    #[must_use]
    pub fn words(&self, text: &str) -> Vec<Key> {
        let words = self.pieces(text).into_iter().flat_map(|piece| match piece {
            Piece::Run(words) | Piece::Tag(words) => words,
            Piece::Link(_) => vec![],
        });
        words.map(|word| word.key()).collect()
    }

    /// The content words outside hashtags.
    #[must_use]
    pub fn plain_words(&self, text: &str) -> HashSet<Key> {
        let words = self.pieces(text).into_iter().flat_map(|piece| match piece {
            Piece::Run(words) => words,
            Piece::Tag(_) | Piece::Link(_) => vec![],
        });
        words.map(|word| word.key()).collect()
    }

    /// The terms of a text, each once: words outside the stop words, runs of two and three of them,
    /// hashtags as the words that they are made of, links.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        self.each_term(text, |key, shown| {
            terms.push(Term {
                key,
                shown: shown(),
            })
        });
        terms
    }

    /// Hands over the terms of a text one by one, each with a way to its shown form.
    pub(crate) fn each_term(&self, text: &str, mut take: impl FnMut(Key, &dyn Fn() -> String)) {
        let mut seen = HashSet::new();
        let mut add = |key: Key, shown: &dyn Fn() -> String| {
            if seen.insert(key) {
                take(key, shown);
            }
        };
        for piece in self.pieces(text) {
            match piece {
                Piece::Run(words) => {
                    for start in 0..words.len() {
                        let mut key = EMPTY;
                        for length in 1..=MAX_PHRASE.min(words.len() - start) {
                            let phrase = &words[start..start + length];
                            key = continued(key, &phrase[length - 1].stem);
                            add(Key(key), &|| joined(phrase));
                        }
                    }
                }
                Piece::Tag(words) => {
                    let whole = words
                        .iter()
                        .fold(EMPTY, |key, word| continued(key, &word.stem));
                    add(Key(whole), &|| joined(&words));
                    for word in words.iter().filter(|word| self.is_content(&word.shown)) {
                        add(word.key(), &|| word.shown.clone());
                    }
                }
                Piece::Link(link) => add(self.key_of_link(&link), &|| link.clone()),
            }
        }
    }

    /// What all forms of a word have in common.
    pub(crate) fn stem(&self, word: &str) -> String {
        self.word(&clean(word)).stem
    }

    /// The term that a phrase such as an interest names, whatever it is made of.
    #[must_use]
    pub fn key_of(&self, phrase: &str) -> Key {
        let clean = clean(phrase);
        let phrase = clean.trim_start_matches('#');
        let words = phrase.unicode_words().flat_map(split_tag);
        Key(words.fold(EMPTY, |key, word| continued(key, &self.word(word).stem)))
    }

    /// The term that a folded link is.
    #[must_use]
    pub fn key_of_link(&self, link: &str) -> Key {
        Key(continued(EMPTY, link))
    }

    fn word(&self, text: &str) -> Word {
        self.lower_word(text.to_lowercase())
    }

    fn lower_word(&self, shown: String) -> Word {
        let stem = match &self.stemmer {
            Some(stemmer) if shown.chars().all(char::is_alphabetic) => stemmer.stem(&shown),
            _ => Cow::Borrowed(shown.as_str()),
        };
        Word {
            stem: fold_word(&stem).into_owned(),
            shown,
        }
    }

    fn pieces(&self, text: &str) -> Vec<Piece> {
        let clean = clean(text);
        let mut pieces = Vec::new();
        let mut run: Vec<Word> = Vec::new();
        let mut left = MAX_WORDS;
        let end = |run: &mut Vec<Word>, pieces: &mut Vec<Piece>| {
            if !run.is_empty() {
                pieces.push(Piece::Run(std::mem::take(run)));
            }
        };
        for chunk in clean.split_whitespace() {
            if left == 0 {
                break;
            }
            let bare = chunk.trim_start_matches(['(', '[', '"', '“', '„', '«']);
            if bare.starts_with("http://") || bare.starts_with("https://") {
                end(&mut run, &mut pieces);
                let link = bare.trim_end_matches([')', ']', '"', '”', ',', '.', '!', '?', ';']);
                pieces.extend(fold_link(link).map(Piece::Link));
                left -= 1;
            } else if let Some(tag) = bare.strip_prefix('#') {
                end(&mut run, &mut pieces);
                let length = tag
                    .find(|sign: char| !sign.is_alphanumeric() && sign != '_')
                    .unwrap_or(tag.len());
                let parts: Vec<Word> = split_tag(&tag[..length])
                    .into_iter()
                    .filter(|part| part.chars().count() <= MAX_WORD)
                    .take(8)
                    .map(|part| self.word(part))
                    .collect();
                left = left.saturating_sub(parts.len().max(1));
                if !parts.is_empty() {
                    pieces.push(Piece::Tag(parts));
                }
            } else if bare.starts_with('@') {
                end(&mut run, &mut pieces);
            } else {
                if bare.len() != chunk.len() {
                    end(&mut run, &mut pieces);
                }
                let most = left;
                let mut take = |word: &str| {
                    left -= 1;
                    let lower = word.to_lowercase();
                    if self.is_content(&lower) {
                        run.push(self.lower_word(lower));
                    } else {
                        end(&mut run, &mut pieces);
                    }
                };
                // Most chunks are one plain word, which needs no rules to be found.
                if bare.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    take(bare);
                } else {
                    bare.unicode_words().take(most).for_each(take);
                }
                if bare.ends_with(|sign: char| !sign.is_alphanumeric() && sign != '-') {
                    end(&mut run, &mut pieces);
                }
            }
        }
        end(&mut run, &mut pieces);
        pieces
    }

    fn is_content(&self, lower: &str) -> bool {
        is_telling(lower) && !self.stop_words.contains(lower)
    }
}

/// A word of at least two letters (one, in scripts that write a word in one sign), not too long.
fn is_telling(word: &str) -> bool {
    if word.is_ascii() {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        return letters > 1 && word.len() <= MAX_WORD;
    }
    let letters = word.chars().filter(|sign| sign.is_alphabetic()).count();
    let long_enough = letters > 1 || letters == 1 && word.chars().all(|sign| sign > '\u{2e7f}');
    long_enough && word.chars().count() <= MAX_WORD
}

fn joined(words: &[Word]) -> String {
    words
        .iter()
        .map(|w| w.shown.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn english() -> Reader {
        Reader::new(Some(Language::English))
    }

    fn shown(text: &str) -> Vec<String> {
        english().terms(text).into_iter().map(|t| t.shown).collect()
    }

    #[test]
    fn folding_takes_away_what_does_not_tell_texts_apart() {
        assert_eq!(
            fold("  ＣＡＦÉ\u{200b} \u{202e}ﬁne\tStraße "),
            "cafe fine strasse"
        );
        assert_eq!(fold("pay\u{ad}ment\u{feff}"), "payment");
    }

    #[test]
    fn the_forms_of_a_term_have_one_key() {
        let reader = english();
        let of = |text: &str| {
            let terms = reader.terms(text);
            let longest = terms.into_iter().max_by_key(|t| t.shown.len());
            longest.map(|t| t.key)
        };
        assert_eq!(of("solar flare"), of("Solar-Flares"));
        assert_eq!(of("solar flare"), of("#SolarFlare"));
        assert_eq!(of("solar flare"), of("so\u{200b}lar ﬂare"));
        assert_eq!(of("solar flare"), Some(reader.key_of("#SolarFlares")));
        assert_ne!(of("solar flare"), of("solar wind"));
    }

    #[test]
    fn phrases_do_not_reach_over_stop_words_and_signs() {
        assert_eq!(
            shown("Late snow on the pass. Road closed"),
            [
                "late",
                "late snow",
                "snow",
                "pass",
                "road",
                "road closed",
                "closed"
            ]
            .into_iter()
            .filter(|w| !Language::English.stop_words().contains(w))
            .collect::<Vec<_>>()
        );
    }

    #[test]
    fn hashtags_are_split_where_their_writer_did() {
        assert_eq!(split_tag("SolarFlare2026"), ["Solar", "Flare", "2026"]);
        assert_eq!(split_tag("NASALaunch"), ["NASA", "Launch"]);
        assert_eq!(split_tag("snake_case"), ["snake", "case"]);
        assert_eq!(split_tag("plain"), ["plain"]);
        assert_eq!(split_tag("___"), Vec::<&str>::new());
    }

    #[test]
    fn a_link_is_the_same_whoever_sent_it() {
        let folded = Some("example.org/a?b=1&c=2".to_owned());
        assert_eq!(
            fold_link("https://www.Example.org/a/?utm_source=x&c=2&fbclid=7&b=1#top"),
            folded
        );
        assert_eq!(fold_link("http://example.org/a?b=1&c=2"), folded);
        assert_eq!(fold_link("javascript:alert(1)"), None);
    }

    #[test]
    fn mentions_and_numbers_are_no_terms() {
        assert_eq!(shown("@mara.test 2026 17:30 glacier"), ["glacier"]);
    }

    #[test]
    fn endless_words_and_texts_are_cut() {
        let reader = english();
        assert!(reader.terms(&"x".repeat(100_000)).is_empty());
        let endless: String = (0..100_000).map(|i| format!("word{i} ")).collect();
        assert!(reader.terms(&endless).len() <= 3 * MAX_WORDS);
        let combining = format!("a{}", "\u{301}".repeat(50_000));
        assert!(reader.terms(&combining).len() <= 1);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            for language in [None, Some(Language::English), Some(Language::German)] {
                let terms = Reader::new(language).terms(&text);
                let keys: HashSet<Key> = terms.iter().map(|t| t.key).collect();
                prop_assert_eq!(keys.len(), terms.len());
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "[ a-zA-ZäöüÀ-ÿﬁ#@.!？\u{200b}-]{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn invisible_signs_change_no_term(text in "[a-zA-Z #.,]{0,60}", at in 0_usize..60) {
            let mut hidden = text.clone();
            hidden.insert(at.min(text.len()), '\u{200b}');
            prop_assert_eq!(english().terms(&hidden), english().terms(&text));
        }
    }
}
