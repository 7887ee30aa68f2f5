//! The automation ladder with a model: what it writes goes through the chain, or to a person.

use app::act::Way;
use app::{App, workflows};
use domain::Instant;
use domain::fill::{FillDone, FillReason};
use domain::ids::ModelId;
use domain::model::{Model, ModelKind};
use domain::person::Actor;
use domain::persona::{Automation, AutomationLevel, PersonaProfile, Slot};
use domain::status::ContentStatus;
use domain::time::MINUTE;
use protocol::views::Ideas;
use protocol::{Act, Mutation, Query};
use testkit::standin::models::{Models, Turn};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{World, begin, hosted, id, policy, stage, suggestion};

/// A slot half an hour from now, on the wall of UTC.
fn soon(now: Instant) -> Slot {
    use chrono::{Datelike as _, Timelike as _};
    let at = now.plus(30 * MINUTE).to_chrono();
    Slot {
        weekday: u8::try_from(at.weekday().number_from_monday()).unwrap(),
        minute: u16::try_from(at.hour() * 60 + at.minute()).unwrap(),
        paused: false,
    }
}

/// A persona on the highest rung, with a model; `asked` says whether its chain asks somebody.
async fn ready(service: &Models, asked: bool) -> (tempfile::TempDir, app::Host, World) {
    let (folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    let chain = policy(id(), vec![stage(world.jo)]);
    world
        .ok(Mutation::SaveChain {
            policy: chain.clone(),
        })
        .await;
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        language: "en".into(),
        slots: vec![soon(host.app.now())],
        automation: Automation {
            level: AutomationLevel::Plan,
            remind_before: 60,
            ..Automation::default()
        },
        ..PersonaProfile::default()
    };
    world
        .ok(Mutation::SavePersona {
            id: world.persona,
            profile,
            chain: asked.then_some(chain.id),
        })
        .await;
    let mut settings = host.app.settings();
    settings.models = vec![Model {
        id: ModelId(Uuid::from_u128(7)),
        name: "Own".into(),
        kind: ModelKind::OpenAi,
        address: format!("{}/v1", service.address()),
        model: "small".into(),
        keyed: false,
        price: None,
    }];
    settings.models_here_only = true;
    let way = Way::quiet(None, CancellationToken::new());
    host.app
        .act(Act::SaveSettings { settings }, &way)
        .await
        .unwrap();
    world
        .suggest(suggestion(&world, domain::idea::SuggestionKind::UseAgain))
        .await;
    (folder, host, world)
}

/// The calendar strikes.
async fn fill(host: &app::Host) -> Ideas {
    host.start().await.unwrap();
    begin(host, workflows::REMIND).await;
    ideas(&host.app).await
}

async fn ideas(app: &App) -> Ideas {
    let ideas = app.query(Query::Ideas { persona: None }, None).await;
    serde_json::from_value(ideas.unwrap()).unwrap()
}

#[tokio::test]
async fn a_models_draft_goes_into_the_slot_and_is_asked_about() {
    let service = Models::new(&[], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    service.then([Turn::Say("Snow on the ridge, again.".into())]);
    let ideas = fill(&host).await;
    let [done] = &ideas.fills[..] else {
        panic!("{:?}", ideas.fills)
    };
    assert_eq!((done.done, done.reason), (FillDone::Submitted, None));
    assert_eq!(service.asked().len(), 1);
    let facts = world.facts().await;
    let content = facts.content(done.content.unwrap());
    assert_eq!(content.status, ContentStatus::InReview);
    assert_eq!(content.at, Some(done.slot.at));
    assert!(done.slot.at > host.app.now());
    let version = facts.versions.iter().find(|v| v.content == content.id);
    let body = version.unwrap().doc().unwrap().body;
    assert!(body.shared.options.made_with_ai);
    assert_eq!(body.shared.segments[0].text, "Snow on the ridge, again.");
    // Everything about it is in the history as the run's.
    let run = Actor::Run { id: done.run };
    for action in [
        "model_asked",
        "suggestion_drafted",
        "content_begun",
        "planned",
        "version_saved",
        "approval_requested",
    ] {
        let all = facts.audit.iter().map(|(e, _)| &e.entry);
        let of: Vec<Actor> = all
            .filter(|e| e.action == action)
            .map(|e| e.actor)
            .collect();
        assert_eq!(of, [run], "{action}");
    }
    // Whoever approves it took the suggestion.
    let request = &facts.requests[&content.id][0];
    let decide = Mutation::Decide {
        id: id(),
        request: request.id,
        hash: request.hash,
        verdict: domain::approval::Verdict::Approve,
        comment: String::new(),
        stage: None,
        away: None,
    };
    world.by(world.jo, decide).await.unwrap();
    let taken = world.suggestion(world.suggestion).await;
    assert_eq!(taken.status, domain::idea::SuggestionStatus::Accepted);
    host.stop().await;
}

#[tokio::test]
async fn what_nobody_would_be_asked_about_stays_a_draft() {
    let service = Models::new(&[], &["small"]);
    let (_folder, host, world) = ready(&service, false).await;
    service.then([Turn::Say("Snow on the ridge, again.".into())]);
    let ideas = fill(&host).await;
    let done = &ideas.fills[0];
    assert_eq!(
        (done.done, done.reason),
        (FillDone::Drafted, Some(FillReason::NobodyAsked))
    );
    let facts = world.facts().await;
    let content = facts.content(done.content.unwrap());
    assert_eq!((content.status, content.n), (ContentStatus::Draft, 0));
    assert!(facts.requests[&content.id].is_empty());
    host.stop().await;
}

#[tokio::test]
async fn a_text_that_cannot_be_taken_unseen_leaves_an_outline() {
    for (said, reason) in [
        ("Snow. 42 % more at evil.example.", FillReason::Unsound),
        ("  ", FillReason::NoAnswer),
    ] {
        let service = Models::new(&[], &["small"]);
        let (_folder, host, world) = ready(&service, true).await;
        service.then([Turn::Say(said.into())]);
        let ideas = fill(&host).await;
        let done = &ideas.fills[0];
        assert_eq!((done.done, done.reason), (FillDone::Outlined, Some(reason)));
        let facts = world.facts().await;
        let copy = facts.copies[&done.content.unwrap()].as_ref().unwrap();
        assert!(!format!("{:?}", copy.body).contains("evil"), "{copy:?}");
        host.stop().await;
    }
}

#[tokio::test]
async fn a_model_that_says_the_old_post_again_has_written_nothing_to_submit() {
    let service = Models::new(&[], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    service.then([Turn::Say("OTHER words of long ago".into())]);
    let ideas = fill(&host).await;
    let done = &ideas.fills[0];
    assert_eq!(
        (done.done, done.reason),
        (FillDone::Drafted, Some(FillReason::Unsound))
    );
    let facts = world.facts().await;
    let content = facts.content(done.content.unwrap());
    assert_eq!((content.status, content.n), (ContentStatus::Draft, 0));
    host.stop().await;
}
