//! Whether a post is there, and whether that can be known.

use serde_json::Value;

use super::api::{self, No, Refusal};
use super::session::Session;
use crate::contract::{NetworkError, Presence, Remote};

/// Where the app may not read, looking again does not help: a person is asked at once.
pub(super) fn cannot_look(error: NetworkError) -> NetworkError {
    match error {
        NetworkError::Refused { code, .. } if code == "no_credits" => NetworkError::Unsupported(
            "X does not let your app read: it has no credits left. Look on X whether it is live.",
        ),
        NetworkError::Refused { code, .. } if code == "not_permitted" => NetworkError::Unsupported(
            "X does not let your app read the account's posts. Look on X whether it is live.",
        ),
        other => other,
    }
}

/// Whether a post is there. X says that it is not with 404, or with 200 and a problem.
pub(super) async fn presence(
    session: &mut Session<'_>,
    remote: &Remote,
) -> Result<Presence, NetworkError> {
    let reply = session
        .get(&format!("/2/tweets/{}", remote.id), &[])
        .await?;
    if !reply.is_success() {
        let refusal = Refusal::of(&reply);
        return match refusal.no {
            No::Missing => Ok(Presence::Gone),
            _ => Err(refusal.of_read()),
        };
    }
    let answer = api::value(&reply)?;
    if answer.pointer("/data/id").and_then(Value::as_str) == Some(remote.id.as_str()) {
        return Ok(Presence::There(remote.clone()));
    }
    let problem = answer.pointer("/errors/0/type").and_then(Value::as_str);
    match problem {
        Some(kind) if kind.ends_with("/resource-not-found") => Ok(Presence::Gone),
        _ => Err(NetworkError::Unreadable(
            "X does not say whether it is there".to_owned(),
        )),
    }
}
