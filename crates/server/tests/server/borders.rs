//! Nothing of one organization reaches another, and nobody does what their role does not allow.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Person, World, on_each};

async fn persona(who: &Person, world: &World, name: &str) -> String {
    let id = uuid::Uuid::now_v7().to_string();
    let profile = json!({"name": name, "hue": "glacier", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": id, "profile": profile});
    who.change(world, save).await.ok();
    id
}

async fn draft(who: &Person, world: &World, persona: &str) -> String {
    let id = uuid::Uuid::now_v7().to_string();
    let body = json!({"shared": {"segments": [{"text": "Snow came late."}]}});
    let keep =
        json!({"type": "save_working_copy", "content": id, "persona": persona, "body": body});
    who.change(world, keep).await.ok();
    id
}

#[tokio::test]
async fn what_belongs_to_one_organization_is_not_there_for_another() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let voice = persona(&owner, &world, "Ridge Report").await;
        let content = draft(&owner, &world, &voice).await;
        let (ours, theirs) = (owner.organization(&world).await, fred.organization(&world).await);
        assert_ne!(ours, theirs);
        // By name of the organization, in every place where one can stand.
        let bearer = format!("Bearer {}", fred.access);
        let named = [("authorization", bearer.as_str()), ("rostrum-organization", ours.as_str())];
        for (path, body) in [
            ("/rpc/query", json!({"type": "overview"})),
            ("/rpc/mutate", json!({"id": uuid::Uuid::now_v7(), "mutation": {"type": "set_paused", "paused": true}})),
        ] {
            let answer = world.ask(Method::POST, path, &named, Some(body)).await;
            answer.refused(404, "not_found");
        }
        fred.get(&world, &format!("/rpc/events?organization={ours}")).await.refused(404, "not_found");
        for path in ["", "/members", "/invitations", "/tokens"] {
            let path = format!("/organizations/{ours}{path}");
            fred.get(&world, &path).await.refused(404, "not_found");
        }
        fred.post(&world, &format!("/organizations/{ours}/invitations"), json!({"role": "owner"}))
            .await
            .refused(404, "not_found");
        // By id of what is in it.
        fred.query(&world, json!({"type": "content", "id": content})).await.refused(404, "not_found");
        let away = json!({"type": "archive_content", "content": content, "archived": true});
        fred.change(&world, away).await.refused(404, "not_found");
        let away = json!({"type": "archive_persona", "id": voice, "archived": true});
        fred.change(&world, away).await.refused(404, "not_found");
        let person = owner.person(&world).await;
        let out = json!({"type": "deactivate_person", "id": person});
        fred.change(&world, out).await.refused(404, "not_found");
        // The same id may be there too; each sees its own.
        let body = json!({"shared": {"segments": [{"text": "Rain came early."}]}});
        let mine = persona(&fred, &world, "Rain Report").await;
        let keep = json!({"type": "save_working_copy", "content": content, "persona": mine, "body": body});
        fred.change(&world, keep).await.ok();
        let seen = owner.query(&world, json!({"type": "content", "id": content})).await.ok();
        assert!(seen.to_string().contains("Snow came late."), "{seen}");
        let people = fred.query(&world, json!({"type": "people"})).await.ok();
        assert_eq!(people.as_array().unwrap().len(), 1);
        world
    })
    .await;
}

#[tokio::test]
async fn a_picture_is_shown_to_its_own_organization_alone() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let act =
            json!({"id": "1", "act": {"type": "import_asset", "name": "snow.png", "data": PNG}});
        let asset = owner.post(&world, "/rpc/act", act).await.ok();
        let hash = asset["facts"]["hash"]
            .as_str()
            .unwrap_or_else(|| panic!("{asset}"));
        let path = format!("/media/{hash}");
        let shown = owner.get(&world, &path).await;
        assert_eq!(shown.status, 200);
        fred.get(&world, &path).await.refused(404, "media_missing");
        world
            .ask(Method::GET, &path, &[], None)
            .await
            .refused(401, "signed_out");
        for odd in ["/media/..%2f..%2frostrum.sqlite", "/media/%00", "/media/zz"] {
            owner.get(&world, odd).await.refused(404, "not_found");
        }
        world
    })
    .await;
}

/// One red point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/// What each right is shown by.
fn samples(persona: &str) -> Vec<(&'static str, Value)> {
    let id = || uuid::Uuid::now_v7().to_string();
    let content = id();
    vec![
        (
            "manage_personas",
            json!({"type": "save_persona", "id": id(), "profile": {"name": "New", "hue": "clay", "language": "en", "zone": "UTC"}}),
        ),
        (
            "manage_chains",
            json!({"type": "archive_chain", "id": id()}),
        ),
        (
            "manage_people",
            json!({"type": "deactivate_person", "id": id()}),
        ),
        (
            "manage_accounts",
            json!({"type": "disconnect_identity", "id": id()}),
        ),
        (
            "manage_runtime",
            json!({"type": "set_paused", "paused": false}),
        ),
        (
            "decide",
            json!({"type": "revoke_decision", "decision": id()}),
        ),
        ("publish", json!({"type": "send_now", "delivery": id()})),
        (
            "write",
            json!({"type": "save_working_copy", "content": content, "persona": persona, "body": {"shared": {"segments": [{"text": "x"}]}}}),
        ),
    ]
}

#[tokio::test]
async fn a_role_does_what_its_table_says_and_nothing_else() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let voice = persona(&owner, &world, "Ridge Report").await;
        for role in domain::person::Role::ALL {
            let name = serde_json::to_value(role).unwrap();
            let name = name.as_str().unwrap();
            let who = world
                .colleague(&owner, name, &format!("The {name}").replace(' ', ""))
                .await;
            for (right, mutation) in samples(&voice) {
                let action = serde_json::from_value(json!(right)).unwrap();
                let answer = who.change(&world, mutation.clone()).await;
                let refused = answer.code() == "forbidden";
                assert_eq!(
                    refused,
                    !domain::rights::allows(role, action),
                    "{name} {right}: {answer:?}"
                );
            }
            let read = who.query(&world, json!({"type": "personas"})).await;
            assert!(read.status.is_success(), "{name} reads");
            let audit = who.query(&world, json!({"type": "verify_audit"})).await;
            let may = domain::rights::allows(role, domain::rights::Action::ReadAudit);
            assert_eq!(audit.status.is_success(), may, "{name} {audit:?}");
        }
        // Who stands below an owner makes none, neither by hand nor by invitation.
        let admin = world.colleague(&owner, "admin", "Ada").await;
        let organization = admin.organization(&world).await;
        admin
            .post(
                &world,
                &format!("/organizations/{organization}/invitations"),
                json!({"role": "owner"}),
            )
            .await
            .refused(403, "forbidden");
        let me = admin.person(&world).await;
        let up = json!({"name": "Ada", "role": "owner"});
        admin
            .ask(
                &world,
                Method::PUT,
                &format!("/organizations/{organization}/members/{me}"),
                Some(up),
            )
            .await
            .refused(403, "forbidden");
        world
    })
    .await;
}

#[tokio::test]
async fn nobody_acts_for_somebody_else_and_who_left_is_out_at_once() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (boss, writer) = (owner.person(&world).await, mara.person(&world).await);
        for (who, other) in [(&mara, &boss), (&owner, &writer)] {
            let call = json!({"id": uuid::Uuid::now_v7(), "acting": other, "mutation": {"type": "set_paused", "paused": true}});
            who.post(&world, "/rpc/mutate", call).await.refused(403, "forbidden");
        }
        // What belongs to the server's computer, or to one's own.
        for act in [
            json!({"type": "backup"}),
            json!({"type": "look_into_backup", "file": "/etc/passwd"}),
            json!({"type": "restore", "file": "/etc/passwd"}),
            json!({"type": "choose_person", "id": writer}),
            json!({"type": "begin", "person": "Eve", "person_id": uuid::Uuid::now_v7()}),
            json!({"type": "acknowledge_audit"}),
        ] {
            let answer = owner.post(&world, "/rpc/act", json!({"id": "1", "act": act})).await;
            answer.refused(403, "not_here");
        }
        for query in ["diagnostics", "backups"] {
            owner.query(&world, json!({"type": query})).await.refused(403, "not_here");
        }
        owner.change(&world, json!({"type": "release_folder"})).await.refused(403, "not_here");
        let out = json!({"type": "deactivate_person", "id": writer});
        owner.change(&world, out).await.ok();
        mara.query(&world, json!({"type": "people"})).await.refused(403, "no_member");
        mara.get(&world, "/rpc/events").await.refused(403, "no_member");
        world
    })
    .await;
}

#[tokio::test]
async fn a_program_does_no_more_than_its_token_says_and_never_decides() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await;
        let path = format!("/organizations/{organization}/tokens");
        let wanted = |scopes: Value| json!({"name": "Nightly", "scopes": scopes});
        owner
            .post(&world, &path, wanted(json!(["decide"])))
            .await
            .refused(422, "invalid_input");
        owner
            .post(&world, &path, wanted(json!([])))
            .await
            .refused(422, "invalid_input");
        let made = owner
            .post(&world, &path, wanted(json!(["read", "write"])))
            .await
            .ok();
        let program = Person::program(&made);
        program
            .query(&world, json!({"type": "personas"}))
            .await
            .ok();
        let pause = json!({"type": "set_paused", "paused": true});
        program
            .change(&world, pause)
            .await
            .refused(403, "forbidden");
        // It is not a person: it neither signs anybody out nor makes another.
        program
            .get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        program
            .post(&world, &path, wanted(json!(["read"])))
            .await
            .refused(403, "forbidden");
        let fred = world.founder("Fred", "fred@x.example").await;
        let theirs = fred.organization(&world).await;
        let bearer = format!("Bearer {}", program.access);
        let named = [
            ("authorization", bearer.as_str()),
            ("rostrum-organization", theirs.as_str()),
        ];
        world
            .ask(
                Method::POST,
                "/rpc/query",
                &named,
                Some(json!({"type": "personas"})),
            )
            .await
            .refused(404, "not_found");
        let forged = Person {
            access: format!("{}x", program.access),
            ..program.clone()
        };
        forged
            .query(&world, json!({"type": "personas"}))
            .await
            .refused(401, "signed_out");
        let id = made["about"]["id"].as_str().unwrap();
        let gone = owner
            .ask(&world, Method::DELETE, &format!("{path}/{id}"), None)
            .await;
        assert_eq!(gone.status, 204);
        program
            .query(&world, json!({"type": "personas"}))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}

#[tokio::test]
async fn whoever_was_sent_away_lets_nobody_in_with_a_link_from_before() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let admin = world.colleague(&owner, "admin", "Ada").await;
        let (token, _) = admin.invite(&world, json!({"role": "admin"})).await;
        let person = admin.person(&world).await;
        let demoted = json!({"type": "update_person", "id": person, "name": "Ada", "role": "creator"});
        owner.change(&world, demoted).await.ok();
        let eve = json!({"name": "Eve", "email": "eve@x.example", "password": crate::world::PASSWORD, "invitation": token});
        world
            .post("/auth/register", eve)
            .await
            .refused(422, "code_expired");
        // Who left and is invited again comes back as who they were, as what they are invited.
        let out = json!({"type": "deactivate_person", "id": person});
        owner.change(&world, out).await.ok();
        let (token, _) = owner.invite(&world, json!({"role": "viewer"})).await;
        let back = admin
            .post(&world, "/auth/join", json!({"invitation": token}))
            .await;
        assert_eq!(back.status, 201, "{back:?}");
        let me = admin.me(&world).await;
        let place = &me["organizations"][0];
        assert_eq!(
            (place["person"].as_str(), place["role"].as_str()),
            (Some(person.as_str()), Some("viewer"))
        );
        world
    })
    .await;
}

#[tokio::test]
async fn to_name_a_picture_of_another_organization_is_not_to_have_it() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let act =
            json!({"id": "1", "act": {"type": "import_asset", "name": "snow.png", "data": PNG}});
        let asset = owner.post(&world, "/rpc/act", act).await.ok();
        let (facts, hash) = (asset["facts"].clone(), asset["facts"]["hash"].clone());
        let claimed = json!({"type": "add_asset", "facts": facts, "thumbnail": hash});
        fred.change(&world, claimed).await;
        let path = format!("/media/{}", hash.as_str().unwrap());
        fred.get(&world, &path).await.refused(404, "media_missing");
        // Nor is it sent: what sends asks in the same way.
        let theirs = fred.organization(&world).await.parse().unwrap();
        let core = world.server.organizations().core(theirs);
        let refused = core.file(hash.as_str().unwrap().parse().unwrap()).await;
        assert_eq!(refused.unwrap_err().code, protocol::Code::MediaMissing);
        world
    })
    .await;
}

#[tokio::test]
async fn a_program_that_may_edit_personas_leaves_their_chains() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let me = owner.person(&world).await;
        let (chain, persona) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
        let stage = json!({"name": "Look", "approvers": [{"type": "person", "id": me}], "quorum": {"type": "any"}});
        let policy = json!({"id": chain, "revision": 1, "name": "One look", "stages": [stage], "tolerance": 60});
        owner.change(&world, json!({"type": "save_chain", "policy": policy})).await.ok();
        let save = |name: &str, chain: Value| {
            json!({"type": "save_persona", "id": persona, "chain": chain, "profile": {
                "name": name, "hue": "glacier", "language": "en", "zone": "UTC",
                "voice": {}, "audiences": [], "slots": [], "automation": {},
            }})
        };
        owner.change(&world, save("Hut", json!(chain))).await.ok();
        let path = format!("/organizations/{}/tokens", owner.organization(&world).await);
        let wanted = |scopes: Value| json!({"name": "Nightly", "scopes": scopes});
        let blind = owner.post(&world, &path, wanted(json!(["write"]))).await;
        blind.refused(422, "invalid_input");
        let scopes = json!(["read", "write", "manage_personas"]);
        let made = owner.post(&world, &path, wanted(scopes)).await.ok();
        let program = Person::program(&made);
        let without = program.change(&world, save("Hut", Value::Null)).await;
        without.refused(403, "forbidden");
        program.change(&world, save("Upper hut", json!(chain))).await.ok();
        let personas = owner.query(&world, json!({"type": "personas"})).await.ok();
        assert_eq!(personas[0]["profile"]["name"], "Upper hut");
        assert_eq!(personas[0]["chain"]["id"], json!(chain));
        world
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_the_programs_of_who_chose_it() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await;
        let path = format!("/organizations/{organization}/tokens");
        for beyond in ["manage_people", "manage_chains", "decide"] {
            let wanted = json!({"name": "Nightly", "scopes": [beyond]});
            owner
                .post(&world, &path, wanted)
                .await
                .refused(422, "invalid_input");
        }
        let wanted = json!({"name": "Nightly", "scopes": ["read"]});
        let made = owner.post(&world, &path, wanted).await.ok();
        let program = Person::program(&made);
        program.query(&world, json!({"type": "people"})).await.ok();
        let change = json!({"old": crate::world::PASSWORD, "new": "a goat, two huts, rain"});
        let changed = owner.post(&world, "/auth/password", change).await;
        assert_eq!(changed.status, 204, "{changed:?}");
        program
            .query(&world, json!({"type": "people"}))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}

#[tokio::test]
async fn the_programs_of_who_left_stay_out_when_their_person_comes_back() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let organization = owner.organization(&world).await;
        let wanted = json!({"name": "Nightly", "scopes": ["read"]});
        let path = format!("/organizations/{organization}/tokens");
        let made = mara.post(&world, &path, wanted).await.ok();
        let program = Person::program(&made);
        program.query(&world, json!({"type": "people"})).await.ok();
        let who = mara.person(&world).await;
        let path = format!("/organizations/{organization}/members/{who}");
        let gone = owner.ask(&world, Method::DELETE, &path, None).await;
        assert!(gone.status.is_success(), "{gone:?}");
        program
            .query(&world, json!({"type": "people"}))
            .await
            .refused(401, "signed_out");
        let (invitation, _) = owner.invite(&world, json!({"role": "creator"})).await;
        let accept = json!({"invitation": invitation});
        mara.post(&world, "/auth/join", accept).await.ok();
        assert_eq!(mara.person(&world).await, who, "the same person");
        program
            .query(&world, json!({"type": "people"}))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}
