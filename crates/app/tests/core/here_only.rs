//! Models on this computer only: everything that the assistant does, in a process without a network,
//! whose every connection is written down by the system.
//!
//! The test runs itself as a child, in a network namespace that has nothing but its own loopback,
//! under `strace`. Nothing in the child reaches, or tries to reach, an address that is not this
//! computer's. A second child does the same with the switch off: it is seen to try.

use std::process::{Command, Stdio};

use app::act::Way;
use domain::idea::SuggestionKind;
use domain::ids::{ModelId, PersonaId};
use domain::model::{Model, ModelKind, WritingTask};
use domain::persona::{Audience, Automation, AutomationLevel, PersonaProfile, Slot, Voice};
use networks::HttpOptions;
use protocol::views::Wish;
use protocol::{Act, Mutation, Query};
use testkit::standin::models::{Models, Turn};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{World, begin, body, hosted_with, id, suggestion, wish};

/// Set for the child; `on` or `off` says how the switch stands.
const SWITCH: &str = "ROSTRUM_HERE_ONLY";
/// Of a model: an address that nobody has (RFC 5737).
const ELSEWHERE: &str = "192.0.2.7";
/// Of a link: only what could be somebody's is asked at all. There is no network to reach it by.
const LINKED: &str = "1.2.3.4";

fn way() -> Way {
    Way::quiet(None, CancellationToken::new())
}

fn model(name: &str, number: u128, address: String) -> Model {
    Model {
        id: ModelId(Uuid::from_u128(number)),
        name: name.into(),
        kind: ModelKind::OpenAi,
        address,
        model: "small".into(),
        keyed: false,
        price: None,
    }
}

fn profile() -> PersonaProfile {
    PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        language: "en".into(),
        voice: Voice {
            donts: vec!["“game-changer”".into()],
            ..Voice::default()
        },
        audiences: vec![Audience {
            interests: vec!["snow".into()],
            zones: vec!["Europe/Berlin".into()],
            ..Audience::default()
        }],
        slots: (1..=7)
            .flat_map(|weekday| {
                (0..24).map(move |hour| Slot {
                    weekday,
                    minute: hour * 60,
                    paused: false,
                })
            })
            .collect(),
        automation: Automation {
            level: AutomationLevel::Plan,
            remind_before: 120,
            ..Automation::default()
        },
        ..PersonaProfile::default()
    }
}

fn ask(persona: PersonaId, wish: Wish, model: Option<ModelId>) -> Act {
    Act::Write {
        persona,
        content: None,
        targets: vec![],
        wish,
        model,
    }
}

/// Everything that the assistant does. Nothing unless a parent asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child_without_a_network() {
    let Ok(switch) = std::env::var(SWITCH) else {
        return;
    };
    let service = Models::new(&[], &["small"]);
    service.then(vec![Turn::Say("Late snow again.".into()); 40]);
    let (_folder, host) = hosted_with(HttpOptions::default()).await;
    let app = &host.app;
    let world = World::of(app).await;
    let persona = world.persona;
    // A feed is somewhere else by its nature: nobody follows one here.
    world.ok(Mutation::RemoveSource { id: world.source }).await;
    let save = Mutation::SavePersona {
        id: persona,
        profile: profile(),
        chain: None,
    };
    world.ok(save).await;
    world
        .save(world.writer, id(), 1, "Late snow on the ridge.")
        .await
        .unwrap();
    world
        .suggest(suggestion(&world, SuggestionKind::UseAgain))
        .await;
    let far = model("Far", 8, format!("http://{ELSEWHERE}/v1"));
    let mut settings = app.settings();
    settings.models = vec![
        model("Own", 7, format!("{}/v1", service.address())),
        far.clone(),
    ];
    settings.models_here_only = switch == "on";
    app.act(Act::SaveSettings { settings }, &way())
        .await
        .unwrap();
    host.start().await.unwrap();

    // What is found without a model.
    app.act(Act::CollectNow { source: None }, &way())
        .await
        .unwrap();
    begin(&host, app::workflows::REMIND).await;
    let text =
        format!("A game-changer: 42 % more snow #2026, see http://{LINKED}/a and b.example/c.");
    let typed = body(&text, &[]);
    for query in [
        Query::Ideas { persona: None },
        Query::Sources {},
        Query::Check {
            persona,
            content: None,
            body: typed.clone(),
        },
        Query::ModelUse {},
        Query::Overview {},
    ] {
        app.query(query, None).await.unwrap();
    }
    app.act(Act::LookAtLinks { body: typed }, &way())
        .await
        .unwrap();
    app.act(Act::ExportOpml {}, &way()).await.unwrap();

    // What a model writes.
    for task in [
        WritingTask::Draft,
        WritingTask::Rewrite,
        WritingTask::Shorten,
        WritingTask::Lengthen,
        WritingTask::Translate,
        WritingTask::Tone,
    ] {
        let wish = Wish {
            task,
            text: text.clone(),
            ..wish("snow")
        };
        app.act(ask(persona, wish, None), &way()).await.unwrap();
    }
    let look = Query::WritingRequest {
        persona,
        targets: vec![],
        wish: wish("snow"),
        model: Some(far.id),
    };
    app.query(look, None).await.unwrap();
    // And what is asked of one that is not here.
    let asked = app
        .act(ask(persona, wish("snow"), Some(far.id)), &way())
        .await;
    let test = Act::TestModel {
        model: far,
        key: None,
    };
    let tried = app.act(test, &way()).await;
    assert!(asked.is_err() && tried.is_err());
    let fills = app.query(Query::Ideas { persona: None }, None).await;
    let fills = fills.unwrap()["fills"].clone();
    let fills = fills.as_array().unwrap();
    assert!(fills.iter().any(|f| f["done"] == "drafted"), "{fills:?}");
    host.stop().await;
}

/// Why it cannot be seen here; absent where it can.
fn missing() -> Option<&'static str> {
    let works = |program: &str, args: &[&str]| {
        let status = Command::new(program)
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    if !works("strace", &["-o", "/dev/null", "true"]) {
        return Some("strace is not installed, or may not look");
    }
    let cut = works("unshare", &["-n", "ip", "link", "set", "lo", "up"]);
    (!cut).then_some("no network namespace can be made here")
}

/// The addresses that a child tried to reach.
fn reached(switch: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("calls");
    let inside = "ip link set lo up && exec \"$@\"";
    let status = Command::new("unshare")
        .args(["-n", "sh", "-c", inside, "sh"])
        .args([
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=connect,sendto,sendmsg,sendmmsg",
            "-o",
        ])
        .arg(&log)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "here_only::the_child_without_a_network"])
        .env(SWITCH, switch)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{switch}");
    let calls = std::fs::read_to_string(log).unwrap();
    let mut reached: Vec<String> = calls
        .lines()
        .filter(|call| call.contains("sa_family=AF_INET"))
        .filter_map(|call| {
            let (_, rest) = call
                .split_once("inet_addr(\"")
                .or_else(|| call.split_once("inet_pton(AF_INET6, \""))?;
            rest.split('"').next().map(str::to_owned)
        })
        .collect();
    reached.sort();
    reached.dedup();
    reached
}

#[test]
fn with_models_on_this_computer_only_nothing_tries_to_leave_it() {
    if let Some(why) = missing() {
        println!("skipped: {why}");
        return;
    }
    let here = |address: &String| {
        address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
    };
    let seen = reached("on");
    assert!(seen.iter().any(here), "the model here was asked: {seen:?}");
    let left: Vec<&String> = seen.iter().filter(|address| !here(address)).collect();
    assert!(left.is_empty(), "{left:?}");
    // Whoever looks would see it.
    let seen = reached("off");
    for address in [ELSEWHERE, LINKED] {
        assert!(seen.iter().any(|seen| seen == address), "{seen:?}");
    }
}
