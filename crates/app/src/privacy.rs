//! Everything that is known of a person, as an archive that they can take away: a ZIP with JSON and
//! the pictures that they used.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::Path;

use db::Tx;
use domain::Hash;
use domain::content::Body;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Actor;
use domain::rights::Action;
use media::Library;
use protocol::views::Exported;
use protocol::{Code, Problem};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Error;
use crate::apply;
use crate::core::App;
use crate::folder::FolderError;

/// What the archive says of itself.
const ABOUT: &str = "What Rostrum knows of one person in one organization. person.json is who they are \
    and what they chose; way_in.json their login, sign-ins, tokens and desktops at a server (secrets \
    are not in it); the other files are the rows of the organization that name them, by table, and \
    history.json what they did and what was done to them. Times are milliseconds since 1970 in rows, \
    and ISO 8601 elsewhere. media holds the pictures of their texts. Rostrum measures posts, and \
    nothing about people: there is no analysis of anybody's behaviour to hand over.";

/// How many entries of the history are read at a time.
const BATCH: u32 = 1_000;

/// What goes into an archive.
#[derive(Debug)]
struct Known {
    /// By the name of the file.
    files: BTreeMap<String, Value>,
    /// By hash: the name that the file had.
    media: BTreeMap<Hash, String>,
    /// Files that are named and not there.
    missing: Vec<Value>,
}

/// One archive is packed at a time: each holds a whole picture.
static PACKING: Semaphore = Semaphore::const_new(1);

/// Whether an entry is a person's, or about them.
fn concerns(entry: &domain::audit::AuditEntry, person: PersonId) -> bool {
    let acted = match entry.actor {
        Actor::Person { id, operator } => id == person || operator == Some(person),
        Actor::Agent { id } => id == person,
        Actor::Run { .. } | Actor::ReviewLink { .. } => false,
    };
    acted || entry.subject == format!("person:{person}")
}

async fn history(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    person: PersonId,
) -> Result<Vec<Value>, Error> {
    let (mut all, mut from) = (Vec::new(), 1);
    loop {
        let batch = store::audit::from(tx, org, from, BATCH).await?;
        let Some((last, _)) = batch.last() else {
            return Ok(all);
        };
        from = last.entry.n + 1;
        for (stored, _) in batch {
            if !concerns(&stored.entry, person) {
                continue;
            }
            let details = stored.payload.as_deref().map(serde_json::from_str::<Value>);
            all.push(json!({
                "n": stored.entry.n,
                "at": stored.entry.at,
                "actor": stored.entry.actor,
                "action": stored.entry.action,
                "subject": stored.entry.subject,
                "details": details.and_then(Result::ok),
            }));
        }
    }
}

/// The pictures of bodies and versions.
fn pictures(rows: &BTreeMap<&'static str, Vec<serde_json::Map<String, Value>>>) -> Vec<Hash> {
    let bodies = rows.values().flatten().flat_map(|row| {
        let typed = row.get("body");
        let saved = row.get("doc").and_then(|doc| doc.get("body"));
        typed.into_iter().chain(saved)
    });
    let mut all = Vec::new();
    for body in bodies {
        if let Ok(body) = serde_json::from_value::<Body>(body.clone()) {
            all.extend(body.assets());
        }
    }
    all
}

async fn known(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    (person, whole): (PersonId, bool),
    now: domain::Instant,
) -> Result<Option<Known>, Error> {
    let Some(who) = store::person::get(tx, org, person).await? else {
        return Ok(None);
    };
    let organization = store::organization::get(tx, org).await?;
    let rows = store::privacy::rows(tx, org, person).await?;
    let mut media = BTreeMap::new();
    for hash in pictures(&rows) {
        let asset = store::asset::get(tx, org, hash).await?;
        media.insert(hash, asset.map(|a| a.facts.name).unwrap_or_default());
    }
    let settings = store::person::settings(tx, org, person).await?;
    let settings = settings.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let mut files: BTreeMap<String, Value> = rows
        .into_iter()
        .map(|(table, rows)| (format!("{table}.json"), json!(rows)))
        .collect();
    files.insert(
        "about.json".to_owned(),
        json!({
            "what": ABOUT,
            "made_at": now,
            "organization": {"id": org, "name": organization.map(|o| o.name)},
            "person": person,
        }),
    );
    files.insert(
        "person.json".to_owned(),
        json!({
            "id": who.id,
            "name": who.name,
            "role": who.role,
            "active": who.active,
            "settings": settings,
        }),
    );
    let way_in = store::privacy::way_in(tx, org, person, whole).await?;
    files.insert("way_in.json".to_owned(), way_in);
    let history = history(tx, org, person).await?;
    files.insert("history.json".to_owned(), json!(history));
    Ok(Some(Known {
        files,
        media,
        missing: Vec::new(),
    }))
}

/// A name that means the same on every system, and leads nowhere.
fn file_name(hash: &Hash, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '_',
        })
        .take(80)
        .collect();
    format!("media/{}-{plain}", hash.short())
}

/// Packs an archive, one picture after the other; what the library does not have is said in it.
fn pack(mut known: Known, library: &Library, runtime: &Handle, to: &File) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(to));
    // Pictures are compressed as they are, and what people wrote is small.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (hash, name) in &known.media {
        match runtime.block_on(library.read(*hash)) {
            Ok(bytes) => {
                zip.start_file(file_name(hash, name), stored)?;
                zip.write_all(&bytes)?;
            }
            Err(_) => known.missing.push(json!({"hash": hash, "name": name})),
        }
    }
    let missing = Value::from(known.missing);
    known.files.insert("media_missing.json".to_owned(), missing);
    for (name, value) in &known.files {
        zip.start_file(name.as_str(), stored)?;
        serde_json::to_writer_pretty(&mut zip, value)?;
    }
    zip.finish()?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(())
}

impl App {
    /// Everything that is known of a person, in a file that has no name and goes when it is closed.
    ///
    /// # Errors
    /// As [`App::write_person`].
    pub async fn person_archive(&self, person: PersonId, whole: bool) -> Result<File, Problem> {
        let failed = |e: &io::Error| Problem::from(FolderError::io(e, &std::env::temp_dir()));
        let mut file = tempfile::tempfile().map_err(|e| failed(&e))?;
        let to = file.try_clone().map_err(|e| failed(&e))?;
        self.write_person(person, whole, to).await?;
        file.rewind().map_err(|e| failed(&e))?;
        Ok(file)
    }

    /// Writes everything that is known of a person into `to`; `whole` with their login and its
    /// sign-ins, which other organizations may share.
    ///
    /// # Errors
    /// `not_found`; when the database says no, or the file cannot be written.
    pub async fn write_person(
        &self,
        person: PersonId,
        whole: bool,
        to: File,
    ) -> Result<(), Problem> {
        let _turn = PACKING
            .acquire()
            .await
            .map_err(|e| crate::error::internal(&e))?;
        let (org, now) = (self.organization(), self.now());
        let found = self
            .db()
            .read(move |tx| Box::pin(async move { known(tx, org, (person, whole), now).await }))
            .await?;
        let mut known = found.ok_or_else(|| Error::missing("person").into_problem())?;
        // Whoever writes may name any file of the server's other organizations.
        for (hash, name) in std::mem::take(&mut known.media) {
            match self.must_be_here(hash).await {
                Ok(()) => {
                    known.media.insert(hash, name);
                }
                Err(_) => known.missing.push(json!({"hash": hash, "name": name})),
            }
        }
        let (library, runtime) = (self.library().clone(), Handle::current());
        let packed = tokio::task::spawn_blocking(move || {
            pack(known, &library, &runtime, &to)?;
            to.sync_all()
        });
        packed
            .await
            .map_err(|e| crate::error::internal(&e))?
            .map_err(|e| Problem::from(FolderError::io(&e, Path::new("the archive"))))
    }

    /// Refuses whoever asks for somebody else's without managing people.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn may_export(&self, asks: PersonId, of: PersonId) -> Result<(), Problem> {
        if asks == of {
            return Ok(());
        }
        let org = self.organization();
        let known = self
            .db()
            .read(move |tx| Box::pin(async move { store::person::get(tx, org, of).await }))
            .await
            .map_err(Error::from)?;
        known.ok_or_else(|| Error::missing("person"))?;
        Ok(self.require(asks, Action::ManagePeople).await?)
    }

    /// Writes a person's archive into the data folder.
    pub(crate) async fn export_person(
        &self,
        asks: PersonId,
        person: PersonId,
    ) -> Result<Exported, Problem> {
        if self.pump().is_some() {
            return Err(apply::needs_server().into_problem());
        }
        if self.is_member() {
            return Err(Problem::new(
                Code::NotHere,
                "A server hands the archive out: GET /exports/people/{person}.",
            ));
        }
        self.may_export(asks, person).await?;
        let folder = self.folder().layout().root().join("exports");
        let failed = |e: &io::Error| Problem::from(FolderError::io(e, &folder));
        std::fs::create_dir_all(&folder).map_err(|e| failed(&e))?;
        let made = tempfile::Builder::new()
            .prefix(".person-")
            .tempfile_in(&folder)
            .map_err(|e| failed(&e))?;
        let to = made.reopen().map_err(|e| failed(&e))?;
        self.write_person(person, true, to).await?;
        let bytes = made.as_file().metadata().map_err(|e| failed(&e))?.len();
        let file = folder.join(format!("person-{person}-{}.zip", self.now().0));
        made.persist(&file).map_err(|e| failed(&e.error))?;
        Ok(Exported {
            file: file.display().to_string(),
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_called_by_letters_that_lead_nowhere() {
        let hash = Hash::of(b"snow");
        let name = file_name(&hash, "../../etc/Schnee & Eis.png");
        assert_eq!(
            name,
            format!("media/{}-.._.._etc_Schnee___Eis.png", hash.short())
        );
    }
}
