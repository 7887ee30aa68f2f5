//! A site: its entries, and the pages and the feed that are made of them, under a lock.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::content::Options;
use domain::version::PreparedSegment;
use domain::{Hash, Instant};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::{list, lock, read_json, remove, write, write_changed, write_json};
use super::page;
use crate::contract::AccountFacts;

/// What one segment left in the folder: the source of page and feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) entry: Uuid,
    pub(super) part: u32,
    pub(super) published: Instant,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) edited: Option<Instant>,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) languages: Vec<String>,
    pub(super) segment: PreparedSegment,
    #[serde(default, skip_serializing_if = "Options::is_default")]
    pub(super) options: Options,
}

impl Part {
    /// Whether both say the same in the same place. When the other was first tried does not count:
    /// a data folder that was restored no longer knows of the try that wrote it.
    fn says_what(&self, known: &Self) -> bool {
        *known
            == Self {
                published: known.published,
                edited: known.edited,
                ..self.clone()
            }
    }
}

/// Whose folder it is.
#[derive(Serialize, Deserialize)]
struct Mark {
    format: u32,
    id: Uuid,
    created: Instant,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SiteError {
    #[error("the folder {0} is not there; is its drive connected?")]
    Missing(PathBuf),
    #[error("the folder {0} belongs to another site, or is no site any more")]
    NotOurs(PathBuf),
    #[error("{0} is there and was not written by Rostrum; choose another folder")]
    Foreign(PathBuf),
    #[error("{0} is no folder")]
    NotAFolder(PathBuf),
    #[error("{0} names no site of this server; choose a word of letters, digits, - and _")]
    NoName(String),
    #[error("the disk is full: {0} cannot be written")]
    Full(PathBuf),
    #[error("{0} cannot be written: the folder is read-only, or belongs to somebody else")]
    ReadOnly(PathBuf),
    #[error("another program has been writing into the folder for a while; try again")]
    Locked,
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// The entry is in the folder, its page may not be.
    #[error("only a part was written: {0}")]
    Half(Box<SiteError>),
    #[error("the work was stopped")]
    Stopped,
}

impl SiteError {
    pub(super) fn of(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly(path)
            }
            _ => Self::Io { path, error },
        }
    }

    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Foreign(_) => "not_empty",
            Self::Full(_) => "disk_full",
            Self::ReadOnly(_) => "read_only",
            Self::Locked => "locked",
            _ => "not_a_folder",
        }
    }
}

/// What [`Folder::add`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrote {
    /// It is published, now or before.
    Published,
    /// Something else is published in its place; nothing was changed.
    Differs,
}

/// An open site, locked until dropped.
pub(super) struct Folder {
    root: PathBuf,
    pub(super) site: Site,
    _lock: File,
}

/// What the pages say of the site.
pub(super) struct Site {
    pub(super) id: Uuid,
    pub(super) title: String,
    pub(super) author: String,
    /// Where the folder is published, with a slash at its end; empty when unknown.
    pub(super) address: String,
    pub(super) created: Instant,
}

impl Folder {
    /// Makes a site of a folder, or takes up the one that is there. Gives its id.
    pub(super) fn adopt(facts: &AccountFacts, now: Instant) -> Result<Uuid, SiteError> {
        let root = root_of(facts);
        if root.exists() && !root.is_dir() {
            return Err(SiteError::NotAFolder(root));
        }
        let mark = root.join(".rostrum/site.json");
        if !mark.exists() {
            for name in ["index.html", "feed.xml", "style.css"] {
                if root.join(name).exists() {
                    return Err(SiteError::Foreign(root.join(name)));
                }
            }
            let made = root.join(".rostrum/entries");
            fs::create_dir_all(&made).map_err(|e| SiteError::of(&made, e))?;
            let new = Mark {
                format: 1,
                id: Uuid::new_v4(),
                created: now,
            };
            write_json(&mark, &new)?;
        }
        let id = read_mark(&root)?.id;
        let facts = AccountFacts {
            remote_id: id.to_string(),
            ..facts.clone()
        };
        Self::open(&facts, Duration::from_secs(2))?.rebuild()?;
        Ok(id)
    }

    /// Opens and locks the site of an account.
    pub(super) fn open(facts: &AccountFacts, patience: Duration) -> Result<Self, SiteError> {
        let root = root_of(facts);
        if !root.is_dir() {
            return Err(SiteError::Missing(root));
        }
        let mark = read_mark(&root)?;
        if mark.id.to_string() != facts.remote_id {
            return Err(SiteError::NotOurs(root));
        }
        let lock = lock(&root.join(".rostrum/lock"), patience)?;
        let setting = |name: &str| facts.settings.get(name).cloned().unwrap_or_default();
        Ok(Self {
            root,
            site: Site {
                id: mark.id,
                title: setting("title"),
                author: setting("author"),
                address: setting("address"),
                created: mark.created,
            },
            _lock: lock,
        })
    }

    /// Where people see an entry.
    pub(super) fn page_url(&self, entry: Uuid) -> String {
        let path = format!("entries/{entry}.html");
        if !self.site.address.is_empty() {
            return format!("{}{path}", self.site.address);
        }
        url::Url::from_file_path(self.root.join(&path)).map_or(path, String::from)
    }

    /// Publishes a part. Doing it again is the same.
    pub(super) fn add(
        &self,
        part: &Part,
        files: &[(Hash, String, Vec<u8>)],
    ) -> Result<Wrote, SiteError> {
        let path = self.part_path(part.entry, part.part);
        let known = match read_json::<Part>(&path) {
            Ok(known) => Some(known),
            Err(SiteError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        if known.as_ref().is_some_and(|known| !part.says_what(known)) {
            return Ok(Wrote::Differs);
        }
        self.write_media(files)?;
        let is_new = known.is_none();
        if is_new {
            write_json(&path, part)?;
        }
        let Err(error) = self.render(Some(part.entry)) else {
            return Ok(Wrote::Published);
        };
        // Nobody sees it yet: take it back, so that "not sent" is the truth.
        if is_new && fs::remove_file(&path).is_ok() && self.render(Some(part.entry)).is_ok() {
            Err(error)
        } else {
            Err(SiteError::Half(Box::new(error)))
        }
    }

    /// Puts a part in the place of the one that is there; `false` when none is. Doing it again is
    /// the same.
    pub(super) fn replace(
        &self,
        part: &Part,
        files: &[(Hash, String, Vec<u8>)],
    ) -> Result<bool, SiteError> {
        let path = self.part_path(part.entry, part.part);
        let known = match read_json::<Part>(&path) {
            Ok(known) => known,
            Err(SiteError::Missing(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        self.write_media(files)?;
        if !part.says_what(&known) {
            let next = Part {
                published: known.published,
                ..part.clone()
            };
            write_json(&path, &next)?;
        }
        self.render(Some(part.entry))
            .and_then(|()| self.sweep_media())
            .map_err(|error| SiteError::Half(Box::new(error)))?;
        Ok(true)
    }

    /// Whether readers see what a part says; `None` when they see nothing in its place.
    pub(super) fn says(&self, part: &Part) -> Result<Option<bool>, SiteError> {
        if !self.shows(part.entry, part.part)? {
            return Ok(None);
        }
        let known = read_json::<Part>(&self.part_path(part.entry, part.part))?;
        let entries = self.entries()?;
        let all = entries.iter().find(|parts| parts[0].entry == part.entry);
        let path = self.root.join(format!("entries/{}.html", part.entry));
        let shown = fs::read_to_string(&path).map_err(|e| SiteError::of(&path, e))?;
        let drawn = all.is_some_and(|parts| page::entry(&self.site, parts) == shown);
        let listed = self
            .lists(&entries)
            .iter()
            .all(|(path, list)| fs::read_to_string(path).is_ok_and(|there| there == *list));
        Ok(Some(drawn && listed && part.says_what(&known)))
    }

    /// Ends what somebody left half written: index and feed are made of the entries again.
    pub(super) fn complete(&self) -> Result<(), SiteError> {
        self.write_lists(&self.entries()?)
    }

    /// Where the index and the feed are, and what they say of `entries`.
    fn lists(&self, entries: &[Vec<Part>]) -> [(PathBuf, String); 2] {
        [
            ("index.html", page::index(&self.site, entries)),
            ("feed.xml", page::feed(&self.site, entries)),
        ]
        .map(|(name, list)| (self.root.join(name), list))
    }

    fn write_lists(&self, entries: &[Vec<Part>]) -> Result<(), SiteError> {
        for (path, list) in self.lists(entries) {
            write_changed(&path, list.as_bytes())?;
        }
        Ok(())
    }

    fn write_media(&self, files: &[(Hash, String, Vec<u8>)]) -> Result<(), SiteError> {
        for (hash, mime, bytes) in files {
            let file = self.root.join("media").join(page::media_name(*hash, mime));
            if fs::metadata(&file).is_ok_and(|m| m.len() == bytes.len() as u64) {
                continue;
            }
            write(&file, bytes)?;
        }
        Ok(())
    }

    /// Removes a part, its page when it was the last, and pictures that nothing shows any more.
    pub(super) fn remove(&self, entry: Uuid, part: u32) -> Result<(), SiteError> {
        remove(&self.part_path(entry, part))?;
        // Fails while other parts are there, which is right.
        let _ = fs::remove_dir(self.entries_path().join(entry.to_string()));
        self.render(Some(entry))?;
        self.sweep_media()
    }

    /// Whether readers see the part.
    pub(super) fn shows(&self, entry: Uuid, part: u32) -> Result<bool, SiteError> {
        if !self.part_path(entry, part).exists() {
            return Ok(false);
        }
        let path = self.root.join(format!("entries/{entry}.html"));
        match fs::read_to_string(&path) {
            Ok(html) => Ok(html.contains(&page::anchor(part))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(SiteError::of(&path, e)),
        }
    }

    /// Makes every page and the feed again from the entries.
    pub(super) fn rebuild(&self) -> Result<(), SiteError> {
        self.render(None)
    }

    /// Writes the page of one entry (or of all), the index and the feed.
    fn render(&self, only: Option<Uuid>) -> Result<(), SiteError> {
        let entries = self.entries()?;
        for parts in &entries {
            let Some(first) = parts.first() else { continue };
            if only.is_none_or(|only| only == first.entry) {
                let path = self.root.join(format!("entries/{}.html", first.entry));
                write_changed(&path, page::entry(&self.site, parts).as_bytes())?;
            }
        }
        if let Some(entry) = only
            && !entries.iter().flatten().any(|p| p.entry == entry)
        {
            remove(&self.root.join(format!("entries/{entry}.html")))?;
        }
        write_changed(&self.root.join("style.css"), page::STYLE.as_bytes())?;
        self.write_lists(&entries)
    }

    /// All entries with their parts in order, newest first.
    fn entries(&self) -> Result<Vec<Vec<Part>>, SiteError> {
        let mut entries = Vec::new();
        for folder in list(&self.entries_path())? {
            let mut parts = Vec::new();
            for file in list(&folder)? {
                if file.extension().is_some_and(|e| e == "json") {
                    parts.push(read_json::<Part>(&file)?);
                }
            }
            parts.sort_by_key(|p| p.part);
            if !parts.is_empty() {
                entries.push(parts);
            }
        }
        entries.sort_by(|a: &Vec<Part>, b| {
            let key = |parts: &[Part]| parts.first().map(|p| (p.published, p.entry));
            key(b).cmp(&key(a))
        });
        Ok(entries)
    }

    fn sweep_media(&self) -> Result<(), SiteError> {
        let entries = self.entries()?;
        let used: Vec<String> = entries
            .iter()
            .flatten()
            .flat_map(|p| page::renditions(&p.segment))
            .map(|r| page::media_name(r.hash, &r.mime))
            .collect();
        for file in list(&self.root.join("media"))? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if page::is_media_name(&name) && !used.iter().any(|u| *u == name) {
                remove(&file)?;
            }
        }
        Ok(())
    }

    fn entries_path(&self) -> PathBuf {
        self.root.join(".rostrum/entries")
    }

    fn part_path(&self, entry: Uuid, part: u32) -> PathBuf {
        self.entries_path().join(format!("{entry}/{part}.json"))
    }
}

fn root_of(facts: &AccountFacts) -> PathBuf {
    PathBuf::from(facts.settings.get("folder").map_or("", String::as_str))
}

fn read_mark(root: &Path) -> Result<Mark, SiteError> {
    match read_json::<Mark>(&root.join(".rostrum/site.json")) {
        Err(SiteError::Missing(_) | SiteError::Damaged(_)) => {
            Err(SiteError::NotOurs(root.to_owned()))
        }
        other => other,
    }
}
