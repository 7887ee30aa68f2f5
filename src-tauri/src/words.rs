//! Words for people outside the window, in the language that was chosen or the system's.

use protocol::settings::Language;

pub(crate) use app::words::{Args, counted, network, say, with};

/// Speaks this language from now on; answers whether it is another than before.
pub(crate) fn speak(chosen: Language) -> bool {
    app::words::speak(chosen, sys_locale::get_locale().as_deref())
}

#[cfg(test)]
mod tests {
    use protocol::event::NotificationKind;

    use app::words::{Catalog, ENGLISH, GERMAN};

    fn has(catalog: &Catalog, key: &str) -> bool {
        catalog.contains_key(key) || catalog.contains_key(&format!("{key}_one"))
    }

    #[test]
    fn every_notification_has_its_words_in_every_language() {
        for kind in NotificationKind::ALL {
            let kind = serde_json::to_value(kind).unwrap();
            for part in ["title", "body"] {
                let key = format!("notification.{}.{part}", kind.as_str().unwrap());
                for catalog in [&ENGLISH, &GERMAN] {
                    assert!(has(catalog, &key), "{key} is not in a catalog");
                }
            }
        }
    }

    #[test]
    fn every_word_of_the_shell_is_in_every_catalog() {
        for key in crate::SHELL_WORDS {
            for catalog in [&ENGLISH, &GERMAN] {
                assert!(has(catalog, key), "{key} is not in a catalog");
            }
        }
    }

    #[test]
    fn another_day_has_a_form_that_every_language_can_show() {
        use chrono::format::{Item, StrftimeItems};
        for catalog in [&ENGLISH, &GERMAN] {
            let form = &catalog["tray.day_form"];
            assert!(
                StrftimeItems::new(form).all(|item| item != Item::Error),
                "{form}"
            );
        }
    }
}
