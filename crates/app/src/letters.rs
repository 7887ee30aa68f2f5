//! Letters: what people get by mail. They are asked for in the transaction of what causes them, and
//! runs carry them (`send_letter`), so that none is lost; what a server sends them with is its own.
//!
//! A letter names what it is about and holds none of it: the words are found when it goes, and a
//! secret that it brings is derived then.

use std::time::Duration;

use db::Tx;
use domain::Instant;
use domain::ids::{InvitationId, LoginId, OrganizationId, PersonId, derived};
use domain::rights::{Action, allows};
use engine::{Gather, Singleton, Start};
use protocol::event::{Notification, NotificationKind};
use protocol::settings::{Language, Settings};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::Error;
use crate::apply::Work;

/// Sends one letter, or what has gathered for one person.
pub const LETTER: (&str, u32) = ("send_letter", 1);

/// What comes within so long, and up to so much, goes to a person as one letter.
pub const GATHER: Gather = Gather::Batch {
    size: 50,
    within: Duration::from_secs(60),
};

/// What a letter is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// Somebody is invited.
    Invitation {
        /// Where to.
        organization: OrganizationId,
        /// By which invitation.
        invitation: InvitationId,
        /// The key of the ring from which its secret follows.
        key: String,
        /// In which words.
        language: Language,
    },
    /// Somebody who cannot get in asks for a new password. It is asked for as well where there is no
    /// such login, and then goes nowhere: asking tells nobody.
    Reset {
        /// Whose; absent where the typed address is nobody's.
        login: Option<LoginId>,
        /// The key of the ring from which the secret follows.
        key: String,
        /// In which words.
        language: Language,
    },
    /// What a person wants to be told.
    Notice {
        /// Where.
        organization: OrganizationId,
        /// Whom.
        person: PersonId,
        /// Which notification.
        key: String,
    },
}

impl Letter {
    /// The run that carries it. An invitation's replaces the one before, which may still be trying.
    #[must_use]
    pub fn start(&self, id: Uuid, now: i64) -> Start {
        let (name, revision) = LETTER;
        let mut start = Start::new(id, name, revision, json!(self), now);
        match self {
            Self::Invitation {
                organization,
                invitation,
                ..
            } => {
                start.organization = Some(organization.0);
                start.subject = Some(format!("invitation:{invitation}"));
                let one = format!("{organization}:{invitation}");
                start.singleton = Some(Singleton::Replace(one));
            }
            Self::Reset { .. } => {}
            Self::Notice {
                organization,
                person,
                key,
            } => {
                start.organization = Some(organization.0);
                start.subject = Some(format!("person:{person}"));
                start.key = Some(format!("{organization}:{person}:{key}"));
                start.flow = Some(format!("{organization}:{person}"));
            }
        }
        start
    }

    /// Asks for it in this transaction.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn ask_in(&self, tx: &mut Tx<'_>, id: Uuid, now: i64) -> Result<(), Error> {
        engine::start_in(tx, &self.start(id, now)).await?;
        Ok(())
    }
}

/// Whom news of a kind concerns where it names nobody; `None`: it is not for letters.
const fn whose(kind: NotificationKind) -> Option<Action> {
    use NotificationKind as K;
    match kind {
        K::ApprovalPending
        | K::Decision
        | K::Expired
        | K::Mentioned
        | K::Stuck
        | K::Delegated
        | K::OutsideNote => Some(Action::Read),
        K::Failed | K::Unconfirmed | K::Missed | K::HandOff => Some(Action::Publish),
        K::Reconnect | K::SignInOver => Some(Action::ManageAccounts),
        K::Published | K::EmptySlot | K::SlotIdea | K::DraftMade | K::Summary => None,
    }
}

/// Asks for letters to those whom a notification concerns and who want them.
pub(crate) async fn tell(
    work: &mut Work<'_, '_>,
    person: Option<PersonId>,
    notification: &Notification,
) -> Result<(), Error> {
    let Some(action) = whose(notification.kind) else {
        return Ok(());
    };
    let (org, now) = (work.org(), work.now());
    for reader in store::member::readers(work.tx, org).await? {
        let concerned = match person {
            Some(named) => named == reader.person,
            None => allows(reader.role, action),
        };
        if !concerned {
            continue;
        }
        let settings = settings(work, reader.person).await?;
        if settings.muted.contains(&notification.kind) {
            continue;
        }
        let letter = Letter::Notice {
            organization: org,
            person: reader.person,
            key: notification.key.clone(),
        };
        // Not `derive_id`: a mirror, which sends no letters, counts the same rows.
        let what = format!("letter:{}:{}", reader.person, notification.key);
        let id = derived(org, work.ctx.cause, &what, 0);
        let mut start = letter.start(id, now.0);
        start.at = held_until(&settings, notification.kind, now, &reader.zone).map(|end| end.0);
        work.start_as_named(start).await?;
    }
    Ok(())
}

async fn settings(work: &mut Work<'_, '_>, person: PersonId) -> Result<Settings, Error> {
    let org = work.org();
    Ok(match store::person::settings(work.tx, org, person).await? {
        Some(text) => store::from_json("settings", &text)?,
        None => Settings::default(),
    })
}

/// Until when quiet hours on the wall of a zone hold a letter; `None`: it may go.
fn held_until(
    settings: &Settings,
    kind: NotificationKind,
    now: Instant,
    zone: &str,
) -> Option<Instant> {
    let comes_through = kind.is_urgent() && settings.urgent_in_quiet;
    let quiet = settings.quiet_hours.filter(|_| !comes_through)?;
    quiet.end(now, zone)
}
