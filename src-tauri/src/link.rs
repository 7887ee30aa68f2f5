//! `rostrum://` links: what another program may ask the window to show. A link shows a place or
//! begins a text; it does, sends and stores nothing.
//!
//! `rostrum://today`, `rostrum://approvals`, `rostrum://content/ID`,
//! `rostrum://compose`, `rostrum://compose?text=WORDS`, `rostrum://join?link=INVITATION`

use protocol::event::Place;
use tauri::{AppHandle, Url};
use tauri_plugin_deep_link::{DeepLink, DeepLinkExt as _};

use crate::shell::Shell;

/// The scheme of our links.
pub(crate) const SCHEME: &str = "rostrum";

/// The longest link that is read, in bytes: more than any network takes in a text, with every byte
/// of it written as three.
const LONGEST: usize = 64 << 10;

/// Whether an argument is meant as a link of ours.
pub(crate) fn is_one(argument: &str) -> bool {
    let start = argument.get(..SCHEME.len() + 1);
    start.is_some_and(|start| start.eq_ignore_ascii_case("rostrum:"))
}

/// What a link shows; `None` where it names no place that we know.
pub(crate) fn place(link: &str) -> Option<Place> {
    if link.len() > LONGEST {
        return None;
    }
    let url = Url::parse(link).ok().filter(|url| url.scheme() == SCHEME)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let rest = url.path().trim_matches('/');
    match (url.host_str().filter(|_| plain)?, rest) {
        ("today", "") => Some(Place::Today),
        ("approvals", "") => Some(Place::Approvals),
        ("content", id) => {
            let id = uuid::Uuid::try_parse(id).ok()?;
            Some(Place::Content { id: id.into() })
        }
        ("compose", "") => compose(&url),
        ("join", "") => join(&url),
        _ => None,
    }
}

/// Nothing is asked of the server that it names before a person has seen which one it is.
fn join(url: &Url) -> Option<Place> {
    let (_, link) = url.query_pairs().find(|(name, _)| name == "link")?;
    let is_web = ["https://", "http://"]
        .iter()
        .any(|way| link.starts_with(way));
    let plain = is_web && !link.chars().any(|c| c.is_control() || c.is_whitespace());
    plain.then(|| Place::Join {
        link: link.into_owned(),
    })
}

fn compose(url: &Url) -> Option<Place> {
    let mut words = url.query_pairs().filter(|(name, _)| name == "text");
    let Some((_, text)) = words.next() else {
        return Some(Place::Compose);
    };
    // Nobody types what does not show, so nobody else does it for them.
    let hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let text: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| !hidden(*c))
        .collect();
    Some(Place::ComposeText { text })
}

/// Has the system bring our links here. A Rostrum on a folder of its own leaves them to the usual
/// one.
pub(crate) fn receive(app: &AppHandle, own_folder: bool) {
    // Elsewhere a link comes as the argument of a second start.
    #[cfg(target_os = "macos")]
    {
        let opens = app.clone();
        app.deep_link().on_open_url(move |event| {
            for url in event.urls() {
                crate::shell::follow(&opens, url.as_str());
            }
        });
    }
    if own_folder || cfg!(target_os = "macos") {
        return;
    }
    let app = app.clone();
    // It asks other programs and waits for them.
    Shell::of(&app).run(async move {
        let asked = tokio::task::spawn_blocking(move || {
            let links = app.deep_link();
            if others_take(links) {
                return Ok(());
            }
            links.register(SCHEME)
        });
        if let Ok(Err(error)) = asked.await {
            tracing::info!(%error, "the system brings no links here");
        }
    });
}

/// Whether the system brings our links to a program already, such as the one of a package. One
/// that was only unpacked, and perhaps moved since, says so anew at each start.
#[cfg(target_os = "linux")]
fn others_take<R: tauri::Runtime>(_: &DeepLink<R>) -> bool {
    let kind = format!("x-scheme-handler/{SCHEME}");
    let asked = std::process::Command::new("xdg-mime")
        .args(["query", "default", &kind])
        .output();
    let own = std::env::current_exe().ok().and_then(|exe| {
        let name = exe.file_name()?.to_string_lossy().into_owned();
        Some(format!("{name}-handler.desktop"))
    });
    asked.is_ok_and(|said| {
        let taken = String::from_utf8_lossy(&said.stdout);
        let taken = taken.trim();
        !taken.is_empty() && own.as_deref() != Some(taken)
    })
}

#[cfg(not(target_os = "linux"))]
fn others_take<R: tauri::Runtime>(links: &DeepLink<R>) -> bool {
    links.is_registered(SCHEME).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_link_leads_to_the_places_that_we_know() {
        let id = Uuid::from_u128(7);
        let text = |text: &str| {
            let text = text.to_owned();
            Some(Place::ComposeText { text })
        };
        assert_eq!(place("rostrum://today"), Some(Place::Today));
        assert_eq!(place("rostrum://approvals/"), Some(Place::Approvals));
        assert_eq!(
            place(&format!("rostrum://content/{id}")),
            Some(Place::Content { id: id.into() })
        );
        assert_eq!(place("rostrum://compose"), Some(Place::Compose));
        assert_eq!(
            place("ROSTRUM://compose?text=Sp%C3%A4ter%20Schnee%0A%23snow&x=y"),
            text("Später Schnee\n#snow")
        );
        let link = "https://rostrum.example.org/#/join/a.b.c";
        assert_eq!(
            place("rostrum://join?link=https://rostrum.example.org/%23/join/a.b.c"),
            Some(Place::Join { link: link.into() })
        );
        assert_eq!(
            place("rostrum://compose?text=a%00b%1b%0D%0Ac"),
            text("ab\nc")
        );
    }

    #[test]
    fn any_other_link_leads_nowhere() {
        let long = format!("rostrum://compose?text={}", "a".repeat(LONGEST));
        for link in [
            "rostrum://",
            "rostrum:compose",
            "rostrum://settings",
            "rostrum://content",
            "rostrum://content/../../etc/passwd",
            "rostrum://approvals/approve?all=yes",
            "rostrum://me@compose",
            "rostrum://compose:80",
            "rostrum://compose/send?text=x",
            "https://compose?text=x",
            "rostrum://join",
            "rostrum://join?link=",
            "rostrum://join?link=file:///etc/passwd",
            "rostrum://join?link=https://a.example/%0A",
            "javascript:alert(1)",
            "",
            &long,
        ] {
            assert_eq!(place(link), None, "{link}");
        }
    }

    #[test]
    fn only_our_scheme_is_ours() {
        assert!(is_one("rostrum://compose") && is_one("Rostrum:x"));
        assert!(!is_one("rostrum") && !is_one("--rostrum:") && !is_one("https://rostrum:1"));
        assert!(!is_one("rostrüm:"));
    }
}
