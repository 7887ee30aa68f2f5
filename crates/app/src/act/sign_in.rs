//! Signing in to a network by one of its ways.

use std::collections::BTreeMap;
use std::time::Duration;

use networks::{
    Adapter, AuthorizeInput, ConnectInput, ConnectKind, ConnectMethod, Connected, FieldKind, Grant,
    Secret,
};
use protocol::act::Sensitive;
use protocol::{Code, Problem};

use super::{Way, network_problem};
use crate::browser::Callback;
use crate::core::App;

/// How long a person may take in the browser: as long as a code lives at most (RFC 6749, 4.1.2).
const AGREE_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What a person filled in.
struct Filled {
    fields: BTreeMap<String, String>,
    secrets: BTreeMap<String, Secret<String>>,
}

impl App {
    /// Signs in by `method`; the network's first one when absent.
    pub(super) async fn sign_in(
        &self,
        adapter: &dyn Adapter,
        method: Option<&str>,
        fields: &BTreeMap<String, Sensitive>,
        way: &Way,
    ) -> Result<Connected, Problem> {
        let method = method_of(adapter, method)?;
        let filled = filled(method, fields)?;
        let grant = match method.kind {
            ConnectKind::Fields => None,
            ConnectKind::Browser { port } => {
                Some(self.agree(adapter, method, &filled, port, way).await?)
            }
        };
        let input = ConnectInput {
            method: method.id.to_owned(),
            fields: filled.fields,
            secrets: filled.secrets,
            grant,
            now: self.now(),
        };
        adapter
            .connect(input)
            .await
            .map_err(|e| network_problem(&e))
    }

    /// Lets a person agree in the browser.
    async fn agree(
        &self,
        adapter: &dyn Adapter,
        method: &ConnectMethod,
        filled: &Filled,
        port: Option<u16>,
        way: &Way,
    ) -> Result<Grant, Problem> {
        let callback = Callback::open(port).await?;
        let redirect_uri = callback.address();
        let asked = adapter
            .authorize(AuthorizeInput {
                method: method.id.to_owned(),
                fields: filled.fields.clone(),
                secrets: filled.secrets.clone(),
                redirect_uri: redirect_uri.clone(),
                now: self.now(),
            })
            .await
            .map_err(|e| network_problem(&e))?;
        way.sign_in_at(self, &asked.url);
        if let Err(why) = self.browser().open(&asked.url) {
            tracing::info!(why, "no browser was opened; the address is shown");
        }
        let brought = tokio::select! {
            brought = callback.wait(&asked.state, &**self.browser()) => brought?,
            () = self.clock().sleep(AGREE_WITHIN) => {
                return Err(Problem::new(
                    Code::SignInTimeout,
                    "Nobody agreed in the browser within ten minutes. Try again.",
                ));
            }
        };
        Ok(Grant {
            code: brought.code,
            issuer: brought.issuer,
            redirect_uri,
            pending: asked.pending,
        })
    }
}

pub(super) fn method_of<'a>(
    adapter: &'a dyn Adapter,
    named: Option<&str>,
) -> Result<&'a ConnectMethod, Problem> {
    let ways = &adapter.descriptor().connect;
    match named {
        None => ways.first(),
        Some(id) => ways.iter().find(|way| way.id == id),
    }
    .ok_or_else(|| {
        let known: Vec<&str> = ways.iter().map(|way| way.id).collect();
        Problem::new(
            Code::InvalidInput,
            format!(
                "{} is not connected in this way. There are: {}.",
                adapter.descriptor().name,
                known.join(", ")
            ),
        )
    })
}

fn filled(method: &ConnectMethod, given: &BTreeMap<String, Sensitive>) -> Result<Filled, Problem> {
    let mut filled = Filled {
        fields: BTreeMap::new(),
        secrets: BTreeMap::new(),
    };
    let mut problem = Problem::new(Code::InvalidInput, "Fill in what is marked.");
    for field in &method.fields {
        let typed = given.get(field.id).map_or("", |v| v.0.trim());
        let value = if typed.is_empty() {
            field.preset
        } else {
            typed
        };
        let id = field.id.to_owned();
        if value.is_empty() && field.required {
            problem = problem.with_field(field.id, "is needed");
        } else if field.kind == FieldKind::Secret {
            filled.secrets.insert(id, Secret::new(value.to_owned()));
        } else {
            filled.fields.insert(id, value.to_owned());
        }
    }
    match problem.fields.is_empty() {
        true => Ok(filled),
        false => Err(problem),
    }
}
