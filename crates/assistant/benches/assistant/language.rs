//! The language of short posts: a hundred of our own, ten in each of ten languages.

use std::collections::HashMap;

use assistant::language::{Language, language};
use unicode_segmentation::UnicodeSegmentation as _;
use whatlang::{Detector, Lang};

use crate::dice::Dice;
use crate::table::{Goal, Table};

const POSTS: &[(Language, [&str; 10])] = &[
    (
        Language::English,
        [
            "The hut is open again!",
            "Fresh bread from nine.",
            "What a view this morning",
            "We are closed on Monday, sorry.",
            "Who is coming up on Saturday?",
            "Snow until Thursday, then sun.",
            "Thank you all for a great season",
            "New photos are on our page",
            "Bring warm clothes and a torch",
            "Only three beds left for Friday night",
        ],
    ),
    (
        Language::German,
        [
            "Die Hütte ist wieder offen!",
            "Frisches Brot ab neun.",
            "Was für ein Morgen heute",
            "Montags haben wir leider zu.",
            "Wer kommt am Samstag mit rauf?",
            "Schnee bis Donnerstag, dann Sonne.",
            "Danke euch für diese Saison",
            "Neue Bilder auf unserer Seite",
            "Bitte warme Sachen mitbringen",
            "Nur noch drei Betten für Freitag frei",
        ],
    ),
    (
        Language::French,
        [
            "Le refuge est ouvert !",
            "Du pain frais dès neuf heures.",
            "Quelle vue ce matin",
            "Nous sommes fermés le lundi.",
            "Qui monte avec nous samedi ?",
            "De la neige puis du soleil jeudi.",
            "Merci à tous pour cette saison",
            "De nouvelles photos sur notre page",
            "Pensez à prendre une lampe",
            "Plus que trois lits pour vendredi soir",
        ],
    ),
    (
        Language::Spanish,
        [
            "¡El refugio está abierto!",
            "Pan recién hecho desde las nueve.",
            "Qué vistas esta mañana",
            "Los lunes cerramos, lo sentimos.",
            "¿Quién sube el sábado?",
            "Nieve hasta el jueves, luego sol.",
            "Gracias a todos por la temporada",
            "Hay fotos nuevas en nuestra página",
            "Traed ropa de abrigo y una linterna",
            "Solo quedan tres camas para el viernes",
        ],
    ),
    (
        Language::Italian,
        [
            "Il rifugio è aperto!",
            "Pane fresco dalle nove.",
            "Che vista questa mattina",
            "Il lunedì siamo chiusi.",
            "Chi sale con noi sabato?",
            "Neve fino a giovedì, poi sole.",
            "Grazie a tutti per la stagione",
            "Nuove foto sulla nostra pagina",
            "Portate vestiti caldi e una torcia",
            "Restano solo tre letti per venerdì",
        ],
    ),
    (
        Language::Portuguese,
        [
            "O refúgio já está aberto!",
            "Pão fresco a partir das nove.",
            "Que vista esta manhã",
            "Fechamos à segunda-feira.",
            "Quem sobe connosco no sábado?",
            "Neve até quinta, depois sol.",
            "Obrigado a todos pela temporada",
            "Há fotos novas na nossa página",
            "Tragam roupa quente e uma lanterna",
            "Só restam três camas para sexta-feira",
        ],
    ),
    (
        Language::Dutch,
        [
            "De hut is weer open!",
            "Vers brood vanaf negen uur.",
            "Wat een uitzicht vanochtend",
            "Op maandag zijn we dicht.",
            "Wie gaat er zaterdag mee?",
            "Sneeuw tot donderdag, dan zon.",
            "Bedankt allemaal voor dit seizoen",
            "Nieuwe foto's op onze pagina",
            "Neem warme kleren mee en een lamp",
            "Nog maar drie bedden vrij voor vrijdag",
        ],
    ),
    (
        Language::Swedish,
        [
            "Stugan är öppen igen!",
            "Färskt bröd från klockan nio.",
            "Vilken utsikt i morse",
            "Vi har stängt på måndagar.",
            "Vem följer med på lördag?",
            "Snö till torsdag, sedan sol.",
            "Tack alla för den här säsongen",
            "Nya bilder finns på vår sida",
            "Ta med varma kläder och en lampa",
            "Bara tre sängar kvar till fredag kväll",
        ],
    ),
    (
        Language::Polish,
        [
            "Schronisko jest już otwarte!",
            "Świeży chleb od dziewiątej.",
            "Co za widok dziś rano",
            "W poniedziałki mamy zamknięte.",
            "Kto idzie z nami w sobotę?",
            "Śnieg do czwartku, potem słońce.",
            "Dziękujemy wszystkim za ten sezon",
            "Nowe zdjęcia są na naszej stronie",
            "Weźcie ciepłe ubrania i latarkę",
            "Zostały tylko trzy łóżka na piątek",
        ],
    ),
    (
        Language::Turkish,
        [
            "Dağ evi yeniden açık!",
            "Dokuzdan itibaren taze ekmek.",
            "Bu sabah ne manzara ama",
            "Pazartesi günleri kapalıyız.",
            "Cumartesi bizimle kim geliyor?",
            "Perşembeye kadar kar, sonra güneş.",
            "Bu sezon için herkese teşekkürler",
            "Sayfamızda yeni fotoğraflar var",
            "Yanınıza sıcak giysi ve fener alın",
            "Cuma için sadece üç yatak kaldı",
        ],
    ),
];

const CODES: &[(Language, Lang)] = &[
    (Language::English, Lang::Eng),
    (Language::German, Lang::Deu),
    (Language::French, Lang::Fra),
    (Language::Spanish, Lang::Spa),
    (Language::Italian, Lang::Ita),
    (Language::Portuguese, Lang::Por),
    (Language::Dutch, Lang::Nld),
    (Language::Swedish, Lang::Swe),
    (Language::Polish, Lang::Pol),
    (Language::Turkish, Lang::Tur),
];

fn by_trigrams(text: &str, detector: &Detector) -> Option<Language> {
    let found = detector.detect_lang(text)?;
    CODES
        .iter()
        .find(|(_, lang)| *lang == found)
        .map(|(language, _)| *language)
}

fn by_stop_words(text: &str) -> Option<Language> {
    let mut votes: HashMap<Language, usize> = HashMap::new();
    for word in text.unicode_words().map(str::to_lowercase) {
        for (language, _) in CODES {
            if language.stop_words().contains(word.as_str()) {
                *votes.entry(*language).or_default() += 1;
            }
        }
    }
    votes
        .into_iter()
        .max_by_key(|(language, n)| (*n, std::cmp::Reverse(*language)))
        .map(|v| v.0)
}

/// What a way says of a text.
type Way<'a> = &'a dyn Fn(&str) -> Option<Language>;

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let expected: Vec<Language> = CODES.iter().map(|c| c.0).collect();
    let all = Detector::new();
    let allowed = Detector::with_allowlist(CODES.iter().map(|c| c.1).collect());
    let posts: Vec<(Language, &str)> = POSTS
        .iter()
        .flat_map(|(language, texts)| texts.map(|text| (*language, text)))
        .collect();
    let ways: [(&str, Way<'_>); 4] = [
        ("whatlang", &|text| by_trigrams(text, &all)),
        ("whatlang, expected ones", &|text| {
            by_trigrams(text, &allowed)
        }),
        ("stop words", &by_stop_words),
        ("both, or unsure", &|text| language(text, &expected)),
    ];
    let mut table = Table::new(
        "Language of short posts",
        &["right of the answered", "answered"],
    );
    for (name, way) in ways {
        let answers: Vec<Option<bool>> = posts
            .iter()
            .map(|(right, text)| way(text).map(|answer| answer == *right))
            .collect();
        // The posts are given; what varies is which of them somebody writes.
        let mut columns = vec![Vec::new(); 2];
        for seed in seeds.clone() {
            let mut dice = Dice::new("language", seed);
            let drawn: Vec<Option<bool>> = (0..posts.len()).map(|_| *dice.pick(&answers)).collect();
            let answered = drawn.iter().flatten().count() as f64;
            let right = drawn.iter().flatten().filter(|r| **r).count() as f64;
            columns[0].push(right / answered.max(1.0));
            columns[1].push(answered / drawn.len() as f64);
        }
        if name == "both, or unsure" {
            table.goal("right of the answered", Goal::AtLeast(0.97));
            table.goal("answered", Goal::AtLeast(0.88));
            table.ours(name, &columns);
        } else {
            table.beside(name, &columns);
        }
    }
    table.print()
}
