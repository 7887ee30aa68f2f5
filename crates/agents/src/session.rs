//! One call of an agent on the core, wherever that is.

use app::host::Knock;
use async_trait::async_trait;
use domain::ids::{MutationId, OrganizationId, PersonId, derived};
use protocol::views::Person;
use protocol::{Act, Call, Code, Mutation, Problem, Query};
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// The longest key, in bytes.
const MAX_KEY: usize = 200;

/// Who has a core and lets agents in, for one call after the other.
#[async_trait]
pub trait House: Send + Sync + 'static {
    /// The core, for the person in whose name this call is.
    ///
    /// # Errors
    /// Why nobody is let in.
    async fn open(&self, context: &RequestContext<RoleServer>) -> Result<Box<dyn Door>, Problem>;
}

/// A core, open for one call of an agent: it must know that an agent asks.
#[async_trait]
pub trait Door: Send + Sync {
    /// For whom, where that is said; else it is whoever uses this computer.
    fn person(&self) -> Option<PersonId>;

    /// What the program calls itself where it does not say so in the protocol.
    fn client(&self) -> Option<String> {
        None
    }

    /// Asks for something, or does it.
    ///
    /// # Errors
    /// A problem that says what to do.
    async fn knock(&self, knock: Knock) -> Result<Value, Problem>;

    /// Lets the core go.
    async fn close(self: Box<Self>) {}
}

pub(super) struct Session {
    door: Box<dyn Door>,
}

impl Session {
    pub(super) const fn new(door: Box<dyn Door>) -> Self {
        Self { door }
    }

    pub(super) async fn close(self) {
        self.door.close().await;
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
        self.door.knock(knock).await
    }

    /// What a key of this person names: the same ids each time it is given.
    pub(super) async fn ids(&self, tool: &str, key: &str) -> Result<Ids, Problem> {
        if key.trim().is_empty() || key.len() > MAX_KEY {
            let words = format!("A key has 1 to {MAX_KEY} bytes.");
            return Err(Problem::new(Code::InvalidInput, words));
        }
        let me = match self.door.person() {
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

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|e| unreadable(&e))
}

fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidInput, format!("This cannot be read: {error}."))
}
