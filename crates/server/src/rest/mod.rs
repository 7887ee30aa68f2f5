//! Resources for programs: a thin layer over the same mutations, queries and acts that the window
//! sends. Nothing is decided here that they decide.

pub mod accounts;
pub mod audit;
pub mod chains;
pub mod content;
pub mod delegations;
pub mod deliveries;
pub mod exports;
pub mod media;
pub mod notes;
pub mod pages;
pub mod personas;
pub mod publish;
pub mod requests;
pub mod reviews;
pub mod runs;
pub mod terms;

use app::act::Way;
use app::core::{Terms, Thing};
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Hash;
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::{Act, Mutation, Problem, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::Server;
use crate::api::Api;
use crate::auth::who::Caller;
use crate::http::problem::Refused;

/// What reaches nobody outside.
pub fn quick() -> Api {
    Api::new("Contents")
        .merge(content::quick())
        .merge(deliveries::routes())
        .merge(delegations::routes())
        .merge(notes::routes())
        .merge(requests::routes())
        .merge(reviews::routes())
        .merge(personas::routes())
        .merge(chains::routes())
        .merge(accounts::quick())
        .merge(audit::routes())
        .merge(runs::routes())
}

/// What may take its time.
pub fn long() -> Api {
    Api::new("Contents")
        .merge(content::long())
        .merge(publish::routes())
        .merge(accounts::long())
        .merge(media::routes())
        .merge(exports::routes())
}

/// A caller at the core.
pub(crate) struct Desk<'a> {
    server: &'a Server,
    caller: &'a Caller,
}

impl Caller {
    pub(crate) fn at<'a>(&'a self, server: &'a Server) -> Desk<'a> {
        Desk {
            server,
            caller: self,
        }
    }
}

impl Desk<'_> {
    /// Answers a query as it is.
    pub(crate) async fn ask(&self, query: Query) -> Result<Value, Problem> {
        self.caller.may(query.action())?;
        self.caller.app(self.server).query(query, None).await
    }

    /// Answers a query as the view that it is.
    pub(crate) async fn read<T: DeserializeOwned>(&self, query: Query) -> Result<T, Problem> {
        let value = self.ask(query).await?;
        serde_json::from_value(value).map_err(|e| app::error::internal(&e))
    }

    /// Applies mutations, all or nothing.
    pub(crate) async fn change(
        &self,
        terms: Terms,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Problem> {
        for mutation in &mutations {
            self.caller.may(mutation.action())?;
        }
        let app = self.caller.app(self.server);
        app.apply_on(terms, mutations).await
    }

    /// Applies one mutation, and answers what came of it.
    pub(crate) async fn done(&self, terms: Terms, mutation: Mutation) -> Answer {
        let applied = self.change(terms, vec![mutation]).await?;
        Ok(Json(applied).into_response())
    }

    /// Applies one mutation after which there is nothing to show.
    pub(crate) async fn gone(&self, mutation: Mutation) -> Answer {
        self.change(Terms::default(), vec![mutation]).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    /// Carries an act out, once where its terms say so; answers nothing where that was done before.
    pub(crate) async fn act(&self, terms: Terms, act: Act) -> Result<Option<Value>, Problem> {
        self.must(act.action())?;
        let app = self.caller.app(self.server);
        if let Some(named) = terms.once
            && app.answered(named).await?.is_some()
        {
            return Ok(None);
        }
        let way = Way::quiet(None, CancellationToken::new()).on(terms);
        app.act(act, &way).await.map(Some)
    }

    /// Refuses, before anything is looked up, what the role does not allow.
    pub(crate) fn must(&self, action: Action) -> Result<(), Problem> {
        self.caller.must(action)
    }

    /// The edition of a thing.
    pub(crate) async fn edition(&self, thing: Thing) -> Result<Hash, Problem> {
        let app = self.caller.app(self.server);
        let found = app.edition(thing).await?;
        found.ok_or_else(|| app::Error::missing("thing").into_problem())
    }
}

/// An answer that names the edition of its thing and, when it was made, where it is found.
pub(crate) fn tagged<T: Serialize>(
    status: StatusCode,
    edition: Hash,
    place: &str,
    value: &T,
) -> Response {
    let mut response = (status, Json(value)).into_response();
    with(&mut response, header::ETAG, &format!("\"{edition}\""));
    if status == StatusCode::CREATED {
        with(&mut response, header::LOCATION, place);
    }
    response
}

/// Something that was made, and where it is found.
pub(crate) fn made<T: Serialize>(location: &str, value: &T) -> Response {
    let mut response = (StatusCode::CREATED, Json(value)).into_response();
    with(&mut response, header::LOCATION, location);
    response
}

fn with(response: &mut Response, name: HeaderName, value: &str) {
    // Ids and hashes are letters that stand in a header.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What every handler answers.
pub(crate) type Answer = Result<Response, Refused>;
