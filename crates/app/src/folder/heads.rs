//! The end of the audit, kept outside the data folder (rules.md 17): a history that does not go on
//! from there was put in the folder by somebody.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use domain::Hash;
use domain::ids::OrganizationId;
use serde::{Deserialize, Serialize};

use super::error::FolderError;
use super::identity::{DataFolder, beside_mirror, write_json};

/// The last entry of an organization's audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number; 0 before the first.
    pub n: u64,
    /// Its hash.
    pub hash: Hash,
}

type Heads = BTreeMap<OrganizationId, Head>;

impl DataFolder {
    /// The last entry that this computer has seen; absent where it has seen none, or what it kept
    /// cannot be read.
    #[must_use]
    pub fn kept_head(&self, organization: OrganizationId) -> Option<Head> {
        self.heads().remove(&organization)
    }

    /// Keeps the last entry.
    ///
    /// # Errors
    /// When the configuration's folder cannot be written.
    pub fn keep_head(&self, organization: OrganizationId, head: Head) -> Result<(), FolderError> {
        let mut heads = self.heads();
        if heads.insert(organization, head) == Some(head) {
            return Ok(());
        }
        write_json(&self.heads_path(), &heads)
    }

    fn heads(&self) -> Heads {
        let read = fs::read(self.heads_path()).ok();
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn heads_path(&self) -> PathBuf {
        beside_mirror(self.config(), self.id(), "heads")
    }
}
