//! One function answers every query, on one snapshot of the tables.

mod accounts;
mod approvals;
mod best_hours;
mod calendar;
mod checks;
mod compose;
mod contents;
mod delegations;
mod ideas;
mod models;
mod names;
mod notes;
mod overview;
mod planning;
mod retention;
mod runs;
mod system;
mod updates;

use domain::ids::PersonId;
use protocol::{Code, Problem, Query};
use serde::Serialize;
use serde_json::Value;

pub(crate) use best_hours::newest_count;
pub(crate) use names::Names;
pub(crate) use notes::threads;
pub(crate) use planning::next_free;
pub(crate) use system::backup_view;

use crate::Error;
use crate::apply;
use crate::core::App;

/// The most rows of a page.
const MAX_PAGE: u32 = 200;

fn page_size(limit: u32) -> u32 {
    limit.clamp(1, MAX_PAGE)
}

impl App {
    /// Answers a query as `acting` (or the person of this computer) sees it.
    ///
    /// # Errors
    /// A problem that says what to do.
    pub async fn query(&self, query: Query, acting: Option<PersonId>) -> Result<Value, Problem> {
        self.may_see(&query)?;
        if self.is_agent() {
            crate::apply::agent_may(query.action()).map_err(Error::into_problem)?;
        }
        self.may_stand_for(acting)?;
        let viewer = match acting {
            Some(id) => {
                self.require(id, query.action()).await?;
                Some(id)
            }
            None => match self.me().await? {
                Some(me) => {
                    apply::may(me.role, query.action())?;
                    Some(me.id)
                }
                None if self.is_nobodys().await? => None,
                // Who is here can only be said where one sees who could be.
                None if matches!(query, Query::Overview {}) => None,
                None => return Err(self.nobody().await?.into_problem()),
            },
        };
        self.answer(query, viewer)
            .await
            .map_err(Error::into_problem)
    }

    async fn answer(&self, query: Query, viewer: Option<PersonId>) -> Result<Value, Error> {
        use Query as Q;
        match query {
            Q::Overview {} => json(&self.overview(viewer).await?),
            Q::Today { zone } => json(&self.today(viewer, &zone).await?),
            Q::Calendar {
                from,
                to,
                persona,
                network,
                foremost,
            } => {
                let stretch = calendar::Stretch {
                    from,
                    to,
                    wanted: store::calendar::Wanted { persona, network },
                    foremost,
                };
                json(&self.calendar(stretch).await?)
            }
            Q::Queue {
                filter,
                cursor,
                limit,
            } => json(&self.queue(filter, cursor, page_size(limit)).await?),
            Q::Content { id } => json(&self.content(id, viewer).await?),
            Q::Version { content, n } => json(&self.version(content, n).await?),
            Q::Approvals { tab } => json(&self.approvals(tab, viewer).await?),
            Q::Request { id } => json(&self.request(id, viewer).await?),
            Q::Delegations {} => json(&self.delegations(viewer).await?),
            Q::ReviewLinks { request } => json(&self.review_links(request, viewer).await?),
            Q::Present { content } => json(&self.present(content, viewer).await?),
            Q::Personas {} => json(&self.personas().await?),
            Q::Accounts {} => json(&self.accounts().await?),
            Q::Chains {} => json(&self.chains().await?),
            Q::People {} => json(&self.people(viewer).await?),
            Q::Networks {} => json(&self.network_list()),
            Q::Runs {
                subject,
                trouble,
                cursor,
                limit,
            } => json(
                &self
                    .runs(subject, trouble, cursor, page_size(limit))
                    .await?,
            ),
            Q::Run { id } => json(&self.run(id).await?),
            Q::Prepare {
                persona,
                body,
                counted,
            } => json(&self.prepared(persona, body, counted).await?),
            Q::Check {
                persona,
                content,
                body,
            } => json(&self.checked(persona, content, &body).await?),
            Q::Split {
                network,
                identity,
                text,
                options,
            } => json(&self.split(&network, identity, &text, &options).await?),
            Q::ResolveTime { wall, zone } => json(
                &domain::Planned::from_wall(&wall, &zone)
                    .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?,
            ),
            Q::Assets { hashes } => json(&self.assets(hashes).await?),
            Q::FreeSlots { persona, limit } => {
                json(&self.free_slots(persona, limit.min(20)).await?)
            }
            Q::Notes { content } => json(&self.notes(content, viewer).await?),
            Q::Templates {} => json(&self.templates().await?),
            Q::BestHours { persona, at } => json(&self.best_hours(persona, at).await?),
            Q::Sources {} => json(&self.sources().await?),
            Q::Ideas { persona } => json(&self.ideas(persona).await?),
            Q::Outline { content } => json(&self.outline(content).await?),
            Q::WritingRequest {
                persona,
                targets,
                wish,
                model,
            } => json(
                &self
                    .writing_request(persona, &targets, &wish, model)
                    .await?,
            ),
            Q::ModelUse {} => json(&self.model_use().await?),
            Q::History {
                subject,
                cursor,
                limit,
            } => json(&self.history(subject, cursor, page_size(limit)).await?),
            Q::Retention {} => json(&self.retention().await?),
            Q::WouldGo { kind, days } => json(&self.would_go(kind, days).await?),
            Q::VerifyAudit {} => json(&self.verify_audit().await?),
            Q::Settings {} if self.is_member() => json(&self.own_settings().await?),
            Q::Settings {} => json(&self.settings_view()),
            Q::Backups {} => json(&self.backups()),
            Q::Outbox {} => json(&self.outbox().await?),
            Q::Organizations {} => json(&self.organizations().await?),
            Q::Diagnostics {} => json(&self.diagnostics().await?),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|e| Error::Problem(crate::error::internal(&e)))
}
