//! For how long things are kept, and what would go.

use db::Tx;
use domain::Instant;
use domain::ids::OrganizationId;
use domain::retention::Retained;
use protocol::Code;
use protocol::views::{RetentionView, WouldGo};

use crate::Error;
use crate::apply;
use crate::core::App;

impl App {
    /// What is kept is kept where the organization lives.
    fn keeps_itself(&self) -> Result<(), Error> {
        match self.pump() {
            Some(_) => Err(apply::needs_server()),
            None => Ok(()),
        }
    }

    pub(super) async fn retention(&self) -> Result<Vec<RetentionView>, Error> {
        self.keeps_itself()?;
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let mut views = Vec::new();
                    for (kind, days) in store::retention::policy(tx, org).await? {
                        let would_go = match days {
                            Some(days) => older(tx, org, kind, days, now).await?,
                            None => 0,
                        };
                        views.push(RetentionView {
                            kind,
                            days,
                            usual: kind.usual(),
                            fewest: kind.fewest(),
                            would_go,
                        });
                    }
                    Ok(views)
                })
            })
            .await
    }

    pub(super) async fn would_go(&self, kind: Retained, days: u32) -> Result<WouldGo, Error> {
        self.keeps_itself()?;
        if !kind.may_be(Some(days)) {
            let words = format!("Choose at least {} days.", kind.fewest());
            return Err(Error::refused(Code::InvalidInput, words));
        }
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let count = older(tx, org, kind, days, now).await?;
                    Ok(WouldGo { count })
                })
            })
            .await
    }
}

/// How much of one kind is older than so many days.
async fn older(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    kind: Retained,
    days: u32,
    now: Instant,
) -> Result<u64, Error> {
    if kind == Retained::Runs {
        let before = store::retention::before(now, days);
        return Ok(engine::ended_before(tx, org.0, before.0).await?);
    }
    Ok(store::retention::would_go(tx, org, kind, days, now).await?)
}
