//! Reading the counts of a content's publications when a person asks.

use std::collections::BTreeMap;

use domain::Instant;
use domain::ids::{ContentId, DeliveryId, IdentityId};
use networks::Remote;
use protocol::views::Done;
use protocol::{Event, Problem, Tag};
use serde_json::json;
use store::publication::Publication;
use store::sample::Sample;

use super::{Way, network_problem};
use crate::Error;
use crate::apply::{Ctx, Work};
use crate::calls::facts_of;
use crate::compose::unknown;
use crate::core::{App, new_id};

impl App {
    pub(super) async fn refresh_metrics(
        &self,
        content: ContentId,
        way: &Way,
    ) -> Result<Done, Problem> {
        let ctx = self.ctx(way.acting, new_id()).await?;
        let mut live: BTreeMap<IdentityId, Vec<(DeliveryId, Publication)>> = BTreeMap::new();
        for (identity, publication) in self.publications(content).await? {
            live.entry(identity)
                .or_default()
                .push((publication.delivery, publication));
        }
        for (id, publications) in live {
            if let Some(samples) = self.read_counts(id, &publications).await? {
                self.keep_samples(ctx.clone(), content, id, samples).await?;
            }
        }
        self.send(Event::Changed {
            tags: vec![Tag::Metrics],
        });
        Ok(Done {})
    }

    async fn publications(
        &self,
        content: ContentId,
    ) -> Result<Vec<(IdentityId, Publication)>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for delivery in store::delivery::of_content(tx, org, content).await? {
                        let of = store::publication::of_delivery(tx, org, delivery.id).await?;
                        all.extend(
                            of.into_iter()
                                .filter(|p| p.ended_at.is_none())
                                .map(|p| (delivery.identity, p)),
                        );
                    }
                    Ok(all)
                })
            })
            .await
    }

    /// The counts of some publications; `None` where the network gives none.
    async fn read_counts(
        &self,
        id: IdentityId,
        publications: &[(DeliveryId, Publication)],
    ) -> Result<Option<Vec<Sample>>, Problem> {
        let org = self.organization();
        let identity = self
            .db()
            .read(move |tx| Box::pin(async move { store::identity::get(tx, org, id).await }))
            .await
            .map_err(Error::from)?
            .ok_or_else(|| Error::missing("account"))?;
        let adapter = self
            .networks()
            .get(&identity.network)
            .cloned()
            .ok_or_else(|| unknown(&identity.network))?;
        if adapter.descriptor().features.metrics.is_empty() {
            return Ok(None);
        }
        let remotes: Vec<Remote> = publications
            .iter()
            .map(|(_, p)| Remote {
                id: p.remote_id.clone(),
                url: p.url.clone(),
                extra: p.extra.clone(),
            })
            .collect();
        let now = self.now();
        let counted = self.calls().call(id, facts_of(&identity), move |account| {
            Box::pin(async move { adapter.metrics(account, &remotes, now).await })
        });
        let metrics = counted
            .await
            .map_err(Error::from)?
            .map_err(|e| network_problem(&e))?;
        let samples = metrics
            .into_iter()
            .filter_map(|metric| {
                let (delivery, publication) = publications
                    .iter()
                    .find(|(_, p)| p.remote_id == metric.remote)?;
                Some(Sample {
                    subject: store::sample::of_publication(*delivery, publication.segment),
                    metric: metric.name,
                    at: Instant(metric.as_of.0),
                    value: i64::try_from(metric.value).unwrap_or(i64::MAX),
                    run: None,
                })
            })
            .collect();
        Ok(Some(samples))
    }

    /// Keeps what was read, and who asked for it: reading may cost money.
    async fn keep_samples(
        &self,
        ctx: Ctx,
        content: ContentId,
        identity: IdentityId,
        samples: Vec<Sample>,
    ) -> Result<(), Problem> {
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, samples) = (ctx.clone(), samples.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    for sample in &samples {
                        store::sample::insert(work.tx, ctx.organization, sample).await?;
                        work.changed("sample", &sample.subject).await?;
                    }
                    work.record(
                        "counts_read",
                        &format!("identity:{identity}"),
                        Some(content),
                        json!({"count": samples.len()}),
                    )
                    .await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }
}
