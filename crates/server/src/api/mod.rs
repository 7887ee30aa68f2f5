//! Routes, each with what the document says of it: there is no other way to make one, so that none
//! goes unsaid.

pub mod document;
pub mod page;
pub mod schema;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use domain::rights::Action;
use ts_rs::TS;

use crate::Server;
use schema::{Described, Schemas};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Anyone,
    /// Whoever has signed in, wherever they belong.
    SignedIn,
    /// A member whose role has the right; a program whose scopes hold it.
    May(Action),
    /// A member whose role has the right; no program.
    Person(Action),
    /// A program whose scopes hold it and whose person's role has the right; no person.
    Program(Action),
}

/// What is sent along.
#[derive(Clone, Copy, Debug)]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Described),
    /// The bytes of a picture.
    Picture,
}

/// What comes back when it is done.
#[derive(Clone, Copy, Debug)]
pub enum Given {
    /// Nothing but the status.
    Nothing,
    /// JSON.
    Json(Described),
    /// Something else, of this media type.
    Other(&'static str),
}

/// What the document says of one operation.
#[derive(Clone, Debug)]
pub struct Op {
    /// A name, for programs that are made of the document.
    pub id: &'static str,
    /// In a sentence.
    pub summary: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What can stand behind the `?`.
    pub query: Option<Described>,
    /// What is sent along.
    pub sent: Sent,
    /// The status when it is done.
    pub status: u16,
    /// What comes back then.
    pub given: Given,
    /// Statuses of refusals beside those that every operation of its kind has.
    pub refusals: Vec<u16>,
    /// `Idempotency-Key` is heeded.
    pub once: bool,
    /// The answer names its edition in `ETag`.
    pub tagged: bool,
    /// `If-Match` is heeded; `Some(true)`: asked for.
    pub if_match: Option<bool>,
}

impl Op {
    /// One that anybody may ask, and that answers 204 with nothing.
    #[must_use]
    pub const fn new(id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            who: Who::Anyone,
            query: None,
            sent: Sent::Nothing,
            status: 204,
            given: Given::Nothing,
            refusals: Vec::new(),
            once: false,
            tagged: false,
            if_match: None,
        }
    }

    /// Who may ask.
    #[must_use]
    pub fn who(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// A member with this right may ask.
    #[must_use]
    pub fn may(self, action: Action) -> Self {
        self.who(Who::May(action))
    }

    /// What can stand behind the `?`.
    #[must_use]
    pub fn query<T: TS + 'static>(self) -> Self {
        Self {
            query: Some(Schemas::of::<T>),
            ..self
        }
    }

    /// JSON is sent along.
    #[must_use]
    pub fn takes<T: TS + 'static>(self) -> Self {
        Self {
            sent: Sent::Json(Schemas::of::<T>),
            ..self
        }
    }

    /// A picture is sent along.
    #[must_use]
    pub fn takes_picture(self) -> Self {
        Self {
            sent: Sent::Picture,
            ..self
        }
    }

    /// What comes back.
    #[must_use]
    pub fn gives<T: TS + 'static>(self, status: u16) -> Self {
        Self {
            status,
            given: Given::Json(Schemas::of::<T>),
            ..self
        }
    }

    /// Something else than JSON comes back.
    #[must_use]
    pub fn gives_other(self, media_type: &'static str) -> Self {
        Self {
            status: 200,
            given: Given::Other(media_type),
            ..self
        }
    }

    /// May be refused with these, too.
    #[must_use]
    pub fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// The same request under the same `Idempotency-Key` is carried out once.
    #[must_use]
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// The answer names its edition.
    #[must_use]
    pub fn tagged(self) -> Self {
        Self {
            tagged: true,
            ..self
        }
    }

    /// Done only while the edition is the one that was seen; `asked`: a request must say which.
    #[must_use]
    pub fn if_match(self, asked: bool) -> Self {
        Self {
            if_match: Some(asked),
            ..self
        }
    }
}

/// An operation and where it is.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Under which heading.
    pub group: &'static str,
    /// `GET` and the like.
    pub method: Method,
    /// With its parameters in braces.
    pub path: &'static str,
    /// What it does.
    pub op: Op,
}

/// Routes and their operations.
#[derive(Debug, Default)]
pub struct Api {
    group: &'static str,
    router: Router<Server>,
    operations: Vec<Placed>,
}

impl Api {
    /// None yet, under this heading.
    #[must_use]
    pub fn new(group: &'static str) -> Self {
        Self {
            group,
            ..Self::default()
        }
    }

    /// One more.
    #[must_use]
    pub fn on<H, T>(mut self, method: Method, path: &'static str, handler: H, op: Op) -> Self
    where
        H: Handler<T, Server>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(path, on(filter, handler));
        self.operations.push(Placed {
            group: self.group,
            method,
            path,
            op,
        });
        self
    }

    /// Reads.
    #[must_use]
    pub fn get<H: Handler<T, Server>, T: 'static>(self, path: &'static str, h: H, op: Op) -> Self {
        self.on(Method::GET, path, h, op)
    }

    /// Makes, or does.
    #[must_use]
    pub fn post<H: Handler<T, Server>, T: 'static>(self, path: &'static str, h: H, op: Op) -> Self {
        self.on(Method::POST, path, h, op)
    }

    /// Replaces.
    #[must_use]
    pub fn put<H: Handler<T, Server>, T: 'static>(self, path: &'static str, h: H, op: Op) -> Self {
        self.on(Method::PUT, path, h, op)
    }

    /// Takes away.
    #[must_use]
    pub fn delete<H: Handler<T, Server>, T: 'static>(
        self,
        path: &'static str,
        h: H,
        op: Op,
    ) -> Self {
        self.on(Method::DELETE, path, h, op)
    }

    /// Says of a route that is made elsewhere what it does.
    #[must_use]
    pub fn also(mut self, method: Method, path: &'static str, op: Op) -> Self {
        self.operations.push(Placed {
            group: self.group,
            method,
            path,
            op,
        });
        self
    }

    /// These and others.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self
    }

    /// Does something to all routes so far: a limit, a layer.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(Router<Server>) -> Router<Server>) -> Self {
        self.router = change(self.router);
        self
    }

    /// The routes, and what is said of them.
    pub fn into_parts(self) -> (Router<Server>, Vec<Placed>) {
        (self.router, self.operations)
    }
}
