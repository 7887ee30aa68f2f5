//! Where things lie.

use std::path::{Path, PathBuf};

use domain::ids::OrganizationId;

/// The paths of a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The folder at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        // A relative path would lead elsewhere once somebody changes the working directory.
        Self {
            root: std::path::absolute(root).unwrap_or_else(|_| root.to_owned()),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("rostrum.sqlite")
    }

    /// Pictures by hash.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.root.join("media")
    }

    /// The organizations of servers that were joined, one folder each.
    #[must_use]
    pub fn organizations(&self) -> PathBuf {
        self.root.join("orgs")
    }

    /// The folder of one of them.
    #[must_use]
    pub fn organization(&self, id: OrganizationId) -> PathBuf {
        self.organizations().join(id.to_string())
    }

    /// Backups, one folder each.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// Secrets where no keychain answers.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault.sealed")
    }

    /// Locked by the process that does the background work.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("owner.lock")
    }

    /// Where the owner listens for other processes.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.root.join("owner.sock")
    }

    /// Logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Settings of this computer.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.root.join("settings.toml")
    }

    /// Which folder it is.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        self.root.join("folder.json")
    }

    /// There until a restored folder has what goes on from the one before it: where that one is.
    pub(super) fn came_after(&self) -> PathBuf {
        self.root.join("came-after.json")
    }

    /// A path beside the folder, on the same file system, such as `rostrum.before-restore-<stamp>`.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.root.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(suffix);
        self.root.with_file_name(name)
    }
}

/// Where this user's programs keep what must not lie in the data folder: the mirror of its boot
/// counter and the vault's key file. `ROSTRUM_CONFIG_DIR` names another place; absent when the
/// system knows no home.
#[must_use]
pub fn config_folder() -> Option<PathBuf> {
    std::env::var_os("ROSTRUM_CONFIG_DIR")
        .filter(|v| !v.is_empty())
        .map(PathBuf::from)
        .or_else(|| dirs::config_dir().map(|d| d.join("rostrum")))
}

/// The data folder of a person who named none; absent when the system knows no home.
#[must_use]
pub fn usual_root() -> Option<PathBuf> {
    dirs::data_dir().map(|d| d.join("rostrum"))
}
