//! The document says of every route what it does, and every route does what the document says.

use std::collections::BTreeSet;
use std::path::Path;

use domain::person::Role;
use domain::rights::allows;
use reqwest::Method;
use serde_json::{Map, Value, json};
use server::api::{Placed, Who};

use crate::resources::send;
use crate::world::{Person, World, on_each};

/// The names of routes in the source: what makes one and says nothing of it would be found here.
fn routes_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes_in(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text: String = text.split_whitespace().collect();
        for made in [
            ".route(\"",
            ".get(\"/",
            ".post(\"/",
            ".put(\"/",
            ".delete(\"/",
        ] {
            for (at, _) in text.match_indices(made) {
                let rest = &text[at + made.len()..];
                let path = rest.split('"').next().unwrap();
                found.insert(format!("/{}", path.trim_start_matches('/')));
            }
        }
    }
}

#[test]
fn every_route_is_in_the_document() {
    let mut made = BTreeSet::new();
    routes_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut made,
    );
    // It has a listener of its own.
    made.remove("/metrics");
    let operations = server::http::operations();
    let said: BTreeSet<String> = operations.iter().map(|o| o.path.to_owned()).collect();
    assert_eq!(made, said);
    let names: BTreeSet<&str> = operations.iter().map(|o| o.op.id).collect();
    assert_eq!(names.len(), operations.len(), "each has a name of its own");
    let in_design = [
        "/auth/login",
        "/auth/register",
        "/auth/refresh",
        "/auth/logout",
        "/auth/sessions",
        "/organizations",
        "/organizations/{id}",
        "/organizations/{id}/members",
        "/content",
        "/content/{id}",
        "/content/{id}/publish",
        "/content/{id}/analytics",
        "/platform-identities",
        "/platform-identities/{id}",
        "/personas",
        "/approval-chains",
        "/requests",
        "/media",
        "/organizations/{id}/tokens",
        "/audit",
    ];
    for path in in_design {
        assert!(said.contains(path), "{path}");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found.insert(name.rsplit('/').next().unwrap().to_owned());
            }
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_whole_and_has_a_page_that_needs_nothing_from_elsewhere() {
    on_each(|world| async move {
        let document = world
            .ask(Method::GET, "/openapi.json", &[], None)
            .await
            .ok();
        assert_eq!(document["openapi"], "3.1.0");
        let mut named = BTreeSet::new();
        references(&document, &mut named);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let known: BTreeSet<String> = schemas.keys().cloned().collect();
        assert!(named.is_subset(&known), "{:?}", named.difference(&known));
        assert!(schemas.values().all(Value::is_object));
        let page = world.ask(Method::GET, "/api", &[], None).await;
        let page = page.body.as_str().unwrap();
        for operation in server::http::operations() {
            assert!(
                page.contains(&format!("id=\"{}\"", operation.op.id)),
                "{}",
                operation.op.id
            );
        }
        for outside in ["src=", "href=\"http", "<script", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        world
    })
    .await;
}

/// Something that a schema allows, with nothing optional in it.
fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return sample(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["anyOf"].as_array().and_then(|all| all.first()) {
        return sample(document, first);
    }
    if let Some(word) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return word.clone();
    }
    match schema["type"].as_str() {
        Some("string") => match (schema["format"].as_str(), schema["pattern"].as_str()) {
            (Some("uuid"), _) => json!(uuid::Uuid::now_v7()),
            (Some("date-time"), _) => json!("2026-12-24T08:00:00Z"),
            (_, Some(pattern)) if pattern.contains("{64}") => json!("0".repeat(64)),
            (_, Some(_)) => json!("site"),
            _ => json!("words"),
        },
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let mut made = Map::new();
            for name in required.iter().filter_map(Value::as_str) {
                made.insert(
                    name.to_owned(),
                    sample(document, &schema["properties"][name]),
                );
            }
            made.into()
        }
        _ => Value::Null,
    }
}

/// A request for an operation as its document says it, about things that are not there.
async fn tried(
    world: &World,
    who: &Person,
    document: &Value,
    organization: &str,
    placed: &Placed,
) -> (u16, String) {
    let operation = &document["paths"][placed.path][placed.method.as_str().to_lowercase()];
    let mut path = placed.path.to_owned();
    let (mut headers, mut query) = (Vec::new(), Vec::new());
    for parameter in operation["parameters"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        let value = match sample(document, &parameter["schema"]) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        match (
            parameter["in"].as_str().unwrap(),
            parameter["required"] == true,
        ) {
            ("path", _) if name == "id" && path.starts_with("/organizations/") => {
                path = path.replace("{id}", organization);
            }
            ("path", _) => path = path.replace(&format!("{{{name}}}"), &value),
            ("header", true) => headers.push(("if-match", "*")),
            ("query", true) => query.push(format!("{name}={value}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = body.is_object().then(|| sample(document, body));
    let method = Method::from_bytes(placed.method.as_str().as_bytes()).unwrap();
    let answer = send(world, who, method, &path, &headers, body.as_ref()).await;
    let status = answer.status().as_u16();
    if placed.path == "/rpc/events" {
        return (status, String::new());
    }
    let text = answer.text().await.unwrap();
    let allowed = operation["responses"].get(status.to_string());
    assert!(
        allowed.is_some(),
        "{} {path}: {status} {text}",
        placed.method
    );
    let code = serde_json::from_str::<Value>(&text).unwrap_or_default();
    (status, code["code"].as_str().unwrap_or_default().to_owned())
}

/// What the sample of an operation does that a role must not lose.
fn ends_itself(id: &str) -> bool {
    matches!(id, "sign_out" | "change_password")
}

#[tokio::test]
async fn every_operation_lets_each_role_do_what_the_table_says() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await;
        let document = world
            .ask(Method::GET, "/openapi.json", &[], None)
            .await
            .ok();
        let operations = server::http::operations();
        let mut tried_out = 0;
        for role in Role::ALL {
            let name = serde_json::to_value(role).unwrap();
            let who = match role {
                Role::Owner => owner.clone(),
                _ => {
                    world
                        .colleague(&owner, name.as_str().unwrap(), name.as_str().unwrap())
                        .await
                }
            };
            for placed in operations.iter().filter(|p| !ends_itself(p.op.id)) {
                let (Who::May(action) | Who::Person(action)) = placed.op.who else {
                    continue;
                };
                let (status, code) = tried(&world, &who, &document, &organization, placed).await;
                let refused = (status, code.as_str()) == (403, "forbidden");
                // These decide by what is in the body.
                if matches!(placed.op.id, "mutate" | "act") {
                    continue;
                }
                assert_eq!(
                    !refused,
                    allows(role, action),
                    "{role:?} {}: {status} {code}",
                    placed.op.id
                );
                assert_ne!(status, 401, "{}", placed.op.id);
                tried_out += 1;
            }
        }
        assert!(tried_out > 200, "{tried_out}");
        world
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_unasked_and_no_program_where_only_people_do() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await;
        let document = world.ask(Method::GET, "/openapi.json", &[], None).await.ok();
        let new = json!({"name": "Nightly", "scopes": ["read", "write", "publish", "manage_personas", "manage_accounts", "manage_runtime", "read_audit"]});
        let made = owner.post(&world, &format!("/organizations/{organization}/tokens"), new).await.ok();
        let program = Person::program(&made);
        let nobody = Person {
            access: "nobody".to_owned(),
            refresh: String::new(),
        };
        for placed in server::http::operations() {
            let (status, _) = tried(&world, &nobody, &document, &organization, &placed).await;
            assert_eq!(status == 401, placed.op.who != Who::Anyone || is_a_login(placed.op.id), "{}: {status}", placed.op.id);
            let (status, code) = tried(&world, &program, &document, &organization, &placed).await;
            match placed.op.who {
                Who::SignedIn => assert_eq!(status, 401, "{}", placed.op.id),
                // Its words are not in the document: they are read before it is asked who sends.
                Who::Person(_) if placed.op.id == "push" => assert_eq!(status, 422),
                Who::Person(_) => assert_eq!((status, code.as_str()), (403, "forbidden"), "{}", placed.op.id),
                Who::May(_) | Who::Program(_) => assert_ne!(status, 401, "{}", placed.op.id),
                Who::Anyone => {}
            }
        }
        world
    })
    .await;
}

/// What is refused in the same way whoever asks: the words in it are wrong.
fn is_a_login(id: &str) -> bool {
    matches!(id, "sign_in" | "refresh")
}

#[tokio::test]
async fn no_operation_reaches_another_organization() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let (persona, account) = crate::resources::voice(&world, &owner).await;
        let content = crate::resources::draft(&world, &owner, &persona, "Snow.").await;
        let organization = owner.organization(&world).await;
        let aim = json!({"targets": [{"identity": account, "at": "2026-12-24T08:00:00Z"}]});
        let path = format!("/content/{content}/publish");
        let sent = owner.post(&world, &path, aim).await.ok();
        let note = owner
            .post(
                &world,
                &format!("/content/{content}/notes"),
                json!({"n": 1, "text": "Hm."}),
            )
            .await
            .ok();
        let chain = owner
            .post(
                &world,
                "/approval-chains",
                json!({"name": "None", "stages": []}),
            )
            .await
            .ok();
        let seen = owner.get(&world, &format!("/content/{content}")).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let ids = [
            ("/content/", content.clone()),
            ("/personas/", persona.clone()),
            ("/platform-identities/", account.clone()),
            ("/approval-chains/", text(&chain["policy"]["id"])),
            ("/requests/", text(&sent["request"])),
            ("/notes/", text(&note["id"])),
            (
                "/deliveries/",
                text(&seen["deliveries"][0]["target"]["delivery"]),
            ),
            ("/organizations/", organization),
        ];
        let before = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        let document = world
            .ask(Method::GET, "/openapi.json", &[], None)
            .await
            .ok();
        let mut across = 0;
        for placed in server::http::operations() {
            let Some((_, id)) = ids.iter().find(|(start, _)| placed.path.starts_with(start)) else {
                continue;
            };
            // Theirs, asked for as one's own.
            let mut there = placed.clone();
            there.path = Box::leak(placed.path.replacen("{id}", id, 1).into_boxed_str());
            let mut document = document.clone();
            document["paths"][there.path] = document["paths"][placed.path].clone();
            let (status, code) = tried(&world, &fred, &document, id, &there).await;
            assert_eq!(
                (status, code.as_str()),
                (404, "not_found"),
                "{}",
                placed.op.id
            );
            across += 1;
        }
        assert!(across > 25, "{across}");
        let after = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert_eq!(before, after, "nothing was changed");
        world
    })
    .await;
}
