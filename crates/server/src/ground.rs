//! What a server stands on: a data folder, a database, a key ring.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use app::folder::{DataFolder, Work, open_database};
use app::host::Organizations;
use app::settings::{SettingsFile, way_out};
use app::{Clock, Library, SystemClock};
use db::Db;
use domain::Instant;
use domain::ids::OrganizationId;
use domain::person::Role;
use engine::DatabaseClock;
use networks::{Http, HttpOptions, Registry};
use protocol::{Code, Problem};
use uuid::Uuid;

use crate::auth::invitations::new_invitation;
use crate::keys::KeyRing;
use crate::sealed::Columns;

/// Where things are.
#[derive(Clone, Debug)]
pub struct Place {
    /// Pictures, sites, logs and, without another database, the tables.
    pub data: PathBuf,
    /// What must not lie in the data folder: the keys.
    pub config: PathBuf,
    /// The key ring's file; in `config` when absent.
    pub keys: Option<PathBuf>,
    /// `postgres://...`; a SQLite file in the data folder when absent.
    pub database: Option<String>,
    /// Services and pages in the server's own network may be reached: for trying things out.
    pub local_services: bool,
}

/// What can be chosen by tests.
#[derive(Clone, Default)]
pub struct Choices {
    /// The time.
    pub clock: Option<Arc<dyn Clock>>,
    /// Networks instead of this program's own.
    pub networks: Option<Registry>,
}

/// An opened server, before anybody is let in.
pub struct Ground {
    /// The organizations.
    pub organizations: Organizations,
    /// The keys.
    pub ring: Arc<KeyRing>,
    /// Which server: the same for all processes on one database.
    pub id: Uuid,
    /// The role that connects is above row-level security: organizations have one lock between them.
    pub above_guards: bool,
    folder: Arc<Mutex<DataFolder>>,
}

/// What is to be said then.
pub const ABOVE_GUARDS: &str = "The server connects to PostgreSQL as a superuser, or as a role with \
    BYPASSRLS: the database's own lock between organizations does not count for it. Let it connect \
    as a role that owns the tables and is neither (docs/server.md).";

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Opens it; the tables are brought up to date.
///
/// # Errors
/// When the folder, the database or the keys cannot be used; each problem says what to do.
pub async fn open(place: &Place, choices: Choices) -> Result<Ground, Problem> {
    DataFolder::init(&place.data, &place.config).map_err(Problem::from)?;
    let alone = place.database.is_none();
    let folder = match alone {
        true => DataFolder::open_as_owner(&place.data, &place.config),
        // Several processes share a database, and with it the folder.
        false => DataFolder::open(&place.data, &place.config),
    }
    .map_err(Problem::from)?;
    // The processes that share a database share its time: what one of them plans, another does.
    let database_clock = (!alone && choices.clock.is_none())
        .then(|| Arc::new(DatabaseClock::over(Arc::new(SystemClock))));
    let clock = match (choices.clock, &database_clock) {
        (Some(given), _) => given,
        (None, Some(shared)) => Arc::clone(shared) as Arc<dyn Clock>,
        (None, None) => Arc::new(SystemClock),
    };
    let library = Library::open(&folder.layout().media())
        .map_err(|e| Problem::from(app::folder::FolderError::from(e)))?;
    let keys = place
        .keys
        .clone()
        .unwrap_or_else(|| place.config.join("server-keys.json"));
    let ring = Arc::new(KeyRing::open(&keys)?);
    let db = database(place, &folder, &library, Instant(clock.wall())).await?;
    if let Some(shared) = &database_clock {
        let asked = shared.ask(&db).await;
        asked.map_err(|e| app::error::internal(&e))?;
    }
    let above_guards = db.is_above_guards().await;
    let above_guards = above_guards.map_err(|e| app::error::of_database(&e))?;
    if above_guards {
        tracing::warn!(why = ABOVE_GUARDS, "row-level security does not count");
    }
    let settings = SettingsFile::new(&folder.layout().settings());
    let options = HttpOptions {
        private_services: place.local_services,
        allow_private: place.local_services,
        ..HttpOptions::default()
    };
    let options = way_out(&settings.load().settings, options)?;
    let networks = match choices.networks {
        Some(networks) => networks,
        None => Registry::standard(options.clone()).map_err(|e| app::error::internal(&e))?,
    };
    let id = server_id(&db, folder.id()).await?;
    let (sites, mut folder) = (folder.layout().root().join("sites"), folder);
    if is_elsewhere(&db).await? {
        folder.hold();
    }
    let folder = Arc::new(Mutex::new(folder));
    let (under, tables, time) = (Arc::clone(&ring), db.clone(), Arc::clone(&clock));
    let secrets = move |organization: OrganizationId| {
        let (time, under) = (Arc::clone(&time), Arc::clone(&under));
        let columns = Columns::new(tables.clone(), time, organization, under);
        Arc::new(columns) as Arc<dyn app::secrets::SecretStore>
    };
    let organizations = Organizations::new(app::host::Ground {
        db,
        clock,
        database_clock,
        networks,
        sites,
        http: Http::new(options).map_err(|e| app::error::internal(&e))?,
        library,
        settings,
        folder: Arc::clone(&folder),
        alone,
        secrets: Box::new(secrets),
    });
    let ground = Ground {
        organizations,
        ring,
        id,
        above_guards,
        folder,
    };
    ground.knows_keys().await?;
    Ok(ground)
}

async fn database(
    place: &Place,
    folder: &DataFolder,
    library: &Library,
    now: Instant,
) -> Result<Db, Problem> {
    let Some(url) = &place.database else {
        let opened = open_database(folder, library, now, &Work::default()).await;
        return Ok(opened.map_err(Problem::from)?.0);
    };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(Problem::new(
            Code::InvalidInput,
            "The database is named like postgres://user:password@host:5432/name. Without one the \
             server keeps its tables in a file of its data folder.",
        ));
    }
    let failed = |e: db::Error| app::error::of_database(&e);
    let db = Db::open_postgres(url).await.map_err(failed)?;
    db.migrate().await.map_err(failed)?;
    Ok(db)
}

/// Which server it is, for the issuer of its tokens: the first that opened the tables said so.
async fn server_id(db: &Db, fresh: Uuid) -> Result<Uuid, Problem> {
    let id = db
        .write(move |tx| {
            Box::pin(async move { Ok::<_, app::Error>(store::server::id(tx, fresh).await?) })
        })
        .await?;
    Ok(id)
}

/// Whether the tables lie elsewhere than they said last: they were restored, or copied.
async fn is_elsewhere(db: &Db) -> Result<bool, Problem> {
    let place = db.place().await.map_err(|e| app::error::of_database(&e))?;
    let Some(place) = place else { return Ok(false) };
    let known = db
        .write(move |tx| {
            let place = place.clone();
            Box::pin(async move {
                store::server::lock(tx).await?;
                let known = store::server::place(tx).await?;
                if known.is_none() {
                    store::server::set_place(tx, &place).await?;
                }
                Ok::<_, app::Error>(known.is_none_or(|known| known == place))
            })
        })
        .await?;
    Ok(!known)
}

impl Ground {
    /// Whether nothing is sent from here, because the data was restored or copied.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let folder = self.folder.lock();
        let folder = folder.unwrap_or_else(std::sync::PoisonError::into_inner);
        folder.held().is_some()
    }

    /// From now on this server sends: see [`Organizations::release`]. Others that run on the same
    /// tables learn of it when they start again.
    ///
    /// # Errors
    /// When the database or the folder cannot be written.
    pub async fn release(&self) -> Result<(), Problem> {
        self.organizations.release().await?;
        let db = self.organizations.db();
        let place = db.place().await.map_err(|e| app::error::of_database(&e))?;
        if let Some(place) = place {
            return Ok(db
                .write(move |tx| {
                    let place = place.clone();
                    Box::pin(async move {
                        store::server::set_place(tx, &place).await?;
                        Ok::<_, app::Error>(())
                    })
                })
                .await?);
        }
        let mut folder = self
            .folder
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        folder.release().map_err(Problem::from)
    }

    /// Refuses a ring that is not this database's, before anything is sealed under it; lets the
    /// database know keys that were added.
    ///
    /// # Errors
    /// `no_secret_store`.
    pub async fn knows_keys(&self) -> Result<(), Problem> {
        let named = self.ring.names().into_iter();
        let ring: Vec<_> = named
            .filter_map(|name| Some((self.ring.proof(&name)?, name)))
            .collect();
        let fits = self
            .organizations
            .db()
            .write(move |tx| {
                let ring = ring.clone();
                Box::pin(async move {
                    store::server::lock(tx).await?;
                    let mut known = store::server::keys(tx).await? == 0;
                    for (proof, name) in &ring {
                        match store::server::knows_key(tx, name, *proof).await? {
                            Some(false) => return Ok::<_, app::Error>(false),
                            Some(true) => known = true,
                            None => {}
                        }
                    }
                    for (proof, name) in ring.iter().filter(|_| known) {
                        store::server::add_key(tx, name, *proof).await?;
                    }
                    Ok(known)
                })
            })
            .await?;
        match fits {
            true => Ok(()),
            false => Err(Problem::new(
                Code::NoSecretStore,
                "The key ring is not the one of this database: what is sealed in it would be lost. \
                 Put the ring back (--keys, ROSTRUM_SERVER_KEYS), or choose another database.",
            )),
        }
    }

    /// The token of a link that lets the first owner in, while nobody is there: an organization is
    /// made for them. Links that were given out before work too, until somebody has come in.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn first_invitation(&self, name: &str) -> Result<Option<String>, Problem> {
        let name = app::apply::checked_name(name)?.to_owned();
        let (fresh, now) = (
            OrganizationId(app::core::new_id()),
            self.organizations.now(),
        );
        let made = self
            .organizations
            .db()
            .write(move |tx| {
                let name = name.clone();
                Box::pin(async move {
                    // Several processes make one organization, not one each.
                    store::server::lock(tx).await?;
                    let all = store::organization::all(tx).await?;
                    let organization = match all.as_slice() {
                        [] => {
                            store::organization::insert(tx, fresh, &name, now).await?;
                            fresh
                        }
                        [only] if store::person::all(tx, only.id).await?.is_empty() => only.id,
                        _ => return Ok::<_, app::Error>(None),
                    };
                    let (new, token) = new_invitation(organization, None, Role::Owner, None, now);
                    store::member::invite(tx, &new).await?;
                    Ok(Some((organization, token)))
                })
            })
            .await?;
        let Some((organization, token)) = made else {
            return Ok(None);
        };
        self.organizations.begin(organization).await?;
        Ok(Some(token))
    }

    /// Where the data is.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        let folder = self.folder.lock();
        let folder = folder.unwrap_or_else(std::sync::PoisonError::into_inner);
        Path::to_owned(folder.layout().root())
    }

    /// Lets the tables and the folder go.
    pub async fn close(self) {
        self.organizations.settled().await;
        self.organizations.db().close().await;
        let folder = self.folder.lock();
        folder
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .let_go();
    }
}
