//! A Bluesky account from the browser to the keychain, with a real server and its own pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::Host;
use app::act::Way;
use app::browser::{Browser, ByHand, Page, PageWords};
use app::host::{self, Options};
use domain::identity::{IdentityStatus, NetworkId};
use domain::ids::{IdentityId, PersonId, PersonaId};
use networks::bluesky::BlueskyAdapter;
use networks::{Http, HttpOptions, Registry};
use protocol::act::{Act, Sensitive};
use protocol::views::{Account, SignedIn};
use protocol::{Code, Mutation, Problem};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::pages::{self, Answer};
use crate::peer::Peer;

/// Signs in as alice in the server's pages, and follows them back.
#[derive(Debug)]
struct Alice(Mutex<Answer>);

impl Browser for Alice {
    fn open(&self, address: &str) -> Result<(), String> {
        let (address, answer) = (address.to_owned(), *self.0.lock().unwrap());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let back = pages::visit(&address, "alice.test", "account-password", answer).await;
                reqwest::get(back).await.unwrap();
            });
        });
        Ok(())
    }

    fn words(&self, page: Page) -> PageWords {
        ByHand.words(page)
    }
}

async fn act<T: DeserializeOwned>(host: &Host, act: Act) -> Result<T, Problem> {
    let way = Way::quiet(None, CancellationToken::new());
    let answer = host.app.act(act, &way).await?;
    let printed = answer.to_string();
    for secret in ["ref-", "eyJ", "MIGHA", "MIGTA", "\"bound\""] {
        assert!(!printed.contains(secret), "{printed}");
    }
    Ok(serde_json::from_value(answer).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bluesky_account_comes_through_the_browser_and_stays() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("config"));
    let http = Http::new(HttpOptions::default()).unwrap();
    let adapter = BlueskyAdapter::new(http, peer.text("/plc")).unwrap();
    let browser = Arc::new(Alice(Mutex::new(Answer::Refuse)));
    let options = Options {
        browser: Some(browser.clone()),
        networks: Some(Registry::empty().with(Arc::new(adapter))),
        ..Options::default()
    };
    let host = host::init(&data, &config, options).await.unwrap();
    let me = PersonId(app::core::new_id());
    host.app.add_first_person(me, "Mara".into()).await.unwrap();
    let persona = PersonaId(app::core::new_id());
    let save = Mutation::SavePersona {
        id: persona,
        profile: domain::persona::PersonaProfile {
            name: "Hut".into(),
            zone: "UTC".into(),
            ..Default::default()
        },
        chain: None,
    };
    host.app.apply_all(None, vec![save]).await.unwrap();
    let id = IdentityId(app::core::new_id());
    let sign_in = Act::SignIn {
        id,
        persona,
        network: NetworkId::new("bluesky"),
        method: None,
        fields: BTreeMap::from([
            (
                "service".to_owned(),
                Sensitive(peer.text("/service").to_owned()),
            ),
            ("handle".to_owned(), Sensitive("@alice.test".to_owned())),
        ]),
    };
    let refused = act::<SignedIn>(&host, sign_in.clone()).await;
    assert_eq!(refused.unwrap_err().code, Code::SignInDenied);

    *browser.0.lock().unwrap() = Answer::Agree;
    let found: SignedIn = act(&host, sign_in).await.unwrap();
    assert_eq!(found.handle, "alice.test");
    let account: Account = act(&host, Act::KeepSignIn { id }).await.unwrap();
    assert_eq!(account.status, IdentityStatus::Connected);
    assert!(account.sign_in_over.is_some(), "its end is known");
    let checked: Account = act(&host, Act::CheckAccount { id }).await.unwrap();
    assert_eq!(checked.sign_in_over, account.sign_in_over);

    // The key and the tokens are nowhere in the tables.
    host.stop().await;
    let files = std::fs::read_dir(&data).unwrap().flatten();
    let tables = files.filter(|f| {
        f.file_name()
            .to_string_lossy()
            .starts_with("rostrum.sqlite")
    });
    let bytes: Vec<u8> = tables
        .flat_map(|f| std::fs::read(f.path()).unwrap())
        .collect();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("alice.test"), "these are the right files");
    assert!(!text.contains("ref-") && !text.contains("\"bound\""));
    assert!(
        peer.posts(peer.text("/accounts/alice/did"))
            .await
            .is_empty()
    );
}
