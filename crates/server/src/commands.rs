//! What each command does.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use domain::Instant;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Role;
use domain::time::DAY;
use protocol::{Code, Problem};
use server::auth::invitations::new_invitation;
use server::auth::{folded_email, secret};
use server::ground::{self, Choices, Ground, Place};
use server::http::{self, listen};
use server::proxies::Proxies;
use server::{Face, Registration, Server, metrics, sealed};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::args::{Admin, Args, Command, Serve, Worker};

/// Says something to whoever keeps the server.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        // Nobody may be reading.
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// Runs one command.
pub(crate) async fn run(args: Args) -> Result<(), Problem> {
    let place = args.place();
    match args.command {
        Command::Serve(how) => serve(&place, how).await,
        Command::Worker(how) => worker(&place, how).await,
        Command::Migrate => {
            let ground = ground::open(&place, Choices::default()).await?;
            say!("The tables are up to date.");
            if ground.above_guards {
                say!("{}", ground::ABOVE_GUARDS);
            }
            ground.close().await;
            Ok(())
        }
        Command::Admin(command) => {
            let ground = ground::open(&place, Choices::default()).await?;
            let done = admin(&ground, command).await;
            ground.close().await;
            done
        }
    }
}

/// Ends with the first sign to stop.
fn until_told() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    let listening = async move {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut term) = signal(SignalKind::terminate()) else {
                return;
            };
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        told.cancel();
    };
    TaskTracker::new().spawn(listening);
    stop
}

async fn listen_on(at: SocketAddr, option: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(at).await.map_err(|e| {
        Problem::new(
            Code::PortTaken,
            format!("{at} cannot be listened on: {e}. Choose another with {option}."),
        )
    })
}

/// Serves the figures, where somebody asked for that.
async fn figures(
    at: Option<SocketAddr>,
    server: &Server,
    tracker: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), Problem> {
    let Some(at) = at else { return Ok(()) };
    let listener = listen_on(at, "--metrics").await?;
    let at = listener
        .local_addr()
        .map_err(|e| app::error::internal(&e))?;
    say!("Figures are served at {at}.");
    let router = metrics::router(server.clone());
    let (held, stop) = (tracker.clone(), stop.clone());
    tracker.spawn(async move { listen::serve(listener, router, &held, stop).await });
    Ok(())
}

/// How often the time of the database is asked for.
const TIME: Duration = Duration::from_secs(30);

/// Goes by the database's time where no engine does that.
fn keep_time(ground: &Ground, tracker: &TaskTracker, stop: &CancellationToken) {
    let Some(clock) = ground.database_clock.clone() else {
        return;
    };
    let (db, stop) = (ground.organizations.db().clone(), stop.clone());
    tracker.spawn(async move {
        while stop
            .run_until_cancelled(tokio::time::sleep(TIME))
            .await
            .is_some()
        {
            if let Err(why) = clock.ask(&db).await {
                tracing::info!(%why, "the database does not say what time it is");
            }
        }
    });
}

/// Nobody waits for what is not sent without knowing.
fn say_if_held(ground: &Ground) {
    if ground.is_held() {
        tracing::warn!("the data was restored or copied: nothing is sent");
        say!(
            "This data was restored or copied, so nothing is sent. When no other copy sends, stop \
             this server, run `rostrum-server admin release` with the same options, and start it."
        );
    }
}

async fn serve(place: &Place, how: Serve) -> Result<(), Problem> {
    let listener = listen_on(how.listen, "--listen").await?;
    let at = listener
        .local_addr()
        .map_err(|e| app::error::internal(&e))?;
    let is_nowhere = how.public.is_none() && at.ip().is_unspecified();
    let public = how.public.unwrap_or_else(|| format!("http://{at}"));
    let face = Face {
        public: public.trim_end_matches('/').to_owned(),
        ui: how.ui,
        registration: how.registration,
        proxies: how.trusted_proxies,
    };
    let choices = Choices {
        post: how.mail.post(&face.public)?,
        ..Choices::default()
    };
    if choices.post.is_some() && is_nowhere {
        return Err(no_public());
    }
    let ground = ground::open(place, choices).await?;
    let (tracker, stop) = (TaskTracker::new(), until_told());
    if !face.public.starts_with("https://") && !at.ip().is_loopback() {
        tracing::warn!(
            public = face.public,
            "people reach this server without TLS: name its https address with --public"
        );
    }
    say_if_held(&ground);
    let server = Server::new(&ground, face, stop.clone());
    figures(how.metrics, &server, &tracker, &stop).await?;
    sweep(&server, &tracker, &stop);
    ground.organizations.carry_events(&tracker, &stop);
    if how.no_work {
        keep_time(&ground, &tracker, &stop);
    } else {
        ground.organizations.start(&tracker, stop.clone()).await?;
    }
    let first = ground.first_invitation(&how.organization).await?;
    say!(
        "Rostrum is served at {at}, its data is in {}.",
        ground.data().display()
    );
    if let Some(token) = first {
        say!("Nobody is here yet. The first owner comes in with this link, once:");
        say!("{}", server.join_link(&token));
    }
    listen::serve(listener, http::router(server), &tracker, stop).await;
    tracker.close();
    tracker.wait().await;
    ground.close().await;
    Ok(())
}

/// How often what nobody needs any more is forgotten.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// An instant as files have it.
fn wall(at: Instant) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or_default())
}

/// Forgets knocks, answers and sessions that are over, and files that never came whole.
fn sweep(server: &Server, tracker: &TaskTracker, stop: &CancellationToken) {
    let (server, stop) = (server.clone(), stop.clone());
    let forget = async move {
        loop {
            let now = server.now();
            let done = server.db().write(move |tx| {
                Box::pin(async move {
                    store::server::forget(tx, now.plus(-DAY)).await?;
                    store::session::forget(tx, now.plus(-30 * DAY)).await?;
                    store::login::forget_resets(tx, now.plus(-DAY)).await?;
                    Ok::<_, app::Error>(())
                })
            });
            if let Err(error) = done.await {
                tracing::warn!(%error, "what is over was not forgotten");
            }
            if let Err(error) = server.forget_nobodys_logins().await {
                tracing::warn!(%error, "logins of nobody were not forgotten");
            }
            let library = server.organizations().library();
            match library.sweep_unfinished(wall(now)).await {
                Ok(0) => {}
                Ok(files) => tracing::info!(files, "files that never came whole were forgotten"),
                Err(error) => tracing::warn!(%error, "unfinished files were not looked at"),
            }
            tokio::time::sleep(SWEEP).await;
        }
    };
    tracker.spawn(async move { stop.run_until_cancelled(forget).await });
}

fn no_public() -> Problem {
    let words = "Letters have links: say with --public where people reach the server.";
    Problem::new(Code::InvalidInput, words)
}

async fn worker(place: &Place, how: Worker) -> Result<(), Problem> {
    if place.database.is_none() {
        return Err(Problem::new(
            Code::InvalidInput,
            "Workers share a PostgreSQL: name it with --database. With a file, `serve` works alone.",
        ));
    }
    let public = how.public.unwrap_or_default();
    let post = how.mail.post(&public)?;
    if post.is_some() && public.is_empty() {
        return Err(no_public());
    }
    let choices = Choices {
        post,
        ..Choices::default()
    };
    let ground = ground::open(place, choices).await?;
    let (tracker, stop) = (TaskTracker::new(), until_told());
    // It serves nobody but whoever watches it.
    let face = Face {
        public,
        ui: None,
        registration: Registration::Off,
        proxies: Proxies::default(),
    };
    say_if_held(&ground);
    let server = Server::new(&ground, face, stop.clone());
    figures(how.metrics, &server, &tracker, &stop).await?;
    ground.organizations.carry_events(&tracker, &stop);
    ground.organizations.start(&tracker, stop.clone()).await?;
    say!("The worker works.");
    stop.cancelled().await;
    tracker.close();
    tracker.wait().await;
    ground.close().await;
    Ok(())
}

async fn admin(ground: &Ground, command: Admin) -> Result<(), Problem> {
    match command {
        Admin::CreateOrganization { name, public } => {
            let link = create_organization(ground, &name, &public).await?;
            say!("{link}");
        }
        Admin::ResetLogin {
            email,
            second_factor,
            public,
        } => {
            let link = reset_login(ground, &email, second_factor, &public).await?;
            say!("{link}");
        }
        Admin::RotateKeys => {
            ground.ring.add()?;
            ground.knows_keys().await?;
            let sealed = sealed::seal_anew(ground.organizations.db(), &ground.ring).await?;
            say!(
                "There is a new key; {sealed} secrets are sealed under it. Keep the old ones in the \
                 ring: a process that runs may still seal under them, and sign-ins of the last 180 \
                 days rest on them. Restart what runs, and do this once more before one is removed."
            );
        }
        // Of a server that sends, it would ask about what nobody else has sent.
        Admin::Hold => {
            ground.hold().await?;
            say!("From its next start on this server sends nothing, until `admin release`.");
        }
        Admin::Release { .. } if !ground.is_held() => {
            say!("Nothing is held here: this server sends.")
        }
        Admin::Release { moved } => {
            ground.release(moved).await?;
            say!("This server sends from its next start on.");
            if !moved {
                say!(
                    "What another copy may have sent stands under Needs you in each organization: \
                     look before you send it."
                );
            }
        }
        Admin::VerifyAudit => verify_audit(ground).await?,
        Admin::Export { person, to } => export(ground, &person, &to).await?,
    }
    Ok(())
}

async fn create_organization(ground: &Ground, name: &str, public: &str) -> Result<String, Problem> {
    let name = app::apply::checked_name(name)?.to_owned();
    let id = OrganizationId(app::core::new_id());
    let now = ground.organizations.now();
    let (new, token) = new_invitation(id, None, Role::Owner, None, now);
    ground
        .organizations
        .db()
        .write(move |tx| {
            let (name, new) = (name.clone(), new.clone());
            Box::pin(async move {
                store::organization::insert(tx, id, &name, now).await?;
                Ok::<_, app::Error>(store::member::invite(tx, &new).await?)
            })
        })
        .await?;
    ground.organizations.begin(id).await?;
    Ok(format!("{}/#/join/{token}", public.trim_end_matches('/')))
}

async fn reset_login(
    ground: &Ground,
    email: &str,
    second_factor: bool,
    public: &str,
) -> Result<String, Problem> {
    let email = folded_email(email)?;
    let (token, now) = (secret::new_secret(), ground.organizations.now());
    let hash = secret::kept(&token);
    ground
        .organizations
        .db()
        .write(move |tx| {
            let email = email.clone();
            Box::pin(async move {
                let login = store::login::by_email(tx, &email)
                    .await?
                    .ok_or_else(|| app::Error::missing("login"))?;
                if second_factor {
                    store::login::forget_totp(tx, login.id).await?;
                }
                let ends = now.plus(DAY);
                Ok::<_, app::Error>(store::login::add_reset(tx, hash, login.id, ends).await?)
            })
        })
        .await?;
    Ok(format!("{}/#/reset/{token}", public.trim_end_matches('/')))
}

/// The places of somebody: by the address of their login, or by their id.
async fn places_of(
    ground: &Ground,
    person: &str,
) -> Result<Vec<(OrganizationId, PersonId)>, Problem> {
    if let Ok(id) = person.parse::<PersonId>() {
        let all = ground.organizations.all().await?;
        let mut places = Vec::new();
        for org in all.into_iter().map(|o| o.id) {
            let found = ground
                .organizations
                .db()
                .read(move |tx| Box::pin(async move { store::person::get(tx, org, id).await }))
                .await
                .map_err(app::Error::from)?;
            places.extend(found.map(|_| (org, id)));
        }
        return Ok(places);
    }
    let email = folded_email(person)?;
    let found = ground.organizations.db().read(move |tx| {
        Box::pin(async move {
            let login = store::login::by_email(tx, &email).await?;
            let login = login.ok_or_else(|| app::Error::missing("login"))?;
            Ok::<_, app::Error>(store::member::of_login(tx, login.id).await?)
        })
    });
    let places = found.await?.into_iter();
    Ok(places.map(|m| (m.organization, m.person)).collect())
}

/// A new file that only who runs this may read.
fn made_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes an archive for each organization that somebody belongs to.
async fn export(ground: &Ground, person: &str, to: &Path) -> Result<(), Problem> {
    let places = places_of(ground, person).await?;
    if places.is_empty() {
        return Err(app::Error::missing("person").into_problem());
    }
    std::fs::create_dir_all(to).map_err(|e| app::error::internal(&e))?;
    for (organization, person) in places {
        let path = to.join(format!("person-{person}.zip"));
        let file = made_private(&path).map_err(|e| {
            let words = format!("{} cannot be made: {e}.", path.display());
            Problem::new(Code::InvalidInput, words)
        })?;
        let core = ground.organizations.core(organization);
        core.write_person(person, true, file).await?;
        say!("{}", path.display());
    }
    Ok(())
}

async fn verify_audit(ground: &Ground) -> Result<(), Problem> {
    let mut broken = 0;
    for organization in ground.organizations.all().await? {
        let core = ground.organizations.core(organization.id);
        let check = core.check_audit().await?;
        match &check.broken {
            None => say!("{}: {} entries, whole", organization.name, check.entries),
            Some(why) => {
                broken += 1;
                say!("{}: {why}", organization.name);
            }
        }
    }
    if ground.above_guards {
        say!("{}", ground::ABOVE_GUARDS);
    }
    match broken {
        0 => Ok(()),
        _ => Err(Problem::new(
            Code::AuditBroken,
            "A history does not follow from its first entry. Restore a backup from before.",
        )),
    }
}
