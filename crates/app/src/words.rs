//! Words for people outside the window: tray, menu, notifications, dialogs, the command line. They
//! come from the window's own catalog, so that one translation serves all.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::settings::Language;

/// Texts by their keys.
pub type Catalog = BTreeMap<String, String>;

/// The English catalog.
pub static ENGLISH: LazyLock<Catalog> =
    LazyLock::new(|| read(include_str!("../../../ui/src/locales/en.json")));
/// The German catalog.
pub static GERMAN: LazyLock<Catalog> =
    LazyLock::new(|| read(include_str!("../../../ui/src/locales/de.json")));
static SPEAKS_GERMAN: AtomicBool = AtomicBool::new(false);

fn read(json: &str) -> Catalog {
    serde_json::from_str(json).unwrap_or_default()
}

/// The language that is spoken: chosen, or the system's.
#[must_use]
pub fn language_of(chosen: Language, system: Option<&str>) -> Language {
    let german = system.is_some_and(|tag| {
        let language = tag.split(['-', '_', '.', '@']).next();
        language == Some("de")
    });
    match chosen {
        Language::System if german => Language::De,
        Language::System => Language::En,
        Language::En | Language::De => chosen,
    }
}

/// Speaks this language from now on, where `system` says what the system speaks (a BCP 47 tag or a
/// POSIX locale); answers whether it is another than before.
pub fn speak(chosen: Language, system: Option<&str>) -> bool {
    let german = language_of(chosen, system) == Language::De;
    SPEAKS_GERMAN.swap(german, Ordering::Relaxed) != german
}

/// The text under `key`, in English where the spoken catalog lacks it.
fn text(key: &str) -> Option<&'static String> {
    text_in(SPEAKS_GERMAN.load(Ordering::Relaxed), key)
}

fn text_in(german: bool, key: &str) -> Option<&'static String> {
    let spoken = if german { &GERMAN } else { &ENGLISH };
    spoken.get(key).or_else(|| ENGLISH.get(key))
}

/// What stands in for `{{name}}` in a text.
pub type Args = BTreeMap<String, String>;

/// The text under `key`; the key itself when the catalog lacks it.
#[must_use]
pub fn say(key: &str) -> String {
    with(key, &Args::new())
}

/// The text under `key`, with its gaps filled. A `count` chooses between `_one` and `_other`.
#[must_use]
pub fn with(key: &str, args: &Args) -> String {
    filled(SPEAKS_GERMAN.load(Ordering::Relaxed), key, args)
}

/// The same for somebody who is not at this computer: in their language.
#[must_use]
pub fn in_language(language: Language, key: &str, args: &Args) -> String {
    filled(language == Language::De, key, args)
}

fn filled(german: bool, key: &str, args: &Args) -> String {
    let plural = args
        .get("count")
        .map(|count| format!("{key}_{}", if count == "1" { "one" } else { "other" }));
    let found = plural
        .and_then(|key| text_in(german, &key))
        .or_else(|| text_in(german, key))
        .map_or(key, String::as_str);
    fill(found, args)
}

/// The text under `key` for so many.
#[must_use]
pub fn counted(key: &str, count: u32) -> String {
    with(key, &Args::from([("count".to_owned(), count.to_string())]))
}

/// A network by the name that people know: the catalog's, else its own with a capital.
#[must_use]
pub fn network(id: &str) -> String {
    let key = format!("network.{id}");
    text(&key).cloned().unwrap_or_else(|| {
        let mut letters = id.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    })
}

/// Fills `{{name}}`; a gap that nothing fills is left out.
fn fill(text: &str, args: &Args) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        if let Some(value) = args.get(name.trim()) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once_and_never_read_again() {
        let args = Args::from([("headline".to_owned(), "{{persona}} <b>".to_owned())]);
        assert_eq!(
            fill("“{{headline}}” by {{persona}}.", &args),
            "“{{persona}} <b>” by ."
        );
        assert_eq!(fill("odd {{end", &args), "odd end");
    }

    #[test]
    fn the_system_decides_until_somebody_chooses() {
        for (chosen, system, spoken) in [
            (Language::System, Some("de-AT"), Language::De),
            (Language::System, Some("de_DE.UTF-8"), Language::De),
            (Language::System, Some("de"), Language::De),
            (Language::System, Some("den"), Language::En),
            (Language::System, Some("C"), Language::En),
            (Language::System, None, Language::En),
            (Language::En, Some("de"), Language::En),
            (Language::De, Some("en-GB"), Language::De),
        ] {
            assert_eq!(language_of(chosen, system), spoken, "{system:?}");
        }
    }
}
