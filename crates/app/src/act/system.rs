//! First run, settings, backups, a notification to try.

use std::collections::BTreeMap;
use std::path::Path;

use domain::ids::PersonId;
use domain::person::{Actor, Role};
use domain::rights::Action;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::settings::Settings;
use protocol::views::{self, Done};
use protocol::{Code, Event, Problem};
use serde_json::json;

use super::Way;
use crate::Error;
use crate::apply::{self, Authority, Ctx, Work};
use crate::core::{App, new_id};
use crate::folder::{Backups, Reason};

impl App {
    /// The first person of the local organization, as its owner. When there is one already, that
    /// one gets the name.
    pub(super) async fn begin(&self, name: &str, id: PersonId) -> Result<Done, Problem> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 120 || name.contains('\0') {
            return Err(
                Problem::new(Code::InvalidInput, "Give a name of 1 to 120 characters.")
                    .with_field("person", "1 to 120 characters"),
            );
        }
        if let Some(me) = self.me().await? {
            let rename = protocol::Mutation::UpdatePerson {
                id: me.id,
                name,
                role: me.role,
            };
            self.apply_all(None, vec![rename]).await?;
            return Ok(Done {});
        }
        self.add_first_person(id, name).await?;
        Ok(Done {})
    }

    /// Nobody can be the actor of the first person but that person.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn add_first_person(&self, id: PersonId, name: String) -> Result<(), Problem> {
        let ctx = Ctx {
            organization: self.organization(),
            actor: Actor::Person { id, operator: None },
            now: self.now(),
            cause: new_id(),
            salt: uuid::Uuid::new_v4().into_bytes(),
            networks: self.networks().clone(),
            authority: Authority::Here,
            executor: self.executor(),
            scopes: None,
        };
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, name) = (ctx.clone(), name.clone());
                Box::pin(async move {
                    let org = ctx.organization;
                    if !store::person::all(tx, org).await?.is_empty() {
                        return Err(Error::refused(Code::Conflict, "Somebody is here already."));
                    }
                    apply::come_in(tx, &ctx, &name, Role::Owner, None).await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    pub(super) async fn save_settings(
        &self,
        settings: Settings,
        way: &Way,
    ) -> Result<views::SettingsView, Problem> {
        if self.is_member() {
            return self.keep_own_settings(settings).await;
        }
        self.allow_ways_out(&settings, way).await?;
        if settings.person != self.settings().person {
            self.switch_person(settings.person).await?;
        }
        let before = self.settings().models;
        let loaded = self.settings_file().save(&settings)?;
        self.forget_model_keys(&before, &settings.models).await;
        self.set_settings(loaded.settings);
        Ok(self.settings_view())
    }

    /// Through what this computer reaches networks, whom it believes there and whether it asks its
    /// own neighbours is for those who manage accounts: secrets go that way.
    async fn allow_ways_out(&self, settings: &Settings, way: &Way) -> Result<(), Problem> {
        let now = self.settings();
        let names: Vec<&str> = [
            ("proxy", now.proxy != settings.proxy),
            ("extra_ca", now.extra_ca != settings.extra_ca),
            ("local_cards", now.local_cards != settings.local_cards),
            ("models", now.models != settings.models),
            (
                "fallback_model",
                now.fallback_model != settings.fallback_model,
            ),
            (
                "models_here_only",
                now.models_here_only != settings.models_here_only,
            ),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect();
        if names.is_empty() || self.is_nobodys().await? {
            return Ok(());
        }
        let ctx = self.ctx(way.acting, new_id()).await?;
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, names) = (ctx.clone(), names.join(", "));
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    work.require(Action::ManageAccounts)?;
                    work.record(
                        "settings_changed",
                        "settings:",
                        None,
                        json!({"names": names}),
                    )
                    .await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// Who uses this computer decides on whose word things happen: the history keeps every change,
    /// on the word of who was there before.
    async fn switch_person(&self, to: Option<PersonId>) -> Result<(), Problem> {
        let before = self.me().await?.map(|p| p.id);
        // Of one who has left nobody takes the word: then it is that of who says to be here.
        let Some(id) = before.or(to).filter(|_| to != before) else {
            return Ok(());
        };
        let ctx = Ctx {
            organization: self.organization(),
            actor: Actor::Person { id, operator: None },
            now: self.now(),
            cause: new_id(),
            salt: uuid::Uuid::new_v4().into_bytes(),
            networks: self.networks().clone(),
            authority: Authority::Here,
            executor: self.executor(),
            scopes: None,
        };
        let effects = self
            .db()
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move {
                    let org = ctx.organization;
                    let name = match to {
                        None => String::new(),
                        Some(id) => {
                            let person = store::person::get(tx, org, id).await?;
                            person
                                .filter(|p| p.active)
                                .ok_or_else(|| Error::missing("person"))?
                                .name
                        }
                    };
                    let mut work = Work::begin(tx, &ctx).await?;
                    let subject = to.map_or("person:".to_owned(), |id| format!("person:{id}"));
                    work.record("person_switched", &subject, None, json!({"name": name}))
                        .await?;
                    work.tag(protocol::Tag::People);
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// Whoever is here says who they are.
    pub(super) async fn choose_person(&self, id: PersonId) -> Result<Done, Problem> {
        self.switch_person(Some(id)).await?;
        let settings = Settings {
            person: Some(id),
            ..self.settings()
        };
        let loaded = self.settings_file().save(&settings)?;
        self.set_settings(loaded.settings);
        Ok(Done {})
    }

    pub(super) async fn back_up(
        &self,
        file: Option<String>,
        way: &Way,
    ) -> Result<views::Backup, Problem> {
        let backups = Backups::of(&self.folder());
        let work = way.backup_work();
        let now = self.now();
        let made = match file {
            None => {
                backups
                    .make(self.db(), self.library(), now, Reason::ByHand, &work)
                    .await
            }
            Some(file) => {
                backups
                    .make_file(self.db(), self.library(), now, Path::new(&file), &work)
                    .await
            }
        }
        .map_err(Problem::from)?;
        self.send(Event::Changed {
            tags: vec![protocol::Tag::Runtime],
        });
        Ok(crate::answer::backup_view(&made))
    }

    pub(super) async fn look_into_backup(
        &self,
        file: &str,
        way: &Way,
    ) -> Result<views::BackupHoldings, Problem> {
        let backups = Backups::of(&self.folder());
        let held = backups
            .look_into(Path::new(file), self.now(), &way.backup_work())
            .await
            .map_err(Problem::from)?;
        Ok(held.into())
    }

    pub(super) async fn test_notification(&self) -> Result<Done, Problem> {
        let notification = Notification {
            key: format!("test:{}", new_id()),
            kind: NotificationKind::Summary,
            args: BTreeMap::from([("words".to_owned(), "test".to_owned())]),
            place: Place::Today,
            delivery: None,
            status: None,
            network: None,
        };
        self.send(Event::Noticed {
            person: None,
            notification,
        });
        Ok(Done {})
    }
}
