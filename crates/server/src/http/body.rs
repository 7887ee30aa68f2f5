//! JSON bodies, refused in the shape of every other problem.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use protocol::{Code, Problem};
use serde::de::DeserializeOwned;

use super::pace::not_taken;
use super::problem::Refused;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::BytesRejection(e)) => {
                let words = format!("The body cannot be taken: {}.", e.body_text());
                let large = Problem::new(Code::MediaTooLarge, words);
                Err(Refused(not_taken(&e, large)))
            }
            Err(e) => Err(unreadable(&e.body_text())),
        }
    }
}

/// A part of the path.
#[derive(Debug)]
pub struct Named<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            // What cannot be a name names nothing.
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(Refused(Problem::new(
                Code::NotFound,
                "There is no such thing.",
            ))),
            Err(e) => Err(unreadable(&e.body_text())),
        }
    }
}

/// The query of an address.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Asked<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        // Which organization is meant, the caller's place says.
        let asked: Vec<&str> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.starts_with("organization="))
            .collect();
        let uri: Uri = format!("/?{}", asked.join("&"))
            .parse()
            .map_err(|_| unreadable("its query is no query"))?;
        Query::<T>::try_from_uri(&uri)
            .map(|Query(value)| Self(value))
            .map_err(|e: QueryRejection| unreadable(&e.body_text()))
    }
}

fn unreadable(why: &str) -> Refused {
    Refused(Problem::new(
        Code::InvalidInput,
        format!("The request cannot be read: {why}."),
    ))
}
