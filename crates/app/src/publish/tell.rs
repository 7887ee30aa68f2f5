//! What people are told about a delivery.

use std::collections::BTreeMap;

use domain::Instant;
use domain::delivery::{DeliveryStatus, HoldReason};
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId};
use domain::version::VersionDoc;
use protocol::event::{Notification, NotificationKind, Place};
use store::content::Content;
use store::delivery::Delivery;
use store::identity::Identity;
use store::persona::Persona;

use crate::Error;
use crate::apply::Work;

/// What the words of a notification need.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    delivery: DeliveryId,
    content: ContentId,
    network: NetworkId,
    args: BTreeMap<String, String>,
}

impl Telling {
    /// Of a delivery; `doc` is what it sends, which may not be what is typed since.
    pub(crate) fn of(
        content: &Content,
        doc: Option<&VersionDoc>,
        persona: &Persona,
        identity: &Identity,
        delivery: DeliveryId,
    ) -> Self {
        let headline = doc.map_or_else(|| content.headline.clone(), |doc| doc.body.headline());
        let args = [
            ("headline", headline),
            ("persona", persona.profile.name.clone()),
            ("network", identity.network.to_string()),
            ("handle", identity.handle.clone()),
        ];
        Self {
            delivery,
            content: content.id,
            network: identity.network.clone(),
            args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        }
    }

    /// Of a delivery whose account and persona are still to be read; absent when they are gone.
    pub(super) async fn read(
        work: &mut Work<'_, '_>,
        content: &Content,
        delivery: &Delivery,
    ) -> Result<Option<Self>, Error> {
        let org = work.org();
        let persona = store::persona::get(work.tx, org, content.persona).await?;
        let identity = store::identity::get(work.tx, org, delivery.identity).await?;
        let version = store::version::get(work.tx, org, content.id, delivery.n).await?;
        let doc = version.and_then(|v| v.doc().ok());
        let known = persona.zip(identity);
        Ok(known.map(|(p, i)| Self::of(content, doc.as_ref(), &p, &i, delivery.id)))
    }

    /// A notification of `kind`; `nth` tells apart the same news of two starts.
    async fn tell(
        &self,
        work: &mut Work<'_, '_>,
        kind: NotificationKind,
        status: DeliveryStatus,
        nth: impl std::fmt::Display + Send,
        words: Option<&str>,
    ) -> Result<(), Error> {
        let mut args = self.args.clone();
        if let Some(words) = words {
            args.insert("words".to_owned(), words.to_owned());
        }
        let key = format!("{}:{}:{nth}", status.as_str(), self.delivery);
        let notification = Notification {
            key,
            kind,
            args,
            place: Place::Content { id: self.content },
            delivery: Some(self.delivery),
            status: Some(status),
            network: Some(self.network.clone()),
        };
        work.notify(None, notification).await
    }

    pub(super) async fn published(&self, work: &mut Work<'_, '_>, nth: u32) -> Result<(), Error> {
        self.tell(
            work,
            NotificationKind::Published,
            DeliveryStatus::Published,
            nth,
            None,
        )
        .await
    }

    pub(super) async fn failed(
        &self,
        work: &mut Work<'_, '_>,
        nth: u32,
        words: &str,
    ) -> Result<(), Error> {
        self.tell(
            work,
            NotificationKind::Failed,
            DeliveryStatus::Failed,
            nth,
            Some(words),
        )
        .await
    }

    /// What became of a hand-off otherwise than it was wished; `nth` tells apart what is told.
    pub(super) async fn hand_off(
        &self,
        work: &mut Work<'_, '_>,
        nth: impl std::fmt::Display + Send,
        words: &str,
    ) -> Result<(), Error> {
        let status = DeliveryStatus::HandedOff;
        self.tell(work, NotificationKind::HandOff, status, nth, Some(words))
            .await
    }

    /// The post is out as it was; the newer version is not there.
    pub(super) async fn not_updated(
        &self,
        work: &mut Work<'_, '_>,
        nth: u32,
        words: &str,
    ) -> Result<(), Error> {
        let nth = format!("edit:{nth}");
        let status = DeliveryStatus::Published;
        self.tell(work, NotificationKind::Failed, status, nth, Some(words))
            .await
    }

    pub(super) async fn unconfirmed(
        &self,
        work: &mut Work<'_, '_>,
        nth: u32,
        words: &str,
    ) -> Result<(), Error> {
        let status = DeliveryStatus::Unconfirmed;
        self.tell(
            work,
            NotificationKind::Unconfirmed,
            status,
            nth,
            Some(words),
        )
        .await
    }

    pub(super) async fn missed(&self, work: &mut Work<'_, '_>, nth: u32) -> Result<(), Error> {
        self.tell(
            work,
            NotificationKind::Missed,
            DeliveryStatus::Missed,
            nth,
            None,
        )
        .await
    }

    /// Held for its account or its folder is told once for all by those who found out.
    pub(super) async fn held(
        &self,
        work: &mut Work<'_, '_>,
        reason: HoldReason,
    ) -> Result<(), Error> {
        let words = match reason {
            HoldReason::Limits => {
                "The account's limits have changed: what would go out now differs from what was saved."
            }
            HoldReason::Budget => "It would pass what posts to the account may cost this month.",
            HoldReason::Media => "A picture is missing or damaged.",
            HoldReason::Account | HoldReason::Folder | HoldReason::Executor => return Ok(()),
        };
        let nth = work.now();
        let status = DeliveryStatus::Held;
        self.tell(work, NotificationKind::Failed, status, nth, Some(words))
            .await
    }
}

/// Tells that an account needs a new sign-in, and how many deliveries wait for it.
pub(super) async fn reconnect(
    work: &mut Work<'_, '_>,
    identity: &Identity,
    words: &str,
    waiting: usize,
) -> Result<(), Error> {
    let args = [
        ("network", identity.network.to_string()),
        ("handle", identity.handle.clone()),
        ("words", words.to_owned()),
        ("count", waiting.to_string()),
    ];
    let notification = Notification {
        key: format!("reconnect:{}:{}", identity.id, work.now()),
        kind: NotificationKind::Reconnect,
        args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        place: Place::Account { id: identity.id },
        delivery: None,
        status: None,
        network: Some(identity.network.clone()),
    };
    work.notify(None, notification).await
}

/// A sign-in ends soon, and nothing here can renew it.
pub(crate) async fn sign_in_over(
    work: &mut Work<'_, '_>,
    identity: &Identity,
    over: Instant,
) -> Result<(), Error> {
    let args = [
        ("network", identity.network.to_string()),
        ("handle", identity.handle.clone()),
        ("time", over.to_string()),
    ];
    let notification = Notification {
        key: format!("sign_in_over:{}:{over}", identity.id),
        kind: NotificationKind::SignInOver,
        args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        place: Place::Account { id: identity.id },
        delivery: None,
        status: None,
        network: Some(identity.network.clone()),
    };
    work.notify(None, notification).await
}
