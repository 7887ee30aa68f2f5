//! What a window over a mirror sees of the line, and the core that it works on.

use std::sync::Arc;

use domain::ids::{IdentityId, MutationId};
use media::Library;
use networks::AccountSecret;
use protocol::mutation::Applied;
use protocol::sync::Batch;
use protocol::views::{Done, Outbox, SyncStatus, WaitingItem, WaitingState};
use protocol::{Mutation, Problem, Tag};
use store::sync::outbox::State;

use super::{Pump, Standing};
use crate::Error;
use crate::core::App;
use crate::secrets::{Kind, SecretError, SecretStore};

const fn state(of: State) -> WaitingState {
    match of {
        State::Waiting => WaitingState::Waiting,
        State::Sent => WaitingState::Sent,
        State::Taken => WaitingState::Taken,
        State::Rejected => WaitingState::Rejected,
        State::Held => WaitingState::Held,
    }
}

impl From<Standing> for SyncStatus {
    fn from(standing: Standing) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        match standing {
            Standing::New => Self::New,
            Standing::Synced { at } => Self::Synced { at },
            Standing::Syncing { waiting } => Self::Syncing {
                waiting: count(waiting),
            },
            Standing::Reading { things } => Self::Reading {
                things: count(things),
            },
            Standing::Offline { waiting } => Self::Offline {
                waiting: count(waiting),
            },
            Standing::NeedsAttention { rejected, problem } => Self::NeedsAttention {
                rejected: count(rejected),
                problem,
            },
        }
    }
}

/// Accounts of a mirror have their secrets elsewhere.
struct Elsewhere;

#[async_trait::async_trait]
impl SecretStore for Elsewhere {
    async fn get(&self, _: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        Ok(None)
    }

    async fn set(&self, _: IdentityId, _: &AccountSecret) -> Result<(), SecretError> {
        Err(SecretError::NoKeychain(
            "the accounts of this organization are at its server".to_owned(),
        ))
    }

    async fn delete(&self, _: IdentityId) -> Result<(), SecretError> {
        Ok(())
    }

    fn kind(&self) -> Kind {
        Kind::Column
    }
}

impl App {
    /// The core of a mirror beside this one, used by its person: queries answer from its tables, and
    /// what is done on it is applied in advance and waits for the server. Nothing is sent from it,
    /// and no secret is known to it.
    #[must_use]
    pub fn beside(&self, pump: Arc<Pump>, library: Library) -> Self {
        let mirror = pump.mirror();
        let person = mirror.person();
        let (db, organization) = (mirror.db().clone(), mirror.organization());
        let app = self.over(db, organization, library, Arc::new(Elsewhere));
        app.set_pump(pump);
        app.for_member(person)
    }

    /// Does something on a mirror.
    pub(crate) async fn ahead(&self, pump: &Pump, batch: Batch) -> Result<Applied, Problem> {
        let done = pump.mirror().apply(self.now(), batch).await;
        let (applied, mut effects) = done.map_err(Error::into_problem)?;
        effects.tags.insert(Tag::Runtime);
        self.tell(effects);
        pump.nudge();
        Ok(applied)
    }

    /// What waits for the server.
    pub(crate) async fn outbox(&self) -> Result<Outbox, Error> {
        let Some(pump) = self.pump() else {
            return Ok(Outbox {
                status: SyncStatus::Local,
                items: vec![],
                pictures: 0,
            });
        };
        let items = pump.mirror().outbox().await?;
        let status = pump.standing().borrow().clone().into();
        let pictures = pump.mirror().pictures_to_send().await?;
        Ok(Outbox {
            status,
            pictures: u32::try_from(pictures).unwrap_or(u32::MAX),
            items: items
                .into_iter()
                .map(|item| WaitingItem {
                    id: item.id,
                    state: state(item.state),
                    problem: item.problem,
                    mutations: item.mutations,
                    at: item.at,
                })
                .collect(),
        })
    }

    pub(crate) async fn discard_waiting(&self, id: MutationId) -> Result<Done, Problem> {
        let pump = self.waits()?;
        pump.mirror().discard(id).await?;
        self.judged_anew(pump);
        Ok(Done {})
    }

    pub(crate) async fn retry_waiting(
        &self,
        id: MutationId,
        mutations: Option<Vec<Mutation>>,
    ) -> Result<Done, Problem> {
        let pump = self.waits()?;
        pump.mirror().retry(id, mutations, self.now()).await?;
        self.judged_anew(pump);
        Ok(Done {})
    }

    pub(crate) async fn sync_now(&self) -> Result<Done, Problem> {
        self.waits()?.round().await?;
        Ok(Done {})
    }

    fn waits(&self) -> Result<&Pump, Error> {
        let pump = self.pump().map(Arc::as_ref);
        pump.ok_or_else(|| Error::missing("change"))
    }

    /// What is shown may be anything else now.
    fn judged_anew(&self, pump: &Pump) {
        self.send(protocol::Event::Changed {
            tags: Tag::ALL.to_vec(),
        });
        pump.nudge();
    }
}
