//! Spelling: the languages that people write in here. WebKitGTK checks nothing before it is told
//! which (<https://webkitgtk.org/reference/webkit2gtk/stable/method.WebContext.set_spell_checking_languages.html>);
//! on macOS and Windows the system decides by itself.

use std::collections::BTreeSet;

use app::words::language_of;
use protocol::settings::Language;
use protocol::views::PersonaDetail;
use protocol::{Problem, Query};
use tauri::{AppHandle, Manager as _};

use crate::core::{Core, ask, organizations};
use crate::shell::Shell;
use crate::windows;

/// Checks what is written in the window in the languages of all personas and of the window itself,
/// as far as the system has dictionaries of them.
pub(crate) async fn follow(app: &AppHandle) {
    let shell = Shell::of(app);
    let languages = match written(&*shell.core).await {
        Ok(languages) => languages,
        Err(problem) => return tracing::warn!(?problem, "spelling goes on as it was"),
    };
    if let Some(window) = app.get_webview_window(windows::MAIN)
        && let Err(error) = check(&window, languages)
    {
        tracing::warn!(%error, "spelling is not checked");
    }
}

async fn written(core: &dyn Core) -> Result<BTreeSet<String>, Problem> {
    let mut personas: Vec<PersonaDetail> = ask(core, None, Query::Personas {}).await?;
    for joined in organizations(core).await?.joined {
        // One that does not open has nothing to write in.
        let within = Some(joined.organization);
        personas.extend(
            ask(core, within, Query::Personas {})
                .await
                .unwrap_or_else(|problem| {
                    tracing::debug!(code = problem.code.as_str(), "no personas");
                    Vec::<PersonaDetail>::new()
                }),
        );
    }
    let system = sys_locale::get_locale();
    let own = match language_of(core.settings().language, system.as_deref()) {
        Language::De => "de",
        Language::En | Language::System => "en",
    };
    let spoken = personas.iter().map(|one| one.profile.language.as_str());
    Ok(dictionaries(spoken.chain([own])))
}

/// Dictionaries for languages (BCP 47), named as their files are: `de_AT`, and `de` for whatever
/// country the system has.
fn dictionaries<'a>(languages: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for tag in languages {
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        // Script and variants are no part of a file's name.
        let country = parts.find(|part| part.len() == 2);
        if let Some(country) = country {
            names.insert(format!("{language}_{}", country.to_ascii_uppercase()));
        }
        if !language.is_empty() {
            names.insert(language);
        }
    }
    names
}

#[cfg(target_os = "linux")]
fn check(window: &tauri::WebviewWindow, languages: BTreeSet<String>) -> tauri::Result<()> {
    use webkit2gtk::{WebContextExt as _, WebViewExt as _};
    window.with_webview(move |webview| {
        let Some(context) = webview.inner().context() else {
            return;
        };
        let names: Vec<&str> = languages.iter().map(String::as_str).collect();
        context.set_spell_checking_languages(&names);
        context.set_spell_checking_enabled(true);
    })
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
fn check(_: &tauri::WebviewWindow, _: BTreeSet<String>) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_is_looked_for_by_country_and_by_language_alone() {
        let found = dictionaries(["de-AT", "en", "zh-Hant-TW"]);
        let names: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(names, ["de", "de_AT", "en", "zh", "zh_TW"]);
    }
}
