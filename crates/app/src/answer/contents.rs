//! The queue, one content, one version, files.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::Hash;
use domain::ids::{ContentId, PersonId};
use domain::status::ContentStatus;
use protocol::Code;
use protocol::query::QueueFilter;
use protocol::views::{
    Asset, Attempt, ContentDetail, DeliveryDetail, Edit, Metric, Publication, QueuePage,
    VersionDetail, VersionRow, WorkingCopy,
};
use store::content::Content;
use store::delivery::Delivery;
use store::search::{Cursor, Filter};

use super::names::Names;
use crate::Error;
use crate::core::App;

fn read_cursor(text: &str) -> Result<Cursor, Error> {
    let wrong = || {
        Error::refused(
            Code::InvalidInput,
            "This page does not exist. Start at the first.",
        )
    };
    let (at, id) = text.split_once('~').ok_or_else(wrong)?;
    Ok(Cursor {
        changed_at: domain::Instant(at.parse().map_err(|_| wrong())?),
        id: id.parse().map_err(|_| wrong())?,
    })
}

impl App {
    pub(super) async fn queue(
        &self,
        filter: QueueFilter,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<QueuePage, Error> {
        let after = cursor.as_deref().map(read_cursor).transpose()?;
        let org = self.organization();
        let filter = Filter {
            statuses: filter.statuses,
            persona: filter.persona,
            identity: filter.identity,
            search: filter.search,
            needs: filter.needs,
        };
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let mut page = store::search::page(tx, org, &filter, after, limit + 1).await?;
                    let more = page.len() > limit as usize;
                    page.truncate(limit as usize);
                    let next = more
                        .then(|| page.last().map(|c| format!("{}~{}", c.changed_at.0, c.id)))
                        .flatten();
                    let rows = names.rows(tx, &page).await?;
                    let counts = store::search::counts(tx, org, &filter).await?;
                    Ok(QueuePage {
                        rows,
                        next,
                        counts: counts.into_iter().collect(),
                    })
                })
            })
            .await
    }

    pub(super) async fn content(
        &self,
        id: ContentId,
        viewer: Option<PersonId>,
    ) -> Result<ContentDetail, Error> {
        let (org, now) = (self.organization(), self.now());
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let content = store::content::get(tx, org, id)
                        .await?
                        .ok_or_else(|| Error::missing("content"))?;
                    let row = names.row(tx, &content).await?;
                    let working = store::content::working_copy(tx, org, id).await?;
                    let heads = store::version::heads(tx, org, id).await?;
                    let version = store::version::get(tx, org, id, content.n).await?;
                    let version = version.map(|v| detail(&names, &v)).transpose()?;
                    let mut hashes: BTreeSet<Hash> = BTreeSet::new();
                    if let Some(copy) = &working {
                        hashes.extend(copy.body.assets());
                    }
                    if let Some(version) = &version {
                        hashes.extend(version.doc.body.assets());
                    }
                    let assets = assets(&app, tx, hashes.into_iter().collect()).await?;
                    let mut deliveries = Vec::new();
                    for delivery in store::delivery::of_content(tx, org, id).await? {
                        deliveries
                            .push(delivery_detail(&app, &names, tx, &content, &delivery).await?);
                    }
                    let request = match store::request::newest(tx, org, id).await? {
                        Some(request) => {
                            Some(super::approvals::detail(&names, tx, &request, viewer, now).await?)
                        }
                        None => None,
                    };
                    let edit_voids = request.as_ref().is_some_and(|r| {
                        use domain::approval::RequestStatus as S;
                        matches!(r.status, S::Open | S::Approved)
                    });
                    let history = super::runs::history(
                        &names,
                        tx,
                        Some(&format!("content:{id}")),
                        u64::MAX,
                        50,
                    )
                    .await?;
                    // What is out is edited only where an edit could reach it.
                    let can_edit = content.status.can_edit()
                        && (content.status != ContentStatus::Published
                            || deliveries.iter().any(|d| d.update.is_some()));
                    let out = content.status == ContentStatus::Published;
                    Ok(ContentDetail {
                        can_edit,
                        edit_voids: edit_voids && can_edit && !out,
                        row,
                        working: working.map(|copy| WorkingCopy {
                            by: names.maybe(copy.person),
                            body: copy.body,
                            base: copy.base,
                            at: copy.at,
                        }),
                        version,
                        versions: heads
                            .iter()
                            .map(|head| VersionRow {
                                n: head.n,
                                hash: head.hash,
                                by: names.maybe(head.person),
                                at: head.at,
                                restored_from: head.restored_from,
                            })
                            .collect(),
                        deliveries,
                        request,
                        assets,
                        history,
                    })
                })
            })
            .await
    }

    pub(super) async fn version(&self, id: ContentId, n: u32) -> Result<VersionDetail, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let version = store::version::get(tx, org, id, n)
                        .await?
                        .ok_or_else(|| Error::missing("version"))?;
                    detail(&names, &version)
                })
            })
            .await
    }

    pub(super) async fn assets(&self, hashes: Vec<Hash>) -> Result<Vec<Asset>, Error> {
        let app = self.clone();
        self.db()
            .read(move |tx| Box::pin(async move { assets(&app, tx, hashes).await }))
            .await
    }
}

/// A version as it crosses the boundary.
pub(super) fn detail(
    names: &Names,
    version: &store::version::Version,
) -> Result<VersionDetail, Error> {
    Ok(VersionDetail {
        row: VersionRow {
            n: version.n,
            hash: version.hash,
            by: names.maybe(version.person),
            at: version.at,
            restored_from: version.restored_from,
        },
        doc: version.doc()?,
    })
}

async fn assets(app: &App, tx: &mut Tx<'_>, hashes: Vec<Hash>) -> Result<Vec<Asset>, Error> {
    let org = app.organization();
    let identities = store::identity::all(tx, org).await?;
    let mut found = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let Some(asset) = store::asset::get(tx, org, hash).await? else {
            continue;
        };
        let known = app.known();
        let renditions = identities
            .iter()
            .filter_map(|i| {
                let rendition = known.renditions.get(&(hash, i.id))?;
                Some((i.network.as_str().to_owned(), rendition.clone()))
            })
            .collect();
        drop(known);
        found.push(Asset {
            facts: asset.facts,
            thumbnail: asset.thumbnail,
            renditions,
        });
    }
    Ok(found)
}

async fn delivery_detail(
    app: &App,
    names: &Names,
    tx: &mut Tx<'_>,
    content: &Content,
    delivery: &Delivery,
) -> Result<DeliveryDetail, Error> {
    let org = names.organization;
    let edit = store::edit::get(tx, org, delivery.id).await?;
    let update = super::updates::of(app, names, tx, content, delivery).await?;
    let attempts = store::attempt::of_delivery(tx, org, delivery.id).await?;
    let publications = store::publication::of_delivery(tx, org, delivery.id).await?;
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    for publication in &publications {
        let subject = store::sample::of_publication(delivery.id, publication.segment);
        let mut newest: BTreeMap<String, (domain::Instant, i64)> = BTreeMap::new();
        for sample in store::sample::of_subject(tx, org, &subject).await? {
            let held = newest
                .entry(sample.metric)
                .or_insert((sample.at, sample.value));
            if sample.at >= held.0 {
                *held = (sample.at, sample.value);
            }
        }
        for (name, (at, value)) in newest {
            let sum = metrics.entry(name.clone()).or_insert(Metric {
                name,
                value: 0,
                as_of: at,
            });
            sum.value += value;
            sum.as_of = sum.as_of.min(at);
        }
    }
    Ok(DeliveryDetail {
        target: names.target(delivery),
        n: delivery.n,
        grace: u32::try_from(delivery.grace / domain::time::MINUTE).unwrap_or_default(),
        hold: delivery.hold,
        miss: delivery.miss,
        words: delivery.words.clone(),
        retry_at: delivery.retry_at,
        hand_off: delivery.hand_off,
        recall: delivery.recall,
        attempts: attempts
            .into_iter()
            .map(|a| Attempt {
                id: a.id,
                segment: a.segment,
                kind: a.kind,
                phase: a.phase,
                started_at: a.started_at,
                settled_at: a.settled_at,
                words: a.words,
            })
            .collect(),
        publications: publications
            .into_iter()
            .map(|p| Publication {
                segment: p.segment,
                remote_id: p.remote_id,
                url: p.url,
                at: p.at,
                by_person: p.by_person,
            })
            .collect(),
        metrics: metrics.into_values().collect(),
        run: delivery.run.map(|id| id.to_string()),
        edit: edit.map(|e| Edit {
            n: e.n,
            status: e.status,
            hold: e.hold,
            words: e.words,
            retry_at: e.retry_at,
            asked_at: e.asked_at,
        }),
        update,
    })
}

/// Statuses that count as open work.
pub(super) const OPEN: [ContentStatus; 9] = [
    ContentStatus::Draft,
    ContentStatus::InReview,
    ContentStatus::ChangesRequested,
    ContentStatus::Rejected,
    ContentStatus::Approved,
    ContentStatus::Scheduled,
    ContentStatus::Publishing,
    ContentStatus::PartiallyPublished,
    ContentStatus::Failed,
];
