//! Every role on every act and every query (mutations are in `borders`).

use std::collections::{BTreeMap, BTreeSet};

use app::act::Way;
use app::host::{self, Options};
use domain::Hash;
use domain::identity::NetworkId;
use domain::ids::*;
use domain::person::Role;
use domain::rights::allows;
use protocol::act::{Sensitive, TABLE};
use protocol::settings::Settings;
use protocol::{Act, Code, Mutation, query};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::queries::every_query;
use crate::world::{Piece, World, body, hosted, id};

/// Each act once, about nothing that exists.
fn every_act() -> Vec<Act> {
    let network = NetworkId::new("bluesky");
    let fields = || BTreeMap::from([("handle".to_owned(), Sensitive(String::new()))]);
    let (content, persona) = (id(), id());
    let body = body("x", &[]);
    vec![
        Act::SignIn {
            id: id(),
            persona,
            network: network.clone(),
            method: None,
            fields: fields(),
        },
        Act::KeepSignIn { id: id() },
        Act::RefuseSignIn { id: id() },
        Act::Connect {
            id: id(),
            persona,
            network: network.clone(),
            method: None,
            fields: fields(),
        },
        Act::TestConnection {
            network,
            method: None,
            fields: fields(),
        },
        Act::Reconnect {
            id: id(),
            method: None,
            fields: fields(),
        },
        Act::CheckAccount { id: id() },
        Act::Disconnect { id: id() },
        Act::ImportAsset {
            name: "x".into(),
            data: Sensitive("AAAA".into()),
        },
        Act::FetchCard {
            url: "no address".into(),
        },
        Act::Save {
            content,
            persona,
            body: body.clone(),
            base: 0,
        },
        Act::Submit {
            content,
            persona,
            body,
            base: 0,
            deliveries: vec![],
            updates: vec![],
            request: id(),
            added: None,
        },
        Act::Duplicate { content, id: id() },
        Act::Redraft {
            delivery: id(),
            id: id(),
        },
        Act::LookAtLinks {
            body: Default::default(),
        },
        Act::DiscoverFeeds {
            url: "no address".into(),
        },
        Act::CollectNow { source: None },
        Act::ImportOpml {
            text: "no list".into(),
            personas: vec![],
        },
        Act::ExportOpml {},
        Act::RefreshMetrics { content },
        Act::SaveSettings {
            settings: Default::default(),
        },
        Act::Backup { file: None },
        Act::ExportPerson { person: id() },
        Act::LookIntoBackup {
            file: "no backup".into(),
        },
        Act::Restore {
            file: "no backup".into(),
        },
        Act::Begin {
            person: "Mara".into(),
            person_id: id(),
        },
        Act::ChoosePerson { id: id() },
        Act::AcknowledgeAudit {},
        Act::Write {
            persona: id(),
            content: None,
            targets: vec![],
            wish: crate::world::wish("x"),
            model: None,
        },
        Act::ReadPage {
            url: "no address".into(),
        },
        Act::TestModel {
            model: domain::model::Model {
                id: id(),
                name: "x".into(),
                kind: domain::model::ModelKind::Anthropic,
                address: "no address".into(),
                model: "x".into(),
                keyed: false,
                price: None,
            },
            key: None,
        },
        Act::KeepModelKey {
            id: id(),
            key: Sensitive("x".into()),
        },
        Act::MakeReviewLink {
            request: id(),
            name: "Client".into(),
            days: 3,
            decides: false,
        },
        Act::WithdrawReviewLink { id: id() },
        Act::Attend {
            window: id(),
            content: None,
        },
        Act::TestNotification {},
        Act::SyncNow {},
        Act::LookAtServer {
            address: Sensitive("no address".into()),
        },
        Act::JoinOrganization {
            address: Sensitive("no address".into()),
            name: None,
            email: "mara@hut.example".into(),
            password: Sensitive("x".into()),
            code: None,
            organization: None,
        },
        Act::SignInAgain {
            organization: id(),
            password: Sensitive("x".into()),
            code: None,
        },
        Act::LeaveOrganization { organization: id() },
        Act::DiscardWaiting { id: id() },
        Act::RetryWaiting {
            id: id(),
            mutations: None,
        },
    ]
}

#[tokio::test]
async fn each_role_may_act_and_ask_what_the_table_says_and_nothing_else() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let owner = PersonId(app::core::new_id());
    app.add_first_person(owner, "Mara".into()).await.unwrap();
    let mut people = vec![(Role::Owner, owner)];
    for role in [Role::Viewer, Role::Creator, Role::Approver, Role::Admin] {
        let id = id();
        let name = format!("{role:?}");
        app.apply_all(None, vec![Mutation::AddPerson { id, name, role }])
            .await
            .unwrap();
        people.push((role, id));
    }
    let world = World::on(app.db()).await;
    let nothing = Piece {
        content: id(),
        delivery: id(),
        request: id(),
        hash: Hash::of(b""),
    };
    let name_of = |debug: String| debug.split([' ', '{']).next().unwrap().to_owned();
    let (mut acted, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for (role, person) in people {
        for act in every_act() {
            let (name, action) = (name_of(format!("{act:?}")), act.action());
            let way = Way::quiet(Some(person), CancellationToken::new());
            let said = app.act(act, &way).await;
            let refused = said.as_ref().is_err_and(|p| p.code == Code::Forbidden);
            assert_eq!(
                refused,
                !allows(role, action),
                "{name} by {role:?}: {said:?}"
            );
            acted.insert(name);
        }
        for query in every_query(&world, nothing, id::<Uuid>()) {
            let (name, action) = (name_of(format!("{query:?}")), query.action());
            let said = app.query(query, Some(person)).await;
            let refused = said.as_ref().is_err_and(|p| p.code == Code::Forbidden);
            assert_eq!(
                refused,
                !allows(role, action),
                "{name} by {role:?}: {said:?}"
            );
            asked.insert(name);
        }
    }
    for (act, _) in TABLE {
        assert!(acted.contains(*act), "{act} is not tried here");
    }
    for (query, _) in query::TABLE {
        assert!(asked.contains(*query), "{query} is not tried here");
    }
    host.stop().await;
}

#[test]
fn only_who_manages_people_brings_those_of_a_backup_back() {
    let file = || "x".to_owned();
    for act in [
        Act::LookIntoBackup { file: file() },
        Act::Restore { file: file() },
    ] {
        for role in Role::ALL {
            let may = matches!(role, Role::Owner | Role::Admin);
            assert_eq!(allows(role, act.action()), may, "{act:?} by {role:?}");
        }
    }
}

#[tokio::test]
async fn only_who_manages_accounts_changes_the_ways_to_networks() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    app.add_first_person(id(), "Mara".into()).await.unwrap();
    let jo = id();
    let add = Mutation::AddPerson {
        id: jo,
        name: "Jo".into(),
        role: Role::Approver,
    };
    app.apply_all(None, vec![add]).await.unwrap();
    let mut settings = app.settings();
    settings.high_contrast = true;
    let save = |settings: &Settings| Act::SaveSettings {
        settings: settings.clone(),
    };
    let way = |person| Way::quiet(person, CancellationToken::new());
    app.act(save(&settings), &way(Some(jo))).await.unwrap();
    settings.local_cards = !settings.local_cards;
    settings.proxy = Some("http://127.0.0.1:9".into());
    let refused = app.act(save(&settings), &way(Some(jo))).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    assert_eq!(app.settings().proxy, None);
    app.act(save(&settings), &way(None)).await.unwrap();
    assert_eq!(app.settings().proxy, settings.proxy);
    let org = app.organization();
    let read: Result<_, app::Error> = app
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok(store::audit::page(tx, org, None, u64::MAX, 1).await?) })
        })
        .await;
    let last = read.unwrap().remove(0);
    assert_eq!(last.entry.action, "settings_changed");
    assert_eq!(
        last.payload.as_deref(),
        Some(r#"{"names":"proxy, local_cards"}"#)
    );
    host.stop().await;
}

#[tokio::test]
async fn an_opened_folder_has_no_door_of_an_earlier_owner() {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("config"));
    let host = host::init(&data, &config, Options::default())
        .await
        .unwrap();
    let sign = host.app.folder().layout().socket();
    host.stop().await;
    std::fs::write(&sign, r#"{"port":9,"key":"of one that crashed"}"#).unwrap();
    let host = host::open(&data, &config, Options::default())
        .await
        .unwrap();
    assert!(!sign.exists(), "whoever has that port now is not asked");
    host.start().await.unwrap();
    assert!(sign.exists());
    let (_, gone) = tokio::join!(host.stop(), async {
        host.stopping().cancelled().await;
        !sign.exists()
    });
    assert!(gone, "it is down before the listener goes");
}

#[tokio::test]
async fn who_has_left_may_neither_act_nor_ask() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let test = Act::TestNotification {};
    let way = |person| Way::quiet(person, CancellationToken::new());
    // What concerns the computer alone needs nobody; all else needs a person.
    app.act(test.clone(), &way(None)).await.unwrap();
    let card = Act::FetchCard {
        url: "no address".into(),
    };
    let nobody = app.act(card, &way(None)).await.unwrap_err();
    assert_eq!(nobody.code, Code::NotFound, "nobody is here yet");
    app.query(protocol::Query::Overview {}, None).await.unwrap();
    let owner = PersonId(app::core::new_id());
    app.add_first_person(owner, "Mara".into()).await.unwrap();
    let gone = id();
    let add = Mutation::AddPerson {
        id: gone,
        name: "Jo".into(),
        role: Role::Admin,
    };
    let leave = Mutation::DeactivatePerson { id: gone };
    app.apply_all(None, vec![add, leave]).await.unwrap();
    for person in [gone, id()] {
        let acted = app.act(test.clone(), &way(Some(person))).await;
        assert_eq!(acted.unwrap_err().code, Code::Forbidden);
        let asked = app.query(protocol::Query::People {}, Some(person)).await;
        assert_eq!(asked.unwrap_err().code, Code::Forbidden);
    }
    host.stop().await;
}
