//! Networks whose text is counted and checked while no account can be connected yet.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use serde_json::Value;

use crate::contract::{
    Account, Adapter, Answer, Checked, ConnectInput, Connected, Descriptor, Features, FindInput,
    Found, JournalInput, Metric, NetworkError, Outcome, Presence, Remote, SubmitInput,
};
use crate::rules::{Rules, pure_half};

const WHY: &str = "accounts of this network cannot be connected in this version of Rostrum";

/// An adapter that only counts. Its descriptor has no way to connect, so that no account of it
/// exists and nothing that reaches the network is ever called; should it be, it says so.
pub(crate) struct Counting {
    descriptor: Descriptor,
    rules: Rules,
}

impl Counting {
    pub(crate) fn new(
        rules: Rules,
        name: &'static str,
        letters: &'static str,
        idempotency: Idempotency,
    ) -> Self {
        Self {
            descriptor: Descriptor {
                id: rules.id.clone(),
                name,
                letters,
                features: Features {
                    threads: true,
                    images: true,
                    alt: true,
                    choices: rules.choices(),
                    ..Features::default()
                },
                idempotency,
                connect: Vec::new(),
            },
            rules,
        }
    }
}

fn unsupported<T>() -> Answer<Result<T, NetworkError>> {
    Err(NetworkError::Unsupported(WHY)).into()
}

#[async_trait]
impl Adapter for Counting {
    pure_half!();

    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn connect(&self, _: ConnectInput) -> Result<Connected, NetworkError> {
        Err(NetworkError::Unsupported(WHY))
    }

    async fn check(&self, _: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        unsupported()
    }

    async fn resolve(
        &self,
        _: Account<'_>,
        _: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        unsupported()
    }

    fn journal_keys(&self, _: &JournalInput<'_>) -> Value {
        Value::Null
    }

    async fn submit(&self, _: SubmitInput<'_>) -> Answer<Outcome> {
        Outcome::NotSent {
            why: WHY.to_owned(),
        }
        .into()
    }

    async fn find(&self, _: FindInput<'_>) -> Answer<Result<Found, NetworkError>> {
        unsupported()
    }

    async fn look(&self, _: Account<'_>, _: &Remote) -> Answer<Result<Presence, NetworkError>> {
        unsupported()
    }

    async fn delete(&self, _: Account<'_>, _: &Remote) -> Answer<Result<Presence, NetworkError>> {
        unsupported()
    }

    async fn metrics(
        &self,
        _: Account<'_>,
        _: &[Remote],
        _: Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>> {
        unsupported()
    }
}
