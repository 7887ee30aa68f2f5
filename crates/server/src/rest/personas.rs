//! Personas.

use app::core::Thing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::ids::{ChainId, PersonaId};
use domain::persona::PersonaProfile;
use domain::rights::Action;
use protocol::views::PersonaDetail;
use protocol::{Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::{Part, PersonaPage, part};
use super::terms::{MustMatch, Once, or_stale};
use super::{Answer, Desk, tagged};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};
use crate::http::problem::Refused;

async fn list(State(server): State<Server>, caller: Caller, Asked(wanted): Asked<Part>) -> Answer {
    let all = caller.at(&server).read(Query::Personas {}).await?;
    let (rows, next) = part(all, &wanted, |p: &PersonaDetail| p.id.to_string())?;
    Ok(Json(PersonaPage { rows, next }).into_response())
}

impl Desk<'_> {
    async fn persona(&self, id: PersonaId, status: StatusCode) -> Answer {
        self.must(Action::Read)?;
        let edition = self.edition(Thing::Persona(id)).await?;
        let all: Vec<PersonaDetail> = self.read(Query::Personas {}).await?;
        let persona = all.into_iter().find(|p| p.id == id);
        let persona = persona.ok_or_else(|| Refused::from(app::Error::missing("persona")))?;
        let place = format!("/personas/{id}");
        Ok(tagged(status, edition, &place, &persona))
    }
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<PersonaId>) -> Answer {
    caller.at(&server).persona(id, StatusCode::OK).await
}

/// All that can be edited of a persona.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewPersona {
    /// Its profile.
    profile: PersonaProfile,
    /// Its approval chain; absent means that posts go out without being asked about.
    #[serde(default)]
    #[ts(optional)]
    chain: Option<ChainId>,
}

async fn create(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Body(new): Body<NewPersona>,
) -> Answer {
    let cause = once.of(&caller, &new)?;
    let id: PersonaId = cause.id("persona", 0);
    let save = Mutation::SavePersona {
        id,
        profile: new.profile,
        chain: new.chain,
    };
    let desk = caller.at(&server);
    desk.change(cause.terms(), vec![save]).await?;
    desk.persona(id, StatusCode::CREATED).await
}

async fn replace(
    State(server): State<Server>,
    caller: Caller,
    MustMatch(seen): MustMatch,
    Named(id): Named<PersonaId>,
    Body(new): Body<NewPersona>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::ManagePersonas)?;
    let terms = match seen.terms(&desk, Thing::Persona(id)).await {
        Ok(terms) => terms,
        Err(stale) => return Ok(stale.into_response()),
    };
    let save = Mutation::SavePersona {
        id,
        profile: new.profile,
        chain: new.chain,
    };
    or_stale(match desk.change(terms, vec![save]).await {
        Ok(_) => desk.persona(id, StatusCode::OK).await,
        Err(problem) => Err(problem.into()),
    })
}

async fn remove(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<PersonaId>,
) -> Answer {
    let archive = Mutation::ArchivePersona { id, archived: true };
    caller.at(&server).gone(archive).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Personas")
        .get(
            "/personas",
            list,
            Op::new("list_personas", "Personas, oldest first.")
                .may(Action::Read)
                .query::<Part>()
                .gives::<PersonaPage>(200),
        )
        .post(
            "/personas",
            create,
            Op::new("create_persona", "Makes a persona.")
                .may(Action::ManagePersonas)
                .takes::<NewPersona>()
                .gives::<PersonaDetail>(201)
                .tagged()
                .once(),
        )
        .get(
            "/personas/{id}",
            one,
            Op::new("get_persona", "A persona with its chain and accounts.")
                .may(Action::Read)
                .gives::<PersonaDetail>(200)
                .tagged(),
        )
        .put(
            "/personas/{id}",
            replace,
            Op::new("save_persona", "Changes a persona.")
                .may(Action::ManagePersonas)
                .takes::<NewPersona>()
                .gives::<PersonaDetail>(200)
                .tagged()
                .if_match(true),
        )
        .delete(
            "/personas/{id}",
            remove,
            Op::new("archive_persona", "Puts a persona away.").may(Action::ManagePersonas),
        )
}
