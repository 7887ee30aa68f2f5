//! Words that want a second look: those that hurt, those about death and disaster, and promises
//! that may need proof. Short lists of plain words in four languages; a list cannot know what is
//! meant, so they are only pointed at.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::limits::Severity;
use domain::remark::RemarkKind;

use super::tokens::{Part, stems};
use super::{MOST, Remark};
use crate::language::Language;
use crate::text::{Reader, fold};

/// What is sensitive about a word.
type Sort = &'static str;
const HURTS: Sort = "hurts";
const GRIEF: Sort = "grief";
const PROMISE: Sort = "promise";

const LISTS: &[(Language, Sort, &[&str])] = &[
    (
        Language::English,
        HURTS,
        &[
            "retarded",
            "retard",
            "spastic",
            "cripple",
            "crippled",
            "midget",
            "gypsy",
            "tranny",
            "psycho",
            "schizo",
            "lunatic",
            "handicapped",
            "third world",
            "illegal alien",
            "wheelchair bound",
            "suffers from autism",
            "man up",
            "grammar nazi",
        ],
    ),
    (
        Language::English,
        GRIEF,
        &[
            "died",
            "dead",
            "death",
            "killed",
            "suicide",
            "committed suicide",
            "murder",
            "shooting",
            "massacre",
            "terror attack",
            "terrorism",
            "earthquake",
            "tsunami",
            "plane crash",
            "victims",
            "casualties",
            "funeral",
            "rape",
            "genocide",
            "holocaust",
        ],
    ),
    (
        Language::English,
        PROMISE,
        &[
            "guaranteed",
            "guarantee",
            "risk free",
            "no risk",
            "cures",
            "cure",
            "miracle",
            "100 percent safe",
            "clinically proven",
            "scientifically proven",
            "get rich",
            "passive income",
            "double your money",
            "lose weight fast",
            "side effect free",
            "climate neutral",
            "carbon neutral",
        ],
    ),
    (
        Language::German,
        HURTS,
        &[
            "behinderte",
            "spastisch",
            "spasti",
            "Krüppel",
            "Liliputaner",
            "Zigeuner",
            "Neger",
            "Mongo",
            "schwachsinnig",
            "Psycho",
            "Irrenhaus",
            "Dritte Welt",
            "Asylant",
            "an den Rollstuhl gefesselt",
            "taubstumm",
            "getürkt",
        ],
    ),
    (
        Language::German,
        GRIEF,
        &[
            "gestorben",
            "verstorben",
            "tot",
            "Tote",
            "Tod",
            "getötet",
            "Suizid",
            "Selbstmord",
            "Mord",
            "ermordet",
            "Amoklauf",
            "Anschlag",
            "Terror",
            "Erdbeben",
            "Flugzeugabsturz",
            "Opfer",
            "Beerdigung",
            "Trauerfeier",
            "Vergewaltigung",
            "Völkermord",
            "Holocaust",
        ],
    ),
    (
        Language::German,
        PROMISE,
        &[
            "garantiert",
            "Garantie",
            "risikofrei",
            "ohne Risiko",
            "heilt",
            "Heilung",
            "Wundermittel",
            "wissenschaftlich bewiesen",
            "klinisch bewiesen",
            "schnell reich",
            "passives Einkommen",
            "nebenwirkungsfrei",
            "ohne Nebenwirkungen",
            "schnell abnehmen",
            "klimaneutral",
        ],
    ),
    (
        Language::French,
        HURTS,
        &[
            "mongolien",
            "débile",
            "gitan",
            "nègre",
            "schizo",
            "handicapé mental",
            "cas social",
            "tiers monde",
        ],
    ),
    (
        Language::French,
        GRIEF,
        &[
            "mort",
            "décès",
            "décédé",
            "tué",
            "suicide",
            "meurtre",
            "attentat",
            "fusillade",
            "séisme",
            "tremblement de terre",
            "victimes",
            "obsèques",
            "viol",
            "génocide",
        ],
    ),
    (
        Language::French,
        PROMISE,
        &[
            "garanti",
            "sans risque",
            "guérit",
            "miracle",
            "scientifiquement prouvé",
            "cliniquement prouvé",
            "devenir riche",
            "revenu passif",
            "sans effets secondaires",
            "neutre en carbone",
        ],
    ),
    (
        Language::Spanish,
        HURTS,
        &[
            "retrasado",
            "subnormal",
            "minusválido",
            "gitano",
            "sudaca",
            "loquero",
            "tercer mundo",
        ],
    ),
    (
        Language::Spanish,
        GRIEF,
        &[
            "murió",
            "muerto",
            "muerte",
            "fallecido",
            "asesinado",
            "suicidio",
            "asesinato",
            "tiroteo",
            "atentado",
            "terremoto",
            "víctimas",
            "funeral",
            "violación",
            "genocidio",
        ],
    ),
    (
        Language::Spanish,
        PROMISE,
        &[
            "garantizado",
            "sin riesgo",
            "cura",
            "milagro",
            "científicamente probado",
            "clínicamente probado",
            "hazte rico",
            "ingresos pasivos",
            "sin efectos secundarios",
            "neutro en carbono",
        ],
    ),
];

struct Phrase {
    sort: Sort,
    words: Vec<String>,
}

/// Phrases of a language by the first of their words, and what brings word forms together.
struct Lexicon {
    reader: Reader,
    phrases: HashMap<String, Vec<Phrase>>,
}

static LEXICONS: LazyLock<HashMap<Language, Lexicon>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for (language, sort, list) in LISTS {
        let lexicon = all.entry(*language).or_insert_with(|| Lexicon {
            reader: Reader::new(Some(*language)),
            phrases: HashMap::new(),
        });
        for phrase in *list {
            let words = stems(phrase, &lexicon.reader);
            if let Some(first) = words.first() {
                let same = lexicon.phrases.entry(first.clone()).or_default();
                same.push(Phrase { sort, words });
            }
        }
    }
    // The longest phrase says most.
    for lexicon in all.values_mut() {
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.len()));
        }
    }
    all
});

pub(super) fn check(parts: &[Part<'_>], language: Language) -> Vec<Remark> {
    let Some(lexicon) = LEXICONS.get(&language) else {
        return vec![];
    };
    let mut remarks: Vec<Remark> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let words: Vec<_> = part.each_word().collect();
        let stems: Vec<String> = words
            .iter()
            .map(|word| lexicon.reader.stem(word.text))
            .collect();
        for first in 0..stems.len() {
            let known = lexicon.phrases.get(&stems[first]);
            let here = |phrase: &&Phrase| stems[first..].starts_with(&phrase.words);
            let Some(phrase) = known.and_then(|known| known.iter().find(here)) else {
                continue;
            };
            let (start, end) = (
                words[first].start,
                words[first + phrase.words.len() - 1].end(),
            );
            let shown = &part.text[start..end];
            let about = fold(shown);
            if remarks.len() < MOST && remarks.iter().all(|r| r.about != about) {
                let remark = Remark::new(RemarkKind::Sensitive, Severity::Info, about);
                let remark = remark.with("words", shown).with("sort", phrase.sort);
                remarks.push(remark.at(at, part.span(start, end)));
            }
        }
    }
    remarks
}
