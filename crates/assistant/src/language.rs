//! Which language a text is in: `whatlang`'s trigrams and a vote of stop words, among the languages
//! that can be expected. Posts are short, so there is a third answer beside right and wrong: unsure.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation as _;
use whatlang::Lang;

/// What the pick of the trigrams is worth, and what its confidence adds to that. Chosen by trying.
const PICK: f64 = 0.10;
const CONFIDENCE: f64 = 0.5;
/// By how much the first must lead the second for an answer.
const LEAD: f64 = 0.2;
/// The same for many texts at once: the share of the words that must vote for the first, and how
/// many times the votes of the second.
const MANY_LEAST: f64 = 0.03;
const MANY_LEAD: f64 = 1.5;
const MAX_TEXTS: usize = 100;
/// The most words that are looked at.
const MAX_WORDS: usize = 400;

macro_rules! languages {
    ($($name:ident $code:literal $lang:ident $stems:expr,)+) => {
        /// A language with a list of stop words, by its ISO 639-1 code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the names of languages")]
        pub enum Language { $($name,)+ }

        impl Language {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The ISO 639-1 code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            const fn whatlang(self) -> Lang {
                match self { $(Self::$name => Lang::$lang,)+ }
            }

            fn stems(self) -> Option<Algorithm> {
                match self { $(Self::$name => $stems,)+ }
            }
        }
    };
}

languages! {
    Arabic "ar" Ara Some(Algorithm::Arabic),
    Bulgarian "bg" Bul None,
    Catalan "ca" Cat None,
    Chinese "zh" Cmn None,
    Croatian "hr" Hrv None,
    Czech "cs" Ces None,
    Danish "da" Dan Some(Algorithm::Danish),
    Dutch "nl" Nld Some(Algorithm::Dutch),
    English "en" Eng Some(Algorithm::English),
    Estonian "et" Est None,
    Finnish "fi" Fin Some(Algorithm::Finnish),
    French "fr" Fra Some(Algorithm::French),
    German "de" Deu Some(Algorithm::German),
    Greek "el" Ell Some(Algorithm::Greek),
    Hebrew "he" Heb None,
    Hindi "hi" Hin None,
    Hungarian "hu" Hun Some(Algorithm::Hungarian),
    Italian "it" Ita Some(Algorithm::Italian),
    Japanese "ja" Jpn None,
    Korean "ko" Kor None,
    Norwegian "no" Nob Some(Algorithm::Norwegian),
    Persian "fa" Pes None,
    Polish "pl" Pol None,
    Portuguese "pt" Por Some(Algorithm::Portuguese),
    Romanian "ro" Ron Some(Algorithm::Romanian),
    Russian "ru" Rus Some(Algorithm::Russian),
    Slovak "sk" Slk None,
    Slovenian "sl" Slv None,
    Spanish "es" Spa Some(Algorithm::Spanish),
    Swedish "sv" Swe Some(Algorithm::Swedish),
    Turkish "tr" Tur Some(Algorithm::Turkish),
    Ukrainian "uk" Ukr None,
    Vietnamese "vi" Vie None,
}

impl Language {
    /// The language of a tag such as `de`, `de-AT` or `PT_br`; absent when it is none of ours.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let code = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        let code = if code == "nb" || code == "nn" {
            "no"
        } else {
            &code
        };
        Self::ALL.iter().copied().find(|l| l.code() == code)
    }

    /// Words that say nothing of what a text is about, in lower case.
    #[must_use]
    pub fn stop_words(self) -> &'static HashSet<&'static str> {
        static SETS: LazyLock<HashMap<Language, HashSet<&'static str>>> = LazyLock::new(|| {
            let words = |l: Language| stop_words::lookup(l.code()).unwrap_or_default();
            let set = |l: Language| words(l).iter().copied().collect();
            Language::ALL.iter().map(|l| (*l, set(*l))).collect()
        });
        static NONE: LazyLock<HashSet<&'static str>> = LazyLock::new(HashSet::new);
        SETS.get(&self).unwrap_or(&NONE)
    }

    /// What brings the forms of a word together; absent where there is no Snowball stemmer.
    pub(crate) fn stemmer(self) -> Option<Stemmer> {
        self.stems().map(Stemmer::create)
    }
}

/// The language of a text among `expected` (all, when that is empty); absent when it is not sure.
#[must_use]
pub fn language(text: &str, expected: &[Language]) -> Option<Language> {
    let expected = if expected.is_empty() {
        Language::ALL
    } else {
        expected
    };
    let scores = scores(text, expected);
    let mut order: Vec<usize> = (0..expected.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    let first = *order.first()?;
    let second = order.get(1).map_or(0.0, |i| scores[*i]);
    (scores[first] - second >= LEAD).then(|| expected[first])
}

/// The language that most of some texts are in, by their stop words alone; absent when they have
/// none to speak of, or two languages as many.
#[must_use]
pub fn language_of_many<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    expected: &[Language],
) -> Option<Language> {
    let mut votes = vec![0.0; expected.len()];
    let mut count = 0.0;
    for text in texts.into_iter().take(MAX_TEXTS) {
        for (sum, vote) in votes.iter_mut().zip(stop_word_vote(text, expected)) {
            *sum += vote;
        }
        count += 1.0;
    }
    let mut order: Vec<usize> = (0..expected.len()).collect();
    order.sort_by(|a, b| votes[*b].total_cmp(&votes[*a]).then(a.cmp(b)));
    let first = *order.first()?;
    let second = order.get(1).map_or(0.0, |i| votes[*i]);
    (votes[first] >= MANY_LEAST * count && votes[first] > MANY_LEAD * second)
        .then(|| expected[first])
}

fn scores(text: &str, expected: &[Language]) -> Vec<f64> {
    let mut scores = stop_word_vote(text, expected);
    let detector =
        whatlang::Detector::with_allowlist(expected.iter().map(|l| l.whatlang()).collect());
    if let Some(info) = detector.detect(text)
        && let Some(at) = expected.iter().position(|l| l.whatlang() == info.lang())
    {
        scores[at] += PICK + CONFIDENCE * info.confidence().clamp(0.0, 1.0);
    }
    scores
}

/// For each language the mean over the words of 1 / (number of lists that hold the word), where its
/// own list does.
fn stop_word_vote(text: &str, expected: &[Language]) -> Vec<f64> {
    let lists: Vec<_> = expected.iter().map(|l| l.stop_words()).collect();
    let mut votes = vec![0.0; expected.len()];
    let mut words = 0.0;
    for word in text.unicode_words().take(MAX_WORDS) {
        let word = word.to_lowercase().replace('’', "'");
        let holding: Vec<usize> = (0..lists.len())
            .filter(|i| lists[*i].contains(word.as_str()))
            .collect();
        for at in &holding {
            votes[*at] += 1.0 / holding.len() as f64;
        }
        words += 1.0;
    }
    votes.iter().map(|v| v / f64::max(words, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIVE: &[Language] = &[
        Language::English,
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Italian,
    ];

    #[test]
    fn every_language_has_stop_words() {
        for language in Language::ALL {
            assert!(language.stop_words().len() > 20, "{language:?}");
        }
    }

    #[test]
    fn plain_sentences_are_told_apart() {
        let cases = [
            ("The hut opens again on Friday.", Language::English),
            ("Die Hütte ist ab Freitag wieder offen.", Language::German),
            ("Le refuge ouvre de nouveau vendredi.", Language::French),
            ("El refugio abre otra vez el viernes.", Language::Spanish),
            ("Il rifugio riapre di nuovo venerdì.", Language::Italian),
        ];
        for (text, right) in cases {
            assert_eq!(language(text, FIVE), Some(right), "{text}");
        }
    }

    #[test]
    fn many_texts_have_the_language_of_most_of_their_stop_words() {
        let english = [
            "Snow on the pass",
            "The hut is open",
            "Soup and fire for all of us",
        ];
        let german = [
            "Schnee auf dem Pass",
            "Die Hütte ist offen",
            "Suppe für alle, und ein Feuer",
        ];
        assert_eq!(
            language_of_many(english, Language::ALL),
            Some(Language::English)
        );
        assert_eq!(
            language_of_many(german, Language::ALL),
            Some(Language::German)
        );
        assert_eq!(
            language_of_many(["brolen kadimo", "fastrik woule"], Language::ALL),
            None
        );
        assert_eq!(language_of_many([], Language::ALL), None);
    }

    #[test]
    fn what_could_be_any_language_is_unsure() {
        for text in ["", "2026", "🏔️", "…?!"] {
            assert_eq!(language(text, FIVE), None, "{text}");
        }
    }

    #[test]
    fn a_tag_names_its_language_with_any_region() {
        assert_eq!(Language::of_tag("de-AT"), Some(Language::German));
        assert_eq!(Language::of_tag("PT_br"), Some(Language::Portuguese));
        assert_eq!(Language::of_tag("nb"), Some(Language::Norwegian));
        assert_eq!(Language::of_tag("tlh"), None);
        assert_eq!(Language::of_tag(""), None);
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_among_the_expected(text in any::<String>()) {
            let answer = language(&text, FIVE);
            prop_assert!(answer.is_none_or(|l| FIVE.contains(&l)));
        }
    }
}
