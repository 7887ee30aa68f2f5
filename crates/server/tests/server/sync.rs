//! Desktops that join over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::Library;
use app::secrets::{Kind, SecretError, SecretStore, Vault};
use app::sync::{Carrier, Carrying, Line, Mirror, Pace, Pump, Standing, kept_under, sign_in};
use async_trait::async_trait;
use domain::ids::{IdentityId, MutationId, PersonaId};
use networks::{AccountSecret, Http, HttpOptions, Registry};
use protocol::Mutation;
use protocol::sync::Batch;
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{PASSWORD, World, on_each};

/// A desktop with the mirror of an organization.
pub(crate) struct Desktop {
    pub(crate) mirror: Mirror,
    pub(crate) pump: Arc<Pump>,
    pub(crate) line: Arc<Line>,
    pub(crate) library: Library,
    pub(crate) keychain: Arc<Keychain>,
    _home: TempDir,
}

/// A keychain that can be locked.
pub(crate) struct Keychain {
    vault: Vault,
    /// How often something is still kept.
    opens: AtomicUsize,
}

impl Keychain {
    fn lock_after(&self, times: usize) {
        self.opens.store(times, Ordering::SeqCst);
    }
}

#[async_trait]
impl SecretStore for Keychain {
    async fn get(&self, id: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        self.vault.get(id).await
    }

    async fn set(&self, id: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        let left = self.opens.load(Ordering::SeqCst);
        if left == 0 {
            return Err(SecretError::NoKeychain("it is locked".into()));
        }
        self.opens.store(left - 1, Ordering::SeqCst);
        self.vault.set(id, secret).await
    }

    async fn delete(&self, id: IdentityId) -> Result<(), SecretError> {
        self.vault.delete(id).await
    }

    fn kind(&self) -> Kind {
        self.vault.kind()
    }
}

pub(crate) const PACE: Pace = Pace {
    every: Duration::from_secs(3600),
    first: Duration::from_millis(50),
    most: Duration::from_millis(200),
};

impl Desktop {
    /// Joins by address and login.
    pub(crate) async fn join(world: &World, email: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let http = Http::new(HttpOptions::default()).unwrap();
        let server = http.server_address(&world.address).unwrap();
        let vault = Vault::new(
            &home.path().join("vault"),
            &home.path().join("config"),
            Uuid::from_u128(1),
            None,
        );
        let keychain = Arc::new(Keychain {
            vault,
            opens: AtomicUsize::new(usize::MAX),
        });
        let secrets: Arc<dyn SecretStore> = keychain.clone();
        let places = sign_in(&http, &server, &secrets, (email, PASSWORD), None)
            .await
            .unwrap();
        let (organization, person) = (places[0].organization, places[0].person);
        let db = db::testing::sqlite_at(&home.path().join("mirror.sqlite"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        let networks = Registry::standard(HttpOptions::default()).unwrap();
        let mirror = Mirror::open(&db, organization, person, networks, world.server.now())
            .await
            .unwrap();
        let line = Arc::new(Line::new(http, server, organization, secrets));
        let pump = Pump::new(
            mirror.clone(),
            line.clone(),
            Arc::new(app::SystemClock),
            PACE,
            Arc::new(|_| {}),
        );
        Self {
            mirror,
            pump: Arc::new(pump),
            line,
            library: Library::open(&home.path().join("media")).unwrap(),
            keychain,
            _home: home,
        }
    }

    /// What carries its files over a line.
    pub(crate) fn carrier(&self, line: Arc<dyn Carrying>) -> Carrier {
        let (pump, library) = (Arc::clone(&self.pump), self.library.clone());
        Carrier::new(pump, line, library, Arc::new(app::SystemClock), PACE)
    }

    /// Does something here.
    pub(crate) async fn does(&self, world: &World, mutations: Vec<Mutation>) {
        let batch = Batch::new(MutationId(Uuid::now_v7()), None, mutations);
        self.mirror.apply(world.server.now(), batch).await.unwrap();
        self.pump.nudge();
    }

    async fn save_persona(&self, world: &World, id: PersonaId, name: &str) {
        let profile = json!({"name": name, "hue": "glacier", "language": "en", "zone": "UTC"});
        let save = Mutation::SavePersona {
            id,
            profile: serde_json::from_value(profile).unwrap(),
            chain: None,
        };
        self.does(world, vec![save]).await;
    }

    async fn personas(&self) -> Vec<String> {
        let org = self.mirror.organization();
        let all: Result<_, store::Error> = self
            .mirror
            .db()
            .read(move |tx| Box::pin(async move { store::persona::all(tx, org).await }))
            .await;
        all.unwrap().into_iter().map(|p| p.profile.name).collect()
    }
}

#[tokio::test]
async fn two_desktops_that_joined_over_http_show_the_same() {
    on_each(|world| async move {
        let owner = world.owner().await;
        world.colleague(&owner, "admin", "Ada").await;
        let first = Desktop::join(&world, "olga@hut.example").await;
        let second = Desktop::join(&world, "ada@hut.example").await;
        first.pump.round().await.unwrap();
        // Done without the server, shown at once, and sent when it is there.
        let id = PersonaId(Uuid::now_v7());
        first.save_persona(&world, id, "Ridge Report").await;
        assert_eq!(first.personas().await, ["Ridge Report"]);
        assert!(second.personas().await.is_empty());
        first.pump.round().await.unwrap();
        second.pump.round().await.unwrap();
        assert_eq!(second.personas().await, ["Ridge Report"]);
        assert!(first.mirror.outbox().await.unwrap().is_empty());
        assert!(matches!(*second.pump.standing().borrow(), Standing::Synced { .. }));
        // The window of the server shows it too, and what is done there comes to the desktops.
        let seen = owner.query(&world, json!({"type": "personas"})).await.ok();
        assert_eq!(seen[0]["profile"]["name"], "Ridge Report", "{seen}");
        let profile = json!({"name": "Ridge Report, renamed", "hue": "clay", "language": "en", "zone": "UTC"});
        owner
            .change(&world, json!({"type": "save_persona", "id": id, "profile": profile}))
            .await
            .ok();
        first.pump.round().await.unwrap();
        assert_eq!(first.personas().await, ["Ridge Report, renamed"]);
        world
    })
    .await;
}

#[tokio::test]
async fn a_poke_brings_what_another_desktop_did() {
    on_each(|world| async move {
        let owner = world.owner().await;
        world.colleague(&owner, "admin", "Ada").await;
        let first = Desktop::join(&world, "olga@hut.example").await;
        let second = Desktop::join(&world, "ada@hut.example").await;
        let stop = CancellationToken::new();
        let running: Vec<_> = [&first, &second]
            .map(|desktop| {
                let (pump, stop) = (Arc::clone(&desktop.pump), stop.clone());
                tokio_util::task::TaskTracker::new().spawn(async move { pump.run(stop).await })
            })
            .into_iter()
            .collect();
        let mut standing = second.pump.standing();
        standing
            .wait_for(|s| matches!(s, Standing::Synced { .. }))
            .await
            .unwrap();
        // Both listen by now.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let begun = Instant::now();
        first
            .save_persona(&world, PersonaId(Uuid::now_v7()), "Ridge Report")
            .await;
        while second.personas().await.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nothing came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        println!(
            "done on one desktop, seen on another after {:?}",
            begun.elapsed()
        );
        stop.cancel();
        for run in running {
            run.await.unwrap();
        }
        world
    })
    .await;
}

#[tokio::test]
async fn who_left_or_signed_in_wrongly_has_no_line() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let ada = world.colleague(&owner, "admin", "Ada").await;
        let desktop = Desktop::join(&world, "ada@hut.example").await;
        desktop.pump.round().await.unwrap();
        let person = ada.person(&world).await;
        owner
            .change(&world, json!({"type": "deactivate_person", "id": person}))
            .await
            .ok();
        desktop.pump.round().await.unwrap_err();
        assert!(matches!(
            &*desktop.pump.standing().borrow(),
            Standing::NeedsAttention { problem: Some(p), .. } if p.code == protocol::Code::NoMember
        ));
        let http = Http::new(HttpOptions::default()).unwrap();
        let server = http.server_address(&world.address).unwrap();
        let home = tempfile::tempdir().unwrap();
        let vault = Vault::new(
            &home.path().join("v"),
            home.path(),
            Uuid::from_u128(2),
            None,
        );
        let secrets: Arc<dyn SecretStore> = Arc::new(vault);
        let wrong = sign_in(
            &http,
            &server,
            &secrets,
            ("olga@hut.example", "not it at all"),
            None,
        );
        assert_eq!(
            wrong.await.unwrap_err().code,
            protocol::Code::WrongCredentials
        );
        world
    })
    .await;
}

#[tokio::test]
async fn a_renewal_that_was_lost_broken_off_or_not_kept_signs_nobody_out() {
    on_each(|world| async move {
        world.owner().await;
        let desktop = Desktop::join(&world, "olga@hut.example").await;
        desktop.pump.round().await.unwrap();
        let place = kept_under(desktop.mirror.organization());
        for way in ["lost", "locked before", "locked behind", "broken off"] {
            // What lets in is over.
            world.advance(11 * 60_000);
            match way {
                "lost" => {
                    let kept = desktop.keychain.get(place).await.unwrap().unwrap();
                    let (token, word) = (kept.expose(), "w".repeat(40));
                    let begun = AccountSecret::new(format!("{token} {word}"));
                    desktop.keychain.set(place, &begun).await.unwrap();
                    let asked = json!({"refresh": token, "word": word});
                    world.post("/auth/refresh", asked).await.ok();
                }
                "broken off" => {
                    for polls in 0..40 {
                        tokio::select! {
                            biased;
                            _ = desktop.pump.round() => {}
                            () = async {
                                for _ in 0..polls {
                                    tokio::task::yield_now().await;
                                }
                            } => {}
                        }
                    }
                }
                locked => {
                    let times = usize::from(locked == "locked behind");
                    desktop.keychain.lock_after(times);
                    desktop.pump.round().await.unwrap_err();
                    desktop.keychain.lock_after(usize::MAX);
                }
            }
            // Longer than two windows of one browser may take.
            world.advance(60_000);
            let done = desktop.pump.round().await;
            assert!(done.is_ok(), "{way}: {done:?}");
        }
        // Another word is somebody else's.
        let kept = desktop.keychain.get(place).await.unwrap().unwrap();
        let renew = |word: &str| json!({"refresh": kept.expose(), "word": word.repeat(40)});
        world.post("/auth/refresh", renew("a")).await.ok();
        world.advance(60_000);
        world.post("/auth/refresh", renew("a")).await.ok();
        world
            .post("/auth/refresh", renew("b"))
            .await
            .refused(401, "signed_out");
        world
            .post("/auth/refresh", renew("a"))
            .await
            .refused(401, "signed_out");
        let short = json!({"refresh": kept.expose(), "word": "short"});
        world
            .post("/auth/refresh", short)
            .await
            .refused(422, "invalid_input");
        world
    })
    .await;
}
