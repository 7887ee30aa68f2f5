//! Joining an organization on a desktop, what can go wrong, and leaving.

use domain::ids::OrganizationId;
use protocol::views::SyncStatus;
use protocol::{Code, Event, Problem};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::desktop::{Desktop, Relay, until};
use crate::signing_in::code_of;
use crate::world::{PASSWORD, World};

fn wish(address: &str, password: &str) -> Value {
    json!({
        "type": "join_organization", "address": address, "email": "olga@hut.example",
        "password": password,
    })
}

impl Desktop {
    async fn refused(&self, act: Value) -> Problem {
        let refused = self.act::<Value>(None, act).await.unwrap_err();
        self.has_nothing().await;
        refused
    }

    /// Nothing half-joined is left, in the list or on the disk.
    async fn has_nothing(&self) {
        assert!(self.joined().await.is_empty());
        let all = self.host.app.folder().layout().organizations();
        let left = std::fs::read_dir(all).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }

    async fn has_token(&self, of: OrganizationId) -> bool {
        let place = app::sync::kept_under(of);
        let kept = self.host.app.secrets().get(place).await;
        // Without a keychain nobody knows what one would have had.
        matches!(kept, Ok(Some(_)))
    }
}

/// Something that answers every request with a page.
async fn page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    TaskTracker::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_what_it_is_and_leaves_nothing_behind() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let desk = Desktop::new(&world).await;
    let look = |address: &str| json!({"type": "look_at_server", "address": address});

    // Where it is.
    for wrong in [
        "",
        "not an address",
        "http://192.168.1.20:8440",
        "http://rostrum.example.org",
    ] {
        for act in [look(wrong), wish(wrong, PASSWORD)] {
            let refused = desk.refused(act).await;
            assert_eq!(refused.code, Code::InvalidInput, "{wrong}: {refused:?}");
            assert!(refused.fields.contains_key("address"), "{wrong}");
        }
    }
    let other = page().await;
    for (address, code) in [
        ("http://127.0.0.1:1", Code::Unreachable),
        (&*other, Code::NotAServer),
    ] {
        assert_eq!(desk.refused(look(address)).await.code, code, "{address}");
        assert_eq!(
            desk.refused(wish(address, PASSWORD)).await.code,
            code,
            "{address}"
        );
    }

    // By which link.
    let link = |token: &str| format!("{}/#/join/{token}", world.address);
    let used = link(&world.first);
    assert_eq!(desk.refused(look(&used)).await.code, Code::CodeExpired);
    assert_eq!(
        desk.refused(look(&link("a.b.c"))).await.code,
        Code::CodeExpired
    );
    let (old, _) = owner.invite(&world, json!({"role": "viewer"})).await;
    let (named, _) = owner
        .invite(
            &world,
            json!({"role": "viewer", "email": "vera@hut.example"}),
        )
        .await;
    let as_another = json!({
        "type": "join_organization", "address": link(&named), "name": "Otto",
        "email": "otto@hut.example", "password": PASSWORD,
    });
    let refused = desk.refused(as_another).await;
    assert_eq!(refused.code, Code::Forbidden);
    let weak = json!({
        "type": "join_organization", "address": link(&old), "name": "Otto",
        "email": "otto@hut.example", "password": "short",
    });
    let refused = desk.refused(weak).await;
    assert_eq!(refused.code, Code::InvalidInput);
    assert!(refused.fields.contains_key("password"), "{refused:?}");
    let taken = json!({
        "type": "join_organization", "address": link(&old), "name": "Olga",
        "email": "olga@hut.example", "password": PASSWORD,
    });
    let refused = desk.refused(taken).await;
    assert_eq!(refused.code, Code::Conflict);
    world.advance(8 * 24 * 60 * 60 * 1000);
    assert_eq!(
        desk.refused(look(&link(&old))).await.code,
        Code::CodeExpired
    );

    // As whom.
    let refused = desk.refused(wish(&world.address, "not it at all")).await;
    assert_eq!(refused.code, Code::WrongCredentials);
    let mut nowhere = wish(&world.address, PASSWORD);
    nowhere["organization"] = json!(Uuid::now_v7());
    assert_eq!(desk.refused(nowhere).await.code, Code::NoMember);

    // One that is there already.
    let org = desk
        .join(&world.address, "olga@hut.example", PASSWORD)
        .await;
    let twice = desk
        .act::<Value>(None, wish(&world.address, PASSWORD))
        .await;
    assert_eq!(twice.unwrap_err().code, Code::Conflict);
    assert_eq!(desk.joined().await[0].organization, org);
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_reading_that_breaks_off_or_is_cancelled_leaves_nothing_and_works_later() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let org: OrganizationId = owner.organization(&world).await.parse().unwrap();
    let wire = Relay::to(&world).await;
    let desk = Desktop::new(&world).await;
    wire.break_at("/sync/pull");
    let refused = desk.refused(wish(&wire.address, PASSWORD)).await;
    assert_eq!(refused.code, Code::Unreachable);
    assert!(!desk.has_token(org).await);
    wire.mend();

    // Cancelled before anything is asked, and while it waits for an answer.
    let stop = CancellationToken::new();
    stop.cancel();
    let done = desk
        .act_until::<Value>(None, wish(&wire.address, PASSWORD), stop)
        .await;
    assert_eq!(done.unwrap_err().code, Code::Cancelled);
    desk.has_nothing().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let stop = CancellationToken::new();
    let (done, ()) = tokio::join!(
        desk.act_until::<Value>(None, wish(&address, PASSWORD), stop.clone()),
        async {
            let _held = silent.accept().await.unwrap();
            stop.cancel();
        }
    );
    assert_eq!(done.unwrap_err().code, Code::Cancelled);
    desk.has_nothing().await;
    assert!(!desk.has_token(org).await);

    let mut told = desk.host.app.subscribe();
    assert_eq!(
        desk.join(&wire.address, "olga@hut.example", PASSWORD).await,
        org
    );
    let mut read = 0;
    while let Ok(event) = told.try_recv() {
        if let Event::Progress { done, .. } = event {
            read = done;
        }
    }
    assert!(read > 0, "how far it is was told");
    assert!(desk.has_token(org).await);
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_asks_for_the_second_factor_and_a_login_with_several_places_chooses() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let made = owner
        .post(&world, "/organizations", json!({"name": "The valley"}))
        .await
        .ok();
    let valley: OrganizationId = serde_json::from_value(made["id"].clone()).unwrap();
    let begun = owner
        .post(&world, "/auth/mfa/totp", json!({"password": PASSWORD}))
        .await
        .ok();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let code = code_of(&secret, world.server.now().0);
    owner
        .post(&world, "/auth/mfa/totp/confirm", json!({"code": code}))
        .await
        .ok();

    let desk = Desktop::new(&world).await;
    let refused = desk.refused(wish(&world.address, PASSWORD)).await;
    assert_eq!(refused.code, Code::SecondFactor);
    let with = |code: &str| {
        let mut wish = wish(&world.address, PASSWORD);
        wish["code"] = json!(code);
        wish
    };
    let refused = desk.refused(with("000000")).await;
    assert_eq!(refused.code, Code::WrongCredentials);
    assert!(refused.fields.contains_key("code"));
    world.advance(60_000);
    let led: Value = desk
        .act(None, with(&code_of(&secret, world.server.now().0)))
        .await
        .unwrap();
    assert_eq!(led["places"].as_array().unwrap().len(), 2, "{led}");
    desk.has_nothing().await;
    // The code, which worked once, is not asked for again.
    let mut chosen = wish(&world.address, PASSWORD);
    chosen["organization"] = json!(valley);
    let led: Value = desk.act(None, chosen).await.unwrap();
    assert_eq!(led, json!({"type": "joined", "organization": valley}));
    assert_eq!(desk.joined().await[0].name, "The valley");
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_takes_everything_of_it_off_the_computer_and_nothing_else() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let wire = Relay::to(&world).await;
    let mut desk = Desktop::new(&world).await;
    desk.host
        .app
        .add_first_person(Uuid::now_v7().into(), "Olga".into())
        .await
        .unwrap();
    let profile = json!({"name": "My own", "hue": "clay", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": Uuid::now_v7(), "profile": profile});
    desk.change(None, save.clone()).await.unwrap();
    let org = desk.join(&wire.address, "olga@hut.example", PASSWORD).await;
    let folder = desk.folder(org);
    assert!(folder.join("organization.json").exists());
    wire.cut();
    desk.change(Some(org), save).await.unwrap();
    assert_eq!(desk.joined().await[0].waiting, 1);
    wire.mend();
    let sessions = async || {
        let all = owner
            .ask(&world, Method::GET, "/auth/sessions", None)
            .await
            .ok();
        all.as_array().unwrap().len()
    };
    assert_eq!(sessions().await, 2);
    let leave = json!({"type": "leave_organization", "organization": org});
    desk.act::<Value>(None, leave.clone()).await.unwrap();
    assert!(!folder.exists());
    assert!(!desk.has_token(org).await);
    desk.has_nothing().await;
    assert_eq!(sessions().await, 1, "it is signed out there");
    let gone = desk.act::<Value>(None, leave).await.unwrap_err();
    assert_eq!(gone.code, Code::NotJoined);
    let asked = desk.sync(org).await.unwrap_err();
    assert_eq!(asked.code, Code::NotJoined);
    let own: Value = desk.ask(None, json!({"type": "personas"})).await;
    assert_eq!(own[0]["profile"]["name"], "My own");

    // What a crash left of joining or leaving the next start takes away.
    for mark in ["leaving.json", "mirror.sqlite"] {
        std::fs::create_dir_all(folder.join("media")).unwrap();
        std::fs::write(folder.join(mark), "x").unwrap();
        desk.restart(&world).await;
        assert!(!folder.exists(), "{mark}");
    }
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_takes_no_organization_away_that_the_start_could_not_read() {
    let world = World::open(None, None).await;
    world.owner().await;
    let mut desk = Desktop::new(&world).await;
    let org = desk
        .join(&world.address, "olga@hut.example", PASSWORD)
        .await;
    let (whole, mirror) = (
        desk.folder(org).join("organization.json"),
        desk.folder(org).join("mirror.sqlite"),
    );
    std::fs::write(&whole, "{").unwrap();
    desk.restart(&world).await;
    assert!(desk.joined().await.is_empty());
    let again = desk
        .act::<Value>(None, wish(&world.address, PASSWORD))
        .await
        .unwrap_err();
    assert_eq!(again.code, Code::Conflict);
    assert!(
        again.message.contains("cannot be read"),
        "{}",
        again.message
    );
    assert_eq!(std::fs::read_to_string(&whole).unwrap(), "{");
    assert!(mirror.exists(), "what waits in it is still there");
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_sent_away_loses_the_copy_and_is_told_what_had_waited() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let ada = world.colleague(&owner, "admin", "Ada").await;
    let wire = Relay::to(&world).await;
    let desk = Desktop::new(&world).await;
    let org = desk.join(&wire.address, "ada@hut.example", PASSWORD).await;
    let folder = desk.folder(org);
    wire.cut();
    let profile = json!({"name": "Late", "hue": "clay", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": Uuid::now_v7(), "profile": profile});
    desk.change(Some(org), save).await.unwrap();
    let person = ada.person(&world).await;
    let out = json!({"type": "deactivate_person", "id": person});
    owner.change(&world, out).await.ok();
    let mut told = desk.host.app.subscribe();
    wire.mend();
    let refused = desk.sync(org).await.unwrap_err();
    assert_eq!(refused.code, Code::NoMember);
    until("it is gone", async || !folder.exists()).await;
    desk.has_nothing().await;
    assert!(!desk.has_token(org).await);
    let mut said = None;
    until("it is said", async || {
        while let Ok(event) = told.try_recv() {
            if let Event::Trouble { problem } = event {
                said = Some(problem);
            }
        }
        said.is_some()
    })
    .await;
    let said = said.unwrap();
    assert_eq!((said.code, &*said.fields["waiting"]), (Code::NoMember, "1"));
    desk.host.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_was_ended_asks_for_the_password_and_what_waits_goes_on() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let desk = Desktop::new(&world).await;
    let org = desk
        .join(&world.address, "olga@hut.example", PASSWORD)
        .await;
    let own = owner
        .ask(&world, Method::GET, "/auth/sessions", None)
        .await
        .ok();
    for session in own.as_array().unwrap() {
        if session["current"] == false {
            let path = format!("/auth/sessions/{}", session["id"].as_str().unwrap());
            owner.ask(&world, Method::DELETE, &path, None).await;
        }
    }
    let profile = json!({"name": "Ridge Report", "hue": "clay", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": Uuid::now_v7(), "profile": profile});
    desk.change(Some(org), save).await.unwrap();
    let refused = desk.sync(org).await.unwrap_err();
    assert_eq!(refused.code, Code::SignedOut);
    until("it says so", async || {
        let status = desk.joined().await.remove(0).status;
        matches!(
            status,
            SyncStatus::NeedsAttention { problem: Some(p), .. } if p.code == Code::SignedOut
        )
    })
    .await;
    let joined = desk.joined().await.remove(0);
    assert_eq!(joined.waiting, 1, "nothing is wiped");
    let again = |password: &str| json!({"type": "sign_in_again", "organization": org, "password": password});
    let wrong = desk
        .act::<Value>(None, again("not it at all"))
        .await
        .unwrap_err();
    assert_eq!(wrong.code, Code::WrongCredentials);
    desk.act::<Value>(None, again(PASSWORD)).await.unwrap();
    assert_eq!(desk.joined().await[0].waiting, 0);
    let there = owner.query(&world, json!({"type": "personas"})).await.ok();
    assert_eq!(there[0]["profile"]["name"], "Ridge Report");
    desk.host.stop().await;
    world.close().await;
}
