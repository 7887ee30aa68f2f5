//! A server on a port of its own, and people who call it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use db::testing;
use domain::Instant;
use engine::ManualClock;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use server::ground::{self, Choices, Ground, Place};
use server::http::{self, listen};
use server::mail::Post;
use server::{Face, Registration, Server};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const NOW: Instant = Instant(1_795_424_400_000);
pub(crate) const PASSWORD: &str = "winter hut with two stoves";

/// A running server.
pub(crate) struct World {
    pub(crate) address: String,
    pub(crate) clock: Option<Arc<ManualClock>>,
    pub(crate) server: Server,
    pub(crate) first: String,
    ground: Option<Ground>,
    tracker: TaskTracker,
    stop: CancellationToken,
    home: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    pub(crate) cookies: Vec<String>,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }

    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.code()),
            (status, code),
            "{self:?}"
        );
        assert_eq!(self.body["status"], status, "RFC 9457");
    }
}

/// Runs a test on a server of each database.
pub(crate) async fn on_each<F>(test: impl Fn(World) -> F)
where
    F: Future<Output = World>,
{
    for database in databases().await {
        let world = World::open(database, None).await;
        test(world).await.close().await;
    }
}

/// As [`on_each`], and the server reads pages of its own computer.
pub(crate) async fn on_each_with_local_pages<F>(test: impl Fn(World) -> F)
where
    F: Future<Output = World>,
{
    for database in databases().await {
        let clock = Arc::new(ManualClock::at(NOW.0));
        let world = World::begin(database, None, Some(clock), true).await;
        test(world).await.close().await;
    }
}

async fn databases() -> Vec<Option<String>> {
    let mut databases = vec![None];
    databases.extend(testing::postgres_url().await.map(Some));
    databases
}

impl World {
    /// `keys` is the ring that several processes share.
    pub(crate) async fn open(database: Option<String>, keys: Option<PathBuf>) -> Self {
        let clock = Arc::new(ManualClock::at(NOW.0));
        Self::run(database, keys, Some(clock)).await
    }

    /// By the machine's clock without one in the hand.
    pub(crate) async fn run(
        database: Option<String>,
        keys: Option<PathBuf>,
        clock: Option<Arc<ManualClock>>,
    ) -> Self {
        Self::begin(database, keys, clock, false).await
    }

    async fn begin(
        database: Option<String>,
        keys: Option<PathBuf>,
        clock: Option<Arc<ManualClock>>,
        local_services: bool,
    ) -> Self {
        let choices = Choices {
            clock: clock.clone().map(|clock| clock as Arc<dyn engine::Clock>),
            ..Choices::default()
        };
        Self::chosen(database, keys, clock, (local_services, choices)).await
    }

    /// With somebody who takes letters.
    pub(crate) async fn mailing(database: Option<String>, post: Post) -> Self {
        let clock = Arc::new(ManualClock::at(NOW.0));
        let choices = Choices {
            clock: Some(Arc::clone(&clock) as Arc<dyn engine::Clock>),
            post: Some(post),
            ..Choices::default()
        };
        Self::chosen(database, None, Some(clock), (false, choices)).await
    }

    async fn chosen(
        database: Option<String>,
        keys: Option<PathBuf>,
        clock: Option<Arc<ManualClock>>,
        (local_services, choices): (bool, Choices),
    ) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let home = tempfile::tempdir().unwrap();
        let place = Place {
            data: home.path().join("data"),
            config: home.path().join("config"),
            keys,
            database,
            local_services,
        };
        let ground = ground::open(&place, choices).await.unwrap();
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let face = Face {
            public: address.clone(),
            ui: None,
            registration: Registration::Open,
            proxies: server::proxies::Proxies::default(),
        };
        let server = Server::new(&ground, face, stop.clone());
        ground.organizations.carry_events(&tracker, &stop);
        let first = ground.first_invitation("The hut").await.unwrap().unwrap();
        let (routed, held, until) = (server.clone(), tracker.clone(), stop.clone());
        tracker.spawn(async move {
            listen::serve(listener, http::router(routed), &held, until).await;
        });
        Self {
            address,
            clock,
            server,
            first,
            ground: Some(ground),
            tracker,
            stop,
            home,
        }
    }

    /// Ends the server.
    pub(crate) async fn close(mut self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        if let Some(ground) = self.ground.take() {
            ground.close().await;
        }
    }

    /// Puts a new key before the others.
    pub(crate) fn rotate_keys(&self) {
        self.ground.as_ref().unwrap().ring.add().unwrap();
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Begins the background work.
    pub(crate) async fn work(&self) {
        let all = self.server.organizations();
        all.start(&self.tracker, self.stop.clone()).await.unwrap();
    }

    /// Ends the server; answers how many contents its tables hold once nobody is served any more.
    pub(crate) async fn close_counting(mut self) -> i64 {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        let count = self.server.db().read(|tx| {
            Box::pin(async move {
                let rows = tx
                    .row("SELECT count(*) AS n FROM content", db::args![])
                    .await?;
                Ok::<_, db::Error>(
                    rows.map(|row| row.get("n"))
                        .transpose()?
                        .unwrap_or_default(),
                )
            })
        });
        let count = count.await.unwrap();
        if let Some(ground) = self.ground.take() {
            ground.close().await;
        }
        count
    }

    pub(crate) fn advance(&self, milliseconds: i64) {
        let time = u64::try_from(milliseconds).unwrap();
        let clock = self.clock.as_ref().unwrap();
        clock.advance(Duration::from_millis(time));
    }

    /// A request with these headers.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Client::new().request(method, format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let cookies = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|v| v.to_str().unwrap().to_owned())
            .collect();
        let status = response.status();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            body,
            cookies,
        }
    }

    /// A request of nobody.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    /// The first owner.
    pub(crate) async fn owner(&self) -> Person {
        self.join(&self.first, "Olga", "olga@hut.example").await
    }

    /// Somebody who comes in by an invitation.
    pub(crate) async fn join(&self, token: &str, name: &str, email: &str) -> Person {
        let opened = self
            .post(
                "/auth/register",
                json!({"name": name, "email": email, "password": PASSWORD, "invitation": token}),
            )
            .await
            .ok();
        Person::of(&opened)
    }

    /// Somebody with an organization of their own.
    pub(crate) async fn founder(&self, name: &str, email: &str) -> Person {
        let opened = self
            .post(
                "/auth/register",
                json!({"name": name, "email": email, "password": PASSWORD, "organization": "Another hut"}),
            )
            .await
            .ok();
        Person::of(&opened)
    }

    /// Somebody of the organization of `by`.
    pub(crate) async fn colleague(&self, by: &Person, role: &str, name: &str) -> Person {
        let (token, _) = by.invite(self, json!({"role": role})).await;
        let email = format!("{}@hut.example", name.to_lowercase());
        self.join(&token, name, &email).await
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Person {
    /// The program that has the token of this answer.
    pub(crate) fn program(made: &Value) -> Self {
        Self {
            access: made["token"].as_str().unwrap().to_owned(),
            refresh: String::new(),
        }
    }

    pub(crate) fn of(opened: &Value) -> Self {
        Self {
            access: opened["access"].as_str().unwrap().to_owned(),
            refresh: opened["refresh"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn ask(
        &self,
        world: &World,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.access);
        world
            .ask(method, path, &[("authorization", &bearer)], body)
            .await
    }

    pub(crate) async fn post(&self, world: &World, path: &str, body: Value) -> Answer {
        self.ask(world, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn get(&self, world: &World, path: &str) -> Answer {
        self.ask(world, Method::GET, path, None).await
    }

    pub(crate) async fn query(&self, world: &World, query: Value) -> Answer {
        self.post(world, "/rpc/query", query).await
    }

    pub(crate) async fn change(&self, world: &World, mutation: Value) -> Answer {
        let call = json!({"id": uuid::Uuid::now_v7(), "mutation": mutation});
        self.post(world, "/rpc/mutate", call).await
    }

    /// Invites somebody; answers the link's token and what was said of it.
    pub(crate) async fn invite(&self, world: &World, wanted: Value) -> (String, Value) {
        let path = format!(
            "/organizations/{}/invitations",
            self.organization(world).await
        );
        let made = self.post(world, &path, wanted).await.ok();
        let link = made["link"].as_str().unwrap();
        (link.rsplit('/').next().unwrap().to_owned(), made)
    }

    pub(crate) async fn me(&self, world: &World) -> Value {
        self.get(world, "/auth/me").await.ok()
    }

    pub(crate) async fn organization(&self, world: &World) -> String {
        let me = self.me(world).await;
        let id = me["organizations"][0]["organization"].as_str().unwrap();
        id.to_owned()
    }

    pub(crate) async fn person(&self, world: &World) -> String {
        let me = self.me(world).await;
        me["organizations"][0]["person"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
