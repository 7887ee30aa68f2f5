//! The OpenAPI document (3.1.0), made of the operations and the types that they name.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::schema::{Described, Schemas};
use super::{Given, Op, Placed, Sent, Who};

const INTRODUCTION: &str = "Everything that people do in Rostrum's window, for programs. A token \
    (`POST /organizations/{id}/tokens`) stands for the person who made it, within its scopes and the \
    person's role; a person signs in with `POST /auth/login`. Whoever belongs to several organizations \
    names one in the header `Rostrum-Organization`, or in `?organization=`; without it the first is meant. A token knows \
    its own.\n\nWhat is made with `POST` is made once for each `Idempotency-Key`: the same request \
    again answers with what was made, as it is now; another request under the same key is refused. What \
    is replaced with `PUT` names the edition that was seen in `If-Match`. Lists end with `next`: send it \
    as `cursor` for what follows. Refusals are problems after RFC 9457, with a `code` that does not \
    change.";

/// The document of these operations, of a server that is reached at `public`.
#[must_use]
pub fn document(operations: &[Placed], public: &str) -> Value {
    let mut schemas = Schemas::default();
    let problem = problem(&mut schemas);
    let mut paths = Map::new();
    let mut groups: Vec<&str> = Vec::new();
    for placed in operations {
        if !groups.contains(&placed.group) {
            groups.push(placed.group);
        }
        let path = paths
            .entry(placed.path)
            .or_insert_with(|| Value::Object(Map::new()));
        path[placed.method.as_str().to_lowercase()] = operation(placed, &mut schemas);
    }
    let mut named: Map<String, Value> = schemas.into_named().into_iter().collect();
    named.insert("Refusal".to_owned(), problem);
    let groups: Vec<Value> = groups.iter().map(|name| json!({"name": name})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rostrum",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public}],
        "tags": groups,
        "paths": paths,
        "components": {
            "schemas": named,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of a program, or the access token of a sign-in.",
                },
            },
        },
    })
}

/// A problem over HTTP: the core's, with RFC 9457's members.
fn problem(schemas: &mut Schemas) -> Value {
    let ours = schemas.of::<protocol::Problem>();
    json!({
        "description": "A refusal, after RFC 9457.",
        "allOf": [ours, {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "instance": {"type": "string", "description": "Names the request's trace, as the log does."},
            },
        }],
    })
}

fn operation(placed: &Placed, schemas: &mut Schemas) -> Value {
    let op = &placed.op;
    let mut parameters: Vec<Value> = in_path(placed.path);
    if let Some(query) = op.query {
        parameters.extend(in_query(query, schemas));
    }
    if op.once {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Made by the caller; the same request under the same key is carried out once.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
        }));
    }
    if let Some(asked) = op.if_match {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": asked,
            "description": "The `ETag` of the edition that was seen; `*` for whichever there is.",
            "schema": {"type": "string", "pattern": "^(\\*|\"[0-9a-f]{64}\")$"},
        }));
    }
    let mut said = json!({
        "operationId": op.id,
        "tags": [placed.group],
        "summary": op.summary,
        "description": who(op.who),
        "parameters": parameters,
        "responses": responses(placed, schemas),
    });
    match op.sent {
        Sent::Nothing => {}
        Sent::Json(body) => {
            said["requestBody"] = json!({
                "required": true,
                "content": {"application/json": {"schema": body(schemas)}},
            });
        }
        Sent::Picture => {
            let bytes = json!({"schema": {"type": "string", "format": "binary"}});
            said["requestBody"] = json!({
                "required": true,
                "content": {"image/png": bytes, "image/jpeg": bytes, "image/gif": bytes, "image/webp": bytes},
            });
        }
    }
    if op.who != Who::Anyone {
        said["security"] = json!([{"token": []}]);
    }
    said
}

fn who(who: Who) -> String {
    let right = |action| {
        serde_json::to_value(action)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    match who {
        Who::Anyone => "Anybody may ask.".to_owned(),
        Who::SignedIn => {
            "Whoever has signed in may ask; a token of a program is not taken.".to_owned()
        }
        Who::May(action) => format!("Needs the right `{}`.", right(action)),
        Who::Program(action) => format!(
            "Needs a token of a program that holds `{}`; a sign-in is not taken.",
            right(action)
        ),
        Who::Person(action) => {
            format!(
                "Needs the right `{}`; a token of a program is not taken.",
                right(action)
            )
        }
    }
}

/// The parameters in the braces of a path: ids, but for these.
fn in_path(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = match name {
                "hash" => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
                "n" => json!({"type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32}),
                _ => json!({"type": "string", "format": "uuid"}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect()
}

/// The members of a type as parameters behind the `?`.
fn in_query(query: Described, schemas: &mut Schemas) -> Vec<Value> {
    let reference = query(schemas);
    let name = reference["$ref"]
        .as_str()
        .and_then(|r| r.rsplit('/').next());
    let Some(schema) = name.and_then(|name| schemas.named(name)).cloned() else {
        return Vec::new();
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let members = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    members
        .into_iter()
        .map(|(name, mut schema)| {
            let description = schema
                .as_object_mut()
                .and_then(|members| members.remove("description"))
                .unwrap_or_default();
            if name == "limit" {
                schema = json!({"type": "integer", "minimum": 1, "maximum": 200});
            }
            let needed = required.contains(&name.as_str().into());
            json!({"name": name, "in": "query", "required": needed, "description": description, "schema": schema})
        })
        .collect()
}

fn responses(placed: &Placed, schemas: &mut Schemas) -> Value {
    let op = &placed.op;
    let mut all = Map::new();
    let mut done = json!({"description": "Done."});
    match op.given {
        Given::Nothing => {}
        Given::Json(body) => {
            done["content"] = json!({"application/json": {"schema": body(schemas)}})
        }
        Given::Other(kind) => {
            done["content"] = json!({kind: {"schema": {"type": "string", "format": "binary"}}});
        }
    }
    let mut headers = Map::new();
    if op.tagged {
        headers.insert(
            "ETag".to_owned(),
            json!({
                "required": true, "description": "Names the edition.",
                "schema": {"type": "string", "pattern": "^\"[0-9a-f]{64}\"$"},
            }),
        );
    }
    if op.status == 201 {
        headers.insert(
            "Location".to_owned(),
            json!({
                "description": "Where what was made is found.", "schema": {"type": "string"},
            }),
        );
    }
    if !headers.is_empty() {
        done["headers"] = headers.into();
    }
    all.insert(op.status.to_string(), done);
    for status in refusals(placed.method == Method::GET, op) {
        let refusal = json!({
            "description": words_of(status),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
        });
        all.insert(status.to_string(), refusal);
    }
    all.into()
}

/// With which statuses an operation may be refused.
#[must_use]
pub fn refusals(reads: bool, op: &Op) -> Vec<u16> {
    let mut all = vec![422, 503];
    if op.who != Who::Anyone {
        all.extend([401, 403, 404]);
    }
    if !matches!(op.sent, Sent::Nothing) {
        all.extend([408, 413]);
    }
    if !reads && op.who != Who::Anyone {
        all.push(409);
    }
    match op.if_match {
        Some(true) => all.extend([412, 428]),
        Some(false) => all.push(412),
        None => {}
    }
    all.extend(&op.refusals);
    all.sort_unstable();
    all.dedup();
    all
}

fn words_of(status: u16) -> &'static str {
    match status {
        401 => "Nobody is signed in.",
        403 => "The role, or the token's scopes, do not allow it.",
        404 => "There is no such thing in this organization.",
        408 => "The body did not come in time.",
        409 => "It stands against what is there, or the key was used for something else.",
        412 => "It is another edition by now.",
        413 => "The body is too large.",
        422 => "The request cannot be read, or its words are off.",
        428 => "`If-Match` is asked for.",
        429 => "Too often: `Retry-After` says when to come again.",
        502 => "A network did not answer, or refused.",
        503 => {
            "It cannot be done now, or (`outcome_unknown`) nobody knows whether it was: look, or repeat it under its key."
        }
        _ => "Refused.",
    }
}
