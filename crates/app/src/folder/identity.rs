//! Which folder it is, and whether it is the one that this computer used last.
//!
//! Each start of the owner writes a new random mark into the folder and into a mirror outside it
//! (the user's configuration). A folder that was restored, copied, or used elsewhere meanwhile
//! carries another mark, and is *held*: its deliveries may have been sent by its other self.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::durable::{self, Readers};
use super::error::FolderError;
use super::layout::Layout;
use super::lock::OwnerLock;

/// Why nothing is sent until a person says that this computer sends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It was restored from a backup.
    Restored,
    /// This computer has never run it: it came from another one, or this user's configuration is
    /// gone.
    Unknown,
    /// It is not in the state in which this computer left it: an older copy, or it ran elsewhere.
    Diverged,
    /// The folder that it was copied from is still there.
    Copied,
}

/// What lies in the folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Identity {
    id: Uuid,
    /// How often it was started.
    boot: u64,
    /// New at each start.
    mark: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

/// What this computer remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mirror {
    boot: u64,
    mark: Uuid,
    /// Being written into the folder right now; settles a start that was cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Uuid>,
    path: PathBuf,
}

/// An opened data folder.
#[derive(Debug)]
pub struct DataFolder {
    layout: Layout,
    config: PathBuf,
    identity: Identity,
    lock: Option<OwnerLock>,
}

impl DataFolder {
    /// Makes a data folder where there is none. An existing one is left as it is.
    ///
    /// # Errors
    /// When it cannot be written, or no place for the mirror is known.
    pub fn init(root: &Path, config: &Path) -> Result<(), FolderError> {
        let layout = Layout::new(root);
        finish_restore(&layout)?;
        durable::make_private_folder(root).map_err(|e| FolderError::io(&e, root))?;
        if layout.identity().exists() {
            return Ok(());
        }
        let identity = Identity {
            id: Uuid::new_v4(),
            boot: 0,
            mark: Uuid::new_v4(),
            // A database without its folder file came from somewhere.
            held: layout.database().exists().then_some(Held::Unknown),
        };
        // The mirror first: a folder without one is taken for a copy.
        let mirror = Mirror {
            boot: 0,
            mark: identity.mark,
            next: None,
            path: canonical(root),
        };
        write_mirror(config, identity.id, &mirror)?;
        write_identity(&layout, &identity)
    }

    /// Opens the folder to look at it and to hand things to its owner; changes nothing.
    ///
    /// # Errors
    /// [`FolderError::NotADataFolder`], [`FolderError::IdentityDamaged`].
    pub fn open(root: &Path, config: &Path) -> Result<Self, FolderError> {
        let layout = Layout::new(root);
        finish_restore(&layout)?;
        let identity = read_identity(&layout)?;
        Ok(Self {
            layout,
            config: config.to_owned(),
            identity,
            lock: None,
        })
    }

    /// Opens the folder as the one process that does the background work.
    ///
    /// # Errors
    /// As [`DataFolder::open`], and [`FolderError::InUse`].
    pub fn open_as_owner(root: &Path, config: &Path) -> Result<Self, FolderError> {
        let mut folder = Self::open(root, config)?;
        folder.become_owner()?;
        Ok(folder)
    }

    /// Takes the lock and writes the mark of this start.
    ///
    /// # Errors
    /// [`FolderError::InUse`], or when folder or mirror cannot be written.
    pub fn become_owner(&mut self) -> Result<(), FolderError> {
        if self.lock.is_some() {
            return Ok(());
        }
        let lock = OwnerLock::take(&self.layout)?;
        // Another owner may have come and gone since this was read.
        let mut identity = read_identity(&self.layout)?;
        let path = canonical(self.layout.root());
        let mirror = read_mirror(&self.config, identity.id);
        if identity.held.is_none() {
            identity.held = judge(&identity, mirror.as_ref(), &path);
        }
        identity.boot += 1;
        identity.mark = Uuid::new_v4();
        // Three writes, so that a start that is cut off anywhere neither invents a hold nor loses
        // one: until the folder itself says why it is held, the mirror must not vouch for it.
        let coming = Mirror {
            next: Some(identity.mark),
            ..mirror.unwrap_or_else(|| Mirror {
                boot: 0,
                mark: Uuid::nil(),
                next: None,
                path: path.clone(),
            })
        };
        if identity.held.is_none() {
            write_mirror(&self.config, identity.id, &coming)?;
        }
        write_identity(&self.layout, &identity)?;
        let settled = Mirror {
            boot: identity.boot,
            mark: identity.mark,
            next: None,
            path,
        };
        write_mirror(&self.config, identity.id, &settled)?;
        self.identity = identity;
        self.lock = Some(lock);
        Ok(())
    }

    /// Lets the folder go, so that another owner may take it.
    pub fn let_go(&mut self) {
        self.lock = None;
    }

    /// "This computer sends now": lifts the hold, for good. Only the owner may.
    ///
    /// # Errors
    /// [`FolderError::InUse`] when this process is not the owner; or when it cannot be written.
    pub fn release(&mut self) -> Result<(), FolderError> {
        if self.lock.is_none() {
            return Err(FolderError::InUse { pid: None });
        }
        let released = Identity {
            held: None,
            ..self.identity.clone()
        };
        write_identity(&self.layout, &released)?;
        self.identity = released;
        Ok(())
    }

    /// Lets nothing be sent by this process: the tables, which lie elsewhere, were restored.
    pub const fn hold(&mut self) {
        self.identity.held = Some(Held::Restored);
    }

    /// Why nothing may be sent, if so.
    #[must_use]
    pub const fn held(&self) -> Option<Held> {
        self.identity.held
    }

    /// Names the folder for good; survives moves, backups and restores.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.identity.id
    }

    /// How often it was started.
    #[must_use]
    pub const fn boot(&self) -> u64 {
        self.identity.boot
    }

    /// Whether this process has it.
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.lock.is_some()
    }

    /// Where things lie.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where this user's configuration lies, outside the folder.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }
}

fn judge(identity: &Identity, mirror: Option<&Mirror>, path: &Path) -> Option<Held> {
    let Some(mirror) = mirror else {
        return Some(Held::Unknown);
    };
    if mirror.mark != identity.mark && mirror.next != Some(identity.mark) {
        return Some(Held::Diverged);
    }
    // Moved is fine; copied is not.
    let original = Layout::new(&mirror.path);
    let copied =
        mirror.path != path && read_identity(&original).is_ok_and(|other| other.id == identity.id);
    copied.then_some(Held::Copied)
}

/// Writes the folder file of a folder that was just restored.
pub(super) fn write_restored(layout: &Layout, id: Uuid) -> Result<(), FolderError> {
    write_identity(
        layout,
        &Identity {
            id,
            boot: 0,
            mark: Uuid::new_v4(),
            held: Some(Held::Restored),
        },
    )
}

/// The id of the folder at `layout`, if it is one.
pub(super) fn id_of(layout: &Layout) -> Option<Uuid> {
    read_identity(layout).ok().map(|i| i.id)
}

/// A restore that was cut off while the folders changed places.
fn finish_restore(layout: &Layout) -> Result<(), FolderError> {
    if !layout.root().exists() {
        take_place(layout)?;
    }
    bring_along(layout)
}

/// Takes over from the folder that a restore set aside what goes on: older backups stay reachable
/// where people look for them, and what was joined lies at servers and is in no backup.
pub(super) fn bring_along(layout: &Layout) -> Result<(), FolderError> {
    let mark = layout.came_after();
    let bytes = match fs::read(&mark) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(FolderError::io(&e, &mark)),
    };
    if let Ok(aside) = serde_json::from_slice::<PathBuf>(&bytes) {
        let old = Layout::new(&aside);
        for (old, new) in [
            (old.backups(), layout.backups()),
            (old.organizations(), layout.organizations()),
        ] {
            match fs::rename(&old, &new) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(FolderError::io(&e, &old));
                }
                _ => {}
            }
        }
    }
    fs::remove_file(&mark).map_err(|e| FolderError::io(&e, &mark))
}

fn take_place(layout: &Layout) -> Result<(), FolderError> {
    let prefix = layout.beside(RESTORED);
    let (Some(folder), Some(name)) = (prefix.parent(), prefix.file_name()) else {
        return Ok(());
    };
    let found = fs::read_dir(folder).ok().and_then(|entries| {
        entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| {
                p.file_name()
                    .is_some_and(|n| n.to_string_lossy().starts_with(&*name.to_string_lossy()))
            })
            .max()
    });
    match found {
        Some(ready) => fs::rename(&ready, layout.root()).map_err(|e| FolderError::io(&e, &ready)),
        None => Ok(()),
    }
}

/// Names folders that are restored completely and only wait to be moved into place.
pub(super) const RESTORED: &str = "restored-";

fn read_identity(layout: &Layout) -> Result<Identity, FolderError> {
    let path = layout.identity();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(FolderError::NotADataFolder(layout.root().to_owned()));
        }
        Err(e) => return Err(FolderError::io(&e, &path)),
    };
    serde_json::from_slice(&bytes).map_err(|_| FolderError::IdentityDamaged(path))
}

fn write_identity(layout: &Layout, identity: &Identity) -> Result<(), FolderError> {
    write_json(&layout.identity(), identity)
}

fn mirror_path(config: &Path, id: Uuid) -> PathBuf {
    config.join("folders").join(format!("{id}.json"))
}

/// Where something else is kept of a folder beside its mirror.
pub(super) fn beside_mirror(config: &Path, id: Uuid, what: &str) -> PathBuf {
    config.join("folders").join(format!("{id}.{what}.json"))
}

/// A mirror that cannot be read is one that is not there: the folder is then held.
fn read_mirror(config: &Path, id: Uuid) -> Option<Mirror> {
    let bytes = fs::read(mirror_path(config, id)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn write_mirror(config: &Path, id: Uuid, mirror: &Mirror) -> Result<(), FolderError> {
    let path = mirror_path(config, id);
    if let Some(folder) = path.parent() {
        durable::make_private_folder(folder).map_err(|e| FolderError::io(&e, folder))?;
    }
    write_json(&path, mirror)
}

pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FolderError> {
    let text = serde_json::to_vec_pretty(value).map_err(|e| FolderError::Io(e.to_string()))?;
    durable::write(path, &text, Readers::Usual).map_err(|e| FolderError::io(&e, path))
}

fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
