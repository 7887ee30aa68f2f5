//! How easy a text is to read, by the formula of its language.
//!
//! ASL is words per sentence, ASW syllables per word. en Flesch 1948, de Amstad 1978, fr Kandel and
//! Moles 1958, es Fernández Huerta 1959, nl Douma 1960, it Gulpease (Lucisano and Piemontese 1988),
//! every other language LIX (Björnsson 1968).

use unicode_segmentation::UnicodeSegmentation as _;

use crate::language::Language;
use crate::text::sentences;

/// With less than this nothing is said.
const LEAST_WORDS: usize = 30;
const LEAST_SENTENCES: usize = 2;

/// Which formula a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// From 0 (hard) to 100 (easy).
    Flesch,
    /// From 0 (hard) to 100 (easy), for Italian.
    Gulpease,
    /// From 20 (easy) to 60 (hard).
    Lix,
}

/// For whom a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ease {
    /// Everybody.
    Easy,
    /// Who reads a newspaper.
    Fair,
    /// Who has to.
    Hard,
}

/// What was found of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readability {
    /// The figure.
    pub score: f64,
    /// By which formula.
    pub formula: Formula,
    /// What it means.
    pub ease: Ease,
    /// Words of the text.
    pub words: usize,
    /// Sentences of the text.
    pub sentences: usize,
}

/// How easy a text is to read; absent when it has fewer than 30 words or 2 sentences.
#[must_use]
pub fn readability(text: &str, language: Language) -> Option<Readability> {
    let words: Vec<&str> = text
        .unicode_words()
        .filter(|w| w.chars().any(char::is_alphabetic))
        .collect();
    let sentences = sentences(text).len();
    if words.len() < LEAST_WORDS || sentences < LEAST_SENTENCES {
        return None;
    }
    let count = words.len() as f64;
    let asl = count / sentences as f64;
    let asw = || words.iter().map(|w| syllables(w, language)).sum::<usize>() as f64 / count;
    let flesch = |score: f64| (score, Formula::Flesch);
    let (score, formula) = match language {
        Language::English => flesch(206.835 - 1.015 * asl - 84.6 * asw()),
        Language::German => flesch(180.0 - asl - 58.5 * asw()),
        Language::French => flesch(207.0 - 1.015 * asl - 73.6 * asw()),
        Language::Spanish => flesch(206.84 - 1.02 * asl - 60.0 * asw()),
        Language::Dutch => flesch(206.84 - 0.93 * asl - 77.0 * asw()),
        Language::Italian => {
            let letters = words
                .iter()
                .flat_map(|w| w.chars())
                .filter(|c| c.is_alphabetic());
            let letters = letters.count() as f64;
            let score = 89.0 + (300.0 * sentences as f64 - 10.0 * letters) / count;
            (score, Formula::Gulpease)
        }
        _ => {
            let long = words.iter().filter(|w| w.chars().count() > 6).count() as f64;
            (asl + 100.0 * long / count, Formula::Lix)
        }
    };
    Some(Readability {
        score,
        formula,
        ease: ease(score, formula),
        words: words.len(),
        sentences,
    })
}

fn ease(score: f64, formula: Formula) -> Ease {
    let (easy, fair) = match formula {
        Formula::Flesch => (score >= 60.0, score >= 40.0),
        Formula::Gulpease => (score >= 60.0, score >= 45.0),
        Formula::Lix => (score <= 40.0, score <= 50.0),
    };
    match (easy, fair) {
        (true, _) => Ease::Easy,
        (false, true) => Ease::Fair,
        (false, false) => Ease::Hard,
    }
}

/// The syllables of a word, by its groups of vowels and what each language does to them.
#[must_use]
pub fn syllables(word: &str, language: Language) -> usize {
    let word = word.to_lowercase();
    let signs: Vec<char> = word.chars().collect();
    let is_vowel = |sign: char| match language {
        Language::Spanish => "aeiouáéíóúü".contains(sign),
        _ => "aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüÿý".contains(sign),
    };
    let mut groups = 0;
    for (i, sign) in signs.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| signs[i]);
        if is_vowel(*sign) && before.is_none_or(|b| !is_vowel(b) || is_apart(b, *sign, language)) {
            groups += 1;
        }
    }
    let silent = match language {
        Language::English => usize::from(ends_silently_in_english(&word)),
        Language::French => usize::from(ends_silently_in_french(&word)),
        _ => 0,
    };
    let more = match language {
        // Museum, lyceum; mooie, fraaie.
        Language::German if word.ends_with("eum") => 1,
        Language::Dutch
            if ["eum", "ooie", "aaie", "oeie"]
                .iter()
                .any(|end| word.ends_with(end)) =>
        {
            1
        }
        Language::English => usize::from(
            word.len() > 3
                && ["ia", "io", "eo", "ua"].iter().any(|p| word.contains(p))
                && ![
                    "tion", "sion", "cial", "tial", "cian", "gion", "ious", "eous", "peop", "qua",
                    "gua", "geo", "sua",
                ]
                .iter()
                .any(|p| word.contains(p)),
        ),
        _ => 0,
    };
    (groups + more).saturating_sub(silent).max(1)
}

/// Whether two vowels in a row belong to two syllables.
fn is_apart(a: char, b: char, language: Language) -> bool {
    match language {
        // A strong vowel beside a strong one, or an accented weak one.
        Language::Spanish => {
            let strong = |c| "aeoáéó".contains(c);
            strong(a) && strong(b) || "íú".contains(a) || "íú".contains(b)
        }
        // Two vowels are one sound only as these pairs.
        Language::German => {
            let pair = [a, b].iter().collect::<String>();
            ![
                "ei", "ai", "ey", "ay", "au", "eu", "äu", "ie", "aa", "ee", "oo", "ou", "oi", "ui",
            ]
            .contains(&pair.as_str())
        }
        Language::Dutch => {
            let pair = [a, b].iter().collect::<String>();
            "ëïöü".contains(b)
                || ![
                    "aa", "ee", "oo", "uu", "ie", "oe", "eu", "ui", "ij", "ei", "ou", "au", "ai",
                    "oi", "eeu", "ieu",
                ]
                .contains(&pair.as_str())
        }
        Language::French => "ëïéè".contains(b) && !"iuo".contains(a) || a == 'é',
        _ => "ëï".contains(b),
    }
}

fn ends_silently_in_english(word: &str) -> bool {
    let before = |end: &str| word.strip_suffix(end).and_then(|w| w.chars().last());
    let is_vowel = |sign: char| "aeiouy".contains(sign);
    if let Some(sign) = before("e") {
        // "table" keeps its last syllable; "see" has one group only.
        let table = sign == 'l' && before("le").is_some_and(|s| !is_vowel(s));
        return !is_vowel(sign) && !table;
    }
    if let Some(sign) = before("ed") {
        return !is_vowel(sign) && sign != 't' && sign != 'd';
    }
    if let Some(sign) = before("es") {
        return !is_vowel(sign)
            && !"sxzcg".contains(sign)
            && !word.ends_with("shes")
            && !word.ends_with("ches");
    }
    false
}

fn ends_silently_in_french(word: &str) -> bool {
    let before = |end: &str| word.strip_suffix(end).and_then(|w| w.chars().last());
    let consonant = |sign: char| !"aeiouyàâéèêëîïôùûü".contains(sign);
    ["e", "es", "ent"].iter().any(|end| {
        before(end).is_some_and(consonant)
            && !(*end == "ent" && (word.ends_with("ment") || word.len() < 6))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words with their syllables, counted by hand.
    const COUNTED: &[(Language, &[(&str, usize)])] = &[
        (
            Language::English,
            &[
                ("mountain", 2),
                ("table", 2),
                ("walked", 1),
                ("wanted", 2),
                ("see", 1),
                ("people", 2),
                ("idea", 3),
                ("radio", 3),
                ("nation", 2),
                ("beautiful", 3),
                ("house", 1),
                ("houses", 2),
                ("watches", 2),
                ("snow", 1),
                ("every", 3),
                ("little", 2),
                ("made", 1),
                ("the", 1),
                ("information", 4),
                ("year", 1),
                ("morning", 2),
                ("open", 2),
                ("closed", 1),
                ("weather", 2),
            ],
        ),
        (
            Language::German,
            &[
                ("Hütte", 2),
                ("Wetter", 2),
                ("heute", 2),
                ("Theater", 3),
                ("Freitag", 2),
                ("bauen", 2),
                ("Schnee", 1),
                ("Informationen", 5),
                ("Museum", 3),
                ("die", 1),
                ("neue", 2),
                ("Berg", 1),
                ("Lawine", 3),
                ("Bäume", 2),
                ("geöffnet", 3),
                ("Ferien", 3),
            ],
        ),
        (
            Language::French,
            &[
                ("refuge", 2),
                ("montagne", 2),
                ("neige", 1),
                ("ouvert", 2),
                ("maison", 2),
                ("parlent", 1),
                ("moment", 2),
                ("soupe", 1),
                ("fenêtre", 2),
                ("vendredi", 3),
                ("créer", 2),
                ("petites", 2),
            ],
        ),
        (
            Language::Spanish,
            &[
                ("refugio", 3),
                ("nieve", 2),
                ("teatro", 3),
                ("país", 2),
                ("viernes", 2),
                ("montaña", 3),
                ("día", 2),
                ("ciudad", 2),
                ("leer", 2),
                ("agua", 2),
                ("abierto", 3),
                ("caminos", 3),
            ],
        ),
        (
            Language::Dutch,
            &[
                ("hut", 1),
                ("sneeuw", 1),
                ("bergen", 2),
                ("vrijdag", 2),
                ("open", 2),
                ("museum", 3),
                ("huis", 1),
                ("ideeën", 3),
                ("water", 2),
                ("mooie", 2),
            ],
        ),
    ];

    #[test]
    fn syllables_are_right_in_the_mean() {
        for (language, words) in COUNTED {
            let counted: usize = words.iter().map(|w| w.1).sum();
            let found: usize = words.iter().map(|w| syllables(w.0, *language)).sum();
            let off = (found as f64 / counted as f64 - 1.0).abs();
            let wrong: Vec<_> = words
                .iter()
                .map(|(w, n)| (w, n, syllables(w, *language)))
                .filter(|(_, n, found)| *n != found)
                .collect();
            assert!(off <= 0.06, "{language:?}: {found} of {counted}; {wrong:?}");
        }
    }

    const SIMPLE: &str = "We went up to the hut. The sun was out. It was a good day. We had hot soup. \
                          Then we sat in the sun. The snow was soft. We came down at six.";
    const HEAVY: &str = "Notwithstanding considerable administrative complications, the responsible \
                         organisational committee unanimously recommended comprehensive modernisation. \
                         Subsequently, environmental considerations necessitated additional \
                         infrastructural investigations, jeopardising previously established \
                         international collaboration agreements considerably.";

    #[test]
    fn long_words_and_sentences_read_harder() {
        for language in [
            Language::English,
            Language::German,
            Language::French,
            Language::Spanish,
            Language::Dutch,
            Language::Italian,
            Language::Swedish,
        ] {
            let simple = readability(SIMPLE, language).unwrap();
            assert_eq!(
                (simple.ease, simple.sentences),
                (Ease::Easy, 7),
                "{language:?}: {simple:?}"
            );
            let heavy = readability(HEAVY, language);
            assert!(
                heavy.is_none_or(|h| h.ease == Ease::Hard),
                "{language:?}: {heavy:?}"
            );
        }
    }

    #[test]
    fn flesch_is_what_the_formula_says() {
        // 32 words of one syllable in 2 sentences: 206.835 - 1.015 * 16 - 84.6.
        let text = format!("{}. {}.", ["cat"; 16].join(" "), ["Dog"; 16].join(" "));
        let found = readability(&text, Language::English).unwrap();
        assert!((found.score - 105.995).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn of_too_little_nothing_is_said() {
        assert_eq!(readability("Short. Very short.", Language::English), None);
        assert_eq!(readability(&"word ".repeat(40), Language::English), None);
        assert_eq!(readability("", Language::English), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_finite_figure_or_none(text in any::<String>()) {
            for language in Language::ALL {
                if let Some(found) = readability(&text, *language) {
                    prop_assert!(found.score.is_finite());
                }
            }
        }
    }
}
