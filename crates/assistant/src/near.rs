//! Near-duplicates: what has been said before, apart from decoration, small edits and cuts.
//!
//! Two ways, for two uses. Own posts are few and compared exactly: the share of the smaller one's
//! character 4-grams that the larger one holds, which finds what was cut or added to. Items of feeds
//! are many and compared by `MinHash` (Broder 1997; with one hash for all bins, Shrivastava and Li
//! 2014), with bands that find candidates.

use std::collections::HashMap;

use crate::text::fold;

/// Characters of a piece that texts are compared by.
const GRAM: usize = 4;
/// Texts shorter than this, folded, are like no other: too little to tell.
pub const SHORTEST: usize = 30;
/// The share from which one text is a copy of the other. Chosen by trying.
pub const SAME: f64 = 0.70;
/// The most own posts that are compared with: the newest.
pub const MAX_POSTS: usize = 5_000;

/// The 4-grams of a folded text; absent when the text is too short.
fn all_grams(text: &str) -> Option<Vec<u32>> {
    let signs: Vec<char> = fold(text).chars().collect();
    (signs.len() >= SHORTEST).then(|| signs.windows(GRAM).map(hash).collect())
}

/// The distinct 4-grams, in order.
fn grams(text: &str) -> Option<Vec<u32>> {
    let mut grams = all_grams(text)?;
    grams.sort_unstable();
    grams.dedup();
    Some(grams)
}

fn hash(gram: &[char]) -> u32 {
    let mixed = gram.iter().fold(0x9E37_79B9_7F4A_7C15_u64, |hash, sign| {
        (hash ^ u64::from(u32::from(*sign)))
            .wrapping_mul(0xBF58_476D_1CE4_E5B9)
            .rotate_left(29)
    });
    (mixed ^ (mixed >> 32)) as u32
}

/// How many entries two ordered lists share.
fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    shared
}

/// The share of the smaller text's 4-grams that the other holds, from 0 to 1; 0 when one is shorter
/// than `SHORTEST`.
#[must_use]
pub fn containment(a: &str, b: &str) -> f64 {
    match (grams(a), grams(b)) {
        (Some(a), Some(b)) => shared(&a, &b) as f64 / a.len().min(b.len()) as f64,
        _ => 0.0,
    }
}

/// Whether one text is a copy of the other, cut, edited or added to.
#[must_use]
pub fn is_similar(a: &str, b: &str) -> bool {
    containment(a, b) >= SAME
}

/// Own posts, ready to be compared with a text on every keystroke.
#[derive(Debug, Default)]
pub struct Said {
    /// For each 4-gram the posts that hold it.
    holders: HashMap<u32, Vec<u16>>,
    /// How many 4-grams each post has.
    sizes: Vec<usize>,
}

impl Said {
    /// Of posts, newest first; those beyond `MAX_POSTS` are left out.
    #[must_use]
    pub fn new<'a>(posts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut said = Self::default();
        for (at, post) in (0_u16..).zip(posts.into_iter().take(MAX_POSTS)) {
            let grams = grams(post).unwrap_or_default();
            said.sizes.push(grams.len());
            for gram in grams {
                said.holders.entry(gram).or_default().push(at);
            }
        }
        said
    }

    /// The post that says the same, by its place in the list, and the share that is the same.
    #[must_use]
    pub fn nearest(&self, text: &str) -> Option<(usize, f64)> {
        self.nearest_of(text, |_| true)
    }

    /// The same among some of the posts.
    #[must_use]
    pub fn nearest_of(&self, text: &str, among: impl Fn(usize) -> bool) -> Option<(usize, f64)> {
        let own = grams(text)?;
        let mut shared = vec![0_u32; self.sizes.len()];
        for gram in &own {
            for holder in self.holders.get(gram).into_iter().flatten() {
                shared[usize::from(*holder)] += 1;
            }
        }
        let share = |at: usize| f64::from(shared[at]) / own.len().min(self.sizes[at]).max(1) as f64;
        let best = (0..shared.len())
            .filter(|at| shared[*at] > 0 && among(*at))
            .max_by(|a, b| share(*a).total_cmp(&share(*b)).then(b.cmp(a)))?;
        (share(best) >= SAME).then(|| (best, share(best)))
    }
}

/// Hashes of a signature, and how they are cut into bands: one equal band makes a candidate.
const HASHES: usize = 64;
const ROWS: usize = 4;
/// A hash's first 6 bits say which of the 64 bins it is the least of, the others are its value.
const VALUE_BITS: u32 = 26;
const EMPTY: u32 = u32::MAX;
const BORROWED: u32 = 0x9E37_79B1;
/// The share of equal hashes from which a candidate is a copy.
const VERIFIED: f64 = 0.5;

/// What is kept of a text to find its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature([u32; HASHES]);

impl Signature {
    /// Of a text; absent when it is too short to tell.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let grams = all_grams(text)?;
        let mut least = [EMPTY; HASHES];
        for gram in grams {
            let bin = &mut least[(gram >> VALUE_BITS) as usize];
            *bin = (*bin).min(gram & ((1 << VALUE_BITS) - 1));
        }
        // An empty bin borrows from the next one that is not, changed by how far away that is.
        let mut values = least;
        for (bin, value) in values.iter_mut().enumerate() {
            let mut away = 0;
            while least[(bin + away) % HASHES] == EMPTY {
                away += 1;
            }
            *value =
                least[(bin + away) % HASHES].wrapping_add((away as u32).wrapping_mul(BORROWED));
        }
        Some(Self(values))
    }

    /// How much of two texts is the same, from 0 to 1: an estimate of the Jaccard index of their
    /// 4-grams.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        equal as f64 / HASHES as f64
    }

    fn bands(&self) -> impl Iterator<Item = u64> {
        self.0.chunks(ROWS).zip(1_u64..).map(|(rows, band)| {
            rows.iter().fold(band, |key, row| {
                (key ^ u64::from(*row))
                    .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                    .rotate_left(31)
            })
        })
    }
}

/// Texts of a while, to find copies among them. What is older than its two halves is forgotten.
#[derive(Debug, Default)]
pub struct Copies {
    young: Half,
    old: Half,
}

#[derive(Debug, Default)]
struct Half {
    signatures: Vec<Signature>,
    bands: HashMap<u64, u32>,
}

impl Half {
    fn holds(&self, signature: &Signature) -> bool {
        let candidates = signature.bands().filter_map(|band| self.bands.get(&band));
        candidates
            .filter_map(|at| self.signatures.get(*at as usize))
            .any(|other| signature.likeness(other) >= VERIFIED)
    }
}

impl Copies {
    /// Takes a text in, and says whether it is a copy of one that is there; then it is not kept.
    pub fn is_copy(&mut self, text: &str) -> bool {
        let Some(signature) = Signature::of(text) else {
            return false;
        };
        if self.young.holds(&signature) || self.old.holds(&signature) {
            return true;
        }
        let at = u32::try_from(self.young.signatures.len()).unwrap_or(u32::MAX);
        for band in signature.bands() {
            self.young.bands.entry(band).or_insert(at);
        }
        self.young.signatures.push(signature);
        false
    }

    /// Makes the young half old and forgets the old one.
    pub fn turn(&mut self) {
        self.old = std::mem::take(&mut self.young);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POST: &str =
        "The hut opens on Friday with soup and a fire, come up before the snow does.";

    #[test]
    fn decoration_cuts_and_additions_do_not_hide_a_copy() {
        let cases = [
            format!("🏔️ {} 🏔️", POST.to_uppercase()),
            POST[..55].to_owned(),
            format!("{POST} Bring a friend, and a torch for the way down."),
            POST.replace("Friday", "Saturday"),
            POST.replace(' ', " \u{200b}"),
        ];
        for copy in cases {
            assert!(is_similar(POST, &copy), "{copy}");
            assert_eq!(
                Said::new([POST]).nearest(&copy).map(|n| n.0),
                Some(0),
                "{copy}"
            );
        }
    }

    #[test]
    fn the_same_topic_is_no_copy() {
        let other = "Soup is on in the hut again, and snow is due on Friday: light a fire at home.";
        assert!(!is_similar(POST, other));
        assert_eq!(Said::new([POST]).nearest(other), None);
    }

    #[test]
    fn a_short_text_is_like_no_other() {
        assert_eq!(containment("Good morning!", "Good morning!"), 0.0);
        assert_eq!(Said::new(["Good morning!"]).nearest("Good morning!"), None);
    }

    #[test]
    fn a_feed_that_copies_another_is_found_until_it_is_forgotten() {
        let mut copies = Copies::default();
        assert!(!copies.is_copy(POST));
        assert!(copies.is_copy(&format!("{POST} (Reuters)")));
        copies.turn();
        assert!(copies.is_copy(POST));
        copies.turn();
        assert!(!copies.is_copy(POST));
    }

    proptest! {
        #[test]
        fn a_text_is_contained_in_itself_and_order_does_not_matter(a in ".{0,80}", b in ".{0,80}") {
            let alone = containment(&a, &a);
            prop_assert!(alone == 0.0 || alone == 1.0);
            prop_assert_eq!(containment(&a, &b), containment(&b, &a));
            prop_assert!((0.0..=1.0).contains(&containment(&a, &b)));
        }

        #[test]
        fn the_index_agrees_with_the_pair(a in "[a-d ]{20,60}", b in "[a-d ]{20,60}") {
            let found = Said::new([a.as_str()]).nearest(&b).map(|n| n.1);
            let pair = containment(&a, &b);
            prop_assert_eq!(found, (pair >= SAME).then_some(pair));
        }
    }
}
