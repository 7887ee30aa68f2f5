//! What a server knows of people: for who asks, and how it goes.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::resources::{draft, refused, send, voice, words};
use crate::world::{PASSWORD, on_each};

#[tokio::test]
async fn everybody_downloads_their_own_archive_and_who_manages_people_that_of_others() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, _) = voice(&world, &owner).await;
        draft(&world, &mara, &persona, "Snow came late.").await;
        let path = |person: &str| format!("/exports/people/{person}");
        let (me, boss) = (mara.person(&world).await, owner.person(&world).await);
        let answer = send(&world, &mara, Method::GET, &path(&me), &[], None).await;
        assert_eq!(answer.headers()["content-type"], "application/zip");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(&bytes[..2], b"PK");
        let text = String::from_utf8_lossy(&bytes);
        for told in ["mara@hut.example", "Snow came late.", "content_begun"] {
            assert!(text.contains(told), "{told}");
        }
        for secret in ["argon2", "olga@hut.example", mara.refresh.as_str()] {
            assert!(!text.contains(secret), "{secret}");
        }
        refused(
            send(&world, &mara, Method::GET, &path(&boss), &[], None).await,
            403,
            "forbidden",
        )
        .await;
        let other = send(&world, &owner, Method::GET, &path(&me), &[], None).await;
        assert_eq!(other.status(), 200);
        let fred = world.founder("Fred", "fred@x.example").await;
        refused(
            send(&world, &fred, Method::GET, &path(&me), &[], None).await,
            404,
            "not_found",
        )
        .await;
        // A picture of another organization is none of hers, whatever her words name.
        let picture = json!({"id": "1", "act": {"type": "import_asset", "name": "snow.png", "data": PNG}});
        let asset = fred.post(&world, "/rpc/act", picture).await.ok();
        let hash = asset["facts"]["hash"].as_str().unwrap();
        let mut body = words("Theirs");
        body["shared"]["segments"][0]["media"] = json!([{"asset": hash, "alt": ""}]);
        let keep = json!({"type": "save_working_copy", "content": uuid::Uuid::now_v7(), "persona": persona, "body": body});
        mara.change(&world, keep).await.ok();
        let answer = send(&world, &mara, Method::GET, &path(&me), &[], None).await;
        let text = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        assert!(text.contains(hash) && !text.contains("media/"), "its name, and no file");
        // No program takes anybody away.
        let organization = owner.organization(&world).await;
        let tokens = format!("/organizations/{organization}/tokens");
        let new = json!({"name": "Nightly", "scopes": ["read"]});
        let made = owner.post(&world, &tokens, new).await.ok();
        let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
        let headers = [("authorization", bearer.as_str())];
        let said = world.ask(Method::GET, &path(&me), &headers, None).await;
        said.refused(403, "forbidden");
        world
    })
    .await;
}

/// One red point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

#[tokio::test]
async fn who_is_erased_comes_in_no_more_and_their_other_organizations_go_on() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let (token, _) = owner.invite(&world, json!({"role": "creator"})).await;
        let join = json!({"invitation": token});
        fred.post(&world, "/auth/join", join).await.ok();
        world.advance(2 * 60_000);
        let organization = owner.organization(&world).await;
        let members = format!("/organizations/{organization}/members");
        let all = owner.get(&world, &members).await.ok();
        let id = |name: &str| {
            let all = all.as_array().unwrap();
            let found = all.iter().find(|m| m["name"] == name).unwrap();
            found["person"].as_str().unwrap().to_owned()
        };
        let (marcher, both) = (id("Mara"), id("Fred"));
        let erasure = |person: &str| format!("{members}/{person}/erasure");
        let said = send(
            &world,
            &mara,
            Method::POST,
            &erasure(&both),
            &[],
            Some(&json!({})),
        )
        .await;
        refused(said, 403, "forbidden").await;
        for person in [&marcher, &both] {
            let said = owner.post(&world, &erasure(person), json!({})).await;
            said.ok();
        }
        mara.get(&world, "/auth/me")
            .await
            .refused(401, "signed_out");
        let again = json!({"email": "mara@hut.example", "password": PASSWORD});
        world
            .post("/auth/login", again)
            .await
            .refused(401, "wrong_credentials");
        // The login that has another organization is theirs, and goes on there.
        let places = fred.me(&world).await["organizations"].clone();
        assert_eq!(places.as_array().unwrap().len(), 1, "{places}");
        assert_eq!(places[0]["organization_name"], "Another hut");
        let now = owner.get(&world, &members).await.ok();
        let names: BTreeSet<&str> = now
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|m| m["name"].as_str())
            .collect();
        assert!(
            !names.contains("Mara") && !names.contains("Fred"),
            "{names:?}"
        );
        assert!(
            now.as_array()
                .unwrap()
                .iter()
                .all(|m| m["email"] != "mara@hut.example")
        );
        let check = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert_eq!(check["broken"], Value::Null);
        let history = json!({"type": "history", "limit": 200});
        let told = owner.query(&world, history).await.ok();
        let erased = told["entries"].as_array().unwrap();
        assert!(erased.iter().any(|e| e["erased"] == true), "{told}");
        world
    })
    .await;
}

/// Columns by which rows are somebody's.
const NAMING: &[&str] = &[
    "person_id",
    "author_id",
    "operator_id",
    "resolved_by",
    "written_off_by",
    "login_id",
    "used_by",
    "invited_by",
    "made_by",
    "to_id",
];

/// What is beside [`store::privacy::OWN`]: exported or erased by name in `store::privacy`, or the
/// computer's own.
const BESIDE: &[&str] = &[
    "api_token",
    "client",
    "invitation",
    "member",
    "mirror",
    "password_reset",
    "person_settings",
    "presence",
    "recovery_code",
    "review_link",
    "session",
];

#[tokio::test]
async fn every_table_that_names_a_person_is_known_to_export_and_erasure() {
    let db = db::testing::sqlite().await;
    let shape = db::testing::shape(&db).await.unwrap();
    let own: BTreeSet<(&str, &str)> = store::privacy::OWN
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(move |column| (*table, *column)))
        .collect();
    let mut checked = 0;
    for (table, columns) in &shape {
        for naming in NAMING.iter().filter(|name| columns.contains_key(**name)) {
            checked += 1;
            let known = own.contains(&(table.as_str(), naming)) || BESIDE.contains(&table.as_str());
            assert!(
                known,
                "{table}.{naming}: say in store::privacy what becomes of it when somebody asks \
                 for their data, or is erased"
            );
        }
    }
    assert!(checked > 20, "{checked}");
}
