//! What a persona's voice does not do, as far as that can be told from its list: words in quotation
//! marks are never used, and a short line may name a sign.

use domain::limits::Severity;
use domain::persona::Voice;
use domain::remark::RemarkKind;

use super::Remark;
use super::tokens::{Part, stems};
use crate::text::{Reader, fold, split_tag};

/// Quotation marks that belong together.
const QUOTES: [(char, &[char]); 8] = [
    ('“', &['”', '“']),
    ('„', &['“', '”']),
    ('”', &['”']),
    ('«', &['»']),
    ('»', &['«', '»']),
    ('‘', &['’']),
    ('‚', &['‘', '’']),
    ('"', &['"']),
];
/// A longer line has conditions that cannot be told here.
const PLAIN: usize = 4;
/// Letters of a word that shouts.
const SHOUT: usize = 4;

/// Something that is not done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Exclamation,
    Emoji,
    Hashtag,
    Capitals,
}

impl Rule {
    /// How lines name it, folded: English, German, French, Spanish.
    const NAMES: [(Self, &[&str]); 4] = [
        (
            Self::Exclamation,
            &[
                "exclamation",
                "ausrufezeichen",
                "ausrufungszeichen",
                "exclamacion",
            ],
        ),
        (Self::Emoji, &["emoji", "smiley"]),
        (Self::Hashtag, &["hashtag"]),
        (
            Self::Capitals,
            &[
                "all caps",
                "uppercase",
                "capitals",
                "grossbuchstaben",
                "versalien",
                "majuscules",
                "mayusculas",
            ],
        ),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Exclamation => "exclamation",
            Self::Emoji => "emoji",
            Self::Hashtag => "hashtag",
            Self::Capitals => "capitals",
        }
    }

    fn of(line: &str) -> Option<Self> {
        let folded = fold(line);
        if folded.split(' ').count() > PLAIN || folded.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let named = |names: &[&str]| names.iter().any(|name| folded.contains(name));
        let found = Self::NAMES.iter().find(|(_, names)| named(names));
        found.map(|(rule, _)| *rule)
    }

    /// The first place that breaks it.
    fn broken(self, part: &Part<'_>) -> Option<(usize, usize)> {
        let sign = |is: fn(char) -> bool| {
            let mut signs = part.text.char_indices();
            signs
                .find(|(_, sign)| is(*sign))
                .map(|(at, sign)| (at, at + sign.len_utf8()))
        };
        match self {
            Self::Exclamation => sign(|sign| matches!(sign, '!' | '¡' | '‼' | '❗' | '！')),
            Self::Emoji => sign(is_emoji),
            Self::Hashtag => part.tags().next().map(|(at, tag)| (at, at + 1 + tag.len())),
            Self::Capitals => {
                // One such word is a name: NASA. Two in a row shout.
                let words: Vec<_> = part.each_word().collect();
                let shouts = |text: &str| {
                    let letters = text.chars().filter(|sign| sign.is_alphabetic()).count();
                    letters >= SHOUT && text.chars().all(|sign| !sign.is_lowercase())
                };
                let both = words
                    .windows(2)
                    .find(|pair| shouts(pair[0].text) && shouts(pair[1].text))?;
                Some((both[0].start, both[1].end()))
            }
        }
    }
}

const fn is_emoji(sign: char) -> bool {
    matches!(sign, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b50}' | '\u{2b55}')
}

/// A phrase that is never said.
#[derive(Debug)]
struct Phrase {
    shown: String,
    /// Stems of its words; none where it has no words, and is looked for as it is.
    stems: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Rules {
    never: Vec<Phrase>,
    rules: Vec<(Rule, String)>,
}

impl Rules {
    pub(super) fn of(voice: &Voice, reader: &Reader) -> Self {
        let mut rules = Self::default();
        for line in &voice.donts {
            let quoted = quoted(line);
            if quoted.is_empty() {
                rules
                    .rules
                    .extend(Rule::of(line).map(|rule| (rule, line.trim().to_owned())));
            }
            rules.never.extend(quoted.into_iter().map(|shown| Phrase {
                stems: stems(&shown, reader),
                shown,
            }));
        }
        rules
    }

    pub(super) fn check(&self, parts: &[Part<'_>], reader: &Reader) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let spoken = Spoken::of(part, reader);
            for phrase in &self.never {
                if let Some((start, end)) = spoken.place_of(phrase) {
                    let about = fold(&phrase.shown);
                    let remark = Remark::new(RemarkKind::NeverSay, Severity::Warning, about);
                    let remark = remark.with("words", &phrase.shown);
                    remarks.push(remark.at(at, part.span(start, end)));
                }
            }
            for (rule, line) in &self.rules {
                if let Some((start, end)) = rule.broken(part) {
                    let about = rule.name();
                    let remark = Remark::new(RemarkKind::NotTheVoice, Severity::Warning, about);
                    let remark = remark.with("line", line);
                    remarks.push(remark.at(at, part.span(start, end)));
                }
            }
        }
        remarks
    }
}

/// The words of a part, also those that its hashtags are made of, by their stems.
struct Spoken<'a, 'p> {
    part: &'p Part<'a>,
    stems: Vec<String>,
    places: Vec<(usize, usize)>,
    tags: Vec<(Vec<String>, (usize, usize))>,
}

impl<'a, 'p> Spoken<'a, 'p> {
    fn of(part: &'p Part<'a>, reader: &Reader) -> Self {
        let words: Vec<_> = part.each_word().collect();
        let tag = |(start, tag): (usize, &str)| {
            let words = split_tag(tag).into_iter().map(|word| reader.stem(word));
            (words.collect(), (start, start + 1 + tag.len()))
        };
        Self {
            part,
            stems: words.iter().map(|word| reader.stem(word.text)).collect(),
            places: words.iter().map(|word| (word.start, word.end())).collect(),
            tags: part.tags().map(tag).collect(),
        }
    }

    /// Where a phrase stands first.
    fn place_of(&self, phrase: &Phrase) -> Option<(usize, usize)> {
        let stems = &phrase.stems;
        if stems.is_empty() {
            let start = self.part.text.find(&phrase.shown)?;
            return Some((start, start + phrase.shown.len()));
        }
        let among = |words: &[String]| words.windows(stems.len()).position(|w| w == stems);
        if let Some(first) = among(&self.stems) {
            return Some((self.places[first].0, self.places[first + stems.len() - 1].1));
        }
        let mut tags = self.tags.iter();
        tags.find(|(words, _)| among(words).is_some())
            .map(|(_, place)| *place)
    }
}

/// What stands in quotation marks.
fn quoted(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((start, open)) = rest
        .char_indices()
        .find(|(_, sign)| QUOTES.iter().any(|(open, _)| open == sign))
    {
        let inside = &rest[start + open.len_utf8()..];
        let close = QUOTES
            .iter()
            .find(|(sign, _)| *sign == open)
            .map(|(_, close)| *close);
        let Some(end) = close.and_then(|close| inside.find(close)) else {
            rest = inside;
            continue;
        };
        let words = inside[..end].trim().trim_end_matches([',', '.']);
        if !words.is_empty() {
            found.push(words.to_owned());
        }
        let after = &inside[end..];
        rest = &after[after.chars().next().map_or(0, char::len_utf8)..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_any_quotation_marks_are_found() {
        let line = "Never “game-changer”, „Synergie“, «leverage», »Hebel« or \"deep dive,\"";
        assert_eq!(
            quoted(line),
            ["game-changer", "Synergie", "leverage", "Hebel", "deep dive"]
        );
        assert_eq!(quoted("Don't boast, don't shout"), Vec::<String>::new());
        assert_eq!(quoted("An open “end"), Vec::<String>::new());
    }

    #[test]
    fn only_short_lines_without_a_number_name_a_sign() {
        assert_eq!(Rule::of("No exclamation marks"), Some(Rule::Exclamation));
        assert_eq!(Rule::of("Keine Ausrufezeichen!"), Some(Rule::Exclamation));
        assert_eq!(Rule::of("Emojis"), Some(Rule::Emoji));
        assert_eq!(Rule::of("ALL CAPS"), Some(Rule::Capitals));
        assert_eq!(Rule::of("More than 2 hashtags"), None);
        assert_eq!(Rule::of("Emojis in the first line of a serious post"), None);
        assert_eq!(Rule::of("Talk about prices"), None);
    }
}
