//! Two people changed the same draft without seeing each other: what both did, on what both began
//! with.

use std::collections::{BTreeMap, BTreeSet};

use crate::content::{Body, Segment, Variant};

/// Texts of so many pairs of words are compared word by word: more would take a second.
const MOST: usize = 4_000_000;

/// A body with both changes, or nothing where they are of the same words.
#[must_use]
pub fn bodies(base: &Body, ours: &Body, theirs: &Body) -> Option<Body> {
    let keys: BTreeSet<&String> = [base, ours, theirs]
        .into_iter()
        .flat_map(|b| b.variants.keys())
        .collect();
    let mut variants = BTreeMap::new();
    for key in keys {
        let of = |body: &Body| body.variants.get(key).cloned();
        if let Some(variant) = maybe(&of(base), &of(ours), &of(theirs))? {
            variants.insert(key.clone(), variant);
        }
    }
    Some(Body {
        title: texts(&base.title, &ours.title, &theirs.title)?,
        languages: whole(&base.languages, &ours.languages, &theirs.languages)?,
        shared: variant(&base.shared, &ours.shared, &theirs.shared)?,
        variants,
        targets: set(&base.targets, &ours.targets, &theirs.targets),
    })
}

/// What only one side changed is as that side has it.
fn whole<T: Clone + PartialEq>(base: &T, ours: &T, theirs: &T) -> Option<T> {
    if ours == theirs || theirs == base {
        Some(ours.clone())
    } else if ours == base {
        Some(theirs.clone())
    } else {
        None
    }
}

fn maybe(
    base: &Option<Variant>,
    ours: &Option<Variant>,
    theirs: &Option<Variant>,
) -> Option<Option<Variant>> {
    whole(base, ours, theirs).or_else(|| {
        let (ours, theirs) = (ours.as_ref()?, theirs.as_ref()?);
        let base = base.clone().unwrap_or_default();
        variant(&base, ours, theirs).map(Some)
    })
}

fn variant(base: &Variant, ours: &Variant, theirs: &Variant) -> Option<Variant> {
    let options = whole(&base.options, &ours.options, &theirs.options)?;
    let parts = [&base.segments, &ours.segments, &theirs.segments];
    let segments = whole(parts[0], parts[1], parts[2]).or_else(|| {
        // Which part of one thread is which of another of different length nobody knows. A draft
        // that begins from nothing has no parts in common.
        let empty = vec![Segment::default(); parts[1].len()];
        let base = if parts[0].is_empty() {
            &empty
        } else {
            parts[0]
        };
        if base.len() != parts[1].len() || base.len() != parts[2].len() {
            return None;
        }
        let triples = base.iter().zip(parts[1]).zip(parts[2]);
        triples
            .map(|((base, ours), theirs)| segment(base, ours, theirs))
            .collect()
    })?;
    Some(Variant { segments, options })
}

fn segment(base: &Segment, ours: &Segment, theirs: &Segment) -> Option<Segment> {
    Some(Segment {
        text: texts(&base.text, &ours.text, &theirs.text)?,
        media: whole(&base.media, &ours.media, &theirs.media)?,
    })
}

/// Everything that either side added, without what either took away.
fn set<T: Clone + PartialEq>(base: &[T], ours: &[T], theirs: &[T]) -> Vec<T> {
    let kept = |item: &&T| theirs.contains(item) || !base.contains(item);
    let mut all: Vec<T> = ours.iter().filter(kept).cloned().collect();
    let new = |item: &&T| !base.contains(item) && !ours.contains(item);
    all.extend(theirs.iter().filter(new).cloned());
    all
}

/// A text with both changes, or nothing where they are of the same words.
#[must_use]
pub fn texts(base: &str, ours: &str, theirs: &str) -> Option<String> {
    if let Some(one) = whole(&base, &ours, &theirs) {
        return Some(one.to_owned());
    }
    let [base, ours, theirs] = [words(base), words(ours), words(theirs)];
    let (in_ours, in_theirs) = (matches(&base, &ours)?, matches(&base, &theirs)?);
    let mut merged = String::new();
    let (mut b, mut o, mut t) = (0, 0, 0);
    loop {
        let next = (b..base.len()).find(|i| in_ours[*i].is_some() && in_theirs[*i].is_some());
        let ends = match next {
            Some(i) => (i, in_ours[i]?, in_theirs[i]?),
            None => (base.len(), ours.len(), theirs.len()),
        };
        let (was, mine, yours) = (&base[b..ends.0], &ours[o..ends.1], &theirs[t..ends.2]);
        for word in whole(&was, &mine, &yours)? {
            merged.push_str(word);
        }
        let Some(i) = next else { return Some(merged) };
        merged.push_str(base[i]);
        (b, o, t) = (ends.0 + 1, ends.1 + 1, ends.2 + 1);
    }
}

/// Words and what is between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let in_word = c.is_alphanumeric();
        if before.is_some_and(|b: bool| b != in_word || !in_word) {
            words.push(&text[from..at]);
            from = at;
        }
        before = Some(in_word);
    }
    if from < text.len() {
        words.push(&text[from..]);
    }
    words
}

/// For each word of one text its place in the other, in order, as many as can be; nothing when the
/// texts are too long.
fn matches(one: &[&str], other: &[&str]) -> Option<Vec<Option<usize>>> {
    let pairs = one.iter().zip(other);
    let start = pairs.take_while(|(a, b)| a == b).count();
    let (rest, other_rest) = (&one[start..], &other[start..]);
    let pairs = rest.iter().rev().zip(other_rest.iter().rev());
    let end = pairs.take_while(|(a, b)| a == b).count();
    let (a, b) = (
        &rest[..rest.len() - end],
        &other_rest[..other_rest.len() - end],
    );
    if a.len().saturating_mul(b.len()) > MOST {
        return None;
    }
    // The longest common subsequence of what follows each pair of places.
    let width = b.len() + 1;
    let mut longest = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut found: Vec<Option<usize>> = (0..start).map(Some).collect();
    let (mut i, mut j) = (0, 0);
    while i < a.len() {
        if j < b.len() && a[i] == b[j] {
            found.push(Some(start + j));
            (i, j) = (i + 1, j + 1);
        } else if j < b.len() && longest[i * width + j + 1] >= longest[(i + 1) * width + j] {
            j += 1;
        } else {
            found.push(None);
            i += 1;
        }
    }
    let shift = other.len() - end;
    found.extend((0..end).map(|k| Some(shift + k)));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_different_words_are_both_kept() {
        let base = "Snow fell on the hut last night. Come and see.";
        let ours = "Snow fell on the old hut last night. Come and see.";
        let theirs = "Snow fell on the hut last night. Come up and see it!";
        assert_eq!(
            texts(base, ours, theirs).unwrap(),
            "Snow fell on the old hut last night. Come up and see it!"
        );
        assert_eq!(texts("", "", "new").unwrap(), "new");
        assert_eq!(texts("a\nb\nc", "b\nc", "a\nb\nc\nd").unwrap(), "b\nc\nd");
    }

    #[test]
    fn changes_of_the_same_words_are_not_mixed() {
        assert_eq!(
            texts("one two three", "one 2 three", "one zwei three"),
            None
        );
        assert_eq!(texts("", "mine", "yours"), None);
        assert_eq!(texts("gone", "", "gone on"), None);
    }

    /// Numbers that look random, from a seed.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % sides as u64).unwrap()
        }

        fn edited(&mut self, words: &[&str]) -> String {
            let mut words: Vec<&str> = words.to_vec();
            for _ in 0..self.roll(4) {
                let at = self.roll(words.len() + 1);
                match self.roll(3) {
                    0 => words.insert(at, ["new", "Ω", "🏔️"][self.roll(3)]),
                    1 if at < words.len() => drop(words.remove(at)),
                    _ if at < words.len() => words[at] = "other",
                    _ => {}
                }
            }
            words.join(" ")
        }
    }

    #[test]
    fn whoever_changed_nothing_gets_what_the_other_has_and_both_sides_are_alike() {
        let mut dice = Dice(0x5eed);
        let words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let base = words.join(" ");
        let mut merged = 0;
        for _ in 0..2_000 {
            let (one, two) = (dice.edited(&words), dice.edited(&words));
            assert_eq!(texts(&base, &one, &base).as_deref(), Some(&*one));
            assert_eq!(texts(&base, &base, &one).as_deref(), Some(&*one));
            assert_eq!(texts(&base, &one, &one).as_deref(), Some(&*one));
            let both = texts(&base, &one, &two);
            assert_eq!(both, texts(&base, &two, &one));
            let Some(both) = both else { continue };
            merged += 1;
            // Nothing that either typed is missing.
            for side in [&one, &two] {
                for new in ["new", "Ω", "🏔️"] {
                    assert!(both.matches(new).count() >= side.matches(new).count());
                }
            }
        }
        assert!(merged > 500, "{merged}");
    }

    #[test]
    fn a_body_is_merged_part_by_part() {
        let thread = |texts: &[&str]| Variant {
            segments: texts
                .iter()
                .map(|text| Segment {
                    text: (*text).to_owned(),
                    media: vec![],
                })
                .collect(),
            ..Variant::default()
        };
        let base = Body {
            shared: thread(&["one", "two"]),
            ..Body::default()
        };
        let mut ours = base.clone();
        ours.shared = thread(&["one here", "two"]);
        ours.title = "Hut".into();
        let mut theirs = base.clone();
        theirs.shared = thread(&["one", "two there"]);
        theirs.variants.insert("network:x".into(), thread(&["x"]));
        let both = bodies(&base, &ours, &theirs).unwrap();
        assert_eq!(both.shared, thread(&["one here", "two there"]));
        assert_eq!((both.title.as_str(), both.variants.len()), ("Hut", 1));
        // Of different lengths, and both changed.
        theirs.shared = thread(&["one", "two", "three"]);
        assert_eq!(bodies(&base, &ours, &theirs), None);
        // Two who began the same draft.
        let (mut a, mut b) = (Body::default(), Body::default());
        a.shared = thread(&["same"]);
        b.shared = thread(&["same"]);
        b.languages = vec!["en".into()];
        assert_eq!(bodies(&Body::default(), &a, &b), Some(b));
    }

    #[test]
    fn accounts_that_either_added_or_took_away_are_added_and_taken_away() {
        assert_eq!(set(&[1, 2], &[1, 2, 3], &[2, 4]), [2, 3, 4]);
        assert_eq!(set(&[1], &[], &[1]), Vec::<i32>::new());
    }
}
