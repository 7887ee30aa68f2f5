//! Two desktops and a browser work in one organization.

use domain::Hash;
use domain::ids::{OrganizationId, PersonId};
use protocol::event::{NotificationKind, Place};
use protocol::views::{RequestDetail, SyncStatus, WaitingState};
use protocol::{Code, Mutation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desktop::{Desktop, Relay, hears, noticed, rows, until};
use crate::world::{PASSWORD, Person, World, on_each};

fn new() -> Uuid {
    Uuid::now_v7()
}

fn body(text: &str, account: &str) -> Value {
    json!({"shared": {"segments": [{"text": text}]}, "targets": [account]})
}

/// A persona with a chain of two stages, and a site that the server publishes to.
async fn chained(owner: &Person, world: &World, first: &str, second: &str) -> (String, String) {
    let (chain, persona, account) = (new(), new(), new());
    let stage = |name: &str, id: &str| json!({"name": name, "approvers": [{"type": "person", "id": id}], "quorum": {"type": "any"}});
    let policy = json!({
        "id": chain, "revision": 1, "name": "Two looks", "tolerance": 60,
        "stages": [stage("Science check", first), stage("Final look", second)],
    });
    owner
        .change(world, json!({"type": "save_chain", "policy": policy}))
        .await
        .ok();
    let profile =
        json!({"name": "Ridge Report", "hue": "glacier", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": persona, "profile": profile, "chain": chain});
    owner.change(world, save).await.ok();
    let connect = json!({
        "type": "connect", "id": account, "persona": persona, "network": "site",
        "fields": {"folder": "notes", "title": "Ridge notes"},
    });
    owner
        .post(world, "/rpc/act", json!({"id": new(), "act": connect}))
        .await
        .ok();
    (persona.to_string(), account.to_string())
}

async fn request(desktop: &Desktop, org: OrganizationId, id: &str) -> RequestDetail {
    desktop
        .ask(Some(org), json!({"type": "request", "id": id}))
        .await
}

fn approve(request: &str, hash: Hash) -> Value {
    json!({"type": "decide", "id": new(), "request": request, "hash": hash, "verdict": "approve"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creator_offline_two_stages_on_two_machines_and_the_server_publishes() {
    on_each(|world| async move {
        world.work().await;
        let owner = world.owner().await;
        let jonas = world.colleague(&owner, "approver", "Jonas").await;
        let petra = world.colleague(&owner, "approver", "Petra").await;
        let (first, second) = (jonas.person(&world).await, petra.person(&world).await);
        let (persona, account) = chained(&owner, &world, &first, &second).await;

        // One comes by an invitation, with a login that is made on the desktop.
        let (token, _) = owner.invite(&world, json!({"role": "creator"})).await;
        let wire = Relay::to(&world).await;
        let mara = Desktop::new(&world).await;
        let link = format!("{}/#/join/{token}", wire.address);
        let seen: Value = mara
            .act(None, json!({"type": "look_at_server", "address": link}))
            .await
            .unwrap();
        assert_eq!(seen["invitation"]["role"], "creator", "{seen}");
        assert_eq!(seen["invitation"]["organization"], "The hut");
        let led: Value = mara
            .act(
                None,
                json!({
                    "type": "join_organization", "address": link, "name": "Mara",
                    "email": "mara@hut.example", "password": PASSWORD,
                }),
            )
            .await
            .unwrap();
        let org: OrganizationId = serde_json::from_value(led["organization"].clone()).unwrap();
        // The other by the server's address and the login that there is.
        let desk = Desktop::new(&world).await;
        assert_eq!(
            desk.join(&world.address, "jonas@hut.example", PASSWORD)
                .await,
            org
        );
        let joined = mara.joined().await.remove(0);
        assert_eq!(
            (joined.name.as_str(), joined.person_name.as_str()),
            ("The hut", "Mara")
        );
        until("both are synced", async || {
            let mut all = mara.joined().await;
            all.extend(desk.joined().await);
            all.iter()
                .all(|one| matches!(one.status, SyncStatus::Synced { .. }))
        })
        .await;

        // Without a line she writes and submits; it is shown at once, and waits.
        let mut told = desk.host.app.hear_joined();
        wire.cut();
        let (content, first_request, delivery) = (new(), new().to_string(), new());
        let submit = |request: &str, text: &str, base: u32| {
            json!({
                "type": "submit", "content": content, "persona": persona,
                "body": body(text, &account), "base": base, "request": request,
                "deliveries": [{"id": delivery, "identity": account}],
            })
        };
        let saved: Value = mara
            .act(Some(org), submit(&first_request, "Snow came late.", 0))
            .await
            .unwrap();
        assert_eq!(saved["n"], 1, "{saved}");
        let refused = mara.sync(org).await.unwrap_err();
        assert_eq!(refused.code, Code::Unreachable);
        let outbox = mara.outbox(org).await;
        assert!(matches!(
            outbox.status,
            SyncStatus::Offline { waiting: 1.. }
        ));
        let unsent = [WaitingState::Waiting, WaitingState::Sent];
        assert!(outbox.items.iter().all(|item| unsent.contains(&item.state)));
        let last = outbox.items.last().unwrap().mutations.last().unwrap();
        assert!(matches!(last, Mutation::RequestApproval { .. }), "{last:?}");
        assert_eq!(mara.joined().await[0].waiting as usize, outbox.items.len());
        let there = owner
            .query(&world, json!({"type": "content", "id": content}))
            .await;
        there.refused(404, "not_found");
        let shown = request(&mara, org, &first_request).await;
        assert_eq!(shown.n, 1);

        // The line is back: the other desktop is told of the request, and of where it is.
        wire.mend();
        mara.sync(org).await.unwrap();
        assert!(mara.outbox(org).await.items.is_empty());
        let (within, notification) = hears(&mut told, noticed).await;
        assert_eq!(within, Some(org));
        assert_eq!(notification.kind, NotificationKind::ApprovalPending);
        let Place::Request { id } = &notification.place else {
            panic!("{notification:?}")
        };
        assert_eq!(id.to_string(), first_request);
        assert_eq!(desk.joined().await[0].approvals, 1);
        let asked = request(&desk, org, &first_request).await;
        assert!(asked.mine);
        desk.change(Some(org), approve(&first_request, asked.hash))
            .await
            .unwrap();
        desk.sync(org).await.unwrap();

        // What is changed afterwards nobody has seen: the approval does not hold for it.
        let edit = json!({
            "type": "save", "content": content, "persona": persona, "base": 1,
            "body": body("Snow came nine days late.", &account),
        });
        mara.act::<Value>(Some(org), edit).await.unwrap();
        mara.sync(org).await.unwrap();
        let old = json!({"type": "request", "id": first_request});
        let old = petra.query(&world, old).await.ok();
        assert_eq!(old["status"], "superseded", "{old}");
        let hash: Hash = serde_json::from_value(old["hash"].clone()).unwrap();
        let late = petra.change(&world, approve(&first_request, hash)).await;
        assert!(late.status.is_client_error(), "{late:?}");

        // She submits what is there now; both stages decide, one here and one in the browser.
        let second_request = new().to_string();
        let again = submit(&second_request, "Snow came nine days late.", 2);
        mara.act::<Value>(Some(org), again).await.unwrap();
        mara.sync(org).await.unwrap();
        let (_, notification) = hears(&mut told, noticed).await;
        assert!(
            matches!(&notification.place, Place::Request { id } if id.to_string() == second_request)
        );
        let asked = request(&desk, org, &second_request).await;
        assert_eq!(asked.n, 2);
        desk.change(Some(org), approve(&second_request, asked.hash))
            .await
            .unwrap();
        desk.sync(org).await.unwrap();
        let mut hers = mara.host.app.hear_joined();
        petra
            .change(&world, approve(&second_request, asked.hash))
            .await
            .ok();

        // The server publishes, and everybody sees it.
        let published = async |who: &Person| {
            let found = who
                .query(&world, json!({"type": "content", "id": content}))
                .await
                .ok();
            found["row"]["status"] == "published"
        };
        until("it is out", async || published(&owner).await).await;
        let entries = world
            .data()
            .join("sites")
            .join(org.to_string())
            .join("notes/entries");
        assert_eq!(std::fs::read_dir(entries).unwrap().count(), 1);
        let out = hears(&mut hers, |told| {
            noticed(told).filter(|(_, n)| n.kind == NotificationKind::Published)
        });
        assert_eq!(out.await.0, Some(org));
        for desktop in [&mara, &desk] {
            until("a desktop shows it", async || {
                let shown = json!({"type": "content", "id": content});
                let shown: Value = desktop.ask(Some(org), shown).await;
                shown["row"]["status"] == "published"
            })
            .await;
        }

        // All show the same, and the history is whole.
        for (desktop, person) in [
            (&mara, joined.person),
            (&desk, first.parse::<PersonId>().unwrap()),
        ] {
            desktop.sync(org).await.unwrap();
            let there = rows(world.server.db(), org, person).await;
            let here = desktop.rows(org, person).await;
            for (table, rows) in &there {
                assert_eq!(here.get(table), Some(rows), "{table}");
            }
        }
        let audit = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert_eq!(audit["broken"], Value::Null, "{audit}");
        mara.host.stop().await;
        desk.host.stop().await;
        world
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_survives_a_restart_and_the_token_lies_in_no_file() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let wire = Relay::to(&world).await;
    let mut desk = Desktop::new(&world).await;
    let org = desk.join(&wire.address, "olga@hut.example", PASSWORD).await;
    wire.cut();
    let persona = new();
    let profile =
        json!({"name": "Ridge Report", "hue": "glacier", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": persona, "profile": profile});
    desk.change(Some(org), save).await.unwrap();
    let name = |shown: &Value| shown[0]["profile"]["name"].clone();

    desk.restart(&world).await;
    assert_eq!(desk.outbox(org).await.items.len(), 1);
    let shown: Value = desk.ask(Some(org), json!({"type": "personas"})).await;
    assert_eq!(name(&shown), "Ridge Report");
    // The computer's own organization has none of it.
    let own: Value = desk.ask(None, json!({"type": "personas"})).await;
    assert_eq!(own, json!([]));
    wire.mend();
    desk.sync(org).await.unwrap();
    let there = owner.query(&world, json!({"type": "personas"})).await.ok();
    assert_eq!(name(&there), "Ridge Report");

    let kept = desk
        .host
        .app
        .secrets()
        .get(app::sync::kept_under(org))
        .await;
    let token = kept.unwrap().unwrap().expose().to_owned();
    assert!(token.len() > 16);
    desk.host.stop().await;
    let mut looked_at = 0;
    let mut folders = vec![desk.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            looked_at += 1;
            let bytes = std::fs::read(entry.path()).unwrap();
            let open = bytes
                .windows(token.len())
                .any(|part| part == token.as_bytes());
            assert!(!open, "{:?}", entry.path());
        }
    }
    assert!(looked_at > 4, "{looked_at}");
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_shown_with_its_reason_and_can_be_sent_again() {
    let world = World::open(None, None).await;
    let owner = world.owner().await;
    let wire = Relay::to(&world).await;
    let desk = Desktop::new(&world).await;
    let org = desk.join(&wire.address, "olga@hut.example", PASSWORD).await;
    let ada = world.colleague(&owner, "admin", "Ada").await;
    desk.sync(org).await.unwrap();
    wire.cut();
    let person = ada.person(&world).await;
    // While she was away somebody took the last right to do it.
    desk.change(
        Some(org),
        json!({"type": "update_person", "id": person, "name": "Ada L", "role": "admin"}),
    )
    .await
    .unwrap();
    let own = owner.person(&world).await;
    let owner_too = json!({"type": "update_person", "id": person, "name": "Ada", "role": "owner"});
    owner.change(&world, owner_too).await.ok();
    let less = json!({"type": "update_person", "id": own, "name": "Olga", "role": "creator"});
    ada.change(&world, less).await.ok();
    wire.mend();
    desk.sync(org).await.unwrap();
    let outbox = desk.outbox(org).await;
    let item = outbox.items.first().unwrap();
    assert_eq!(item.state, WaitingState::Rejected);
    assert_eq!(item.problem.as_ref().unwrap().code, Code::Forbidden);
    until("somebody is asked to look", async || {
        let status = desk.outbox(org).await.status;
        matches!(status, SyncStatus::NeedsAttention { rejected: 1, .. })
    })
    .await;
    // She may again: it goes.
    let more = json!({"type": "update_person", "id": own, "name": "Olga", "role": "owner"});
    ada.change(&world, more).await.ok();
    desk.sync(org).await.unwrap();
    let again = json!({"type": "retry_waiting", "id": item.id});
    desk.act::<Value>(Some(org), again).await.unwrap();
    desk.sync(org).await.unwrap();
    assert!(desk.outbox(org).await.items.is_empty());
    let people = owner.query(&world, json!({"type": "people"})).await.ok();
    assert!(people.to_string().contains("Ada L"), "{people}");
    desk.host.stop().await;
    world.close().await;
}
