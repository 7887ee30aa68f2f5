//! A backup put in the place of a folder that is open: unpacked while the work goes on, then the
//! folder changes hands between two breaths.

use std::path::Path;

use protocol::{Act, Code, Problem, views};

use super::{Host, Options, open};
use crate::act::Way;
use crate::folder::backup::{Restored, unpack};

/// The folder after a restore that was tried.
#[derive(Debug)]
pub struct Back {
    /// Opened and at work: the restored folder, or the old one when it could not be moved.
    pub host: Host,
    /// What was done.
    pub done: Result<views::Restored, Problem>,
}

/// Restores `file` (a backup's folder or file) in place of the folder of `host`. `swap` is awaited
/// when the old host is about to stop: from then on nobody may use it.
///
/// # Errors
/// `forbidden`, `bad_backup`, `binary_too_old`, `disk_full`, `read_only`, `cancelled`: the host is
/// then as it was. Whatever else comes after `swap`, and says to start again: nothing is open then.
pub async fn restore(
    host: &Host,
    file: &str,
    options: Options,
    way: &Way,
    swap: impl Future<Output = ()> + Send,
) -> Result<Back, Problem> {
    let act = Act::Restore {
        file: file.to_owned(),
    };
    host.app.may_act(&act, way).await?;
    let (root, config) = {
        let folder = host.app.folder();
        (
            folder.layout().root().to_owned(),
            folder.config().to_owned(),
        )
    };
    let work = way.backup_work();
    let ready = unpack(&root, Path::new(file), host.app.now(), &work)
        .await
        .map_err(Problem::from)?;
    swap.await;
    host.stop().await;
    let done = ready.put_in_place(&work).await;
    let opened = async {
        let host = open(&root, &config, options).await?;
        host.start().await?;
        Ok::<_, Problem>(host)
    };
    match opened.await {
        Ok(host) => Ok(Back {
            host,
            done: done.map(views::Restored::from).map_err(Problem::from),
        }),
        Err(problem) => Err(done.err().map(Problem::from).unwrap_or_else(|| {
            let words = format!(
                "It was restored but did not open; start Rostrum again. {}",
                problem.message
            );
            Problem::new(Code::Internal, words)
        })),
    }
}

impl From<Restored> for views::Restored {
    fn from(done: Restored) -> Self {
        Self {
            backup: done.backup.into(),
            aside: done.aside.map(|path| path.to_string_lossy().into_owned()),
        }
    }
}
