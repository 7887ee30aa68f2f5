//! The core for the window: this process owns the data folder and its background work, or it is a
//! guest of the process that does.

mod browser;
mod guest;
mod logs;
mod owner;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::folder::config_folder;
use app::host::{self, Options};
use protocol::{Code, Problem};

use crate::core::Core;

/// What a process needs before anything else: a provider of cryptography, and a log.
pub(crate) fn prepare_process() {
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a provider of cryptography was there already");
    }
    logs::begin();
}

/// Where this user's configuration lies.
pub(crate) fn config() -> Result<PathBuf, Problem> {
    config_folder().ok_or_else(|| {
        Problem::new(
            Code::InvalidInput,
            "This user has no home folder. Name a place for settings in ROSTRUM_CONFIG_DIR.",
        )
    })
}

/// Opens the data folder, making it if there is none.
pub(crate) async fn open(data: &Path) -> Result<Arc<dyn Core>, Problem> {
    let config = config()?;
    let options = Options {
        browser: Some(Arc::new(browser::SystemBrowser)),
        ..Options::default()
    };
    let opened = host::init(data, &config, options).await;
    logs::keep_in(&data.join("logs"));
    match opened {
        Ok(host) => {
            host.start().await?;
            Ok(Arc::new(owner::Owner::new(data, host)))
        }
        Err(problem) if problem.code == Code::FolderInUse => {
            Ok(Arc::new(guest::Guest::of(data, problem).await?))
        }
        Err(problem) => Err(problem),
    }
}
