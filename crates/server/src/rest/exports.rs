//! What a server knows, to take away.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use domain::ids::PersonId;
use domain::rights::Action;
use tokio_util::io::ReaderStream;

use super::Answer;
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::Named;

/// One's own archive, or somebody's for who manages people; never for a program.
async fn person(
    State(server): State<Server>,
    caller: Caller,
    Named(person): Named<PersonId>,
) -> Answer {
    caller.by_a_person()?;
    caller.must(Action::Read)?;
    let app = caller.app(&server);
    let asks = caller.membership.person;
    app.may_export(asks, person).await?;
    let file = app.person_archive(person, asks == person).await?;
    let named = format!("attachment; filename=\"person-{person}.zip\"");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, named),
    ];
    let file = tokio::fs::File::from_std(file);
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

/// What this file serves; pictures are read for it, so that it may take its time.
pub(super) fn routes() -> Api {
    Api::new("Exports").get(
        "/exports/people/{person}",
        person,
        Op::new(
            "export_person",
            "Everything that is known of a person, as a ZIP of JSON and pictures.",
        )
        .who(crate::api::Who::Person(Action::Read))
        .gives_other("application/zip"),
    )
}
