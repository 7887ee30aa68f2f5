//! What is noticed in a text while it is written, and what is not noticed any more.

use app::App;
use domain::content::Body;
use domain::delivery::DeliveryStatus;
use domain::ids::ContentId;
use domain::persona::{PersonaProfile, Voice};
use domain::remark::RemarkKind;
use protocol::views::{Checked, Remark};
use protocol::{Code, Mutation, Query};

use crate::world::{World, body, hosted, id};

const TEXT: &str = "A real game-changer: the hut has warm water. To be honest, a dream.";

fn voice(world: &World) -> Mutation {
    let profile = PersonaProfile {
        name: "OTHER Hut".into(),
        zone: "Europe/Berlin".into(),
        language: "en".into(),
        voice: Voice {
            donts: vec!["“game-changer”, “to be honest”".into()],
            ..Voice::default()
        },
        ..PersonaProfile::default()
    };
    Mutation::SavePersona {
        id: world.persona,
        profile,
        chain: None,
    }
}

async fn remarks(app: &App, world: &World, content: Option<ContentId>, body: Body) -> Vec<Remark> {
    let query = Query::Check {
        persona: world.persona,
        content,
        body,
    };
    let answer = app.query(query, None).await.unwrap();
    serde_json::from_value::<Checked>(answer).unwrap().remarks
}

fn abouts(remarks: &[Remark], kind: RemarkKind) -> Vec<&str> {
    let of = remarks.iter().filter(|r| r.kind == kind);
    of.map(|r| r.about.as_str()).collect()
}

#[tokio::test]
async fn what_is_dismissed_stays_dismissed_where_it_was_and_can_be_brought_back() {
    let (_folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    world.ok(voice(&world)).await;
    let (here, there) = (id(), id());
    world.save(world.writer, here, 1, TEXT).await.unwrap();
    let never = |content| {
        let (app, world) = (&host.app, &world);
        async move {
            let found = remarks(app, world, content, body(TEXT, &[])).await;
            let mut never: Vec<String> = abouts(&found, RemarkKind::NeverSay)
                .into_iter()
                .map(str::to_owned)
                .collect();
            never.sort();
            never
        }
    };
    let both = ["game-changer", "to be honest"];
    assert_eq!(never(Some(here)).await, both);
    let dismiss = |content, about: &str, dismissed| Mutation::DismissRemark {
        persona: world.persona,
        content,
        kind: RemarkKind::NeverSay,
        about: about.into(),
        dismissed,
    };
    world.ok(dismiss(Some(here), both[0], true)).await;
    assert_eq!(never(Some(here)).await, [both[1]]);
    assert_eq!(never(Some(there)).await, both);
    assert_eq!(never(None).await, both);
    world.ok(dismiss(None, both[1], true)).await;
    assert!(never(Some(here)).await.is_empty());
    assert_eq!(never(Some(there)).await, [both[0]]);
    world.ok(dismiss(Some(here), both[0], false)).await;
    assert_eq!(never(Some(here)).await, [both[0]]);
    let unknown = world
        .by(world.owner, dismiss(Some(there), both[0], true))
        .await;
    assert_eq!(unknown, Err(Code::NotFound));
    // What was dismissed in a draft goes with it.
    world.ok(dismiss(Some(here), both[0], true)).await;
    world.ok(Mutation::DeleteDraft { content: here }).await;
    world.save(world.writer, here, 1, TEXT).await.unwrap();
    assert_eq!(never(Some(here)).await, [both[0]]);
    host.stop().await;
}

#[tokio::test]
async fn own_posts_are_known_as_soon_as_they_are_out() {
    let (_folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    world.ok(voice(&world)).await;
    let text = "OTHER text that is long enough to be known again, with soup and bread";
    let again = format!("{text} tonight");
    let before = remarks(&host.app, &world, None, body(&again, &[])).await;
    assert!(abouts(&before, RemarkKind::SaidBefore).is_empty());

    let content = id();
    world.save(world.writer, content, 1, text).await.unwrap();
    let (delivery, org, now) = (id(), world.org, domain::Instant(world.now()));
    let plan = protocol::mutation::DeliveryPlan {
        id: delivery,
        identity: world.accounts[0],
        planned: None,
        grace: None,
        hand_off: None,
    };
    let plan = Mutation::Plan {
        content,
        deliveries: vec![plan],
    };
    world.by(world.writer, plan).await.unwrap();
    world
        .stand(delivery, |d| {
            d.status = DeliveryStatus::Published;
            (d.live, d.n) = (1, 1);
        })
        .await;
    let out = store::publication::Publication {
        delivery,
        segment: 0,
        remote_id: "1".into(),
        url: None,
        extra: serde_json::json!({}),
        by_person: false,
        at: now,
        ended_at: None,
    };
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            let out = out.clone();
            Box::pin(async move { Ok(store::publication::save(tx, org, &out).await?) })
        })
        .await;
    done.unwrap();
    let after = remarks(&host.app, &world, None, body(&again, &[])).await;
    let said = content.to_string();
    assert_eq!(abouts(&after, RemarkKind::SaidBefore), [said.as_str()]);
    // Its own words are no copy, and another text of the same post is not told twice.
    let own = remarks(&host.app, &world, Some(content), body(&again, &[])).await;
    assert!(abouts(&own, RemarkKind::SaidBefore).is_empty());
    let mut twice = body(&again, &world.accounts);
    let shared = twice.shared.clone();
    let key = domain::content::identity_key(world.accounts[0]);
    twice.variants.insert(key, shared);
    let twice = remarks(&host.app, &world, None, twice).await;
    assert_eq!(abouts(&twice, RemarkKind::SaidBefore), [said.as_str()]);
    host.stop().await;
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_told_once_it_was_asked_for_and_never_on_a_keystroke() {
    let (asked, address) = site();
    let (_folder, host) = crate::world::hosted_with(networks::HttpOptions {
        allow_private: true,
        ..networks::HttpOptions::default()
    })
    .await;
    let app = &host.app;
    let world = World::of(app).await;
    let text = format!("Read {address}/gone, then {address}/here and {address}/busy.");
    let dead = async || {
        let found = remarks(app, &world, None, body(&text, &[])).await;
        let dead = abouts(&found, RemarkKind::DeadLink);
        dead.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(dead().await, Vec::<String>::new());
    assert_eq!(asked(), 0, "a check asks nobody");
    let look = async |here_only: bool| {
        let mut settings = app.settings();
        settings.models_here_only = here_only;
        let way = || app::act::Way::quiet(None, tokio_util::sync::CancellationToken::new());
        app.act(protocol::Act::SaveSettings { settings }, &way())
            .await
            .unwrap();
        let look = protocol::Act::LookAtLinks {
            body: body(&text, &[]),
        };
        app.act(look, &way()).await.unwrap()["nowhere"].clone()
    };
    assert_eq!(look(true).await, 0);
    assert_eq!(asked(), 0, "nothing leaves this computer");
    assert_eq!(look(false).await, 1);
    assert_eq!(dead().await, [format!("{address}/gone")]);
    assert_eq!(asked(), 3);
    look(false).await;
    assert_eq!(asked(), 3, "what is known is not asked again");
    let dismiss = Mutation::DismissRemark {
        persona: world.persona,
        content: None,
        kind: RemarkKind::DeadLink,
        about: format!("{address}/gone"),
        dismissed: true,
    };
    world.ok(dismiss).await;
    assert_eq!(dead().await, Vec::<String>::new());
}

/// A site with a page, one that is gone and one that is not ready; how often it was asked.
fn site() -> (impl Fn() -> usize, String) {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&count);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0_u8; 4096];
            let n = stream.read(&mut buffer).unwrap_or(0);
            let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let status = match head.split(' ').nth(1) {
                Some("/here") => "200 OK",
                Some("/busy") => "503 Busy",
                _ => "404 Not Found",
            };
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (
        move || count.load(std::sync::atomic::Ordering::SeqCst),
        address,
    )
}
