//! Joining an organization: sign in to its server, read everything once, and keep it.

use std::path::Path;

use domain::ids::OrganizationId;
use protocol::act::Sensitive;
use protocol::views::{Done, Joining, ServerPlace, ServerSeen};
use protocol::{Code, Problem};
use url::Url;

use super::house::{House, Open};
use super::{Place, not_joined, place};
use crate::act::Way;
use crate::core::App;
use crate::sync::{self, Login, Session, Whereto};

/// What a person wants to join, and as whom.
pub(crate) struct Wish {
    pub(crate) address: Sensitive,
    /// For a new login.
    pub(crate) name: Option<String>,
    pub(crate) login: Login,
    pub(crate) organization: Option<OrganizationId>,
}

/// A sign-in that waits for the person's choice among several places, so that a code, which works
/// once, is not asked for again.
pub(super) struct Waits {
    server: Url,
    email: String,
    password: Sensitive,
    pub(super) session: Session,
}

impl Waits {
    fn is_of(&self, server: &Url, login: &Login) -> bool {
        (&self.server, &self.email, &self.password) == (server, &login.email, &login.password)
    }
}

fn cancelled() -> Problem {
    Problem::new(
        Code::Cancelled,
        "It was cancelled; nothing of it is on this computer.",
    )
}

/// Ends early when the person does not want it any more.
async fn unless_cancelled<T>(
    way: &Way,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::select! {
        biased;
        () = way.cancel.cancelled() => Err(cancelled()),
        done = work => done,
    }
}

impl App {
    pub(crate) async fn look_at_server(&self, typed: &Sensitive) -> Result<ServerSeen, Problem> {
        let to = Whereto::read(self.http(), &typed.0)?;
        sync::look(self.http(), &to.server).await?;
        let invitation = match &to.invitation {
            Some(token) => Some(sync::invited(self.http(), &to.server, token).await?),
            None => None,
        };
        Ok(ServerSeen {
            server: to.server.to_string(),
            invitation,
        })
    }

    /// Joins. It minds `way` itself: what was begun is taken back before it answers.
    pub(crate) async fn join_organization(
        &self,
        wish: Wish,
        way: &Way,
    ) -> Result<Joining, Problem> {
        self.joined().ground()?;
        let to = Whereto::read(self.http(), &wish.address.0)?;
        let turn = async { Ok(self.joined().turn.lock().await) };
        let mut waiting = unless_cancelled(way, turn).await?;
        let known = match waiting.take() {
            Some(waits) if waits.is_of(&to.server, &wish.login) => Some(waits.session),
            Some(waits) => {
                waits.session.end(self.http()).await;
                None
            }
            None => None,
        };
        let coming = self.come_in(&to, &wish, known);
        let (session, invited_to) = unless_cancelled(way, coming).await?;
        let places = match session.places(self.http()).await {
            Ok(places) => places,
            Err(problem) => {
                session.end(self.http()).await;
                return Err(problem);
            }
        };
        let mut places = match self.choosable(places, wish.organization.or(invited_to)) {
            Ok(places) => places,
            Err(problem) => {
                session.end(self.http()).await;
                return Err(problem);
            }
        };
        if places.len() > 1 {
            *waiting = Some(Waits {
                server: to.server,
                email: wish.login.email,
                password: wish.login.password,
                session,
            });
            return Ok(Joining::Choose { places });
        }
        let there = places.remove(0);
        let place = Place {
            organization: there.organization,
            organization_name: there.organization_name,
            server: to.server,
            email: wish.login.email,
            person: there.person,
            name: there.name,
            role: there.role,
            joined_at: self.now(),
        };
        let folder = self.folder().layout().organization(place.organization);
        if place::is_whole(&folder) {
            // What waits in it was promised to be kept; nothing here is ours to take away.
            session.end(self.http()).await;
            return Err(Problem::new(
                Code::Conflict,
                "This organization is on this computer, but its folder cannot be read. Start Rostrum \
                 anew, or update it; the log says why.",
            ));
        }
        if let Err(problem) = self.bring(&session, &place, &folder, way).await {
            if let Err(problem) = self.wipe(place.organization).await {
                tracing::warn!(%problem, "something is left of an organization that was not joined");
            }
            session.end(self.http()).await;
            return Err(problem);
        }
        Ok(Joining::Joined {
            organization: place.organization,
        })
    }

    /// Signs in, with the invitation where there is one; answers to what it was.
    async fn come_in(
        &self,
        to: &Whereto,
        wish: &Wish,
        known: Option<Session>,
    ) -> Result<(Session, Option<OrganizationId>), Problem> {
        let http = self.http();
        if let (Some(name), Some(token)) = (&wish.name, &to.invitation) {
            let session = Session::register(http, &to.server, &wish.login, (name, token)).await?;
            return Ok((session, to.invited_to()));
        }
        let session = match known {
            Some(session) => session,
            None => {
                // What is there is said more clearly by who looks than by a refused password.
                sync::look(http, &to.server).await?;
                Session::open(http, &to.server, &wish.login).await?
            }
        };
        let Some(token) = &to.invitation else {
            return Ok((session, None));
        };
        let invited_to = to.invited_to();
        let come = async {
            // Whoever is in already needs it no more.
            let places = session.places(http).await?;
            match places.iter().find(|p| Some(p.organization) == invited_to) {
                Some(place) => Ok(place.organization),
                None => session.come_in(http, token).await,
            }
        };
        match come.await {
            Ok(organization) => Ok((session, Some(organization))),
            Err(problem) => {
                session.end(http).await;
                Err(problem)
            }
        }
    }

    /// The places of a login that this computer does not have; one at least.
    fn choosable(
        &self,
        mut places: Vec<ServerPlace>,
        wanted: Option<OrganizationId>,
    ) -> Result<Vec<ServerPlace>, Problem> {
        places.retain(|place| wanted.is_none_or(|id| place.organization == id));
        if places.is_empty() {
            return Err(Problem::new(
                Code::NoMember,
                "This login belongs to no such organization. Ask somebody who is in one for an \
                 invitation.",
            ));
        }
        {
            let houses = self.joined().houses();
            places.retain(|place| !houses.contains_key(&place.organization));
        }
        if places.is_empty() {
            return Err(Problem::new(
                Code::Conflict,
                "This organization is on this computer already. Choose it at the top left.",
            ));
        }
        Ok(places)
    }

    /// Reads everything, and keeps it from then on.
    async fn bring(
        &self,
        session: &Session,
        place: &Place,
        folder: &Path,
        way: &Way,
    ) -> Result<(), Problem> {
        let id = place.organization;
        place::remove(folder)?;
        // First, so that the next start finds what is half joined.
        place::begin(folder)?;
        session.keep(self.secrets(), id).await?;
        let (open, brought) = Open::new(self, place).await?;
        let read = unless_cancelled(way, open.read_all(way)).await;
        if let Err(problem) = read.and_then(|()| place::keep(folder, place)) {
            open.close().await;
            open.line.end().await;
            return Err(problem);
        }
        open.run(brought, self, self.joined().ground()?);
        let house = House {
            place: place.clone(),
            open: Ok(open),
        };
        self.joined().houses().insert(id, house);
        self.list_changed();
        Ok(())
    }

    pub(crate) async fn sign_in_again(
        &self,
        organization: OrganizationId,
        password: Sensitive,
        code: Option<Sensitive>,
    ) -> Result<Done, Problem> {
        let _turn = self.joined().turn.lock().await;
        let house = self.joined().houses().get(&organization).cloned();
        let House { place, open } = house.ok_or_else(not_joined)?;
        let login = Login {
            email: place.email,
            password,
            code,
        };
        let session = Session::open(self.http(), &place.server, &login).await?;
        session.keep(self.secrets(), organization).await?;
        // How it goes on shows in the list.
        open?.sync_now().await?;
        Ok(Done {})
    }
}
