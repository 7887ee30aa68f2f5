//! Noticing that the file was changed by hand.

use std::fs;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Loaded, SettingsFile};

/// Looks at the file's time and size now and then. That is enough: people edit it rarely.
#[derive(Debug)]
pub struct Watch {
    file: SettingsFile,
    seen: Option<(SystemTime, u64)>,
    last: Loaded,
}

impl Watch {
    /// Watches `file` from its present state on.
    #[must_use]
    pub fn new(file: SettingsFile) -> Self {
        let seen = look(&file);
        let last = file.load();
        Self { file, seen, last }
    }

    /// What is in force.
    #[must_use]
    pub const fn current(&self) -> &Loaded {
        &self.last
    }

    /// Looks once; answers when something that matters is different.
    pub fn poll(&mut self) -> Option<Loaded> {
        let now = look(&self.file);
        if now == self.seen {
            return None;
        }
        self.seen = now;
        let loaded = self.file.load();
        if loaded == self.last {
            return None;
        }
        self.last = loaded.clone();
        Some(loaded)
    }

    /// Sends each change to `to` until `stop`. Runs as a component's task.
    pub async fn run(
        mut self,
        to: watch::Sender<Loaded>,
        every: Duration,
        stop: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            if let Some(loaded) = self.poll() {
                to.send_replace(loaded);
            }
        }
    }
}

fn look(file: &SettingsFile) -> Option<(SystemTime, u64)> {
    let meta = fs::metadata(&file.path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
