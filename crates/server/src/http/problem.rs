//! Problems over HTTP (RFC 9457): one place says which status a code has.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::{Code, Problem};
use serde_json::json;

use crate::trace;

/// A problem as an answer.
#[derive(Debug)]
pub struct Refused(pub Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<app::Error> for Refused {
    fn from(error: app::Error) -> Self {
        Self(error.into_problem())
    }
}

/// The status of a code.
#[must_use]
pub fn status_of(code: Code) -> StatusCode {
    use Code as C;
    match code {
        C::SignedOut | C::WrongCredentials | C::SecondFactor => StatusCode::UNAUTHORIZED,
        C::Forbidden | C::NobodyHere | C::NoSeat | C::OwnWork | C::NotHere | C::NoMember => {
            StatusCode::FORBIDDEN
        }
        C::NotFound | C::MediaMissing => StatusCode::NOT_FOUND,
        C::Conflict
        | C::IdReused
        | C::StaleVersion
        | C::WrongState
        | C::AttemptOpen
        | C::AlreadySent
        | C::AlreadyDecided
        | C::RequestClosed
        | C::LastOwner => StatusCode::CONFLICT,
        C::MediaTooLarge | C::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        C::TooSlow => StatusCode::REQUEST_TIMEOUT,
        C::TooOften => StatusCode::TOO_MANY_REQUESTS,
        C::Refused | C::Throttled | C::BadPage | C::BadServer => StatusCode::BAD_GATEWAY,
        // A network that is not reached, or the database.
        C::Unreachable
        | C::Busy
        | C::DiskFull
        | C::ReadOnly
        | C::OutcomeUnknown
        | C::FolderInUse => StatusCode::SERVICE_UNAVAILABLE,
        C::Internal | C::DatabaseCorrupt | C::AuditBroken | C::BinaryTooOld | C::NoSecretStore => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = status_of(self.0.code);
        self.with_status(status)
    }
}

impl Refused {
    /// The problem under another status than its code's: where HTTP has a finer one.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Response {
        let Self(problem) = self;
        // RFC 9457's members, and ours: clients of the window read `code`.
        let mut body = json!({
            "type": format!("urn:rostrum:problem:{}", problem.code.as_str()),
            "title": problem.code.as_str().replace('_', " "),
            "status": status.as_u16(),
            "detail": problem.message,
        });
        if let Some(trace) = trace::current() {
            body["instance"] = format!("urn:rostrum:trace:{trace}").into();
        }
        if let (Ok(serde_json::Value::Object(ours)), Some(body)) =
            (serde_json::to_value(&problem), body.as_object_mut())
        {
            body.extend(ours);
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, body.to_string()).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = header::HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = problem.fields.get("retry_after")
            && let Ok(value) = header::HeaderValue::from_str(seconds)
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}
