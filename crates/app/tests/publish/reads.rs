//! What the tables say.

use domain::attempt::AttemptPhase;
use domain::delivery::DeliveryStatus;
use domain::identity::IdentityStatus;
use domain::ids::*;
use protocol::event::NotificationKind;

use crate::world::World;

impl World {
    pub(crate) async fn delivery(&self, id: DeliveryId) -> store::delivery::Delivery {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::delivery::get(tx, org, id).await?) }))
            .await;
        found.unwrap().unwrap()
    }

    /// The account that every test has.
    pub(crate) async fn identity(&self) -> store::identity::Identity {
        let (org, id) = (self.org, self.identity);
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::identity::get(tx, org, id).await?) }))
            .await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn identity_status(&self) -> IdentityStatus {
        self.identity().await.status
    }

    pub(crate) async fn status(&self, id: DeliveryId) -> DeliveryStatus {
        self.delivery(id).await.status
    }

    pub(crate) async fn content(&self, id: ContentId) -> store::content::Content {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::content::get(tx, org, id).await?) }))
            .await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn newest_request(&self, id: ContentId) -> store::request::Request {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::request::newest(tx, org, id).await?) }))
            .await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn attempts(&self, id: DeliveryId) -> Vec<store::attempt::Attempt> {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::attempt::of_delivery(tx, org, id).await?) }))
            .await;
        found.unwrap()
    }

    pub(crate) async fn phases(&self, id: DeliveryId) -> Vec<AttemptPhase> {
        self.attempts(id).await.iter().map(|a| a.phase).collect()
    }

    pub(crate) async fn publications(
        &self,
        id: DeliveryId,
    ) -> Vec<store::publication::Publication> {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| {
                Box::pin(async move { Ok(store::publication::of_delivery(tx, org, id).await?) })
            })
            .await;
        found.unwrap()
    }

    pub(crate) async fn audit(&self) -> Vec<(String, String)> {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::audit::from(tx, org, 1, 100_000).await?) }))
            .await;
        let entries = found.unwrap();
        domain::audit::verify(
            domain::audit::GENESIS,
            1,
            entries.iter().map(|(e, _)| (&e.entry, e.hash)),
        )
        .unwrap();
        entries
            .into_iter()
            .map(|(e, _)| (e.entry.action, e.entry.subject))
            .collect()
    }

    pub(crate) fn told(&self, kind: NotificationKind) -> usize {
        self.machine
            .told
            .lock()
            .unwrap()
            .iter()
            .filter(|k| **k == kind)
            .count()
    }
}
