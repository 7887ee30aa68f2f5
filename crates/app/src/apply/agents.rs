//! Programs that act for people.

use domain::person::Actor;
use protocol::mutation::Notice;
use protocol::{Code, Problem};
use serde_json::json;

use super::Work;
use crate::Error;

/// The longest name of a tool or of an agent, in characters.
const MAX_NAME: usize = 80;

/// Puts a call into the history, before it is answered.
pub(super) async fn note(
    work: &mut Work<'_, '_>,
    tool: &str,
    client: &str,
) -> Result<Vec<Notice>, Error> {
    work.require_here()?;
    let Actor::Agent { id } = work.ctx.actor else {
        return Err(Error::refused(
            Code::WrongState,
            "Only an agent notes what it asks for.",
        ));
    };
    if [tool, client]
        .iter()
        .any(|name| name.chars().count() > MAX_NAME)
    {
        let words = format!("A name has at most {MAX_NAME} characters.");
        return Err(Problem::new(Code::InvalidInput, words).into());
    }
    let payload = json!({"tool": tool, "client": client});
    work.record("agent_called", &format!("person:{id}"), None, payload)
        .await?;
    Ok(vec![])
}
