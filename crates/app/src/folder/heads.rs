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

/// An entry of an organization's audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number; 0 before the first.
    pub n: u64,
    /// Its hash.
    pub hash: Hash,
}

/// What this computer has seen of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its last entry.
    #[serde(flatten)]
    pub head: Head,
    /// A person went on from here although an entry before it was changed: what is before is not
    /// gone through again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Head>,
    /// The first entry that was found changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<u64>,
}

impl From<Head> for Seen {
    fn from(head: Head) -> Self {
        Self {
            head,
            taken: None,
            broken: None,
        }
    }
}

/// What this computer has seen of each organization's.
pub type AllSeen = BTreeMap<OrganizationId, Seen>;

impl DataFolder {
    /// The histories that this computer has seen in this folder; none where what it kept cannot be
    /// read.
    #[must_use]
    pub fn seen(&self) -> AllSeen {
        let read = fs::read(self.heads_path()).ok();
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Keeps what was seen, and nothing else.
    ///
    /// # Errors
    /// When the configuration's folder cannot be written.
    pub fn keep_seen(&self, seen: &AllSeen) -> Result<(), FolderError> {
        if self.seen() == *seen {
            return Ok(());
        }
        write_json(&self.heads_path(), seen)
    }

    fn heads_path(&self) -> PathBuf {
        beside_mirror(self.config(), self.id(), "heads")
    }
}
