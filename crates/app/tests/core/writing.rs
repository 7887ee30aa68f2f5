//! Writing with a model: what goes out, what comes back, what it costs, and what it cannot do.

use app::App;
use app::act::Way;
use domain::ids::{IdentityId, ModelId, PersonaId};
use domain::model::{Model, ModelKind, WritingTask};
use domain::persona::{PersonaProfile, Voice};
use protocol::act::Sensitive;
use protocol::views::{Done, ModelTest, ModelUse, Wish, WritingRequest, Written};
use protocol::{Act, Code, Event, Mutation, Problem, Query};
use serde_json::{Value, json};
use testkit::standin::models::{Models, Turn};
use tokio_util::sync::CancellationToken;

use crate::world::{World, hosted, id, suggestion, wish};

const KEY: &str = "sk-of-nobody";
const SECRET: &str = "OTHER persona's plans";

fn model(service: &Models) -> Model {
    Model {
        id: ModelId(uuid::Uuid::from_u128(7)),
        name: "Own".into(),
        kind: ModelKind::OpenAi,
        address: format!("{}/v1", service.address()),
        model: "small".into(),
        keyed: true,
        price: None,
    }
}

async fn act<T: serde::de::DeserializeOwned>(app: &App, act: Act) -> Result<T, Problem> {
    let way = Way::quiet(None, CancellationToken::new());
    app.act(act, &way)
        .await
        .map(|v| serde_json::from_value(v).unwrap())
}

/// A core with a model, whose persona has a voice; another persona has plans of its own.
async fn ready(service: &Models, here_only: bool) -> (tempfile::TempDir, app::Host, World) {
    let (folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    world.ok(persona(&world, None)).await;
    let other = PersonaProfile {
        name: SECRET.into(),
        zone: "UTC".into(),
        ..PersonaProfile::default()
    };
    world
        .ok(Mutation::SavePersona {
            id: id(),
            profile: other,
            chain: None,
        })
        .await;
    let mut settings = host.app.settings();
    settings.models = vec![model(service)];
    settings.models_here_only = here_only;
    let _: Value = act(&host.app, Act::SaveSettings { settings })
        .await
        .unwrap();
    let keep = Act::KeepModelKey {
        id: model(service).id,
        key: Sensitive(KEY.into()),
    };
    let _: Done = act(&host.app, keep).await.unwrap();
    (folder, host, world)
}

fn persona(world: &World, monthly_tokens: Option<u32>) -> Mutation {
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        voice: Voice {
            tone: "calm".into(),
            ..Voice::default()
        },
        monthly_tokens,
        ..PersonaProfile::default()
    };
    Mutation::SavePersona {
        id: world.persona,
        profile,
        chain: None,
    }
}

fn ask(persona: PersonaId, targets: &[IdentityId], wish: Wish) -> Act {
    Act::Write {
        persona,
        content: None,
        targets: targets.to_vec(),
        wish,
        model: None,
    }
}

async fn used(app: &App, world: &World) -> ModelUse {
    let all = app.query(Query::ModelUse {}, None).await.unwrap();
    let all: Vec<ModelUse> = serde_json::from_value(all).unwrap();
    all.into_iter()
        .find(|u| u.persona.id == world.persona)
        .unwrap()
}

#[tokio::test]
async fn what_is_looked_at_is_what_is_sent_and_holds_nothing_of_others() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    world
        .suggest(suggestion(&world, domain::idea::SuggestionKind::UseAgain))
        .await;
    let mut wish = wish("snow on the ridge");
    wish.suggestion = Some(world.suggestion);
    let query = Query::WritingRequest {
        persona: world.persona,
        targets: vec![],
        wish: wish.clone(),
        model: None,
    };
    let looked = host.app.query(query, None).await.unwrap();
    let looked: WritingRequest = serde_json::from_value(looked).unwrap();
    assert!(
        looked.here && service.knocks() == 0,
        "nothing is sent to be looked at"
    );
    let mut events = host.app.subscribe();
    service.then([Turn::Say(
        "Snow on the ridge. 42 % more at evil.example.".into(),
    )]);
    let way = Way::told(&host.app, "a".into(), None, CancellationToken::new());
    let said = host
        .app
        .act(ask(world.persona, &[], wish), &way)
        .await
        .unwrap();
    let written: Written = serde_json::from_value(said).unwrap();
    assert_eq!(written.prompt, looked.hash);
    assert_eq!(written.invented, ["42", "evil.example"]);
    let asked = service.asked()[0].body.to_string();
    let sent: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(sent["messages"][0]["content"], looked.system.as_str());
    assert_eq!(sent["messages"][1]["content"], looked.prompt.as_str());
    // Of what strangers wrote only their words go, and no page of theirs.
    for theirs in [SECRET, KEY, "https://stranger.example/"] {
        assert!(!asked.contains(theirs), "{theirs}: {asked}");
    }
    assert!(looked.prompt.contains("<outside ") && looked.prompt.contains("STRANGER"));
    let mut heard = String::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Words { act, words } = event {
            assert_eq!(act, "a");
            heard.push_str(&words);
        }
    }
    assert_eq!(heard, written.text);
    // It proposes: no content, no delivery, no request came of it; it is in the history.
    let facts = world.facts().await;
    assert!(facts.contents.is_empty());
    let told = facts
        .audit
        .iter()
        .filter(|(e, _)| e.entry.action == "model_asked");
    assert_eq!(told.count(), 1);
    host.stop().await;
}

#[tokio::test]
async fn tokens_are_counted_for_the_persona_until_its_month_is_used_up() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    let write = || ask(world.persona, &[], wish("snow"));
    let written: Written = act(&host.app, write()).await.unwrap();
    let after = used(&host.app, &world).await;
    assert_eq!(
        (after.asked, after.tokens),
        (1, i64::try_from(written.tokens).unwrap())
    );
    // What broke off is counted as far as it came.
    service.then([Turn::Die("Half a sentence that somebody reads".into())]);
    let other = ask(world.persona, &[], wish("ice"));
    let broken = act::<Written>(&host.app, other).await.unwrap_err();
    assert_eq!(broken.code, Code::Unreachable);
    let more = used(&host.app, &world).await;
    assert!(more.asked == 2 && more.tokens > after.tokens, "{more:?}");
    world.ok(persona(&world, Some(10))).await;
    let knocks = service.knocks();
    let third = ask(world.persona, &[], wish("fog"));
    let over = act::<Written>(&host.app, third).await.unwrap_err();
    assert_eq!((over.code, service.knocks()), (Code::TokensSpent, knocks));
    // What is known costs nothing.
    let known: Written = act(&host.app, write()).await.unwrap();
    assert!(known.known && known.text == written.text);
    host.stop().await;
}

#[tokio::test]
async fn local_only_reaches_no_other_address_whatever_is_set_up() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    for far in [
        "https://api.openai.com/v1",
        "http://10.0.0.7:11434/v1",
        "http://0.0.0.0:1/v1",
    ] {
        let mut settings = host.app.settings();
        settings.models[0].address = far.into();
        let _: Value = act(&host.app, Act::SaveSettings { settings })
            .await
            .unwrap();
        let refused = act::<Written>(&host.app, ask(world.persona, &[], wish("x"))).await;
        assert_eq!(refused.unwrap_err().code, Code::InvalidInput, "{far}");
        let model = host.app.settings().models[0].clone();
        let test = Act::TestModel { model, key: None };
        let refused = act::<ModelTest>(&host.app, test).await;
        assert_eq!(refused.unwrap_err().code, Code::InvalidInput, "{far}");
    }
    assert_eq!(service.knocks(), 0);
    host.stop().await;
}

#[tokio::test]
async fn a_key_is_only_in_the_vault_and_goes_with_its_model() {
    let service = Models::new(&[KEY], &["small", "large"]);
    let (folder, host, _world) = ready(&service, true).await;
    let test = || Act::TestModel {
        model: model(&service),
        key: None,
    };
    let found: ModelTest = act(&host.app, test()).await.unwrap();
    assert!(found.known && found.models == ["small", "large"]);
    let settings = std::fs::read_to_string(folder.path().join("data/settings.toml")).unwrap();
    assert!(
        settings.contains("small") && !settings.contains(KEY),
        "{settings}"
    );
    let mut settings = host.app.settings();
    settings.models.clear();
    let _: Value = act(&host.app, Act::SaveSettings { settings })
        .await
        .unwrap();
    let gone = act::<ModelTest>(&host.app, test()).await.unwrap_err();
    // Where no keychain answers, nobody knows whether it has one.
    let known = [Code::SecretMissing, Code::NoSecretStore];
    assert!(known.contains(&gone.code), "{gone:?}");
    host.stop().await;
}

#[tokio::test]
async fn who_stops_a_model_hears_nothing_more_and_it_is_counted() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    service.then([Turn::Hang(
        "Some words that somebody reads before stopping".into(),
    )]);
    let stop = CancellationToken::new();
    let way = Way::told(&host.app, "a".into(), None, stop.clone());
    let mut events = host.app.subscribe();
    let app = host.app.clone();
    let write = ask(world.persona, &[], wish("x"));
    let running = async { app.act(write, &way).await.unwrap_err().code };
    let stopping = async {
        loop {
            if let Ok(Event::Words { .. }) = events.recv().await {
                break stop.cancel();
            }
        }
    };
    let (code, ()) = tokio::join!(running, stopping);
    assert_eq!(code, Code::Cancelled);
    assert_eq!(used(&host.app, &world).await.asked, 1);
    host.stop().await;
}

#[tokio::test]
async fn a_server_has_no_models_of_its_members() {
    let (_folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    let member = host.app.for_member(world.owner);
    let task = wish("x");
    assert_eq!(task.task, WritingTask::Draft);
    let refused = act::<Written>(&member, ask(world.persona, &[], task)).await;
    assert_eq!(refused.unwrap_err().code, Code::NotHere);
    host.stop().await;
}

#[tokio::test]
async fn a_kept_key_goes_where_it_was_kept_for_and_no_other_secret_goes_as_one() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    let elsewhere = Models::new(&[KEY], &["small"]);
    let of_an_account = Model {
        id: ModelId(world.accounts[0].0),
        ..model(&elsewhere)
    };
    for other in [model(&elsewhere), of_an_account] {
        let test = Act::TestModel {
            model: other,
            key: None,
        };
        let said = act::<ModelTest>(&host.app, test).await.unwrap_err();
        assert_eq!(said.code, Code::SecretMissing);
    }
    assert_eq!(elsewhere.knocks(), 0);
    let test = Act::TestModel {
        model: model(&service),
        key: None,
    };
    let said: ModelTest = act(&host.app, test).await.unwrap();
    assert!(said.known);
    host.stop().await;
}

fn list(texts: &[&str]) -> String {
    let texts: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    json!({ "texts": texts }).to_string()
}

fn of_task(task: WritingTask, text: &str) -> Wish {
    Wish {
        task,
        text: text.into(),
        ..wish("for hikers")
    }
}

#[tokio::test]
async fn several_texts_come_in_a_shape_that_is_mended_once() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    let hooks = || {
        ask(
            world.persona,
            &[],
            of_task(WritingTask::Hooks, "Snow fell."),
        )
    };
    service.then([
        Turn::Say("Here are some ideas: 1. Snow!".into()),
        Turn::Say(list(&["Snow?", "Sn\u{200b}ow.", "White."])),
    ]);
    let written: Written = act(&host.app, hooks()).await.unwrap();
    let texts: Vec<&str> = written.choices.iter().map(|c| c.text.as_str()).collect();
    assert_eq!(texts, ["Snow?", "Snow.", "White."]);
    assert_eq!(written.text, "");
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    let schema = &asked[0].body["response_format"]["json_schema"]["schema"];
    assert_eq!(schema["properties"]["texts"]["maxItems"], 5);
    let again = asked[1].body["messages"][1]["content"].to_string();
    assert!(again.contains("it is no JSON"), "{again}");
    // Twice is enough.
    let other = || {
        ask(
            world.persona,
            &[],
            of_task(WritingTask::Variants, "Ice fell."),
        )
    };
    service.then([Turn::Say("no".into()), Turn::Say("no".into())]);
    let failed = act::<Written>(&host.app, other()).await.unwrap_err();
    assert_eq!((failed.code, service.asked().len()), (Code::Unreachable, 4));
    host.stop().await;
}

#[tokio::test]
async fn the_same_question_is_asked_once_unless_another_answer_is_wanted() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    service.then([Turn::Say("One.".into()), Turn::Say("Two.".into())]);
    let write = |again| {
        let wish = Wish {
            again,
            ..wish("snow")
        };
        ask(world.persona, &[], wish)
    };
    let first: Written = act(&host.app, write(false)).await.unwrap();
    let known: Written = act(&host.app, write(false)).await.unwrap();
    let other: Written = act(&host.app, write(true)).await.unwrap();
    assert_eq!((first.text.as_str(), first.known), ("One.", false));
    assert_eq!(
        (known.text.as_str(), known.known, known.tokens),
        ("One.", true, 0)
    );
    assert_eq!((other.text.as_str(), other.known), ("Two.", false));
    assert_eq!(
        (service.asked().len(), used(&host.app, &world).await.asked),
        (2, 2)
    );
    host.stop().await;
}

#[tokio::test]
async fn another_model_is_asked_where_one_does_not_answer_and_each_has_its_price() {
    let service = Models::new(&[], &["small", "dear"]);
    let (_folder, host, world) = ready(&service, true).await;
    let mut settings = host.app.settings();
    settings.models[0].address = "http://127.0.0.1:9/v1".into();
    settings.models[0].keyed = false;
    settings.models.push(Model {
        id: ModelId(uuid::Uuid::from_u128(8)),
        name: "Other".into(),
        model: "dear".into(),
        keyed: false,
        price: Some(domain::model::Price {
            input: 0,
            output: 2_000_000,
        }),
        ..model(&service)
    });
    settings.fallback_model = Some(ModelId(uuid::Uuid::from_u128(8)));
    let _: Value = act(&host.app, Act::SaveSettings { settings })
        .await
        .unwrap();
    let query = Query::WritingRequest {
        persona: world.persona,
        targets: vec![],
        wish: wish("snow"),
        model: None,
    };
    let looked = host.app.query(query, None).await.unwrap();
    let looked: WritingRequest = serde_json::from_value(looked).unwrap();
    assert!(looked.fallback.unwrap().starts_with("Other, "));
    service.then([Turn::Say("Snow fell on the ridge.".into())]);
    let write = || ask(world.persona, &[], wish("snow"));
    let written: Written = act(&host.app, write()).await.unwrap();
    assert_eq!(written.model, "Other");
    // Five words at two millionths each.
    assert_eq!(used(&host.app, &world).await.cost, 10);
    let Mutation::SavePersona {
        id,
        mut profile,
        chain,
    } = persona(&world, None)
    else {
        unreachable!()
    };
    profile.monthly_cost = Some(10);
    world.ok(Mutation::SavePersona { id, profile, chain }).await;
    let over = ask(world.persona, &[], wish("ice"));
    let over = act::<Written>(&host.app, over).await.unwrap_err();
    // Nobody answers at the first, and the second may cost no more.
    assert_eq!((over.code, service.asked().len()), (Code::Unreachable, 1));
    host.stop().await;
}

#[tokio::test]
async fn what_is_asked_at_once_keeps_to_the_limit_together() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    world.ok(persona(&world, Some(6_000))).await;
    // Two have room; neither ends by itself, so that nothing is given back meanwhile.
    service.then((0..2).map(|_| Turn::Hang("Snow".into())));
    let stop = CancellationToken::new();
    let briefs = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let asking = briefs.map(|brief| {
        let write = ask(world.persona, &[], wish(brief));
        let (app, way) = (host.app.clone(), Way::quiet(None, stop.clone()));
        tokio_util::task::TaskTracker::new().spawn(async move { app.act(write, &way).await })
    });
    let refused = loop {
        let refused = asking.iter().filter(|one| one.is_finished()).count();
        if refused + service.asked().len() == briefs.len() {
            break refused;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert!(refused > 0, "eight answers may be longer than the limit");
    let most: u64 = service
        .asked()
        .iter()
        .map(|asked| asked.body["max_tokens"].as_u64().unwrap())
        .sum();
    assert!(most <= 6_000, "{most}");
    stop.cancel();
    let mut codes = Vec::new();
    for one in asking {
        codes.push(one.await.unwrap().unwrap_err().code);
    }
    let spent = codes.iter().filter(|code| **code == Code::TokensSpent);
    assert_eq!(spent.count(), refused, "{codes:?}");
    // What was not used is there for the next.
    let next = ask(world.persona, &[], wish("i"));
    act::<Written>(&host.app, next).await.unwrap();
    host.stop().await;
}

#[tokio::test]
async fn a_week_is_a_text_for_each_free_slot_and_nothing_is_made_of_it() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    let week = || ask(world.persona, &[], of_task(WritingTask::Week, ""));
    let none = act::<Written>(&host.app, week()).await.unwrap_err();
    assert_eq!((none.code, service.knocks()), (Code::WrongState, 0));
    let Mutation::SavePersona {
        id,
        mut profile,
        chain,
    } = persona(&world, None)
    else {
        unreachable!()
    };
    profile.slots = [2, 5]
        .map(|weekday| domain::persona::Slot {
            weekday,
            minute: 600,
            paused: false,
        })
        .to_vec();
    world.ok(Mutation::SavePersona { id, profile, chain }).await;
    service.then([Turn::Say(list(&["Snow on Tuesday.", "Ice on Friday."]))]);
    let written: Written = act(&host.app, week()).await.unwrap();
    let at: Vec<&str> = written
        .choices
        .iter()
        .map(|c| &c.planned.as_ref().unwrap().wall[10..16])
        .collect();
    assert_eq!(at, ["T10:00", "T10:00"]);
    assert!(world.facts().await.contents.is_empty());
    host.stop().await;
}

/// What a model says that obeys strangers is a proposal like any other: nothing comes of it.
#[tokio::test]
async fn a_model_that_obeys_fifty_hostile_texts_changes_nothing_and_tells_no_secret() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, true).await;
    let before = world.facts().await;
    let hidden = |sign: char| {
        (sign.is_control() && sign != '\n')
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    for item in testkit::hostile::ITEMS {
        let material = protocol::views::Material {
            from: "https://stranger.example/".into(),
            title: item.into(),
            text: format!("Snow.\n{item}"),
        };
        let wish = Wish {
            material: Some(material),
            ..wish("snow")
        };
        service.then([Turn::Say(item.into())]);
        let written: Written = act(&host.app, ask(world.persona, &[], wish)).await.unwrap();
        assert!(!written.text.contains(hidden), "{item}");
        for bait in ["evil.example", "@stranger", "#buynow"] {
            let told = written.text.to_lowercase().contains(bait);
            let named = written.invented.iter().any(|mark| mark.contains(bait));
            assert!(!told || named, "{item}: {:?}", written.invented);
        }
        let asked = service.asked().pop().unwrap().body.to_string();
        for secret in [SECRET, KEY] {
            assert!(!asked.contains(secret), "{item}");
        }
    }
    let after = world.facts().await;
    assert!(after.contents.is_empty() && after.requests.is_empty());
    assert!(after.deliveries.values().all(Vec::is_empty));
    let acted: Vec<&str> = after.audit[before.audit.len()..]
        .iter()
        .map(|(entry, _)| entry.entry.action.as_str())
        .collect();
    assert_eq!(acted, vec!["model_asked"; testkit::hostile::ITEMS.len()]);
    host.stop().await;
}

/// Under Unix 0.0.0.0 is this computer by a name that does not count as here.
#[cfg(unix)]
#[tokio::test]
async fn an_answer_from_elsewhere_ends_when_only_this_computer_may_be_asked() {
    let service = Models::new(&[KEY], &["small"]);
    let (_folder, host, world) = ready(&service, false).await;
    let mut settings = host.app.settings();
    settings.models[0].address =
        format!("{}/v1", service.address()).replace("127.0.0.1", "0.0.0.0");
    let save = |settings| Act::SaveSettings { settings };
    let _: Value = act(&host.app, save(settings.clone())).await.unwrap();
    service.then([Turn::Hang("Snow fell".into())]);
    let mut events = host.app.subscribe();
    let way = Way::told(&host.app, "a".into(), None, CancellationToken::new());
    let (app, write) = (
        host.app.clone(),
        ask(world.persona, &[], wish("snow on the ridge")),
    );
    let writing =
        tokio_util::task::TaskTracker::new().spawn(async move { app.act(write, &way).await });
    while !matches!(events.recv().await.unwrap(), Event::Words { .. }) {}
    settings.models_here_only = true;
    let _: Value = act(&host.app, save(settings)).await.unwrap();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), writing).await;
    let said = ended.expect("it ends by itself").unwrap().unwrap_err();
    assert_eq!(said.code, Code::InvalidInput);
    let counted = used(&host.app, &world).await;
    assert!(counted.asked == 1 && counted.tokens > 0, "{counted:?}");
    host.stop().await;
}
