//! Connecting through the browser, end to end: the core, a Mastodon server of our own, and a
//! browser that a person uses well or badly.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::act::Way;
use app::browser::{Browser, ByHand, Page, PageWords};
use app::host::{self, Options};
use app::{Clock, Host, SystemClock};
use domain::identity::{IdentityStatus, NetworkId};
use domain::ids::{IdentityId, PersonId, PersonaId};
use protocol::act::{Act, Sensitive};
use protocol::views::{Account, ConnectionTest, Done, SignedIn};
use protocol::{Code, Event, Mutation, Problem};
use testkit::standin::mastodon::Mastodon;
use testkit::standin::wire::Fault;
use tokio_util::sync::CancellationToken;

/// What the person in the browser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    /// Follows the page back.
    Follows,
    /// Comes back with somebody else's answer first.
    IsTricked,
    /// Never looks at it.
    Sleeps,
}

#[derive(Debug)]
struct Used {
    person: Person,
    opened: Mutex<Vec<String>>,
}

impl Browser for Used {
    fn open(&self, address: &str) -> Result<(), String> {
        self.opened.lock().unwrap().push(address.to_owned());
        let (person, address) = (self.person, address.to_owned());
        std::thread::spawn(move || match person {
            Person::Sleeps => {}
            Person::Follows => drop(follow(&address, &[])),
            Person::IsTricked => drop(follow(&address, &["?code=stolen&state=other"])),
        });
        Ok(())
    }

    fn words(&self, page: Page) -> PageWords {
        ByHand.words(page)
    }
}

/// Reads an address; answers the head and the body.
fn get(address: &str) -> String {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Opens the network's page and goes where it leads, after coming back with other answers.
fn follow(address: &str, before: &[&str]) -> String {
    let answer = get(address);
    let back = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap()
        .to_owned();
    let (callback, _) = back.split_once('?').unwrap();
    for other in before {
        let refused = get(&format!("{callback}{other}"));
        assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    }
    get(&back)
}

struct Stage {
    _folder: tempfile::TempDir,
    host: Host,
    browser: Arc<Used>,
    server: Mastodon,
    persona: PersonaId,
}

impl Stage {
    async fn with(person: Person) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, config) = (folder.path().join("data"), folder.path().join("config"));
        let browser = Arc::new(Used {
            person,
            opened: Mutex::default(),
        });
        let options = Options {
            browser: Some(browser.clone()),
            ..Options::default()
        };
        let host = host::init(&data, &config, options).await.unwrap();
        let me = PersonId(app::core::new_id());
        host.app.add_first_person(me, "Mara".into()).await.unwrap();
        let persona = PersonaId(app::core::new_id());
        let profile = domain::persona::PersonaProfile {
            name: "Hut".into(),
            zone: "UTC".into(),
            ..Default::default()
        };
        let save = Mutation::SavePersona {
            id: persona,
            profile,
            chain: None,
        };
        host.app.apply_all(None, vec![save]).await.unwrap();
        Self {
            _folder: folder,
            host,
            browser,
            server: Mastodon::start(Arc::new(|| SystemClock.wall())),
            persona,
        }
    }

    fn fields(&self) -> BTreeMap<String, Sensitive> {
        BTreeMap::from([("service".to_owned(), Sensitive(self.server.url()))])
    }

    fn sign_in(&self, id: IdentityId) -> Act {
        Act::SignIn {
            id,
            persona: self.persona,
            network: NetworkId::new("mastodon"),
            method: None,
            fields: self.fields(),
        }
    }

    /// Signs a new account in, and says that it is theirs.
    async fn connect(&self, cancel: &CancellationToken) -> Result<Account, Problem> {
        let id = IdentityId(app::core::new_id());
        let found: SignedIn = self.act(self.sign_in(id), cancel).await?;
        assert_eq!(found.handle, "mara@social.example");
        assert_eq!(found.service, self.server.url());
        self.act(Act::KeepSignIn { id }, cancel).await
    }

    /// How many entries the history has of this.
    async fn count(&self, action: &'static str) -> usize {
        let org = self.host.app.organization();
        let read: Result<_, app::Error> = self
            .host
            .app
            .db()
            .read(move |tx| {
                Box::pin(async move { Ok(store::audit::page(tx, org, None, u64::MAX, 100).await?) })
            })
            .await;
        let entries = read.unwrap();
        entries.iter().filter(|e| e.entry.action == action).count()
    }

    async fn act<T: serde::de::DeserializeOwned>(
        &self,
        act: Act,
        cancel: &CancellationToken,
    ) -> Result<T, Problem> {
        let app = &self.host.app;
        let way = Way::told(app, "the-act".into(), None, cancel.clone());
        let answer = app.act(act, &way).await?;
        let printed = answer.to_string();
        assert!(
            !printed.contains("token-") && !printed.contains("secret-"),
            "{printed}"
        );
        Ok(serde_json::from_value(answer).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_a_person_has_read_are_in_the_history() {
    let stage = Stage::with(Person::Follows).await;
    let never = CancellationToken::new();
    stage.host.start().await.unwrap();
    let app = &stage.host.app;
    let me = app.me().await.unwrap().unwrap().id;
    let follower =
        crate::follower::Follower::of(app.db(), app.organization(), me, app.networks()).await;
    let account = stage.connect(&never).await.unwrap();
    let content = domain::ids::ContentId(app::core::new_id());
    let submit = Act::Submit {
        content,
        persona: stage.persona,
        body: crate::world::body("Snow", &[account.id]),
        base: 0,
        deliveries: vec![protocol::mutation::DeliveryPlan {
            id: domain::ids::DeliveryId(app::core::new_id()),
            identity: account.id,
            planned: None,
            grace: None,
            hand_off: None,
        }],
        updates: vec![],
        request: domain::ids::RequestId(app::core::new_id()),
        added: None,
    };
    stage
        .act::<serde_json::Value>(submit, &never)
        .await
        .unwrap();
    stage.host.until_idle().await.unwrap();
    assert_eq!(stage.count("counts_read").await, 0);
    let refresh = Act::RefreshMetrics { content };
    stage
        .act::<serde_json::Value>(refresh, &never)
        .await
        .unwrap();
    assert_eq!(stage.count("counts_read").await, 1);
    // Every row of all that was recorded as changed.
    follower.follows("connected, sent, counted").await;
    stage.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_agrees_in_the_browser_and_the_account_is_there() {
    for person in [Person::Follows, Person::IsTricked] {
        let stage = Stage::with(person).await;
        let mut events = stage.host.app.subscribe();
        let never = CancellationToken::new();
        let account: Account = stage.connect(&never).await.unwrap();
        assert_eq!(account.handle, "mara@social.example");
        assert_eq!(account.status, IdentityStatus::Connected);
        let opened = stage.browser.opened.lock().unwrap()[0].clone();
        assert!(opened.contains("code_challenge_method=S256"), "{opened}");
        let mut told = None;
        while let Ok(event) = events.try_recv() {
            let printed = format!("{event:?}");
            assert!(!printed.contains("code-"), "{printed}");
            if let Event::SignInAt { act, address } = event {
                told = Some((act, address));
            }
        }
        assert_eq!(told, Some(("the-act".to_owned(), opened)));
        // The secret works: the account is checked with it.
        let check = Act::CheckAccount { id: account.id };
        let checked: Account = stage.act(check, &never).await.unwrap();
        assert_eq!(checked.limits.text.max, Some(500));
        // It ends, and the person signs in again in the browser; the server is known.
        stage.server.revoke();
        let check = Act::CheckAccount { id: account.id };
        let dead = stage.act::<Account>(check, &never).await.unwrap_err();
        assert_eq!(dead.code, Code::NeedsReconnect);
        let again = Act::Reconnect {
            id: account.id,
            method: Some("oauth".into()),
            fields: BTreeMap::new(),
        };
        let account: Account = stage.act(again, &never).await.unwrap();
        assert_eq!(account.status, IdentityStatus::Connected);
        assert_eq!(stage.count("identity_reconnected").await, 1);
        // A healthy account's new sign-in is one too.
        let again = Act::Reconnect {
            id: account.id,
            method: Some("oauth".into()),
            fields: BTreeMap::new(),
        };
        stage.act::<Account>(again, &never).await.unwrap();
        assert_eq!(stage.count("identity_reconnected").await, 2);
        let gone = Act::Disconnect { id: account.id };
        stage.act::<serde_json::Value>(gone, &never).await.unwrap();
        stage.host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_in_the_browser_has_a_name_and_records_nothing() {
    let stage = Stage::with(Person::Follows).await;
    let never = CancellationToken::new();
    stage.server.habits(|h| h.denies = true);
    let problem = stage.connect(&never).await;
    assert_eq!(problem.unwrap_err().code, Code::SignInDenied);
    stage.server.habits(|h| h.denies = false);
    stage.server.habits(|h| h.scopes = Some("read".into()));
    let problem = stage.connect(&never).await;
    assert_eq!(problem.unwrap_err().code, Code::MissingScope);
    stage.server.habits(|h| h.scopes = None);
    stage.server.next("POST /api/v1/apps", Fault::Refuse);
    let problem = stage.connect(&never).await;
    assert_eq!(problem.unwrap_err().code, Code::WrongApp);
    let test = Act::TestConnection {
        network: NetworkId::new("mastodon"),
        method: Some("smoke signals".into()),
        fields: stage.fields(),
    };
    let tested: ConnectionTest = stage.act(test, &never).await.unwrap();
    assert_eq!(tested.problem.unwrap().code, Code::InvalidInput);
    let accounts = stage.host.app.query(protocol::Query::Accounts {}, None);
    assert_eq!(accounts.await.unwrap(), serde_json::json!([]));
    stage.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_the_browser_can_be_cancelled() {
    let stage = Stage::with(Person::Sleeps).await;
    let cancel = CancellationToken::new();
    let (ended, ()) = tokio::join!(stage.connect(&cancel), async {
        while stage.browser.opened.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cancel.cancel();
    });
    assert_eq!(ended.unwrap_err().code, Code::Cancelled);
    let opened = stage.browser.opened.lock().unwrap()[0].clone();
    let url = url::Url::parse(&opened).unwrap();
    let back = url.query_pairs().find(|(n, _)| n == "redirect_uri");
    let back = back.unwrap().1.into_owned();
    let port = url::Url::parse(&back).unwrap().port().unwrap();
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "nobody listens any more"
    );
    stage.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_says_is_theirs_is_not_kept() {
    let stage = Stage::with(Person::Follows).await;
    let never = CancellationToken::new();
    let id = IdentityId(app::core::new_id());

    // No: nothing stays, here or at the network.
    let _: SignedIn = stage.act(stage.sign_in(id), &never).await.unwrap();
    assert_eq!(stage.server.tokens(), 1);
    let no = Act::RefuseSignIn { id };
    stage.act::<Done>(no.clone(), &never).await.unwrap();
    assert_eq!(stage.server.tokens(), 0);
    let late = stage.act::<Account>(Act::KeepSignIn { id }, &never).await;
    assert_eq!(late.unwrap_err().code, Code::SignInTimeout);
    let twice = stage.act::<Done>(no, &never).await;
    assert_eq!(twice.unwrap_err().code, Code::SignInTimeout);

    // Nobody has said anything, and somebody signs in anew: only the newer one waits.
    for _ in 0..2 {
        let _: SignedIn = stage.act(stage.sign_in(id), &never).await.unwrap();
        assert_eq!(stage.server.tokens(), 1);
    }
    let accounts = stage.host.app.query(protocol::Query::Accounts {}, None);
    assert_eq!(accounts.await.unwrap(), serde_json::json!([]));
    let kept: Account = stage.act(Act::KeepSignIn { id }, &never).await.unwrap();
    assert_eq!(kept.id, id);

    // There is no way past the question.
    let past = Act::Connect {
        id: IdentityId(app::core::new_id()),
        persona: stage.persona,
        network: NetworkId::new("mastodon"),
        method: None,
        fields: stage.fields(),
    };
    let past = stage.act::<Account>(past, &never).await;
    assert_eq!(past.unwrap_err().code, Code::InvalidInput);
    assert_eq!(stage.server.tokens(), 1);
    stage.host.stop().await;
}
