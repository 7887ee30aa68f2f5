//! Words for people outside the window: tray, menu, notifications, dialogs. They come from the
//! window's own catalog, so that one translation serves both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const ENGLISH: &str = include_str!("../../ui/src/locales/en.json");

static CATALOG: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| serde_json::from_str(ENGLISH).unwrap_or_default());

/// What stands in for `{{name}}` in a text.
pub(crate) type Args = BTreeMap<String, String>;

/// The text under `key`; the key itself when the catalog lacks it.
#[must_use]
pub(crate) fn say(key: &str) -> String {
    with(key, &Args::new())
}

/// The text under `key`, with its gaps filled. A `count` chooses between `_one` and `_other`.
#[must_use]
pub(crate) fn with(key: &str, args: &Args) -> String {
    let plural = args
        .get("count")
        .map(|count| format!("{key}_{}", if count == "1" { "one" } else { "other" }));
    let text = plural
        .and_then(|key| CATALOG.get(&key))
        .or_else(|| CATALOG.get(key))
        .map_or(key, String::as_str);
    fill(text, args)
}

/// The text under `key` for so many.
#[must_use]
pub(crate) fn counted(key: &str, count: u32) -> String {
    with(key, &Args::from([("count".to_owned(), count.to_string())]))
}

/// A network by the name that people know: the catalog's, else its own with a capital.
#[must_use]
pub(crate) fn network(id: &str) -> String {
    let key = format!("network.{id}");
    CATALOG.get(&key).cloned().unwrap_or_else(|| {
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
    use protocol::event::NotificationKind;

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
    fn every_notification_has_its_words() {
        for kind in NotificationKind::ALL {
            let kind = serde_json::to_value(kind).unwrap();
            for part in ["title", "body"] {
                let key = format!("notification.{}.{part}", kind.as_str().unwrap());
                let plural = format!("{key}_one");
                assert!(
                    CATALOG.contains_key(&key) || CATALOG.contains_key(&plural),
                    "{key} is not in the catalog"
                );
            }
        }
    }

    #[test]
    fn every_word_of_the_shell_is_in_the_catalog() {
        for key in crate::SHELL_WORDS {
            assert!(
                CATALOG.contains_key(*key) || CATALOG.contains_key(&format!("{key}_one")),
                "{key} is not in the catalog"
            );
        }
    }
}
