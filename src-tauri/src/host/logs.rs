//! The log: on the error output from the start, and in the data folder once that is open. There it
//! is one JSON object a line, so that a report can be made of what is safe to show.

use std::path::Path;
use std::sync::OnceLock;

use tracing_appender::rolling::{Builder, RollingFileAppender, Rotation};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::Layer;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, fmt};

/// A week, one file a day.
const KEPT_FILES: usize = 7;

type ToFile = Layer<Registry, JsonFields, Format<Json>, RollingFileAppender>;

static FILE: OnceLock<Handle<Option<ToFile>, Registry>> = OnceLock::new();

/// Begins to log; `ROSTRUM_LOG` chooses how much.
pub(super) fn begin() {
    let (file, handle) = reload::Layer::new(None);
    let wanted = EnvFilter::try_from_env("ROSTRUM_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,zbus=warn"));
    let begun = tracing_subscriber::registry()
        .with(file)
        .with(fmt::layer().with_writer(std::io::stderr).without_time())
        .with(wanted)
        .try_init();
    if begun.is_ok() && FILE.set(handle).is_err() {
        tracing::debug!("the log was begun twice");
    }
}

/// From now on also into this folder, which is made if need be.
pub(super) fn keep_in(folder: &Path) {
    if let Err(error) = std::fs::create_dir_all(folder) {
        tracing::warn!(%error, "there is no folder for the log");
    }
    let appender = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("rostrum")
        .filename_suffix("log")
        .max_log_files(KEPT_FILES)
        .build(folder);
    let kept = appender
        .map_err(|error| error.to_string())
        .and_then(|appender| {
            let layer = fmt::layer()
                .json()
                .with_current_span(false)
                .with_span_list(false)
                .with_writer(appender);
            let handle = FILE.get().ok_or("nobody logs")?;
            handle
                .reload(Some(layer))
                .map_err(|error| error.to_string())
        });
    if let Err(why) = kept {
        tracing::warn!(%why, "the log is not kept in a file");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_of_days_is_kept_and_the_newest_can_be_read_for_a_report() {
        let folder = tempfile::tempdir().unwrap();
        for day in 1..=12 {
            let name = format!("rostrum.2024-01-{day:02}.log");
            std::fs::write(folder.path().join(name), "old").unwrap();
        }
        begin();
        keep_in(folder.path());
        tracing::info!(number = 7, "the computer woke up");
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, KEPT_FILES);
        let lines = app::host::last_lines(folder.path(), 40);
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with("the computer woke up number=7")),
            "{lines:?}"
        );
    }
}
