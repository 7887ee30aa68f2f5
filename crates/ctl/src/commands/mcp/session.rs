//! One call of an agent on the core, wherever that is.

use app::host::{Guest, Knock};
use domain::ids::{MutationId, OrganizationId, PersonId, derived};
use protocol::views::Person;
use protocol::{Act, Call, Code, Mutation, Problem, Query};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::args::Args;
use crate::commands::who;
use crate::reach::{Reach, read};

/// The longest key, in bytes.
const MAX_KEY: usize = 200;

pub(super) struct Session {
    reach: Reach,
    guest: Guest,
}

impl Session {
    pub(super) async fn open(args: &Args) -> Result<Self, Problem> {
        let reach = Reach::open(args).await?;
        match who(args, &reach).await {
            Ok(by) => Ok(Self {
                reach,
                guest: Guest { by, agent: true },
            }),
            Err(problem) => {
                reach.close().await;
                Err(problem)
            }
        }
    }

    pub(super) async fn close(self) {
        self.reach.close().await;
    }

    /// Puts the call into the history. What cannot be put there is not answered.
    pub(super) async fn note(&self, tool: &str, client: &str) -> Result<(), Problem> {
        let note = Mutation::NoteAgentCall {
            tool: tool.to_owned(),
            client: client
                .chars()
                .filter(|c| !c.is_control())
                .take(80)
                .collect(),
        };
        self.mutate(MutationId(app::core::new_id()), note).await
    }

    pub(super) async fn query<T: DeserializeOwned>(&self, query: Query) -> Result<T, Problem> {
        let knock = Knock::Query {
            query,
            acting: None,
        };
        read(self.knock(knock).await?)
    }

    pub(super) async fn act<T: DeserializeOwned>(&self, act: Act) -> Result<T, Problem> {
        read(self.knock(Knock::Act { act, acting: None }).await?)
    }

    pub(super) async fn mutate(&self, id: MutationId, mutation: Mutation) -> Result<(), Problem> {
        let call = Call {
            id,
            acting: None,
            mutation,
        };
        self.knock(Knock::Mutate { call }).await.map(drop)
    }

    async fn knock(&self, knock: Knock) -> Result<Value, Problem> {
        self.reach.knock(self.guest, knock).await
    }

    /// What a key of this person names: the same ids each time it is given.
    pub(super) async fn ids(&self, tool: &str, key: &str) -> Result<Ids, Problem> {
        if key.trim().is_empty() || key.len() > MAX_KEY {
            let words = format!("A key has 1 to {MAX_KEY} bytes.");
            return Err(Problem::new(Code::InvalidInput, words));
        }
        let me = match self.guest.by {
            Some(id) => id,
            None => self.me().await?,
        };
        let nowhere = OrganizationId(Uuid::nil());
        Ok(Ids(derived(nowhere, me.0, &format!("{tool}\n{key}"), 0)))
    }

    async fn me(&self) -> Result<PersonId, Problem> {
        let people: Vec<Person> = self.query(Query::People {}).await?;
        let me = people.iter().find(|person| person.me);
        me.map(|person| person.id)
            .ok_or_else(|| Problem::new(Code::NobodyHere, "Nobody is here to act for."))
    }
}

/// Ids that follow from a key.
pub(super) struct Ids(Uuid);

impl Ids {
    pub(super) fn of<T: From<Uuid>>(&self, what: &str) -> T {
        derived(OrganizationId(Uuid::nil()), self.0, what, 0).into()
    }
}
