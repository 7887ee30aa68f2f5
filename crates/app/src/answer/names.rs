//! The small tables that nearly every answer needs, read once for each.

use std::collections::BTreeMap;

use db::Tx;
use domain::identity::NetworkId;
use domain::ids::{IdentityId, OrganizationId, PersonId, PersonaId};
use protocol::views::{ContentRow, PersonRef, PersonaRef, Target};
use store::content::Content;
use store::delivery::Delivery;
use store::version::Version;

use crate::Error;
use crate::apply::describe;

/// Names by id.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) organization: OrganizationId,
    pub(super) people: BTreeMap<PersonId, store::person::Person>,
    pub(super) personas: BTreeMap<PersonaId, store::persona::Persona>,
    pub(super) identities: BTreeMap<IdentityId, store::identity::Identity>,
}

impl Names {
    pub(super) async fn read(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Self, Error> {
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

    pub(super) fn person(&self, id: PersonId) -> PersonRef {
        let name = self
            .people
            .get(&id)
            .map(|p| p.name.clone())
            .unwrap_or_default();
        PersonRef { id, name }
    }

    pub(super) fn maybe(&self, id: Option<PersonId>) -> Option<PersonRef> {
        id.map(|id| self.person(id))
    }

    pub(super) fn persona(&self, id: PersonaId) -> PersonaRef {
        let profile = self.personas.get(&id).map(|p| &p.profile);
        PersonaRef {
            id,
            name: profile.map(|p| p.name.clone()).unwrap_or_default(),
            hue: profile.map(|p| p.hue).unwrap_or_default(),
        }
    }

    pub(super) fn zone(&self, id: PersonaId) -> &str {
        self.personas
            .get(&id)
            .map_or("UTC", |p| p.profile.zone.as_str())
    }

    /// When a delivery goes, or when it went if nobody planned a time.
    pub(super) fn when(&self, delivery: &Delivery) -> Option<domain::Planned> {
        let went = || {
            let persona = self.identities.get(&delivery.identity)?.persona;
            domain::Planned::from_instant(delivery.settled_at?, self.zone(persona)).ok()
        };
        delivery.planned.clone().or_else(went)
    }

    pub(super) fn target(&self, delivery: &Delivery) -> Target {
        let identity = self.identities.get(&delivery.identity);
        Target {
            delivery: delivery.id,
            identity: delivery.identity,
            network: identity.map_or_else(|| NetworkId::new(""), |i| i.network.clone()),
            handle: identity.map(|i| i.handle.clone()).unwrap_or_default(),
            status: delivery.status,
            planned: delivery.planned.clone(),
        }
    }

    /// A content as lists show it, with what a version says instead of what is typed since.
    pub(super) async fn row_of(
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
    pub(super) async fn row(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
    ) -> Result<ContentRow, Error> {
        let deliveries = store::delivery::of_content(tx, self.organization, content.id).await?;
        let unsaved = store::content::has_working_copy(tx, self.organization, content.id).await?;
        let shown: Vec<&Delivery> = deliveries
            .iter()
            .filter(|d| d.status != domain::delivery::DeliveryStatus::Cancelled)
            .collect();
        let at = content.at.and_then(|at| {
            shown
                .iter()
                .filter_map(|d| d.planned.clone())
                .find(|p| p.at == at)
                .or_else(|| domain::Planned::from_instant(at, self.zone(content.persona)).ok())
        });
        Ok(ContentRow {
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
            targets: shown.into_iter().map(|d| self.target(d)).collect(),
            pictures: content.pictures,
            parts: content.parts,
            labels: content.labels.clone(),
            campaign: content.campaign.clone(),
        })
    }
}
