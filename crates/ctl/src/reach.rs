//! Reaching the core: opened here, or through the door of the process that has the data folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::act::Way;
use app::browser::{Browser, Page, PageWords, english};
use app::host::{self, Door, Guest, Knock, Options};
use app::{Host, folder};
use domain::ids::PersonId;
use protocol::act::Act;
use protocol::views::Restored;
use protocol::{Call, Code, Mutation, Problem, Query};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::args::Args;

/// How often a folder that somebody holds without a door is tried again.
const PATIENCE: u32 = 100;

/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Prints the page on which a person signs in: a terminal has no browser of its own.
#[derive(Debug)]
struct Printed;

impl Browser for Printed {
    fn open(&self, address: &str) -> Result<(), String> {
        note!("Open this page in a browser on this computer, and agree there:");
        note!("{address}");
        Ok(())
    }

    fn words(&self, page: Page) -> PageWords {
        english(page)
    }
}

/// How the core is opened here.
pub(crate) fn options() -> Options {
    Options {
        browser: Some(Arc::new(Printed)),
        ..Options::default()
    }
}

/// A data folder, wherever its owner is.
pub(crate) enum Reach {
    /// This process has it.
    Here(Box<Host>),
    /// Another one has it.
    There(Door),
}

/// The data folder of the arguments, or the usual one.
pub(crate) fn root(args: &Args) -> Result<PathBuf, Problem> {
    args.data
        .clone()
        .or_else(folder::usual_root)
        .ok_or_else(|| Problem::new(Code::NotADataFolder, "Say with --data which folder to use."))
}

pub(crate) fn config() -> Result<PathBuf, Problem> {
    folder::config_folder().ok_or_else(|| {
        Problem::new(
            Code::NotADataFolder,
            "No home folder is known here. Set ROSTRUM_CONFIG_DIR to a private folder.",
        )
    })
}

impl Reach {
    pub(crate) async fn open(args: &Args) -> Result<Self, Problem> {
        let root = root(args)?;
        let mut tries = 0;
        loop {
            match host::open(&root, &config()?, options()).await {
                Ok(host) => return Ok(Self::Here(Box::new(host))),
                Err(problem) if problem.code != Code::FolderInUse => return Err(problem),
                Err(_) if Door::of(&root).is_open().await => {
                    return Ok(Self::There(Door::of(&root)));
                }
                // Another short command has the folder, or its owner is just starting or ending.
                Err(problem) if tries == PATIENCE => return Err(problem),
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    pub(crate) async fn close(self) {
        if let Self::Here(host) = self {
            host.stop().await;
        }
    }

    /// Asks as somebody who says who they are, wherever the owner is.
    pub(crate) async fn knock(&self, guest: Guest, knock: Knock) -> Result<Value, Problem> {
        match self {
            Self::Here(host) => host.knock(guest, knock).await,
            Self::There(door) => door.knock_as(guest, knock).await,
        }
    }

    /// Hands a picture's bytes over; here they need no Base64.
    pub(crate) async fn act<T: DeserializeOwned>(
        &self,
        act: Act,
        by: Option<PersonId>,
    ) -> Result<T, Problem> {
        let value = match self {
            Self::Here(host) => {
                let way = Way::quiet(None, host.stopping());
                host.app.used_by(by).act(act, &way).await?
            }
            Self::There(door) => {
                let knock = Knock::Act { act, acting: None };
                door.knock_as(person(by), knock).await?
            }
        };
        read(value)
    }

    /// Puts a backup in the place of the data folder, which only the process that has it can.
    pub(crate) async fn restore(
        self,
        file: &Path,
        by: Option<PersonId>,
    ) -> Result<Restored, Problem> {
        match self {
            Self::Here(mut host) => {
                host.app = host.app.used_by(by);
                let way = Way::quiet(None, CancellationToken::new());
                let file = file.to_string_lossy();
                host::restore_closed(*host, &file, options(), &way).await
            }
            Self::There(_) => Err(Problem::new(
                Code::FolderInUse,
                "Another Rostrum uses this data folder. Quit it first, or restore in its window.",
            )),
        }
    }

    pub(crate) async fn query(&self, query: Query, by: Option<PersonId>) -> Result<Value, Problem> {
        match self {
            Self::Here(host) => host.app.used_by(by).query(query, None).await,
            Self::There(door) => {
                let knock = Knock::Query {
                    query,
                    acting: None,
                };
                door.knock_as(person(by), knock).await
            }
        }
    }

    pub(crate) async fn ask<T: DeserializeOwned>(&self, query: Query) -> Result<T, Problem> {
        read(self.query(query, None).await?)
    }

    pub(crate) async fn call(&self, call: Call, by: Option<PersonId>) -> Result<Value, Problem> {
        match self {
            Self::Here(host) => {
                let applied = host.app.used_by(by).mutate(call).await?;
                serde_json::to_value(applied).map_err(|e| unreadable(&e))
            }
            Self::There(door) => door.knock_as(person(by), Knock::Mutate { call }).await,
        }
    }

    pub(crate) async fn mutate(
        &self,
        mutation: Mutation,
        by: Option<PersonId>,
    ) -> Result<Value, Problem> {
        self.call(app::core::call(mutation, None), by).await
    }
}

/// A person at this terminal.
const fn person(by: Option<PersonId>) -> Guest {
    Guest { by, agent: false }
}

pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|e| unreadable(&e))
}

pub(crate) fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidInput, format!("This cannot be read: {error}."))
}
