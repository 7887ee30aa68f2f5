//! What a person who signed in to a server may not reach: what belongs to the computer on which it
//! runs, and to whoever keeps it.

use std::sync::Arc;

use db::{BoxFuture, Tx};
use domain::Hash;
use domain::identity::Executor;
use domain::rights::Action;
use protocol::settings::Settings;
use protocol::views::SettingsView;
use protocol::{Act, Code, Event, Mutation, Problem, Query, Tag};
use serde_json::Value;

use crate::Error;
use crate::apply::Work;
use crate::core::{App, Seat, new_id};

impl App {
    pub(crate) fn is_member(&self) -> bool {
        matches!(self.seat(), Seat::Member(..) | Seat::MemberAgent(..))
    }

    /// Refuses acts on the computer itself.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_reach(&self, act: &Act) -> Result<(), Problem> {
        let of_the_computer = match act {
            Act::Backup { .. }
            | Act::LookIntoBackup { .. }
            | Act::Restore { .. }
            | Act::Begin { .. }
            | Act::ChoosePerson { .. }
            | Act::AcknowledgeAudit {}
            | Act::TestNotification {}
            | Act::LookAtServer { .. }
            | Act::JoinOrganization { .. }
            | Act::SignInAgain { .. }
            | Act::LeaveOrganization { .. } => true,
            // The browser comes back to a port of the computer on which this runs, not to theirs.
            Act::SignIn { .. } => {
                if self.is_member() {
                    return Err(Problem::new(
                        Code::NotHere,
                        "This network is connected through a browser on the computer of the \
                         server. Use a way that needs no browser, such as a token.",
                    ));
                }
                false
            }
            _ => false,
        };
        self.keep_off(of_the_computer)
    }

    /// Refuses reads of the computer itself.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_see(&self, query: &Query) -> Result<(), Problem> {
        self.keep_off(matches!(
            query,
            Query::Backups {} | Query::Diagnostics {} | Query::Organizations {}
        ))
    }

    /// Refuses changes that only make sense on one's own computer: who is in an organization of a
    /// server was invited and has a login.
    ///
    /// # Errors
    /// `not_here`.
    pub(crate) fn may_change(&self, mutation: &Mutation) -> Result<(), Problem> {
        self.keep_off(is_of_the_computer(mutation))
    }

    /// A file that was made here is shown to the people of this organization alone. On a desktop
    /// there is one organization, and nobody else to keep from it.
    ///
    /// # Errors
    /// When the database says no.
    pub(crate) async fn note_file(&self, hash: Hash) -> Result<(), Error> {
        if self.executor() != Executor::Server {
            return Ok(());
        }
        let org = self.organization();
        self.db()
            .write(move |tx| {
                Box::pin(async move { Ok::<_, Error>(store::asset::note(tx, org, hash).await?) })
            })
            .await
    }

    /// A file of this organization.
    ///
    /// # Errors
    /// `media_missing`, at a server also for what is another organization's.
    pub async fn file(&self, hash: Hash) -> Result<Vec<u8>, Problem> {
        self.must_be_here(hash).await?;
        self.bring_file(hash).await?;
        self.library().read(hash).await.map_err(|_| no_picture())
    }

    /// Brings a file that only the server of this mirror has.
    ///
    /// # Errors
    /// `media_missing` when the server has none either; when it is not reached.
    pub(crate) async fn bring_file(&self, hash: Hash) -> Result<(), Problem> {
        match self.carrier() {
            Some(carrier) if !self.library().contains(&hash) => {
                carrier.fetch(hash).await.map_err(Problem::from)
            }
            _ => Ok(()),
        }
    }

    /// Refuses files of other organizations: the library is one for all of a server, and whoever
    /// writes may name any hash.
    ///
    /// # Errors
    /// `media_missing`.
    pub(crate) async fn must_be_here(&self, hash: Hash) -> Result<(), Error> {
        if self.executor() != Executor::Server {
            return Ok(());
        }
        let org = self.organization();
        let present = self
            .db()
            .read(move |tx| {
                Box::pin(
                    async move { Ok::<_, Error>(store::asset::is_present(tx, org, hash).await?) },
                )
            })
            .await?;
        match present {
            true => Ok(()),
            false => Err(no_picture().into()),
        }
    }

    /// Changes what lies beside the domain's tables (invitations, tokens), on the record.
    ///
    /// # Errors
    /// What `change` answers, or when the database says no; nothing is written then.
    pub async fn on_record<T, F>(
        &self,
        right: Action,
        action: &'static str,
        subject: String,
        payload: Value,
        change: F,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, Error>>
            + Send
            + Sync
            + 'static,
    {
        let ctx = self.ctx(None, new_id()).await?;
        let change = Arc::new(change);
        let (value, effects) = self
            .db()
            .write(move |tx| {
                let (ctx, change) = (ctx.clone(), Arc::clone(&change));
                let (subject, payload) = (subject.clone(), payload.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    work.require(right)?;
                    let value = change(work.tx).await?;
                    work.record(action, &subject, None, payload).await?;
                    work.tag(Tag::People);
                    Ok::<_, Error>((value, work.finish().await?))
                })
            })
            .await?;
        self.tell(effects);
        Ok(value)
    }

    /// The settings of a person who signed in: what belongs to a computer is as it comes.
    ///
    /// # Errors
    /// When the database says no.
    pub(crate) async fn own_settings(&self) -> Result<SettingsView, Error> {
        let (org, me) = (self.organization(), self.me().await?);
        let me = me.ok_or_else(crate::apply::has_left)?.id;
        let kept = self
            .db()
            .read(move |tx| {
                Box::pin(async move { Ok::<_, Error>(store::person::settings(tx, org, me).await?) })
            })
            .await?;
        let settings = match kept {
            Some(text) => store::from_json("settings", &text)?,
            None => Settings::default(),
        };
        Ok(SettingsView {
            settings,
            data_folder: String::new(),
            secrets: self.secrets().kind().as_str().to_owned(),
            secrets_note: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// Keeps them.
    ///
    /// # Errors
    /// When the database says no.
    pub(crate) async fn keep_own_settings(
        &self,
        settings: Settings,
    ) -> Result<SettingsView, Problem> {
        crate::settings::check(&settings)?;
        let (org, me) = (self.organization(), self.me().await?);
        let me = me.ok_or_else(crate::apply::has_left)?.id;
        let usual = Settings::default();
        let settings = Settings {
            person: None,
            start_at_login: usual.start_at_login,
            close_to_tray: usual.close_to_tray,
            proxy: None,
            extra_ca: None,
            local_cards: usual.local_cards,
            ..settings
        };
        let text = store::to_json(&settings).map_err(Error::from)?;
        self.db()
            .write(move |tx| {
                let text = text.clone();
                Box::pin(async move {
                    Ok::<_, Error>(store::person::keep_settings(tx, org, me, &text).await?)
                })
            })
            .await?;
        self.send(Event::Changed {
            tags: vec![Tag::Settings],
        });
        Ok(self.own_settings().await?)
    }

    fn keep_off(&self, of_the_computer: bool) -> Result<(), Problem> {
        match of_the_computer && self.is_member() {
            true => Err(not_here()),
            false => Ok(()),
        }
    }
}

fn no_picture() -> Problem {
    Problem::new(Code::MediaMissing, "There is no such picture.")
}

const fn is_of_the_computer(mutation: &Mutation) -> bool {
    matches!(
        mutation,
        // An account comes with its secret, by the act that connects it.
        Mutation::AddPerson { .. } | Mutation::ReleaseFolder | Mutation::AddIdentity { .. }
    )
}

fn not_here() -> Problem {
    Problem::new(
        Code::NotHere,
        "This belongs to the computer on which the server runs. Ask who keeps it.",
    )
}

/// Refuses what nobody changes from elsewhere.
///
/// # Errors
/// `not_here`.
pub(crate) fn may_send(mutations: &[Mutation]) -> Result<(), Problem> {
    match mutations.iter().any(is_of_the_computer) {
        true => Err(not_here()),
        false => Ok(()),
    }
}
