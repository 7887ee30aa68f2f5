//! Who is at the other side, and on whose word something happens.

use std::sync::Arc;

use domain::ids::PersonId;
use domain::person::Actor;
use domain::rights::{Action, Scopes};
use protocol::Code;
use serde_json::json;
use uuid::Uuid;

use super::{App, new_id};
use crate::Error;
use crate::apply::{self, Ctx};

/// Who is at the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// Whoever uses this computer, as its settings say.
    Computer,
    /// Somebody at a terminal of this computer, who says who they are.
    Terminal(PersonId),
    /// Somebody who signed in to a server: they act for themselves and for nobody else. A program
    /// with a token of theirs does no more than its scopes say.
    Member(PersonId, Option<Scopes>),
    /// A program that acts for a person: for whoever uses this computer when nobody is named.
    Agent(Option<PersonId>),
    /// A program that acts, by a token, for somebody who could sign in to a server.
    MemberAgent(PersonId, Scopes),
    /// A workflow's run, on nobody's word.
    Run(Uuid),
}

impl App {
    /// The same core, used by `person` whatever the settings say: whoever is at a terminal says so.
    #[must_use]
    pub fn used_by(&self, person: Option<PersonId>) -> Self {
        Self(
            Arc::clone(&self.0),
            person.map_or(Seat::Computer, Seat::Terminal),
        )
    }

    /// The same core for a program that acts for `person`, or for whoever uses this computer.
    #[must_use]
    pub fn for_agent(&self, person: Option<PersonId>) -> Self {
        Self(Arc::clone(&self.0), Seat::Agent(person))
    }

    /// The same core for a program that acts, by such a token, for a person of a server.
    #[must_use]
    pub fn for_member_agent(&self, person: PersonId, scopes: Scopes) -> Self {
        Self(Arc::clone(&self.0), Seat::MemberAgent(person, scopes))
    }

    /// The same core for a run.
    pub(crate) fn for_run(&self, run: Uuid) -> Self {
        Self(Arc::clone(&self.0), Seat::Run(run))
    }

    pub(crate) const fn is_agent(&self) -> bool {
        matches!(self.1, Seat::Agent(_) | Seat::MemberAgent(..))
    }

    /// The same core for a person who signed in to a server.
    #[must_use]
    pub fn for_member(&self, person: PersonId) -> Self {
        Self(Arc::clone(&self.0), Seat::Member(person, None))
    }

    /// The same core for a program that has a token of such a person.
    #[must_use]
    pub fn for_program(&self, person: PersonId, scopes: Scopes) -> Self {
        Self(Arc::clone(&self.0), Seat::Member(person, Some(scopes)))
    }

    pub(crate) const fn scopes(&self) -> Option<Scopes> {
        match self.1 {
            Seat::Member(_, scopes) => scopes,
            Seat::MemberAgent(_, scopes) => Some(scopes),
            _ => None,
        }
    }

    pub(crate) const fn seat(&self) -> Seat {
        self.1
    }

    /// On a computer that several people share one may stand in for another, and the history says
    /// so; who signed in to a server is who they are.
    pub(crate) fn may_stand_for(&self, acting: Option<PersonId>) -> Result<(), Error> {
        match (self.1, acting) {
            (Seat::Member(me, _), Some(other)) if me != other => Err(Error::refused(
                Code::Forbidden,
                "On a server everybody acts for themselves. Sign in as that person.",
            )),
            (Seat::Agent(_) | Seat::MemberAgent(..) | Seat::Run(_), Some(_)) => {
                Err(apply::for_people())
            }
            _ => Ok(()),
        }
    }

    /// Who acts: the person of this computer, or `acting` with that person as the operator.
    ///
    /// # Errors
    /// When nobody is set up yet.
    pub async fn actor(&self, acting: Option<PersonId>) -> Result<Actor, Error> {
        self.may_stand_for(acting)?;
        if let Seat::Run(id) = self.1 {
            return Ok(Actor::Run { id });
        }
        let Some(me) = self.me().await? else {
            return Err(self.nobody().await?);
        };
        if self.is_agent() {
            return Ok(Actor::Agent { id: me.id });
        }
        Ok(match acting.filter(|id| *id != me.id) {
            None => Actor::Person {
                id: me.id,
                operator: None,
            },
            Some(id) => Actor::Person {
                id,
                operator: Some(me.id),
            },
        })
    }

    /// Why nobody can do anything here.
    ///
    /// # Errors
    /// When the database says no.
    pub(crate) async fn nobody(&self) -> Result<Error, Error> {
        Ok(match self.is_nobodys().await? {
            true => Error::refused(
                Code::NotFound,
                "Nobody is set up here yet. Add a person first.",
            ),
            false if !matches!(self.1, Seat::Computer | Seat::Agent(None)) => apply::has_left(),
            false => Error::refused(
                Code::NobodyHere,
                "Whoever used this computer has left. Say who is here first.",
            ),
        })
    }

    /// The person who uses this computer: who was said to, else the one in the settings, else the
    /// first who was here. Nobody takes the place of one who has left: it must be said who is here.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn me(&self) -> Result<Option<store::person::Person>, Error> {
        let org = self.organization();
        let wanted = match self.1 {
            Seat::Computer | Seat::Agent(None) => self.settings().person,
            Seat::Terminal(id)
            | Seat::Member(id, _)
            | Seat::MemberAgent(id, _)
            | Seat::Agent(Some(id)) => Some(id),
            Seat::Run(_) => return Ok(None),
        };
        let all = self
            .0
            .db
            .read(move |tx| Box::pin(async move { store::person::all(tx, org).await }))
            .await?;
        let found = match wanted {
            Some(id) => all.iter().find(|p| p.id == id),
            None => all.first(),
        };
        Ok(found.filter(|p| p.active).cloned())
    }

    /// Somebody at a terminal says to be another than the person of this computer: what they do
    /// carries their name, so the history says on whose computer they said it, or that whoever used
    /// it had left.
    pub(crate) async fn name_at_terminal(&self) -> Result<(), Error> {
        let (Seat::Terminal(id) | Seat::Agent(Some(id))) = self.1 else {
            return Ok(());
        };
        let usual = Self(Arc::clone(&self.0), Seat::Computer)
            .me()
            .await?
            .map(|p| p.id);
        if usual == Some(id) {
            return Ok(());
        }
        let action = match usual {
            Some(_) => "person_named",
            None => "person_came",
        };
        let actor = Actor::Person {
            id: usual.unwrap_or(id),
            operator: None,
        };
        let ctx = Ctx {
            actor,
            ..self.ctx(None, new_id()).await?
        };
        self.0
            .db
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move {
                    let mut work = apply::Work::begin(tx, &ctx).await?;
                    let name = work.people().await?.remove(&id).map(|p| p.name);
                    let (subject, payload) = (format!("person:{id}"), json!({"name": name}));
                    work.record(action, &subject, None, payload).await?;
                    work.finish().await.map(drop)
                })
            })
            .await
    }

    /// Whether nobody has been here yet: there is nothing to keep from anybody.
    pub(crate) async fn is_nobodys(&self) -> Result<bool, Error> {
        let org = self.organization();
        self.0
            .db
            .read(move |tx| {
                Box::pin(async move { Ok(store::person::all(tx, org).await?.is_empty()) })
            })
            .await
    }

    /// Refuses what the role of a person does not allow: for what happens outside the transactions
    /// that check it themselves.
    ///
    /// # Errors
    /// `forbidden`.
    pub(crate) async fn require(&self, person: PersonId, action: Action) -> Result<(), Error> {
        let org = self.organization();
        let found = self
            .0
            .db
            .read(move |tx| Box::pin(async move { store::person::get(tx, org, person).await }))
            .await?;
        match found {
            Some(person) if person.active => apply::may(person.role, action),
            _ => Err(apply::has_left()),
        }
    }
}
