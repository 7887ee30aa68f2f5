//! Every query, asked for what belongs to another organization: it is not there.

use domain::Instant;
use domain::approval::Verdict;
use domain::identity::NetworkId;
use domain::ids::PersonId;
use protocol::query::{ApprovalTab, Foremost, QueueFilter, TABLE};
use protocol::{Code, Query};
use uuid::Uuid;

use crate::world::{Piece, START, World, body, hosted, id};

#[tokio::test]
async fn no_query_shows_what_another_organization_has() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    app.add_first_person(PersonId(app::core::new_id()), "Mara".into())
        .await
        .unwrap();
    let other = World::on(app.db()).await;
    assert_ne!(other.org, app.organization());
    other.with_stage(|_| {}).await;
    let piece = other.piece(None).await;
    other
        .decide(other.jo, piece, Verdict::Approve)
        .await
        .unwrap();
    other.with_note(piece.content).await;
    let run = other.facts().await.runs[0].id;
    let content = piece.content;
    let mut asked = std::collections::BTreeSet::new();
    for query in every_query(&other, piece, run) {
        let name = format!("{query:?}");
        asked.insert(name.split([' ', '{']).next().unwrap().to_owned());
        for viewer in [None, Some(other.owner)] {
            match app.query(query.clone(), viewer).await {
                Ok(answer) => {
                    let text = answer.to_string();
                    assert!(!text.contains("OTHER"), "{name} shows {text}");
                    assert!(!text.contains(&run.to_string()), "{name} shows {text}");
                }
                Err(problem) => {
                    let known = [Code::NotFound, Code::Forbidden, Code::InvalidInput];
                    assert!(known.contains(&problem.code), "{name}: {problem:?}");
                }
            }
        }
    }
    for (query, _) in TABLE {
        assert!(asked.contains(*query), "{query} is not asked here");
    }
    for query in [
        Query::Content { id: content },
        Query::Request { id: piece.request },
        Query::Run { id: run },
    ] {
        assert_eq!(
            app.query(query, None).await.unwrap_err().code,
            Code::NotFound
        );
    }
    host.stop().await;
}

/// Each query at least once, about what `of` has.
pub(crate) fn every_query(of: &World, piece: Piece, run: Uuid) -> Vec<Query> {
    let (content, persona) = (piece.content, of.persona);
    let subject = |kind: &str, id: &dyn std::fmt::Display| Some(format!("{kind}:{id}"));
    let filter = |search: Option<&str>| QueueFilter {
        search: search.map(str::to_owned),
        identity: Some(of.accounts[0]),
        ..QueueFilter::default()
    };
    vec![
        Query::Overview {},
        Query::Today { zone: "UTC".into() },
        Query::Calendar {
            from: Instant(0),
            to: Instant(START * 2),
            persona: None,
            network: None,
            foremost: None,
        },
        Query::Calendar {
            from: Instant(0),
            to: Instant(START * 2),
            persona: Some(persona),
            network: Some(NetworkId::new("site")),
            foremost: Some(Foremost {
                zone: "UTC".into(),
                each: 3,
            }),
        },
        Query::Queue {
            filter: filter(None),
            cursor: None,
            limit: 50,
        },
        Query::Queue {
            filter: filter(Some("other")),
            cursor: None,
            limit: 50,
        },
        Query::Content { id: content },
        Query::Version { content, n: 1 },
        Query::Delegations {},
        Query::ReviewLinks { request: None },
        Query::ReviewLinks {
            request: Some(piece.request),
        },
        Query::Present { content },
        Query::Approvals {
            tab: ApprovalTab::ForMe,
        },
        Query::Approvals {
            tab: ApprovalTab::AllOpen,
        },
        Query::Approvals {
            tab: ApprovalTab::Decided,
        },
        Query::Request { id: piece.request },
        Query::Personas {},
        Query::Accounts {},
        Query::Chains {},
        Query::People {},
        Query::Networks {},
        Query::Runs {
            subject: None,
            trouble: false,
            cursor: None,
            limit: 50,
        },
        Query::Runs {
            subject: subject("delivery", &piece.delivery),
            trouble: true,
            cursor: None,
            limit: 50,
        },
        Query::Run { id: run },
        Query::Prepare {
            persona,
            body: body("x", &of.accounts),
            counted: vec![],
        },
        Query::WritingRequest {
            persona,
            targets: of.accounts.to_vec(),
            wish: crate::world::wish("x"),
            model: None,
        },
        Query::ModelUse {},
        Query::Check {
            persona,
            content: Some(content),
            body: body("x", &of.accounts),
        },
        Query::Split {
            network: domain::identity::NetworkId::new("site"),
            identity: Some(of.accounts[0]),
            text: "x".into(),
            options: domain::content::Options::default(),
        },
        Query::ResolveTime {
            wall: "2026-11-25T10:30".into(),
            zone: "UTC".into(),
        },
        Query::Assets {
            hashes: vec![piece.hash],
        },
        Query::FreeSlots { persona, limit: 5 },
        Query::Notes { content },
        Query::Templates {},
        Query::BestHours {
            persona,
            at: Instant(START),
        },
        Query::Sources {},
        Query::Retention {},
        Query::WouldGo {
            kind: domain::retention::Retained::Drafts,
            days: 90,
        },
        Query::Ideas { persona: None },
        Query::Ideas {
            persona: Some(persona),
        },
        Query::Outline { content },
        Query::History {
            subject: subject("content", &content),
            cursor: None,
            limit: 50,
        },
        Query::History {
            subject: subject("persona", &persona),
            cursor: None,
            limit: 50,
        },
        Query::History {
            subject: None,
            cursor: None,
            limit: 50,
        },
        Query::VerifyAudit {},
        Query::Settings {},
        Query::Backups {},
        Query::Diagnostics {},
        Query::Outbox {},
        Query::Organizations {},
    ]
}

#[tokio::test]
async fn what_is_stranded_is_trouble_and_a_personas_history_has_its_accounts() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    app.add_first_person(PersonId(app::core::new_id()), "Mara".into())
        .await
        .unwrap();
    let persona = domain::ids::PersonaId(app::core::new_id());
    let profile = domain::persona::PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        ..Default::default()
    };
    let save = protocol::Mutation::SavePersona {
        id: persona,
        profile,
        chain: None,
    };
    let facts = crate::world::facts("site");
    let add = protocol::Mutation::AddIdentity {
        id: id(),
        persona,
        facts,
    };
    app.apply_all(None, vec![save, add]).await.unwrap();
    let history = Query::History {
        subject: Some(format!("persona:{persona}")),
        cursor: None,
        limit: 50,
    };
    let history = app.query(history, None).await.unwrap().to_string();
    assert!(
        history.contains("persona_added") && history.contains("identity_connected"),
        "{history}"
    );

    host.start().await.unwrap();
    let org = app.organization().0;
    let run = app::core::new_id();
    let started: Result<(), app::Error> = app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mut start =
                    engine::Start::new(run, "of_a_later_release", 1, serde_json::json!({}), 1);
                start.organization = Some(org);
                engine::start_in(tx, &start).await?;
                Ok(())
            })
        })
        .await;
    started.unwrap();
    let query = |limit| Query::Runs {
        subject: None,
        trouble: true,
        cursor: None,
        limit,
    };
    let page = app.query(query(10), None).await.unwrap();
    assert_eq!(page["rows"][0]["id"], run.to_string(), "{page}");
    assert_eq!(page["rows"][0]["state"], "stranded");
    host.stop().await;
}
