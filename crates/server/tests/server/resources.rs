//! Resources for programs: contents and what belongs to them, on terms.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::world::{Person, World, on_each};

/// A request with headers, and the whole answer.
pub(crate) async fn send(
    world: &World,
    who: &Person,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Response {
    let mut request = Client::new()
        .request(method, format!("{}{path}", world.address))
        .bearer_auth(&who.access);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

pub(crate) async fn ok(response: Response, status: u16) -> (Value, String) {
    let tag = response.headers().get("etag").cloned();
    let (got, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(got, status, "{text}");
    let tag = tag.map(|t| t.to_str().unwrap().to_owned());
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    (body, tag.unwrap_or_default())
}

pub(crate) async fn refused(response: Response, status: u16, code: &str) {
    let (got, text) = (response.status(), response.text().await.unwrap());
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(
        (got.as_u16(), body["code"].as_str()),
        (status, Some(code)),
        "{text}"
    );
    assert_eq!(body["status"], status, "{text}");
    let instance = body["instance"].as_str().unwrap_or_default();
    assert!(instance.starts_with("urn:rostrum:trace:"), "{text}");
}

pub(crate) fn profile(name: &str) -> Value {
    json!({
        "name": name, "hue": "clay", "language": "en", "zone": "Europe/Berlin",
        "voice": {"tone": "", "dos": [], "donts": [], "samples": []},
        "audiences": [], "slots": [], "automation": {"level": "by_hand", "remind_before": 0},
    })
}

pub(crate) fn words(text: &str) -> Value {
    json!({"languages": ["en"], "shared": {"segments": [{"text": text, "media": []}], "options": {}}, "variants": {}, "targets": []})
}

/// A persona with an account on a site.
pub(crate) async fn voice(world: &World, who: &Person) -> (String, String) {
    let new = json!({"profile": profile("Ridge Report")});
    let made = send(world, who, Method::POST, "/personas", &[], Some(&new)).await;
    let persona = ok(made, 201).await.0["id"].as_str().unwrap().to_owned();
    let new = json!({"persona": persona, "network": "site", "fields": {"folder": "ridge", "title": "Ridge"}});
    let path = "/platform-identities";
    let made = send(world, who, Method::POST, path, &[], Some(&new)).await;
    let account = ok(made, 201).await.0;
    assert_eq!(account["executor"], "server");
    (persona, account["id"].as_str().unwrap().to_owned())
}

pub(crate) async fn draft(world: &World, who: &Person, persona: &str, text: &str) -> String {
    let new = json!({"persona": persona, "body": words(text)});
    let made = send(world, who, Method::POST, "/content", &[], Some(&new)).await;
    assert!(
        made.headers()["location"]
            .to_str()
            .unwrap()
            .starts_with("/content/")
    );
    ok(made, 201).await.0["row"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_content_goes_from_its_first_words_through_its_chain() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, account) = voice(&world, &owner).await;
        let stage = json!({"name": "Editor", "approvers": [{"type": "role", "role": "owner"}], "quorum": {"type": "any"}, "conditions": [], "remind_after": [], "escalate_to": []});
        let new = json!({"name": "One look", "stages": [stage]});
        let made = send(&world, &owner, Method::POST, "/approval-chains", &[], Some(&new)).await;
        let (chain, _) = ok(made, 201).await;
        let path = format!("/personas/{persona}");
        let (_, tag) = ok(send(&world, &owner, Method::GET, &path, &[], None).await, 200).await;
        let with_chain = json!({"profile": profile("Ridge Report"), "chain": chain["policy"]["id"]});
        let put = send(&world, &owner, Method::PUT, &path, &[("if-match", &tag)], Some(&with_chain)).await;
        ok(put, 200).await;

        let content = draft(&world, &mara, &persona, "Snow came late.").await;
        let path = format!("/content/{content}");
        let (seen, tag) = ok(send(&world, &mara, Method::GET, &path, &[], None).await, 200).await;
        assert_eq!(seen["row"]["status"], "draft");
        let new = json!({"body": words("Snow came late, and stayed.")});
        let put = |tag: String| {
            let (path, new, mara, world) = (path.clone(), new.clone(), &mara, &world);
            async move { send(world, mara, Method::PUT, &path, &[("if-match", &tag)], Some(&new)).await }
        };
        let (saved, newer) = ok(put(tag.clone()).await, 200).await;
        assert_eq!(saved["row"]["n"], 1);
        refused(put(tag).await, 412, "conflict").await;
        refused(put("\"nothing\"".to_owned()).await, 412, "conflict").await;
        refused(send(&world, &mara, Method::PUT, &path, &[], Some(&new)).await, 428, "invalid_input").await;
        let (saved, _) = ok(put(newer).await, 200).await;
        assert_eq!(saved["row"]["n"], 1, "the same words are the same version");

        let aim = json!({"targets": [{"identity": account, "at": "2026-12-24T08:00:00Z", "zone": "Europe/Berlin"}]});
        let publish = format!("{path}/publish");
        let key = [("idempotency-key", "xmas")];
        let sent = send(&world, &mara, Method::POST, &publish, &key, Some(&aim)).await;
        let (saved, _) = ok(sent, 202).await;
        assert_eq!(saved["status"], "in_review");
        let again = send(&world, &mara, Method::POST, &publish, &key, Some(&aim)).await;
        assert_eq!(ok(again, 202).await.0["request"], saved["request"]);
        let (requests, _) = ok(send(&world, &owner, Method::GET, "/requests", &[], None).await, 200).await;
        assert_eq!(requests["rows"].as_array().unwrap().len(), 1, "one request, not two");

        let request = saved["request"].as_str().unwrap();
        let decide = format!("/requests/{request}/decisions");
        let yes = json!({"hash": saved["hash"], "verdict": "approve"});
        refused(send(&world, &mara, Method::POST, &decide, &[], Some(&yes)).await, 403, "forbidden").await;
        ok(send(&world, &owner, Method::POST, &decide, &[], Some(&yes)).await, 201).await;
        let (seen, _) = ok(send(&world, &mara, Method::GET, &path, &[], None).await, 200).await;
        assert_eq!(seen["row"]["status"], "scheduled");
        let delivery = seen["deliveries"][0]["target"]["delivery"].as_str().unwrap().to_owned();

        let calendar = "/calendar?from=2026-12-24T00:00:00Z&to=2026-12-25T00:00:00Z";
        let (day, _) = ok(send(&world, &mara, Method::GET, calendar, &[], None).await, 200).await;
        assert_eq!(day["entries"][0]["content"], content.as_str());
        let later = json!({"at": "2026-12-24T09:00:00Z", "expected": "2026-12-24T07:00:00Z"});
        let path = format!("/deliveries/{delivery}");
        refused(send(&world, &mara, Method::PUT, &path, &[], Some(&later)).await, 409, "conflict").await;
        let later = json!({"at": "2026-12-24T09:00:00Z", "expected": "2026-12-24T08:00:00Z"});
        ok(send(&world, &mara, Method::PUT, &path, &[], Some(&later)).await, 200).await;
        ok(send(&world, &mara, Method::DELETE, &path, &[], None).await, 204).await;
        let path = format!("/content/{content}/analytics");
        let (brought, _) = ok(send(&world, &mara, Method::GET, &path, &[], None).await, 200).await;
        assert_eq!(brought["deliveries"][0]["status"], "cancelled");
        assert_eq!(brought["deliveries"][0]["metrics"], json!([]), "nothing is guessed");
        let (check, _) = ok(send(&world, &owner, Method::GET, "/audit/verification", &[], None).await, 200).await;
        assert_eq!(check["broken"], Value::Null);
        world
    })
    .await;
}

#[tokio::test]
async fn the_same_request_under_one_key_is_carried_out_once() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (persona, _) = voice(&world, &owner).await;
        let new = json!({"persona": persona, "body": words("Snow.")});
        let key = [("idempotency-key", "k1")];
        let mut all = Vec::new();
        for _ in 0..8 {
            let (owner, new) = (&owner, &new);
            all.push(send(
                &world,
                owner,
                Method::POST,
                "/content",
                &key,
                Some(new),
            ));
        }
        let mut ids = Vec::new();
        for answer in futures::future::join_all(all).await {
            ids.push(ok(answer, 201).await.0["row"]["id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "one content");
        let (list, _) = ok(
            send(&world, &owner, Method::GET, "/content", &[], None).await,
            200,
        )
        .await;
        assert_eq!(list["rows"].as_array().unwrap().len(), 1);
        // Another body or another place is another request.
        let other = json!({"persona": persona, "body": words("Rain.")});
        refused(
            send(&world, &owner, Method::POST, "/content", &key, Some(&other)).await,
            409,
            "id_reused",
        )
        .await;
        let elsewhere = json!({"profile": profile("Two")});
        refused(
            send(
                &world,
                &owner,
                Method::POST,
                "/personas",
                &key,
                Some(&elsewhere),
            )
            .await,
            409,
            "id_reused",
        )
        .await;
        // Somebody else's key is their own.
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let theirs = send(&world, &mara, Method::POST, "/content", &key, Some(&new)).await;
        assert_ne!(ok(theirs, 201).await.0["row"]["id"], ids[0]);
        // What was refused was not carried out: it may come again.
        let key = [("idempotency-key", "k2")];
        let wrong = json!({"persona": uuid::Uuid::now_v7(), "body": words("Snow.")});
        refused(
            send(&world, &owner, Method::POST, "/content", &key, Some(&wrong)).await,
            404,
            "not_found",
        )
        .await;
        ok(
            send(&world, &owner, Method::POST, "/content", &key, Some(&new)).await,
            201,
        )
        .await;
        for odd in ["a b", "", &"x".repeat(201)] {
            let key = [("idempotency-key", odd)];
            refused(
                send(&world, &owner, Method::POST, "/content", &key, Some(&new)).await,
                422,
                "invalid_input",
            )
            .await;
        }
        world
    })
    .await;
}

#[tokio::test]
async fn what_is_shown_once_is_shown_again_to_the_same_key_and_kept_nowhere() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await;
        let path = format!("/organizations/{organization}/tokens");
        let new = json!({"name": "Nightly", "scopes": ["read"]});
        let key = [("idempotency-key", "token")];
        let mut made = Vec::new();
        for _ in 0..2 {
            let answer = send(&world, &owner, Method::POST, &path, &key, Some(&new)).await;
            made.push(ok(answer, 201).await.0);
        }
        assert_eq!(made[0], made[1]);
        let program = Person {
            access: made[0]["token"].as_str().unwrap().to_owned(),
            refresh: String::new(),
        };
        ok(
            send(&world, &program, Method::GET, "/content", &[], None).await,
            200,
        )
        .await;
        let (all, _) = ok(
            send(&world, &owner, Method::GET, &path, &[], None).await,
            200,
        )
        .await;
        assert_eq!(all.as_array().unwrap().len(), 1);
        let gone = format!("{path}/{}", made[0]["about"]["id"].as_str().unwrap());
        ok(
            send(&world, &owner, Method::DELETE, &gone, &[], None).await,
            204,
        )
        .await;
        refused(
            send(&world, &owner, Method::POST, &path, &key, Some(&new)).await,
            409,
            "conflict",
        )
        .await;

        let path = format!("/organizations/{organization}/members");
        let new = json!({"role": "creator"});
        let mut links = Vec::new();
        for _ in 0..2 {
            let answer = send(&world, &owner, Method::POST, &path, &key[..0], Some(&new)).await;
            links.push(ok(answer, 201).await.0["link"].clone());
        }
        assert_ne!(links[0], links[1], "without a key each is new");
        let key = [("idempotency-key", "guest")];
        let mut links = Vec::new();
        for _ in 0..2 {
            let answer = send(&world, &owner, Method::POST, &path, &key, Some(&new)).await;
            links.push(ok(answer, 201).await.0["link"].as_str().unwrap().to_owned());
        }
        assert_eq!(links[0], links[1]);
        world
            .join(
                links[0].rsplit('/').next().unwrap(),
                "Gus",
                "gus@hut.example",
            )
            .await;
        refused(
            send(&world, &owner, Method::POST, &path, &key, Some(&new)).await,
            409,
            "conflict",
        )
        .await;

        let new = json!({"name": "A second hut"});
        let key = [("idempotency-key", "hut")];
        let mut huts = Vec::new();
        for _ in 0..2 {
            let answer = send(
                &world,
                &owner,
                Method::POST,
                "/organizations",
                &key,
                Some(&new),
            )
            .await;
            huts.push(ok(answer, 201).await.0["id"].clone());
        }
        assert_eq!(huts[0], huts[1]);
        let other = json!({"name": "A third hut"});
        refused(
            send(
                &world,
                &owner,
                Method::POST,
                "/organizations",
                &key,
                Some(&other),
            )
            .await,
            409,
            "id_reused",
        )
        .await;
        assert_eq!(
            owner.me(&world).await["organizations"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        world
    })
    .await;
}

#[tokio::test]
async fn of_two_who_saw_the_same_edition_one_changes_it() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (persona, account) = voice(&world, &owner).await;
        let path = format!("/personas/{persona}");
        let (_, tag) = ok(
            send(&world, &owner, Method::GET, &path, &[], None).await,
            200,
        )
        .await;
        let bodies: Vec<Value> = (0..6)
            .map(|i| json!({"profile": profile(&format!("Voice {i}"))}))
            .collect();
        let headers = [("if-match", tag.as_str())];
        let mut all = Vec::new();
        for body in &bodies {
            all.push(send(
                &world,
                &owner,
                Method::PUT,
                &path,
                &headers,
                Some(body),
            ));
        }
        let answers = futures::future::join_all(all).await;
        let statuses: Vec<u16> = answers.iter().map(|a| a.status().as_u16()).collect();
        assert_eq!(
            statuses.iter().filter(|s| **s == 200).count(),
            1,
            "{statuses:?}"
        );
        assert_eq!(
            statuses.iter().filter(|s| **s == 412).count(),
            5,
            "{statuses:?}"
        );
        // Whoever does not care says so.
        let any = [("if-match", "*")];
        ok(
            send(&world, &owner, Method::PUT, &path, &any, Some(&bodies[0])).await,
            200,
        )
        .await;

        let path = format!("/platform-identities/{account}");
        let (_, tag) = ok(
            send(&world, &owner, Method::GET, &path, &[], None).await,
            200,
        )
        .await;
        let headers = [("if-match", tag.as_str())];
        let same = json!({});
        let (_, after) = ok(
            send(&world, &owner, Method::PUT, &path, &headers, Some(&same)).await,
            200,
        )
        .await;
        assert_eq!(after, tag, "nothing was changed, so it is the same edition");
        ok(
            send(&world, &owner, Method::DELETE, &path, &[], None).await,
            204,
        )
        .await;
        world
    })
    .await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (persona, _) = voice(&world, &owner).await;
        for i in 0..5 {
            draft(&world, &owner, &persona, &format!("Snow {i}.")).await;
            let new = json!({"profile": profile(&format!("Voice {i}"))});
            ok(
                send(&world, &owner, Method::POST, "/personas", &[], Some(&new)).await,
                201,
            )
            .await;
        }
        for (path, all) in [("/content", 5), ("/personas", 6), ("/audit", 13)] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = format!("{path}?limit=2{cursor}");
                let (page, _) = ok(
                    send(&world, &owner, Method::GET, &page, &[], None).await,
                    200,
                )
                .await;
                let rows = page
                    .get("rows")
                    .unwrap_or(&page["entries"])
                    .as_array()
                    .unwrap()
                    .clone();
                assert!((1..=2).contains(&rows.len()), "{path}: {page}");
                seen.extend(rows.iter().map(Value::to_string));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let count = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), count, "{path}: nothing twice");
            assert!(count >= all, "{path}: {count}");
        }
        for odd in ["limit=0", "limit=201", "limit=x", "cursor=zz", "other=1"] {
            for path in ["/content", "/personas"] {
                let page = format!("{path}?{odd}");
                refused(
                    send(&world, &owner, Method::GET, &page, &[], None).await,
                    422,
                    "invalid_input",
                )
                .await;
            }
        }
        world
    })
    .await;
}

#[tokio::test]
async fn notes_and_pictures_are_kept_for_their_content() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (persona, _) = voice(&world, &owner).await;
        let content = draft(&world, &owner, &persona, "Snow.").await;
        let (path, any) = (format!("/content/{content}"), [("if-match", "*")]);
        let new = json!({"body": words("Snow.")});
        ok(
            send(&world, &owner, Method::PUT, &path, &any, Some(&new)).await,
            200,
        )
        .await;
        let path = format!("/content/{content}/notes");
        let new = json!({"n": 1, "text": "Which valley?"});
        let key = [("idempotency-key", "note")];
        let (note, _) = ok(
            send(&world, &owner, Method::POST, &path, &key, Some(&new)).await,
            201,
        )
        .await;
        let (again, _) = ok(
            send(&world, &owner, Method::POST, &path, &key, Some(&new)).await,
            201,
        )
        .await;
        assert_eq!(note, again);
        let (threads, _) = ok(
            send(&world, &owner, Method::GET, &path, &[], None).await,
            200,
        )
        .await;
        assert_eq!(threads["rows"][0]["note"]["text"], "Which valley?");
        let path = format!("/notes/{}", note["id"].as_str().unwrap());
        let done = json!({"resolved": true});
        ok(
            send(&world, &owner, Method::PUT, &path, &[], Some(&done)).await,
            200,
        )
        .await;
        ok(
            send(&world, &owner, Method::DELETE, &path, &[], None).await,
            204,
        )
        .await;

        let png: [u8; 70] = [
            137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1,
            8, 6, 0, 0, 0, 31, 21, 196, 137, 0, 0, 0, 13, 73, 68, 65, 84, 120, 218, 99, 252, 207,
            192, 80, 15, 0, 4, 133, 1, 128, 132, 169, 140, 33, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66,
            96, 130,
        ];
        let post = |bytes: Vec<u8>| {
            let request = Client::new().post(format!("{}/media?name=snow.png", world.address));
            let request = request
                .bearer_auth(&owner.access)
                .header("content-type", "image/png");
            async move { request.body(bytes).send().await.unwrap() }
        };
        let (asset, _) = ok(post(png.to_vec()).await, 201).await;
        let hash = asset["facts"]["hash"].as_str().unwrap().to_owned();
        ok(
            send(
                &world,
                &owner,
                Method::GET,
                &format!("/media/{hash}"),
                &[],
                None,
            )
            .await,
            200,
        )
        .await;
        refused(post(b"no picture".to_vec()).await, 422, "media_unsupported").await;
        refused(post(vec![0; (32 << 20) + 1]).await, 413, "media_too_large").await;
        let fred = world.founder("Fred", "fred@x.example").await;
        refused(
            send(
                &world,
                &fred,
                Method::GET,
                &format!("/media/{hash}"),
                &[],
                None,
            )
            .await,
            404,
            "media_missing",
        )
        .await;
        world
    })
    .await;
}
