//! Acts: what reaches outside a transaction. Each ends in zero or more mutations.

mod accounts;
mod afterwards;
mod content;
mod links;
mod metrics;
mod problems;
mod sign_in;
mod sources;
mod system;
mod whose;

use std::sync::Arc;

use domain::ids::PersonId;
use protocol::{Act, Code, Event, Problem};
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub(crate) use problems::{media_problem, network_problem};
pub(crate) use whose::Unsaid;

use crate::apply;
use crate::core::{App, Terms};
use crate::folder;
use crate::joined::Wish;
use crate::reviews::Wanted;
use crate::sync::Login;

/// One act under way: who asked, how to say how far it is, how to stop it.
#[derive(Clone)]
pub struct Way {
    /// As whom.
    pub acting: Option<PersonId>,
    /// Stops it at its next step.
    pub cancel: CancellationToken,
    /// On which terms.
    pub terms: Terms,
    /// The act's id, where somebody hears its events.
    id: Option<String>,
    progress: Arc<dyn Fn(u64, Option<u64>) + Send + Sync>,
    words: Arc<dyn Fn(&str) + Send + Sync>,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way")
            .field("acting", &self.acting)
            .finish_non_exhaustive()
    }
}

impl Way {
    /// One that nobody watches and that ends when `cancel` says so.
    #[must_use]
    pub fn quiet(acting: Option<PersonId>, cancel: CancellationToken) -> Self {
        Self {
            acting,
            cancel,
            terms: Terms::default(),
            id: None,
            progress: Arc::new(|_, _| {}),
            words: Arc::new(|_| {}),
        }
    }

    /// One whose progress goes to the event bus under the act's id.
    #[must_use]
    pub fn told(
        app: &App,
        id: String,
        acting: Option<PersonId>,
        cancel: CancellationToken,
    ) -> Self {
        let (teller, named) = (app.clone(), id.clone());
        let words = Arc::new(move |words: &str| {
            teller.send(Event::Words {
                act: named.clone(),
                words: words.to_owned(),
            });
        });
        let (app, act) = (app.clone(), id.clone());
        let progress = Arc::new(move |done, total| {
            app.send(Event::Progress {
                act: act.clone(),
                done,
                total,
            });
        });
        Self {
            acting,
            cancel,
            terms: Terms::default(),
            id: Some(id),
            progress,
            words,
        }
    }

    /// The same on these terms.
    #[must_use]
    pub fn on(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    /// Says how far it is.
    pub fn at(&self, done: u64, total: Option<u64>) {
        (self.progress)(done, total);
    }

    /// Says what a model wrote next.
    pub(crate) fn words(&self, words: &str) {
        (self.words)(words);
    }

    /// Work on backups that stops and reports with this act.
    #[must_use]
    pub fn backup_work(&self) -> folder::Work {
        let way = self.clone();
        folder::Work::cancelled_by(self.cancel.clone())
            .watched_by(move |percent| way.at(u64::from(percent), Some(100)))
    }

    /// Says which page waits for a person, so that they can open it by hand.
    fn sign_in_at(&self, app: &App, address: &str) {
        if let Some(act) = &self.id {
            app.send(Event::SignInAt {
                act: act.clone(),
                address: address.to_owned(),
            });
        }
    }

    /// Work on pictures that stops and reports with this act.
    #[must_use]
    pub fn job(&self) -> media::Job {
        let progress = Arc::clone(&self.progress);
        media::Job::cancelled_by(self.cancel.clone())
            .watched_by(move |at| progress(u64::from(at.percent), Some(100)))
    }
}

impl App {
    /// Carries an act out. When `way` is cancelled, what has not been recorded is not recorded.
    ///
    /// # Errors
    /// A problem that says what to do.
    pub async fn act(&self, act: Act, way: &Way) -> Result<Value, Problem> {
        // These end by themselves, and not in the middle; a model that is stopped has used tokens,
        // which are recorded.
        if matches!(
            act,
            Act::JoinOrganization { .. } | Act::LeaveOrganization { .. } | Act::Write { .. }
        ) {
            return Box::pin(self.carry_out(act, way)).await;
        }
        tokio::select! {
            biased;
            () = way.cancel.cancelled() => {
                Err(Problem::new(Code::Cancelled, "It was cancelled; nothing was changed."))
            }
            done = self.carry_out(act, way) => done,
        }
    }

    /// What an act reaches lies outside the transactions that refuse what a role does not allow, so
    /// the right is asked for before anything is touched.
    pub(crate) async fn may_act(&self, act: &Act, way: &Way) -> Result<(), Problem> {
        self.may_reach(act)?;
        if self.is_agent() && !matches!(act, Act::Save { .. } | Act::Submit { .. }) {
            return Err(apply::for_people().into_problem());
        }
        // The first person, and what concerns the computer alone, is nobody's to allow.
        let before_anybody = matches!(
            act,
            Act::Begin { .. }
                | Act::SaveSettings { .. }
                | Act::TestNotification {}
                | Act::LookIntoBackup { .. }
                | Act::Restore { .. }
                | Act::LookAtServer { .. }
                | Act::JoinOrganization { .. }
                | Act::SignInAgain { .. }
                | Act::LeaveOrganization { .. }
        );
        if before_anybody && self.is_nobodys().await? {
            return Ok(());
        }
        if matches!(act, Act::ChoosePerson { .. }) && self.me().await?.is_none() {
            return Ok(());
        }
        let actor = self.actor(way.acting).await?;
        let person = actor.person().ok_or_else(apply::has_left)?;
        Ok(self.require(person, act.action()).await?)
    }

    async fn carry_out(&self, act: Act, way: &Way) -> Result<Value, Problem> {
        self.may_act(&act, way).await?;
        self.name_at_terminal().await?;
        match act {
            Act::SignIn {
                id,
                persona,
                network,
                method,
                fields,
            } => {
                let given = (method.as_deref(), fields);
                json(&self.sign_in_new(id, persona, &network, given, way).await?)
            }
            Act::KeepSignIn { id } => json(&self.keep_sign_in(id, way).await?),
            Act::RefuseSignIn { id } => json(&self.refuse_sign_in(id).await?),
            Act::Connect {
                id,
                persona,
                network,
                method,
                fields,
            } => {
                let given = (method.as_deref(), fields);
                json(&self.connect(id, persona, &network, given, way).await?)
            }
            Act::TestConnection {
                network,
                method,
                fields,
            } => {
                let given = (method.as_deref(), fields);
                json(&self.test_connection(&network, given, way).await?)
            }
            Act::Reconnect { id, method, fields } => {
                let given = (method.as_deref(), fields);
                json(&self.reconnect(id, given, way).await?)
            }
            Act::CheckAccount { id } => json(&self.check_account(id, way).await?),
            Act::Disconnect { id } => json(&self.disconnect(id, way).await?),
            Act::ImportAsset { name, data } => {
                json(&self.import_base64(&name, &data.0, way).await?)
            }
            Act::FetchCard { url } => json(&self.fetch_card(&url, way).await?),
            Act::LookAtLinks { body } => json(&self.look_at_links(&body, way).await?),
            Act::Save {
                content,
                persona,
                body,
                base,
            } => json(&self.save(content, persona, &body, base, way).await?),
            Act::Submit {
                content,
                persona,
                body,
                base,
                deliveries,
                updates,
                request,
                added,
            } => {
                let submit = content::Submit {
                    content,
                    persona,
                    body,
                    base,
                    deliveries,
                    updates,
                    request,
                    added,
                };
                json(&self.submit(submit, way).await?)
            }
            Act::Duplicate { content, id } => json(&self.duplicate(content, id, way).await?),
            Act::Redraft { delivery, id } => json(&self.redraft(delivery, id, way).await?),
            Act::DiscoverFeeds { url } => json(&self.discover_feeds(&url).await?),
            Act::CollectNow { source } => json(&self.collect_now(source).await?),
            Act::ImportOpml { text, personas } => {
                json(&self.import_opml(&text, &personas, way).await?)
            }
            Act::ExportOpml {} => json(&self.export_opml().await?),
            Act::Write {
                persona,
                content,
                targets,
                wish,
                model,
            } => {
                let place = (persona, content);
                json(&Box::pin(self.write(place, &targets, &wish, model, way)).await?)
            }
            Act::ReadPage { url } => json(&self.read_page(&url).await?),
            Act::TestModel { model, key } => {
                json(&self.test_model(&model, key.map(|k| k.0)).await?)
            }
            Act::KeepModelKey { id, key } => {
                self.keep_model_key(id, key.0).await?;
                json(&protocol::views::Done {})
            }
            Act::RefreshMetrics { content } => json(&self.refresh_metrics(content, way).await?),
            Act::SaveSettings { settings } => json(&self.save_settings(settings, way).await?),
            Act::Backup { file } => json(&self.back_up(file, way).await?),
            Act::ExportPerson { person } => {
                let actor = self.actor(way.acting).await?;
                let asks = actor.person().ok_or_else(apply::has_left)?;
                json(&self.export_person(asks, person).await?)
            }
            Act::LookIntoBackup { file } => json(&self.look_into_backup(&file, way).await?),
            Act::Restore { .. } => Err(Problem::new(
                Code::WrongState,
                "A backup is restored in the window of the Rostrum that works on this data folder. \
                 Use that one, or quit it first.",
            )),
            Act::Begin { person, person_id } => json(&self.begin(&person, person_id).await?),
            Act::ChoosePerson { id } => json(&self.choose_person(id).await?),
            Act::AcknowledgeAudit {} => json(&self.acknowledge_audit(way).await?),
            Act::DiscardWaiting { id } => json(&self.discard_waiting(id).await?),
            Act::RetryWaiting { id, mutations } => json(&self.retry_waiting(id, mutations).await?),
            Act::SyncNow {} => json(&self.sync_now().await?),
            Act::LookAtServer { address } => json(&self.look_at_server(&address).await?),
            Act::JoinOrganization {
                address,
                name,
                email,
                password,
                code,
                organization,
            } => {
                let wish = Wish {
                    address,
                    name,
                    login: Login {
                        email,
                        password,
                        code,
                    },
                    organization,
                };
                json(&self.join_organization(wish, way).await?)
            }
            Act::SignInAgain {
                organization,
                password,
                code,
            } => json(&self.sign_in_again(organization, password, code).await?),
            Act::LeaveOrganization { organization } => {
                json(&self.leave_organization(organization).await?)
            }
            Act::MakeReviewLink {
                request,
                name,
                days,
                decides,
            } => {
                let wanted = Wanted {
                    request,
                    name,
                    days,
                    decides,
                };
                json(&self.make_review_link(wanted, way).await?)
            }
            Act::WithdrawReviewLink { id } => {
                self.withdraw_review_link(id, way).await?;
                json(&protocol::views::Done {})
            }
            Act::Attend { window, content } => {
                let person = self.actor(way.acting).await?.person();
                let person = person.ok_or_else(apply::has_left)?;
                json(&self.attend(person, window, content).await?)
            }
            Act::TestNotification {} => json(&self.test_notification().await?),
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|e| crate::error::internal(&e))
}
