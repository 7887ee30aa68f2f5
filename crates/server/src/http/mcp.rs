//! Programs that act for a person, over the Model Context Protocol by streamable HTTP. No session is
//! kept: any instance answers any request, and a token is shown with each.

use std::sync::Arc;

use agents::{Agent, Door, House};
use app::host::{Knock, answer};
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use domain::ids::PersonId;
use domain::rights::Action;
use protocol::Problem;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::Value;

use super::problem::Refused;
use super::{BODY, Server};
use crate::api::{Api, Op, Who};
use crate::auth::tokens::signed_out;
use crate::auth::who::Caller;

async fn mcp(
    State(server): State<Server>,
    caller: Caller,
    mut request: Request,
) -> Result<Response, Refused> {
    let door = ByToken::of(&server, caller, &request)?;
    request.extensions_mut().insert(door);
    let mut config = StreamableHttpServerConfig::default()
        // Who has no token is refused whatever name they came by, and a page elsewhere has none.
        .disable_allowed_hosts()
        .with_sse_keep_alive(None)
        .with_sse_retry(None);
    config.legacy_session_mode = false;
    config.json_response = true;
    config.max_request_body_bytes = BODY;
    let agent = || Ok(Agent::new(Members));
    let service = StreamableHttpService::new(agent, Arc::<NeverSessionManager>::default(), config);
    let answer = service.handle(request).await;
    Ok(answer.map(axum::body::Body::new))
}

/// The organizations of this server.
struct Members;

#[async_trait]
impl House for Members {
    async fn open(&self, context: &RequestContext<RoleServer>) -> Result<Box<dyn Door>, Problem> {
        let shown = context.extensions.get::<Parts>();
        let door = shown.and_then(|parts| parts.extensions.get::<ByToken>());
        let door = door.cloned().ok_or_else(signed_out)?;
        Ok(Box::new(door))
    }
}

/// A core as a token opens it.
#[derive(Clone)]
struct ByToken {
    app: app::App,
    caller: Caller,
    client: Option<String>,
}

impl ByToken {
    /// Refuses people: they have the window, and what an agent may is asked of a token.
    fn of(server: &Server, caller: Caller, request: &Request) -> Result<Self, Problem> {
        let client = request.headers().get(header::USER_AGENT);
        let client = client.and_then(|name| name.to_str().ok());
        Ok(Self {
            app: caller.agent(server)?,
            client: client.map(str::to_owned),
            caller,
        })
    }
}

#[async_trait]
impl Door for ByToken {
    fn person(&self) -> Option<PersonId> {
        Some(self.caller.membership.person)
    }

    /// Without a session nobody has said a name before; with each request comes `User-Agent`.
    fn client(&self) -> Option<String> {
        self.client.clone()
    }

    async fn knock(&self, knock: Knock) -> Result<Value, Problem> {
        self.caller.may(knock.action())?;
        answer(&self.app, knock).await
    }
}

/// Where agents knock.
pub fn routes() -> Api {
    Api::new("Agents").post(
        "/mcp",
        mcp,
        Op::new(
            "mcp",
            "Speaks the Model Context Protocol (streamable HTTP) with an agent that has a token.",
        )
        .who(Who::Program(Action::Read))
        .takes::<Value>()
        .gives::<Value>(200)
        .refuses(&[400, 406, 413, 415]),
    )
}
