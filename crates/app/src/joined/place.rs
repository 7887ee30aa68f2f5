//! What is known of an organization that was joined without asking its mirror.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use domain::Instant;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Role;
use protocol::Problem;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::folder::{FolderError, durable};

/// Where one is in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) organization: OrganizationId,
    pub(super) organization_name: String,
    pub(super) server: Url,
    /// The login's address.
    pub(super) email: String,
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) joined_at: Instant,
}

const WHOLE: &str = "organization.json";
const LEAVING: &str = "leaving.json";

/// Whether it was joined, also where its file cannot be read.
pub(super) fn is_whole(folder: &Path) -> bool {
    folder.join(WHOLE).exists()
}

/// Makes the folder of a place that is not joined yet.
pub(super) fn begin(folder: &Path) -> Result<(), Problem> {
    let made = durable::make_private_folder(folder);
    Ok(made.map_err(|e| FolderError::io(&e, folder))?)
}

/// Keeps a place: from now on it is joined.
pub(super) fn keep(folder: &Path, place: &Place) -> Result<(), Problem> {
    let path = folder.join(WHOLE);
    let text = serde_json::to_vec_pretty(place).map_err(|e| crate::error::internal(&e))?;
    let kept = durable::write(&path, &text, durable::Readers::Owner);
    Ok(kept.map_err(|e| FolderError::io(&e, &path))?)
}

/// From now on it is to be taken away.
pub(super) fn mark_leaving(folder: &Path) -> Result<(), Problem> {
    let (whole, leaving) = (folder.join(WHOLE), folder.join(LEAVING));
    match fs::rename(&whole, &leaving) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(FolderError::io(&e, &whole).into()),
        _ => Ok(()),
    }
}

/// Takes everything away but the mark, and then the mark.
pub(super) fn empty(folder: &Path) -> Result<(), Problem> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|e| FolderError::io(&e, folder))?,
    };
    for entry in entries.flatten().filter(|e| e.file_name() != LEAVING) {
        let path = entry.path();
        let gone = match path.is_dir() {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        gone.map_err(|e| FolderError::io(&e, &path))?;
    }
    Ok(())
}

/// Takes the folder away with what is left in it.
pub(super) fn remove(folder: &Path) -> Result<(), Problem> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(FolderError::io(&e, folder).into()),
        _ => Ok(()),
    }
}

/// The places below a folder, and what is half of one.
pub(super) fn found(all: &Path) -> Result<(Vec<Place>, Vec<OrganizationId>), Problem> {
    let (mut whole, mut left) = (Vec::new(), Vec::new());
    let entries = match fs::read_dir(all) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok((whole, left)),
        entries => entries.map_err(|e| FolderError::io(&e, all))?,
    };
    for entry in entries.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        let path: PathBuf = entry.path().join(WHOLE);
        match fs::read(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => left.push(id),
            Err(error) => tracing::error!(%error, organization = %id, "not read"),
            Ok(bytes) => match serde_json::from_slice::<Place>(&bytes) {
                Ok(place) if place.organization == id => whole.push(place),
                _ => tracing::error!(organization = %id, "its file is damaged"),
            },
        }
    }
    Ok((whole, left))
}
