//! The two ways in: the browser, and an app password.

use std::collections::BTreeMap;

use reqwest::Url;

use super::directory::Directory;
use super::oauth::{self, Granted};
use super::session::{self, Kept, Sessions};
use super::xrpc;
use crate::contract::{
    AccountFacts, Authorization, AuthorizeInput, ConnectInput, ConnectKind, ConnectMethod, Field,
    FieldKind, NetworkError, SIGN_IN_OVER,
};
use crate::http::Http;
use crate::secret::AccountSecret;

const SERVICE: Field = Field {
    id: "service",
    kind: FieldKind::Url,
    required: true,
    preset: "https://bsky.social",
    example: "https://bsky.social",
};

const HANDLE: Field = Field {
    id: "handle",
    kind: FieldKind::Text,
    required: true,
    preset: "",
    example: "mara.bsky.social",
};

const APP_PASSWORD: Field = Field {
    id: "app_password",
    kind: FieldKind::Secret,
    required: true,
    preset: "",
    example: "xxxx-xxxx-xxxx-xxxx",
};

/// The ways to connect.
pub(super) fn methods() -> Vec<ConnectMethod> {
    vec![
        ConnectMethod {
            id: "oauth",
            kind: ConnectKind::Browser { port: None },
            // Without a handle, the server's page asks who it is.
            fields: vec![
                Field {
                    required: false,
                    ..HANDLE
                },
                SERVICE,
            ],
            guide_url: None,
        },
        ConnectMethod {
            id: "app_password",
            kind: ConnectKind::Fields,
            fields: vec![SERVICE, HANDLE, APP_PASSWORD],
            guide_url: Some("https://bsky.app/settings/app-passwords"),
        },
    ]
}

fn wrong(field: &'static str, code: &'static str, words: &str) -> NetworkError {
    NetworkError::Field {
        field,
        code,
        words: words.to_owned(),
    }
}

/// The server and the handle as typed; the handle may be empty.
fn typed(http: &Http, fields: &BTreeMap<String, String>) -> Result<(Url, String), NetworkError> {
    let typed = |name: &str| fields.get(name).map_or("", |v| v.trim());
    let service = http.service("service", typed("service"))?;
    let handle = typed("handle").trim_start_matches('@').to_lowercase();
    if !(handle.is_empty() || handle.contains('.') || handle.starts_with("did:")) {
        return Err(wrong(
            "handle",
            "not_a_handle",
            "A handle looks like mara.bsky.social.",
        ));
    }
    Ok((service, handle))
}

fn facts(did: &str, handle: &str, service: &Url) -> AccountFacts {
    AccountFacts {
        remote_id: did.to_owned(),
        handle: handle.to_owned(),
        settings: BTreeMap::from([(
            "service".to_owned(),
            service.as_str().trim_end_matches('/').to_owned(),
        )]),
        live: Vec::new(),
    }
}

/// The page on which a person agrees.
pub(super) async fn authorize(
    http: &Http,
    plc: &Url,
    sessions: &Sessions,
    input: &AuthorizeInput,
) -> Result<Authorization, NetworkError> {
    let (service, handle) = typed(http, &input.fields)?;
    xrpc::describe(http, &service).await?;
    let directory = Directory {
        http,
        plc,
        typed: &service,
    };
    oauth::authorize(directory, &sessions.servers, input, &handle).await
}

/// What is stored of an account that was signed in through the browser.
pub(super) fn granted(granted: &Granted) -> Result<(AccountFacts, AccountSecret), NetworkError> {
    let home = &granted.home;
    let mut facts = facts(&home.did, &home.handle, &home.service);
    facts
        .settings
        .insert(SIGN_IN_OVER.to_owned(), granted.over.to_string());
    Ok((facts, Kept::granted(granted)?))
}

/// Signs in with an app password.
pub(super) async fn with_password(
    http: &Http,
    input: &ConnectInput,
) -> Result<(AccountFacts, AccountSecret), NetworkError> {
    let (service, handle) = typed(http, &input.fields)?;
    if handle.is_empty() {
        return Err(wrong("handle", "empty", "Enter a handle."));
    }
    let password = input
        .secrets
        .get("app_password")
        .filter(|p| !p.expose().trim().is_empty())
        .ok_or_else(|| wrong("app_password", "empty", "Enter an app password."))?;
    let password = password.expose().trim();
    xrpc::describe(http, &service).await?;
    let opened = session::sign_in(http, &service, &handle, password)
        .await
        .map_err(|error| match error {
            NetworkError::NeedsReconnect { words } => {
                wrong("app_password", "wrong_password", &words)
            }
            other => other,
        })?;
    if opened.is_full_access() {
        return Err(wrong(
            "app_password",
            "not_an_app_password",
            "This is the account's own password. Make an app password and use that: it can be \
             taken back without changing your own.",
        ));
    }
    let facts = facts(&opened.did, &opened.handle, &service);
    Ok((facts, opened.into_secret(&service, password)?))
}
