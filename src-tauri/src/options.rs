//! What the program was started with.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::link;
use crate::windows::Start;

/// The words of `--help`.
pub(crate) const HELP: &str = "Rostrum: write, agree and publish on many social networks.

rostrum [--data DIR] [--hidden] [LINK]

  --data DIR   the data folder; else the environment variable ROSTRUM_DATA, else the usual place
  --hidden     start in the tray
  LINK         what to show, such as rostrum://compose?text=Hello
  --version    the version
  --help       these words";

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Open the window on a data folder.
    Open {
        /// The folder.
        data: PathBuf,
        /// It is not the usual one.
        own_folder: bool,
        /// Shown or in the tray.
        start: Start,
        /// What to show at first, as another program wrote it.
        link: Option<String>,
    },
    /// Print the words and end well.
    Say(String),
    /// Print the words and end badly.
    Refuse(String),
}

/// Reads the arguments (without the program's name) and the environment.
pub(crate) fn read(
    args: impl Iterator<Item = OsString>,
    env: impl Fn(&str) -> Option<OsString>,
) -> Wish {
    let mut named = env("ROSTRUM_DATA").map(PathBuf::from);
    let mut start = Start::Shown;
    let mut link = None;
    let mut args = args;
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--data") => match args.next() {
                Some(folder) => named = Some(folder.into()),
                None => return Wish::Refuse("--data needs a folder".to_owned()),
            },
            Some("--hidden") => start = Start::Hidden,
            Some("--help" | "-h") => return Wish::Say(HELP.to_owned()),
            Some("--version" | "-V") => {
                return Wish::Say(format!("rostrum {}", env!("CARGO_PKG_VERSION")));
            }
            Some(text) if link::is_one(text) => link = Some(text.to_owned()),
            _ => return Wish::Refuse(format!("what is {}?\n\n{HELP}", arg.display())),
        }
    }
    let own_folder = named.is_some();
    match named.or_else(|| usual_folder(&env)) {
        Some(data) => Wish::Open {
            data,
            own_folder,
            start,
            link,
        },
        None => Wish::Refuse("there is no home folder: name one with --data DIR".to_owned()),
    }
}

/// Where programs keep their data on this system.
fn usual_folder(env: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if cfg!(target_os = "windows") {
        Some(folder("APPDATA")?.join("Rostrum"))
    } else if cfg!(target_os = "macos") {
        Some(folder("HOME")?.join("Library/Application Support/Rostrum"))
    } else {
        let data = folder("XDG_DATA_HOME").filter(|path| path.is_absolute());
        Some(
            data.or_else(|| Some(folder("HOME")?.join(".local/share")))?
                .join("rostrum"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(args: &[&str], env: &[(&str, &str)]) -> Wish {
        let env = env.to_vec();
        read(args.iter().map(OsString::from), move |name| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.into())
        })
    }

    fn folder(wish: Wish) -> PathBuf {
        match wish {
            Wish::Open { data, .. } => data,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_argument_wins_over_the_environment() {
        let env = [("ROSTRUM_DATA", "/env"), ("HOME", "/home/a")];
        assert_eq!(
            folder(reads(&["--data", "/arg"], &env)),
            PathBuf::from("/arg")
        );
        assert_eq!(folder(reads(&[], &env)), PathBuf::from("/env"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_usual_place_follows_the_desktop_rules() {
        let home = ("HOME", "/home/a");
        assert_eq!(
            folder(reads(&[], &[home])),
            PathBuf::from("/home/a/.local/share/rostrum")
        );
        let env = [home, ("XDG_DATA_HOME", "/data")];
        assert_eq!(folder(reads(&[], &env)), PathBuf::from("/data/rostrum"));
    }

    #[test]
    fn a_link_is_taken_along_whatever_it_says() {
        let home = [("HOME", "/home/a")];
        for link in ["rostrum://compose?text=x", "rostrum://no-such-place"] {
            let wish = reads(&["--hidden", link], &home);
            assert!(
                matches!(&wish, Wish::Open { link: Some(text), .. } if text == link),
                "{wish:?}"
            );
        }
        assert!(matches!(
            reads(&["https://a.example"], &home),
            Wish::Refuse(_)
        ));
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_help() {
        assert!(matches!(reads(&["--dta"], &[]), Wish::Refuse(words) if words.contains("--data")));
        assert!(matches!(reads(&["--data"], &[]), Wish::Refuse(_)));
    }
}
