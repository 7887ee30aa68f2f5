//! The hand of the run: one step at a time.

use std::sync::Arc;
use std::time::Duration;

use app::apply::{Effects, Work};
use app::publish::{self, House as _, Next, Publisher};
use domain::delivery::DeliveryStatus;
use domain::ids::*;
use uuid::Uuid;

use crate::world::World;

impl World {
    /// One transaction of the delivery's run, as the workflow does it.
    pub(crate) async fn check(&self, publisher: &Arc<Publisher>, id: DeliveryId) -> Next {
        let Some(run) = self.delivery(id).await.run else {
            return Next::Done {
                status: self.status(id).await,
            };
        };
        self.check_as(publisher, id, run).await
    }

    pub(crate) async fn check_as(
        &self,
        publisher: &Arc<Publisher>,
        id: DeliveryId,
        run: Uuid,
    ) -> Next {
        let ctx = publisher.ctx(self.org, run);
        let owned = Arc::clone(publisher);
        let (next, effects) = self
            .db
            .write(move |tx| {
                let (ctx, publisher) = (ctx.clone(), Arc::clone(&owned));
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let (next, changed) = publish::check(&mut work, &publisher, id, run).await?;
                    let effects = if changed {
                        work.finish().await?
                    } else {
                        Effects::default()
                    };
                    Ok::<_, app::Error>((next, effects))
                })
            })
            .await
            .unwrap();
        self.machine.tell(effects);
        next
    }

    /// Does what comes next; answers what it was.
    pub(crate) async fn step(&self, id: DeliveryId) -> Next {
        let next = self.check(&self.publisher, id).await;
        self.go(&self.publisher, id, next).await;
        next
    }

    pub(crate) async fn go(&self, publisher: &Arc<Publisher>, id: DeliveryId, next: Next) {
        let run = self.delivery(id).await.run.unwrap_or_default();
        match next {
            Next::Send { attempt } => drop(publisher.send(self.org, run, attempt).await.unwrap()),
            Next::Look { attempt, repeat } => {
                drop(
                    publisher
                        .look(self.org, run, attempt, repeat)
                        .await
                        .unwrap(),
                );
            }
            Next::Poll { attempt } => drop(publisher.poll(self.org, run, attempt).await.unwrap()),
            Next::Recall { attempt } => {
                drop(publisher.recall(self.org, run, attempt).await.unwrap());
            }
            Next::Wait { .. } | Next::Done { .. } => {}
        }
    }

    /// Goes on until nothing more happens by itself; waits pass at once.
    pub(crate) async fn settle(&self, id: DeliveryId) -> DeliveryStatus {
        for _ in 0..400 {
            match self.step(id).await {
                Next::Wait { until: Some(at) } => {
                    let wait = u64::try_from(at.since(self.now()).max(1)).unwrap();
                    self.clock.advance(Duration::from_millis(wait));
                }
                Next::Wait { until: None } | Next::Done { .. } => break,
                _ => {}
            }
        }
        self.status(id).await
    }

    /// Reports what became of an attempt, as a sender or a look does.
    pub(crate) async fn report(
        &self,
        attempt: AttemptId,
        report: publish::Report,
        by: publish::By,
    ) -> publish::Recorded {
        let ctx = self.publisher.ctx(self.org, Uuid::nil());
        let publisher = Arc::clone(&self.publisher);
        let done: Result<_, app::Error> = self
            .db
            .write(move |tx| {
                let (ctx, publisher, report) =
                    (ctx.clone(), Arc::clone(&publisher), report.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let recorded =
                        publish::record(&mut work, &publisher, attempt, &report, by).await?;
                    if recorded == publish::Recorded::Taken {
                        work.finish().await?;
                    }
                    Ok(recorded)
                })
            })
            .await;
        done.unwrap()
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock
            .advance(Duration::from_millis(u64::try_from(ms).unwrap()));
    }
}
