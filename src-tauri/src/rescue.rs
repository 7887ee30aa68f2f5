//! The core would not open: the person is told why and what to do. Where a backup mends it, it is
//! put in place from here.

use std::path::{Path, PathBuf};

use app::folder::BACKUP;
use app::host;
use protocol::{Code, Problem};
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};

use crate::words::{self, Args};

/// Says what is wrong; `again` opens after a restore. Otherwise the program ends.
pub(crate) fn offer(
    app: &AppHandle,
    data: PathBuf,
    problem: &Problem,
    again: impl FnOnce() -> Result<(), Problem> + Send + 'static,
) {
    eprintln!("rostrum: {} ({})", problem.message, problem.code.as_str());
    let backup = (problem.code == Code::DatabaseCorrupt)
        .then(|| problem.fields.get(BACKUP))
        .flatten();
    let Some(backup) = backup.map(PathBuf::from) else {
        return say_and_end(app, problem);
    };
    let args = Args::from([("backup".to_owned(), backup.display().to_string())]);
    let ends = app.clone();
    app.dialog()
        .message(words::with("start.corrupt", &args))
        .title(words::say("start.failed"))
        .kind(MessageDialogKind::Error)
        .buttons(MessageDialogButtons::OkCancelCustom(
            words::say("start.restore"),
            words::say("start.quit"),
        ))
        .show(move |wanted| {
            if !wanted {
                return ends.exit(1);
            }
            let app = ends.clone();
            let done = ends.run_on_main_thread(move || {
                let opened = put_in_place(&data, &backup).and_then(|()| again());
                if let Err(problem) = opened {
                    say_and_end(&app, &problem);
                }
            });
            if done.is_err() {
                ends.exit(1);
            }
        });
}

fn put_in_place(data: &Path, backup: &Path) -> Result<(), Problem> {
    let config = crate::host::config()?;
    let restoring = host::restore_unopened(data, &config, backup, host::Options::default());
    tauri::async_runtime::block_on(restoring)?;
    Ok(())
}

fn say_and_end(app: &AppHandle, problem: &Problem) {
    let short = words::say(&format!("problem.{}", problem.code.as_str()));
    let ends = app.clone();
    app.dialog()
        .message(format!("{short}\n\n{}", sentence(&problem.message)))
        .title(words::say("start.failed"))
        .kind(MessageDialogKind::Error)
        .show(move |_| ends.exit(1));
}

/// With a capital and a full stop, as a dialog says it.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_problem_is_said_as_a_sentence() {
        assert_eq!(sentence("the disk is full"), "The disk is full.");
        assert_eq!(sentence("Look again."), "Look again.");
    }
}
