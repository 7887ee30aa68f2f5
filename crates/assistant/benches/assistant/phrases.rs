//! Key phrases: forty posts of our own in four languages, with what they are about as a reader would
//! say it.

use std::collections::BTreeMap;

use assistant::language::Language;
use assistant::phrases::key_phrases;
use assistant::text::{Key, Reader};

use crate::dice::Dice;
use crate::table::{Goal, Table};

struct Post {
    language: Language,
    text: &'static str,
    about: &'static [&'static str],
}

const fn post(language: Language, text: &'static str, about: &'static [&'static str]) -> Post {
    Post {
        language,
        text,
        about,
    }
}

use Language::{English as En, French as Fr, German as De, Spanish as Es};

const POSTS: &[Post] = &[
    post(
        En,
        "Avalanche danger rises tonight above the Blue Pass. The Blue Pass road stays closed until \
        the avalanche danger falls again. Ski tourers should wait in the valley.",
        &["avalanche danger", "Blue Pass", "ski tourers"],
    ),
    post(
        En,
        "Our sourdough starter turned ten this week. To celebrate, every sourdough loaf is half \
        price on Saturday, and we show how to feed a starter at home.",
        &["sourdough starter", "sourdough loaf", "half price"],
    ),
    post(
        En,
        "The town library opens a repair café. Bring a broken lamp or radio, and volunteers repair \
        it with you. The repair café takes place on the first Sunday of each month.",
        &["repair café", "town library", "volunteers"],
    ),
    post(
        En,
        "Bike lanes on Mill Street are finished. The new bike lanes are two metres wide, and a kerb \
        keeps cars away. Mill Street gets trees in spring.",
        &["bike lanes", "Mill Street", "trees"],
    ),
    post(
        En,
        "Swifts are back under the church roof. Please keep windows shut while the swifts feed, and \
        report a fallen nest to the bird group.",
        &["swifts", "church roof", "bird group"],
    ),
    post(
        En,
        "Choir rehearsal moves to Wednesday. We sing Bach and two folk songs, and every choir \
        rehearsal ends with tea. New voices are welcome, altos above all.",
        &["choir rehearsal", "folk songs", "new voices"],
    ),
    post(
        En,
        "A rare comet is visible before sunrise. Look east with binoculars, low above the horizon. \
        The observatory opens at five so that everyone can see the comet.",
        &["comet", "sunrise", "observatory"],
    ),
    post(
        En,
        "Heat pumps work in old houses too. Our heat pump has warmed this farmhouse for three \
        winters, and the power bill fell by a third. Ask us about insulation first.",
        &["heat pumps", "old houses", "power bill"],
    ),
    post(
        En,
        "Tomato blight is in the allotments. Cut off brown leaves, water only the soil, and burn \
        what is ill. Tomato blight spreads fast in wet weather.",
        &["tomato blight", "allotments", "wet weather"],
    ),
    post(
        En,
        "Blood donation on Friday in the sports hall. Blood donation takes an hour, and afterwards \
        there is soup. Stocks of group zero are very low.",
        &["blood donation", "sports hall", "group zero"],
    ),
    post(
        De,
        "Die Lawinengefahr steigt heute Nacht am Blauen Pass. Die Passstraße bleibt gesperrt, bis \
        die Lawinengefahr wieder sinkt. Tourengeher warten bitte im Tal.",
        &["Lawinengefahr", "Blauen Pass", "Passstraße"],
    ),
    post(
        De,
        "Unser Sauerteig wird zehn Jahre alt. Zur Feier gibt es am Samstag jedes Brot aus Sauerteig \
        zum halben Preis, und wir zeigen, wie man Sauerteig daheim füttert.",
        &["Sauerteig", "Brot", "halben Preis"],
    ),
    post(
        De,
        "In der Stadtbücherei eröffnet ein Reparaturcafé. Bringen Sie kaputte Lampen oder Radios \
        mit, Freiwillige helfen beim Reparieren. Das Reparaturcafé öffnet jeden ersten Sonntag.",
        &["Reparaturcafé", "Stadtbücherei", "Freiwillige"],
    ),
    post(
        De,
        "Der Radweg an der Mühlstraße ist fertig. Der neue Radweg ist zwei Meter breit, ein \
        Bordstein hält Autos fern. Im Frühling bekommt die Mühlstraße Bäume.",
        &["Radweg", "Mühlstraße", "Bäume"],
    ),
    post(
        De,
        "Die Mauersegler sind zurück unter dem Kirchendach. Bitte halten Sie Fenster geschlossen, \
        solange die Mauersegler füttern, und melden Sie heruntergefallene Nester.",
        &["Mauersegler", "Kirchendach", "Nester"],
    ),
    post(
        De,
        "Die Chorprobe ist jetzt am Mittwoch. Wir singen Bach und zwei Volkslieder, und nach jeder \
        Chorprobe gibt es Tee. Neue Stimmen sind willkommen, vor allem im Alt.",
        &["Chorprobe", "Volkslieder", "neue Stimmen"],
    ),
    post(
        De,
        "Ein seltener Komet ist vor Sonnenaufgang zu sehen. Mit dem Fernglas nach Osten schauen, \
        tief am Horizont. Die Sternwarte öffnet um fünf, damit alle den Komet sehen.",
        &["Komet", "Sonnenaufgang", "Sternwarte"],
    ),
    post(
        De,
        "Wärmepumpen funktionieren auch im Altbau. Unsere Wärmepumpe heizt den Bauernhof seit drei \
        Wintern, und die Stromrechnung sank um ein Drittel. Zuerst aber die Dämmung.",
        &["Wärmepumpen", "Altbau", "Stromrechnung"],
    ),
    post(
        De,
        "Die Braunfäule ist in den Kleingärten. Braune Blätter an Tomaten abschneiden, nur den \
        Boden gießen. Braunfäule breitet sich bei nassem Wetter schnell aus.",
        &["Braunfäule", "Kleingärten", "Tomaten"],
    ),
    post(
        De,
        "Blutspende am Freitag in der Turnhalle. Eine Blutspende dauert eine Stunde, danach gibt es \
        Suppe. Die Blutgruppe Null ist sehr knapp.",
        &["Blutspende", "Turnhalle", "Blutgruppe Null"],
    ),
    post(
        Fr,
        "Le danger d'avalanche augmente cette nuit au Col Bleu. La route du Col Bleu reste fermée \
        tant que le risque d'avalanche est élevé. Les skieurs attendent dans la vallée.",
        &["avalanche", "Col Bleu", "skieurs"],
    ),
    post(
        Fr,
        "Notre levain fête ses dix ans. Samedi, chaque pain au levain est à moitié prix, et nous \
        montrons comment nourrir un levain à la maison.",
        &["levain", "pain", "moitié prix"],
    ),
    post(
        Fr,
        "La bibliothèque ouvre un atelier de réparation. Apportez une lampe ou une radio cassée, des \
        bénévoles la réparent avec vous. L'atelier a lieu chaque premier dimanche.",
        &["atelier", "bibliothèque", "bénévoles"],
    ),
    post(
        Fr,
        "La piste cyclable de la rue du Moulin est terminée. Cette piste cyclable mesure deux mètres \
        de large et une bordure éloigne les voitures. Des arbres suivront au printemps.",
        &["piste cyclable", "rue", "voitures"],
    ),
    post(
        Fr,
        "Les martinets sont de retour sous le toit de l'église. Gardez les fenêtres fermées pendant \
        que les martinets nourrissent leurs petits, et signalez tout nid tombé.",
        &["martinets", "église", "fenêtres"],
    ),
    post(
        Fr,
        "La répétition de la chorale passe au mercredi. Nous chantons Bach et deux chants \
        populaires, et chaque répétition finit par un thé. La chorale cherche des altos.",
        &["répétition", "chorale", "chants populaires"],
    ),
    post(
        Fr,
        "Une comète rare est visible avant le lever du soleil. Regardez vers l'est avec des jumelles. \
        L'observatoire ouvre à cinq heures pour que chacun voie la comète.",
        &["comète", "observatoire", "jumelles"],
    ),
    post(
        Fr,
        "Les pompes à chaleur marchent aussi dans les maisons anciennes. Notre pompe chauffe la ferme \
        depuis trois hivers, et la facture d'électricité a baissé d'un tiers.",
        &["chaleur", "maisons anciennes", "facture"],
    ),
    post(
        Fr,
        "Le mildiou est dans les jardins ouvriers. Coupez les feuilles brunes des tomates, arrosez \
        seulement la terre. Le mildiou se répand vite par temps humide.",
        &["mildiou", "jardins ouvriers", "tomates"],
    ),
    post(
        Fr,
        "Don du sang vendredi au gymnase. Un don du sang dure une heure, ensuite il y a de la soupe. \
        Les réserves du groupe zéro sont très basses.",
        &["sang", "gymnase", "réserves"],
    ),
    post(
        Es,
        "El peligro de aludes sube esta noche en el Paso Azul. La carretera del Paso Azul sigue \
        cerrada hasta que baje el peligro de aludes. Los esquiadores esperan en el valle.",
        &["aludes", "Paso Azul", "carretera"],
    ),
    post(
        Es,
        "Nuestra masa madre cumple diez años. El sábado todo pan de masa madre está a mitad de \
        precio, y enseñamos cómo alimentar la masa madre en casa.",
        &["masa madre", "pan", "precio"],
    ),
    post(
        Es,
        "La biblioteca abre un taller de reparación. Traiga una lámpara o una radio rota, y los \
        voluntarios la arreglan con usted. El taller abre cada primer domingo.",
        &["taller", "biblioteca", "voluntarios"],
    ),
    post(
        Es,
        "El carril bici de la calle Molino está terminado. El nuevo carril bici mide dos metros de \
        ancho y un bordillo aleja los coches. En primavera llegan los árboles.",
        &["carril bici", "calle Molino", "coches"],
    ),
    post(
        Es,
        "Los vencejos han vuelto al tejado de la iglesia. Mantengan cerradas las ventanas mientras \
        los vencejos alimentan a sus crías, y avisen si cae un nido.",
        &["vencejos", "iglesia", "ventanas"],
    ),
    post(
        Es,
        "El ensayo del coro pasa al miércoles. Cantamos Bach y dos canciones populares, y cada \
        ensayo termina con té. El coro busca voces nuevas.",
        &["ensayo", "coro", "canciones populares"],
    ),
    post(
        Es,
        "Un cometa raro se ve antes del amanecer. Miren al este con prismáticos, cerca del \
        horizonte. El observatorio abre a las cinco para que todos vean el cometa.",
        &["cometa", "amanecer", "observatorio"],
    ),
    post(
        Es,
        "Las bombas de calor funcionan también en casas antiguas. Nuestra bomba calienta la granja \
        desde hace tres inviernos, y la factura de luz bajó un tercio.",
        &["calor", "casas antiguas", "factura"],
    ),
    post(
        Es,
        "El mildiu está en los huertos urbanos. Corten las hojas marrones de los tomates y rieguen \
        solo la tierra. El mildiu se extiende rápido con tiempo húmedo.",
        &["mildiu", "huertos urbanos", "tomates"],
    ),
    post(
        Es,
        "Donación de sangre el viernes en el polideportivo. La donación de sangre dura una hora, \
        después hay sopa. Las reservas del grupo cero están muy bajas.",
        &["sangre", "polideportivo", "reservas"],
    ),
];

/// The share of what a post is about that is among as many phrases; a phrase counts for one that it
/// is a part of or holds.
fn share(post: &Post, found: &[String]) -> f64 {
    let reader = Reader::new(Some(post.language));
    let words =
        |phrase: &str| -> Vec<Key> { phrase.split(' ').map(|w| reader.key_of(w)).collect() };
    let found: Vec<Vec<Key>> = found
        .iter()
        .take(post.about.len())
        .map(|f| words(f))
        .collect();
    let is_found = |about: &&&str| {
        let about = words(about);
        found
            .iter()
            .any(|f| f.iter().all(|w| about.contains(w)) || about.iter().all(|w| f.contains(w)))
    };
    post.about.iter().filter(is_found).count() as f64 / post.about.len() as f64
}

fn content(post: &Post) -> Vec<Vec<String>> {
    let stop = post.language.stop_words();
    let mut runs = vec![vec![]];
    for word in post.text.split(' ') {
        let bare: String = word
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase();
        if stop.contains(bare.as_str()) || bare.len() < 3 {
            runs.push(vec![]);
        } else {
            if let Some(run) = runs.last_mut() {
                run.push(bare);
            }
            if word.ends_with(['.', ',']) {
                runs.push(vec![]);
            }
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn most_frequent(post: &Post) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    content(post)
        .into_iter()
        .flatten()
        .for_each(|w| *counts.entry(w).or_default() += 1);
    let mut order: Vec<_> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    order.into_iter().map(|(word, _)| word).collect()
}

/// RAKE (Rose and others 2010): runs of content words, by degree over frequency of their words.
fn rake(post: &Post) -> Vec<String> {
    let runs = content(post);
    let mut words: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for run in &runs {
        for word in run {
            let entry = words.entry(word).or_default();
            entry.0 += run.len() as f64;
            entry.1 += 1.0;
        }
    }
    let score = |run: &Vec<String>| {
        run.iter()
            .map(|w| words[w.as_str()].0 / words[w.as_str()].1)
            .sum::<f64>()
    };
    let mut order = runs.clone();
    order.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.cmp(b)));
    order.dedup();
    order.into_iter().map(|run| run.join(" ")).collect()
}

fn chosen(post: &Post) -> Vec<String> {
    key_phrases(post.text, Some(post.language), post.about.len())
        .into_iter()
        .map(|p| p.text)
        .collect()
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut table = Table::new("Key phrases", &["found"]);
    type Way = fn(&Post) -> Vec<String>;
    let ways: [(&str, Way); 3] = [
        ("most frequent words", most_frequent),
        ("RAKE", rake),
        ("after YAKE, two words", chosen),
    ];
    for (name, way) in ways {
        let shares: Vec<f64> = POSTS.iter().map(|post| share(post, &way(post))).collect();
        let values = seeds
            .clone()
            .map(|seed| {
                let mut dice = Dice::new("phrases", seed);
                let drawn: Vec<f64> = (0..shares.len()).map(|_| *dice.pick(&shares)).collect();
                crate::table::mean(&drawn)
            })
            .collect();
        if name == "after YAKE, two words" {
            table.goal("found", Goal::AtLeast(0.58));
            table.ours(name, &[values]);
        } else {
            table.beside(name, &[values]);
        }
    }
    table.print()
}
