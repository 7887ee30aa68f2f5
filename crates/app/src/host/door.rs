//! The door through which other processes hand things to the owner of a data folder.
//!
//! The owner listens on a loopback port; the port and a fresh random key lie in `owner.sock`, which
//! only the user can read. Any user of this computer can knock, or take the port when the owner has
//! gone, so the key itself never travels: both sides show that they know it (see `hello`) before
//! the guest says anything. Then one line of JSON goes in, and one comes back.

use std::path::Path;

use domain::ids::{OrganizationId, PersonId};
use domain::rights::Action;
use protocol::{Act, Call, Code, Problem, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::hello::{self, Key};
use crate::act::Way;
use crate::core::App;
use crate::folder::{Layout, write_private};

/// The longest request: a picture in Base64.
const MAX_REQUEST: u64 = 256 * 1024 * 1024;

/// What may be handed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Knock {
    /// A change.
    Mutate {
        /// Which.
        call: Call,
    },
    /// A read.
    Query {
        /// Which.
        query: Query,
        /// As whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting: Option<PersonId>,
    },
    /// Something that reaches outside.
    Act {
        /// Which.
        act: Act,
        /// As whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting: Option<PersonId>,
    },
    /// Wait until nothing is due.
    UntilIdle,
}

impl Knock {
    /// What must be allowed for it.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Mutate { call } => call.mutation.action(),
            Self::Query { query, .. } => query.action(),
            Self::Act { act, .. } => act.action(),
            Self::UntilIdle => Action::ManageRuntime,
        }
    }

    fn is_of_the_computer(&self) -> bool {
        match self {
            Self::Mutate { .. } | Self::UntilIdle => false,
            Self::Query { query, .. } => query.is_of_the_computer(),
            Self::Act { act, .. } => act.is_of_the_computer(),
        }
    }
}

/// Who is at the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Who, when it is not the person who uses this computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// A program that acts for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub agent: bool,
}

impl Guest {
    /// The core as this guest may use it.
    fn seat(self, app: &App) -> App {
        if self.agent {
            app.for_agent(self.by)
        } else {
            app.used_by(self.by)
        }
    }
}

/// What a guest wants, once both have shown that they read the sign.
#[derive(Serialize, Deserialize)]
struct Request {
    #[serde(flatten)]
    guest: Guest,
    /// One that was joined, rather than the computer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<OrganizationId>,
    #[serde(flatten)]
    knock: Knock,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Done(Value),
    Problem(Problem),
}

#[derive(Serialize, Deserialize)]
struct Address {
    port: u16,
    key: Key,
}

/// Opens the door.
pub(super) async fn open(
    app: App,
    tracker: &TaskTracker,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|e| crate::error::internal(&e))?;
    let port = listener
        .local_addr()
        .map_err(|e| crate::error::internal(&e))?
        .port();
    let key = Key::fresh();
    let address = serde_json::to_vec(&Address {
        port,
        key: key.clone(),
    })
    .map_err(|e| crate::error::internal(&e))?;
    let path = app.folder().layout().socket();
    write_private(&path, &address).map_err(Problem::from)?;
    let guests = tracker.clone();
    tracker.spawn(async move {
        loop {
            let guest = tokio::select! {
                () = stop.cancelled() => return,
                guest = listener.accept() => guest,
            };
            match guest {
                Ok((stream, _)) => {
                    let (app, key, stop) = (app.clone(), key.clone(), stop.clone());
                    guests.spawn(async move {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            done = serve(&app, stream, &key) => if let Err(error) = done {
                                tracing::debug!(%error, "a guest left");
                            }
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the door is stuck");
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(())
}

/// Takes the sign from the door.
pub(super) fn unsign(layout: &Layout) {
    match std::fs::remove_file(layout.socket()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the door's sign stays where it is");
        }
        _ => {}
    }
}

async fn serve(app: &App, mut stream: TcpStream, key: &Key) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read.take(MAX_REQUEST));
    // Who does not know the key is not listened to.
    let known = hello::answer(&mut read, &mut write, key);
    tokio::time::timeout(hello::WITHIN, known).await??;
    let mut line = Vec::new();
    read.read_until(b'\n', &mut line).await?;
    let reply = match serde_json::from_slice::<Request>(&line) {
        Ok(request) => {
            let organization = request
                .organization
                .filter(|_| !request.knock.is_of_the_computer());
            let done = match organization {
                None => answer_guest(app, request.guest, request.knock).await,
                // There whoever joined acts, and nobody for them.
                Some(_) if request.guest != Guest::default() => Err(Problem::new(
                    Code::NotHere,
                    "In an organization that was joined only its member at this computer acts.",
                )),
                joined => match app.within(joined) {
                    Ok(core) => answer(&core, request.knock).await,
                    Err(problem) => Err(problem),
                },
            };
            done.map_or_else(Reply::Problem, Reply::Done)
        }
        Err(error) => Reply::Problem(Problem::new(
            Code::InvalidInput,
            format!("This request cannot be read: {error}."),
        )),
    };
    let mut bytes = serde_json::to_vec(&reply)?;
    bytes.push(b'\n');
    write.write_all(&bytes).await?;
    write.flush().await
}

/// Carries out what a guest asks.
pub(super) async fn answer_guest(app: &App, guest: Guest, knock: Knock) -> Result<Value, Problem> {
    answer(&guest.seat(app), knock).await
}

/// Carries out what is asked, wherever it came from, as whoever `app` is for.
///
/// # Errors
/// A problem that says what to do.
pub async fn answer(app: &App, knock: Knock) -> Result<Value, Problem> {
    match knock {
        Knock::Mutate { call } => {
            let applied = app.mutate(call).await?;
            serde_json::to_value(applied).map_err(|e| crate::error::internal(&e))
        }
        Knock::Query { query, acting } => app.query(query, acting).await,
        Knock::Act { act, acting } => {
            app.act(act, &Way::quiet(acting, CancellationToken::new()))
                .await
        }
        Knock::UntilIdle => super::until_idle(app).await.map(|()| Value::Null),
    }
}

/// The door of a data folder, seen from outside.
#[derive(Debug)]
pub struct Door {
    address: std::path::PathBuf,
}

impl Door {
    /// The door of the folder at `root`.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Self {
            address: Layout::new(root).socket(),
        }
    }

    /// Whether somebody listens behind it.
    pub async fn is_open(&self) -> bool {
        let Ok(text) = tokio::fs::read_to_string(&self.address).await else {
            return false;
        };
        let Ok(address) = serde_json::from_str::<Address>(&text) else {
            return false;
        };
        TcpStream::connect(("127.0.0.1", address.port))
            .await
            .is_ok()
    }

    /// Hands something to the owner and waits for its answer.
    ///
    /// # Errors
    /// `folder_in_use` when an owner is there but does not answer; else the owner's problem.
    pub async fn knock(&self, knock: Knock) -> Result<Value, Problem> {
        self.knock_as(Guest::default(), knock).await
    }

    /// As [`Door::knock`], in an organization that was joined.
    ///
    /// # Errors
    /// As [`Door::knock`], and `not_joined`.
    pub async fn knock_within(
        &self,
        organization: Option<OrganizationId>,
        knock: Knock,
    ) -> Result<Value, Problem> {
        self.hand_over(Guest::default(), organization, knock).await
    }

    /// As [`Door::knock`], for a guest who says who they are.
    ///
    /// # Errors
    /// As [`Door::knock`].
    pub async fn knock_as(&self, guest: Guest, knock: Knock) -> Result<Value, Problem> {
        self.hand_over(guest, None, knock).await
    }

    async fn hand_over(
        &self,
        guest: Guest,
        organization: Option<OrganizationId>,
        knock: Knock,
    ) -> Result<Value, Problem> {
        let silent = |why: &dyn std::fmt::Display| {
            Problem::new(
                Code::FolderInUse,
                format!(
                    "Another Rostrum uses this data folder and does not answer ({why}). \
                     Quit it, or try again."
                ),
            )
        };
        let text = std::fs::read_to_string(&self.address).map_err(|e| silent(&e))?;
        let address: Address = serde_json::from_str(&text).map_err(|e| silent(&e))?;
        let mut stream = TcpStream::connect(("127.0.0.1", address.port))
            .await
            .map_err(|e| silent(&e))?;
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read);
        let known = hello::say(&mut read, &mut write, &address.key);
        match tokio::time::timeout(hello::WITHIN, known).await {
            Ok(done) => done.map_err(|e| silent(&e))?,
            Err(late) => return Err(silent(&late)),
        }
        let mut bytes = serde_json::to_vec(&Request {
            guest,
            organization,
            knock,
        })
        .map_err(|e| silent(&e))?;
        bytes.push(b'\n');
        write.write_all(&bytes).await.map_err(|e| silent(&e))?;
        let mut line = String::new();
        read.read_line(&mut line).await.map_err(|e| silent(&e))?;
        match serde_json::from_str(&line) {
            Ok(Reply::Done(value)) => Ok(value),
            Ok(Reply::Problem(problem)) => Err(problem),
            Err(error) => Err(silent(&error)),
        }
    }
}
