//! The window's words on the command line: statuses, and what is wrong with a text.

use app::words::{Args, say, with};
use domain::limits::Issue;
use protocol::settings::Language;
use serde::Serialize;

use crate::args::Lang;

/// Speaks the language that was asked for, else that of the system.
pub(crate) fn speak(asked: Option<Lang>) {
    let chosen = asked.map_or(Language::System, |lang| match lang {
        Lang::En => Language::En,
        Lang::De => Language::De,
    });
    // In the order in which POSIX looks at them.
    let system = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    app::words::speak(chosen, system.as_deref());
}

/// The word for a value of a closed set, such as `status.content` and `Published`; its own name
/// where the catalog has none.
pub(crate) fn of<T: Serialize>(kind: &str, value: &T) -> String {
    let name = crate::print::word(value);
    let key = format!("{kind}.{name}");
    let said = say(&key);
    if said == key { name } else { said }
}

/// What is wrong with a text on a network, and what it means where the catalog says it.
pub(crate) fn issue(issue: &Issue, network: &str) -> String {
    let mut args: Args = issue.args.clone();
    let networks = app::words::network(network);
    args.insert("networks".to_owned(), networks.clone());
    args.insert("network".to_owned(), networks);
    args.insert("part".to_owned(), (issue.segment + 1).to_string());
    if let Some(choice) = issue.choice {
        args.insert("choice".to_owned(), (choice + 1).to_string());
    }
    for kind in ["visibility", "replies"] {
        if let Some(value) = issue.args.get(kind) {
            args.insert(kind.to_owned(), say(&format!("{kind}.{value}")));
        }
    }
    if issue.args.contains_key("minutes")
        && let Some(limit) = issue.args.get("limit")
    {
        args.insert("time".to_owned(), format!("{limit} min"));
    }
    let key = format!("issue.{}", issue.code);
    let what = with(&key, &args);
    let more = format!("{key}.more");
    match with(&more, &args) {
        none if none == more => what,
        more => format!("{what} {more}"),
    }
}
