//! The organizations of servers that this computer has joined, beside its own: each has a folder
//! with its mirror, its pictures and nothing secret, a line to its server, and a core of its own.
//!
//! `orgs/<id>/organization.json` is written last when one joins and goes first when one leaves: a
//! folder without it is half of something, and is taken away at the next start.

mod house;
mod join;
mod leave;
mod place;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use domain::ids::OrganizationId;
use protocol::event::Told;
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::views::{self, JoinedOrganization, OwnOrganization, SyncStatus};
use protocol::{Act, Call, Code, Event, Problem, Query, Tag};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Error;
use crate::act::Way;
use crate::core::App;
use house::{House, Open};
use join::Waits;
pub(crate) use join::Wish;
use place::Place;

/// What is joined.
pub(crate) struct Joined {
    houses: Mutex<BTreeMap<OrganizationId, House>>,
    told: broadcast::Sender<Told>,
    ground: OnceLock<Ground>,
    /// One joins or leaves at a time.
    turn: tokio::sync::Mutex<Option<Waits>>,
}

/// Under what the background runs.
#[derive(Clone)]
struct Ground {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Default for Joined {
    fn default() -> Self {
        Self {
            houses: Mutex::default(),
            told: broadcast::channel(256).0,
            ground: OnceLock::new(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl Joined {
    fn houses(&self) -> MutexGuard<'_, BTreeMap<OrganizationId, House>> {
        self.houses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, organization: OrganizationId) -> Result<Open, Problem> {
        match self.houses().get(&organization) {
            Some(house) => house.open.clone(),
            None => Err(not_joined()),
        }
    }

    fn ground(&self) -> Result<&Ground, Problem> {
        self.ground.get().ok_or_else(|| {
            let words = "No background work runs here. Use the window, or start `rostrumctl work`.";
            Problem::new(Code::WrongState, words)
        })
    }

    /// Settings of the computer are those of every organization on it.
    pub(crate) fn set_settings(&self, settings: &Settings) {
        for house in self.houses().values() {
            if let Ok(open) = &house.open {
                open.app.set_settings(settings.clone());
            }
        }
    }
}

fn not_joined() -> Problem {
    Problem::new(
        Code::NotJoined,
        "This organization is not on this computer (any more). Choose another one.",
    )
}

impl App {
    /// Opens what was joined and keeps it together with its servers until `stop`; takes away what
    /// was left of joining or leaving.
    ///
    /// # Errors
    /// When the folder cannot be read. What does not open says so in the list.
    pub(crate) async fn open_joined(
        &self,
        tracker: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<(), Problem> {
        let ground = Ground {
            tracker: tracker.clone(),
            stop: stop.clone(),
        };
        let _ = self.joined().ground.set(ground.clone());
        let (whole, left) = place::found(&self.folder().layout().organizations())?;
        for organization in left {
            if let Err(problem) = self.wipe(organization).await {
                tracing::warn!(%organization, %problem, "something is left of an organization");
            }
        }
        for place in whole {
            let id = place.organization;
            let open = match Open::new(self, &place).await {
                Ok((open, brought)) => {
                    open.run(brought, self, &ground);
                    Ok(open)
                }
                Err(problem) => {
                    tracing::error!(organization = %id, %problem, "it does not open");
                    Err(problem)
                }
            };
            self.joined().houses().insert(id, House { place, open });
        }
        Ok(())
    }

    /// Closes the tables of what was joined; nothing runs any more.
    pub(crate) async fn close_joined(&self) {
        let waits = self.joined().turn.lock().await.take();
        if let Some(waits) = waits {
            waits.session.end(self.http()).await;
        }
        let houses = std::mem::take(&mut *self.joined().houses());
        for house in houses.into_values() {
            if let Ok(open) = house.open {
                open.close().await;
            }
        }
    }

    /// What happens in the organizations that were joined, from now on. Hints, as
    /// [`App::subscribe`].
    #[must_use]
    pub fn hear_joined(&self) -> broadcast::Receiver<Told> {
        self.joined().told.subscribe()
    }

    /// The core of an organization that was joined; this one where none is named.
    ///
    /// # Errors
    /// `not_joined`, and why it does not open.
    pub fn within(&self, organization: Option<OrganizationId>) -> Result<Self, Problem> {
        match organization {
            None => Ok(self.clone()),
            Some(id) => Ok(self.joined().open(id)?.app),
        }
    }

    /// Applies a call in an organization.
    ///
    /// # Errors
    /// As [`App::mutate`], and `not_joined`.
    pub async fn mutate_within(
        &self,
        organization: Option<OrganizationId>,
        call: Call,
    ) -> Result<Applied, Problem> {
        self.within(organization)?.mutate(call).await
    }

    /// Answers a query in an organization; what is about the computer is the same in all.
    ///
    /// # Errors
    /// As [`App::query`], and `not_joined`.
    pub async fn query_within(
        &self,
        organization: Option<OrganizationId>,
        query: Query,
    ) -> Result<Value, Problem> {
        let organization = organization.filter(|_| !query.is_of_the_computer());
        self.within(organization)?.query(query, None).await
    }

    /// Carries an act out in an organization; what is about the computer is the same in all.
    /// Progress is told on this core's bus under `id`.
    ///
    /// # Errors
    /// As [`App::act`], and `not_joined`.
    pub async fn act_within(
        &self,
        organization: Option<OrganizationId>,
        id: String,
        act: Act,
        stop: CancellationToken,
    ) -> Result<Value, Problem> {
        let organization = organization.filter(|_| !act.is_of_the_computer());
        let way = Way::told(self, id, None, stop);
        self.within(organization)?.act(act, &way).await
    }

    /// The organizations on this computer.
    pub(crate) async fn organizations(&self) -> Result<views::Organizations, Error> {
        let mut joined = Vec::new();
        let mut houses: Vec<House> = self.joined().houses().values().cloned().collect();
        houses.sort_by_key(|house| (house.place.joined_at, house.place.organization));
        for house in houses {
            joined.push(house.seen().await);
        }
        let own = self.seat_overview().await?;
        Ok(views::Organizations {
            own: OwnOrganization {
                name: own.organization,
                unused: own.first_run,
                approvals: own.counts.approvals,
                needs: own.counts.today,
            },
            joined,
        })
    }

    /// Tells whoever shows the list.
    fn list_changed(&self) {
        self.send(Event::Changed {
            tags: vec![Tag::Organizations],
        });
    }
}

impl House {
    /// As the list shows it. A mirror that cannot be read shows what is known without it.
    async fn seen(&self) -> JoinedOrganization {
        let place = &self.place;
        let mut seen = JoinedOrganization {
            organization: place.organization,
            name: place.organization_name.clone(),
            server: place.server.to_string(),
            email: place.email.clone(),
            person: place.person,
            person_name: place.name.clone(),
            role: place.role,
            status: SyncStatus::New,
            waiting: 0,
            approvals: 0,
            needs: 0,
        };
        let open = match &self.open {
            Ok(open) => open,
            Err(problem) => {
                seen.status = SyncStatus::NeedsAttention {
                    rejected: 0,
                    problem: Some(problem.clone()),
                };
                return seen;
            }
        };
        if let Ok(outbox) = open.app.outbox().await {
            seen.waiting = u32::try_from(outbox.items.len()).unwrap_or(u32::MAX);
            seen.status = outbox.status;
        }
        if let Ok(overview) = open.app.seat_overview().await {
            seen.name = overview.organization;
            seen.approvals = overview.counts.approvals;
            seen.needs = overview.counts.today;
            if let Some(me) = overview.me {
                (seen.person_name, seen.role) = (me.name, me.role);
            }
        }
        seen
    }
}
