//! Leaving: everything of the organization goes from this computer. Marked first, so that a start
//! after a crash goes on with it.

use std::time::Duration;

use domain::ids::OrganizationId;
use protocol::views::Done;
use protocol::{Code, Event, Problem};

use super::house::House;
use super::{not_joined, place};
use crate::core::App;
use crate::sync;

/// How long the server is told of it; what it does not hear of ends by itself.
const SIGN_OUT_WITHIN: Duration = Duration::from_secs(5);

impl App {
    pub(crate) async fn leave_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<Done, Problem> {
        let _turn = self.joined().turn.lock().await;
        let house = self.joined().houses().remove(&organization);
        self.take_off(house.ok_or_else(not_joined)?).await?;
        Ok(Done {})
    }

    /// The server says that the person belongs to it no more.
    pub(super) async fn was_sent_away(self, organization: OrganizationId) {
        let _turn = self.joined().turn.lock().await;
        let house = self.joined().houses().remove(&organization);
        let Some(house) = house else { return };
        let waited = house.seen().await;
        let words = match waited.waiting {
            0 => format!(
                "You do not belong to {} any more. It was taken off this computer.",
                waited.name
            ),
            n => format!(
                "You do not belong to {} any more. It was taken off this computer with {n} changes \
                 that had not reached its server.",
                waited.name
            ),
        };
        if let Err(problem) = self.take_off(house).await {
            tracing::warn!(%problem, "something is left; the next start goes on with it");
        }
        let problem = Problem::new(Code::NoMember, words)
            .with_field("organization", waited.name)
            .with_field("waiting", waited.waiting.to_string());
        self.send(Event::Trouble { problem });
    }

    async fn take_off(&self, house: House) -> Result<(), Problem> {
        let id = house.place.organization;
        place::mark_leaving(&self.folder().layout().organization(id))?;
        self.list_changed();
        if let Ok(open) = house.open {
            open.close().await;
            let told = tokio::time::timeout(SIGN_OUT_WITHIN, open.line.sign_out());
            if told.await.is_err() {
                tracing::debug!("the server was not told in time");
            }
            open.line.end().await;
        }
        self.wipe(id).await
    }

    /// Takes away whatever there is of an organization. The token goes before the mark does.
    pub(super) async fn wipe(&self, organization: OrganizationId) -> Result<(), Problem> {
        let folder = self.folder().layout().organization(organization);
        place::mark_leaving(&folder)?;
        place::empty(&folder)?;
        sync::forget(self.secrets(), organization).await?;
        place::remove(&folder)
    }
}
