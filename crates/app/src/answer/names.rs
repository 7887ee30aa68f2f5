//! The small tables that nearly every answer needs, read once for each.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonId, PersonaId};
use protocol::views::{ContentRow, PersonRef, PersonaRef, Target};
use store::content::Content;
use store::delivery::Delivery;
use store::version::Version;

use crate::Error;
use crate::apply::describe;

/// Names by id.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) organization: OrganizationId,
    pub(crate) people: BTreeMap<PersonId, store::person::Person>,
    pub(crate) personas: BTreeMap<PersonaId, store::persona::Persona>,
    pub(crate) identities: BTreeMap<IdentityId, store::identity::Identity>,
}

impl Names {
    pub(crate) async fn read(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Self, Error> {
        let people = store::person::all(tx, organization).await?;
        let personas = store::persona::all(tx, organization).await?;
        let identities = store::identity::all(tx, organization).await?;
        Ok(Self {
            organization,
            people: people.into_iter().map(|p| (p.id, p)).collect(),
            personas: personas.into_iter().map(|p| (p.id, p)).collect(),
            identities: identities.into_iter().map(|i| (i.id, i)).collect(),
        })
    }

    pub(crate) fn person(&self, id: PersonId) -> PersonRef {
        let name = self
            .people
            .get(&id)
            .map(|p| p.name.clone())
            .unwrap_or_default();
        PersonRef { id, name }
    }

    pub(crate) fn maybe(&self, id: Option<PersonId>) -> Option<PersonRef> {
        id.map(|id| self.person(id))
    }

    pub(crate) fn persona(&self, id: PersonaId) -> PersonaRef {
        let profile = self.personas.get(&id).map(|p| &p.profile);
        PersonaRef {
            id,
            name: profile.map(|p| p.name.clone()).unwrap_or_default(),
            hue: profile.map(|p| p.hue).unwrap_or_default(),
        }
    }

    pub(crate) fn network(&self, id: IdentityId) -> Option<&NetworkId> {
        self.identities.get(&id).map(|i| &i.network)
    }

    /// The networks of several accounts, each once.
    pub(crate) fn networks(&self, ids: &[IdentityId]) -> Vec<NetworkId> {
        let networks: BTreeSet<_> = ids.iter().filter_map(|id| self.network(*id)).collect();
        networks.into_iter().cloned().collect()
    }

    pub(crate) fn zone(&self, id: PersonaId) -> &str {
        self.personas
            .get(&id)
            .map_or("UTC", |p| p.profile.zone.as_str())
    }

    /// When a delivery went that nobody planned a time for, on its persona's wall.
    pub(crate) fn went(
        &self,
        identity: IdentityId,
        settled_at: Option<Instant>,
    ) -> Option<domain::Planned> {
        let persona = self.identities.get(&identity)?.persona;
        domain::Planned::from_instant(settled_at?, self.zone(persona)).ok()
    }

    pub(crate) fn target(&self, delivery: &Delivery) -> Target {
        self.target_of(
            delivery.id,
            delivery.identity,
            delivery.status,
            delivery.planned.clone(),
        )
    }

    pub(crate) fn target_of(
        &self,
        delivery: DeliveryId,
        identity: IdentityId,
        status: DeliveryStatus,
        planned: Option<domain::Planned>,
    ) -> Target {
        let known = self.identities.get(&identity);
        Target {
            delivery,
            identity,
            network: known.map_or_else(|| NetworkId::new(""), |i| i.network.clone()),
            handle: known.map(|i| i.handle.clone()).unwrap_or_default(),
            status,
            planned,
        }
    }

    /// A content as lists show it, with what a version says instead of what is typed since.
    pub(crate) async fn row_of(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
        version: &Version,
    ) -> Result<ContentRow, Error> {
        let mut content = content.clone();
        // One that a newer program wrote is still listed.
        if let Ok(doc) = version.doc() {
            describe(&mut content, &doc.body);
        }
        content.author = version.person;
        self.row(tx, &content).await
    }

    /// A content as lists show it.
    pub(crate) async fn row(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
    ) -> Result<ContentRow, Error> {
        let rows = self.rows(tx, std::slice::from_ref(content)).await?;
        rows.into_iter()
            .next()
            .ok_or_else(|| Error::missing("content"))
    }

    /// Contents as lists show them.
    pub(crate) async fn rows(
        &self,
        tx: &mut Tx<'_>,
        contents: &[Content],
    ) -> Result<Vec<ContentRow>, Error> {
        let ids: Vec<ContentId> = contents.iter().map(|content| content.id).collect();
        let unsaved = store::content::with_working_copy(tx, self.organization, &ids).await?;
        let mut deliveries: BTreeMap<ContentId, Vec<Delivery>> = BTreeMap::new();
        for delivery in store::delivery::of_contents(tx, self.organization, &ids).await? {
            if delivery.status != DeliveryStatus::Cancelled {
                deliveries
                    .entry(delivery.content)
                    .or_default()
                    .push(delivery);
            }
        }
        let rows = contents.iter().map(|content| {
            let shown = deliveries.remove(&content.id).unwrap_or_default();
            self.row_with(content, &shown, unsaved.contains(&content.id))
        });
        Ok(rows.collect())
    }

    fn row_with(&self, content: &Content, shown: &[Delivery], unsaved: bool) -> ContentRow {
        let at = content.at.and_then(|at| {
            shown
                .iter()
                .filter_map(|d| d.planned.clone())
                .find(|p| p.at == at)
                .or_else(|| domain::Planned::from_instant(at, self.zone(content.persona)).ok())
        });
        ContentRow {
            id: content.id,
            persona: self.persona(content.persona),
            headline: content.headline.clone(),
            excerpt: content.excerpt.clone(),
            status: content.status,
            n: content.n,
            unsaved,
            author: self.maybe(content.author),
            changed_at: content.changed_at,
            at,
            targets: shown.iter().map(|d| self.target(d)).collect(),
            pictures: content.pictures,
            parts: content.parts,
            labels: content.labels.clone(),
            campaign: content.campaign.clone(),
        }
    }
}
