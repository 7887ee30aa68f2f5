//! Figures that claim something, in a text that names no source. Times, dates, prices and offers of
//! one's own claim nothing.

use domain::limits::Severity;
use domain::remark::RemarkKind;

use super::tokens::Part;
use super::{MOST, Remark};
use crate::text::fold;

const PERCENT: &[&str] = &["percent", "prozent", "%", "pourcent", "pour-cent"];
const MANY: &[&str] = &[
    "thousand",
    "million",
    "millions",
    "billion",
    "billions",
    "tausend",
    "millionen",
    "mio",
    "milliarde",
    "milliarden",
    "mrd",
    "milliard",
    "milliards",
    "millones",
    "millon",
    "mil",
];
/// `three times more`, `doppelt so viele`.
const TIMES: &[&str] = &["times", "mal", "fois", "veces", "x"];
const MORE: &[&str] = &[
    "more",
    "less",
    "fewer",
    "faster",
    "higher",
    "lower",
    "better",
    "cheaper",
    "longer",
    "larger",
    "bigger",
    "as",
    "mehr",
    "weniger",
    "schneller",
    "hoher",
    "niedriger",
    "besser",
    "gunstiger",
    "langer",
    "grosser",
    "so",
    "plus",
    "moins",
    "mas",
    "menos",
];
const OF: &[&str] = &["of", "von", "sur", "de", "in"];
/// `jede dritte`.
const EACH: &[&str] = &["jede", "jeder", "jedes", "jeden", "jedem"];
const NTH: &[&str] = &["zweite", "dritte", "vierte", "funfte", "sechste", "zehnte"];
/// What is counted by the calendar, or numbers a series.
const SERIES: &[&str] = &[
    "part", "day", "page", "chapter", "episode", "week", "step", "lesson", "photo", "teil", "tag",
    "seite", "kapitel", "folge", "woche", "schritt", "lektion", "bild", "partie", "jour", "etape",
    "parte", "dia", "paso", "monat", "jahr", "stunde", "abend", "morgen",
];
/// An offer of one's own.
const OFFER: &[&str] = &[
    "off",
    "discount",
    "sale",
    "save",
    "rabatt",
    "sparen",
    "spar",
    "aktion",
    "gutschein",
    "remise",
    "reduction",
    "soldes",
    "descuento",
    "rebajas",
    "rabais",
    "coupon",
    "voucher",
    "mwst",
    "vat",
    "alc",
    "vol",
    "cotton",
    "wool",
    "baumwolle",
    "wolle",
];
const NUMBERS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "ein", "eine",
    "einer", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn",
];

pub(super) fn check(parts: &[Part<'_>]) -> Vec<Remark> {
    if parts.iter().any(Part::has_link) {
        return vec![];
    }
    let mut remarks = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for (start, sentence) in part.sentences() {
            if remarks.len() < MOST && claims(sentence) {
                let remark = Remark::new(RemarkKind::BareFigure, Severity::Info, fold(sentence));
                remarks.push(remark.at(at, part.span(start, start + sentence.len())));
            }
        }
    }
    remarks
}

/// Whether a sentence says something of the world in figures.
fn claims(sentence: &str) -> bool {
    if !sentence.bytes().any(|b| b.is_ascii_digit()) && !may_claim_in_words(sentence) {
        return false;
    }
    let folded = fold(sentence);
    let words: Vec<&str> = folded
        .split(' ')
        .map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric() && sign != '%'))
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().any(|word| OFFER.contains(word)) {
        return false;
    }
    let at = |i: usize| words.get(i).copied().unwrap_or_default();
    (0..words.len()).any(|i| {
        let word = words[i];
        let before = i.checked_sub(1).map_or("", |i| words[i]);
        if EACH.contains(&word) && NTH.contains(&at(i + 1).trim_end_matches(['r', 'n', 's', 'm'])) {
            return !SERIES.iter().any(|unit| at(i + 2).starts_with(unit));
        }
        let Some(number) = Number::of(word) else {
            return false;
        };
        match number.end {
            "%" => return true,
            "x" => return MORE.contains(&at(i + 1)),
            "fach" | "fold" => return true,
            _ => {}
        }
        let next = at(i + 1);
        if PERCENT.contains(&next) || MANY.contains(&next) {
            return true;
        }
        if TIMES.contains(&next) && MORE.contains(&at(i + 2)) {
            return true;
        }
        // `3 of 5`, `9 out of 10`; not `part 3 of 5`, not `5 in 2026`.
        let (of, other) = if next == "out" {
            (at(i + 2), at(i + 3))
        } else {
            (next, at(i + 2))
        };
        let among = Number::of(other)
            .and_then(|n| n.value)
            .filter(|m| *m <= 1_000.0);
        let few = number.value.zip(among).is_some_and(|(n, m)| n < m);
        OF.contains(&of) && few && !SERIES.contains(&before)
    })
}

fn may_claim_in_words(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let each = EACH.iter().any(|word| lower.contains(word));
    each || NUMBERS.iter().any(|word| lower.contains(word)) || lower.contains("fünf")
}

struct Number<'a> {
    value: Option<f64>,
    /// What is glued to it: `%`, `x`, `fach`.
    end: &'a str,
}

impl<'a> Number<'a> {
    fn of(word: &'a str) -> Option<Self> {
        if let Some(n) = NUMBERS.iter().position(|number| *number == word) {
            let value = match n {
                0..=9 => n + 1,
                10..=13 => 1,
                _ => n - 12,
            };
            return Some(Self {
                value: Some(value as f64),
                end: "",
            });
        }
        let digits = word
            .find(|sign: char| !sign.is_ascii_digit() && sign != '.' && sign != ',')
            .unwrap_or(word.len());
        if digits == 0 || !word.starts_with(|sign: char| sign.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            value: word[..digits].replace(',', ".").parse().ok(),
            end: word[digits..].trim_start_matches('-'),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_say_something_of_the_world_are_claims() {
        for sentence in [
            "The glacier lost 4.5 % of its ice this year.",
            "73% of hikers never look at the forecast",
            "Two million people read this every month.",
            "9 out of 10 accidents happen on the way down.",
            "Trains are 10x faster than boats.",
            "It melts three times as fast.",
            "Jede dritte Hütte hat keinen Strom.",
            "Drei von vier Gästen kommen wieder.",
            "Der Schnee ging um 40 Prozent zurück.",
        ] {
            assert!(claims(sentence), "{sentence}");
        }
    }

    #[test]
    fn dates_times_prices_offers_and_series_are_none() {
        for sentence in [
            "We open on 12 December 2026 at 7:30.",
            "Soup and bread for 9 euros.",
            "20 % off until Sunday!",
            "Part 3 of 5: the descent.",
            "Dinner is at six, two of us will be there.",
            "Jeden zweiten Tag frisches Brot.",
            "Tag 2 von 7 auf dem Weg.",
            "The bus goes three times a day.",
            "A team of 12 in 2026.",
            "Room 214 has a view.",
        ] {
            // “two of us” names no number to compare with.
            assert!(!claims(sentence), "{sentence}");
        }
    }
}
