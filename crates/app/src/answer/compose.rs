//! The composer's live half: counts, issues, the approval path, thread splitting.

use std::collections::BTreeMap;

use domain::Hash;
use domain::approval::{self, ChainPolicy};
use domain::content::{Body, Options};
use domain::cost::TargetCost;
use domain::identity::NetworkId;
use domain::ids::{ContentId, IdentityId, PersonaId};
use domain::media::AssetFacts;
use domain::version::{FORMAT, VersionDoc};
use protocol::views::{CountedView, Prepared, PreparedView, SplitText, StagePreview};

use super::approvals::unpriced;
use super::names::Names;
use crate::Error;
use crate::calls::facts_of;
use crate::compose::{ground, has_own_text, unknown};
use crate::core::App;

impl App {
    pub(super) async fn prepared(
        &self,
        persona: PersonaId,
        body: Body,
        counted: Vec<NetworkId>,
    ) -> Result<Prepared, Error> {
        let org = self.organization();
        let wanted = body.clone();
        let (ground, names, chain) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let ground = ground(tx, org, &wanted).await?;
                    let names = Names::read(tx, org).await?;
                    let chain = match names.personas.get(&persona).and_then(|p| p.chain) {
                        None => ChainPolicy::direct(),
                        Some(id) => store::chain::get(tx, org, id)
                            .await?
                            .map_or_else(ChainPolicy::direct, |c| c.policy),
                    };
                    Ok::<_, Error>((ground, names, chain))
                })
            })
            .await?;
        let mut targets = Vec::with_capacity(ground.targets.len());
        let mut prepared_targets = Vec::with_capacity(ground.targets.len());
        for identity in &ground.targets {
            let prepared = self.prepare(&body, identity, &ground.assets)?;
            let mut issues = prepared.issues;
            issues.sort_by_key(|i| std::cmp::Reverse(i.severity));
            targets.push(PreparedView {
                identity: identity.id,
                network: identity.network.clone(),
                own_text: has_own_text(&body, identity),
                segments: prepared.target.segments.clone(),
                options: prepared.target.options.clone(),
                counts: prepared.counts,
                issues,
                cost: prepared.cost,
            });
            prepared_targets.push(prepared.target);
        }
        let counted = counted
            .iter()
            .map(|network| self.count_only(&body, network, &ground.assets))
            .collect::<Result<Vec<_>, _>>()?;
        let doc = VersionDoc {
            format: FORMAT,
            organization: org,
            content: ContentId(uuid::Uuid::nil()),
            body,
            media: Vec::new(),
            targets: prepared_targets,
        };
        let costs = self.networks().costs(&doc);
        let skipped = chain.stages.iter().filter(|s| unpriced(s, &doc, &costs));
        Ok(Prepared {
            targets,
            counted,
            unpriced: skipped.map(|stage| stage.name.clone()).collect(),
            stages: self.stages(&chain, &doc, &costs, &names).await?,
        })
    }

    /// What a network without an account would get: counted and shown, never sent.
    fn count_only(
        &self,
        body: &Body,
        network: &NetworkId,
        assets: &BTreeMap<Hash, AssetFacts>,
    ) -> Result<CountedView, Error> {
        let adapter = self
            .networks()
            .get(network)
            .ok_or_else(|| unknown(network))?;
        let key = domain::content::network_key(network);
        let prepared = adapter.prepare(&networks::PrepareInput {
            identity: IdentityId(uuid::Uuid::nil()),
            variant: body.variants.get(&key).unwrap_or(&body.shared),
            languages: &body.languages,
            title: &body.title,
            limits: &adapter.limits(None),
            assets,
            mentions: &BTreeMap::new(),
            cards: &BTreeMap::new(),
            quotes: &BTreeMap::new(),
            renditions: &BTreeMap::new(),
        });
        let mut issues = prepared.issues;
        issues.sort_by_key(|i| std::cmp::Reverse(i.severity));
        Ok(CountedView {
            network: network.clone(),
            own_text: body.variants.contains_key(&key),
            segments: prepared.target.segments,
            options: prepared.target.options,
            counts: prepared.counts,
            issues,
        })
    }

    /// The stages that would be asked if the person of this computer submitted it.
    async fn stages(
        &self,
        chain: &ChainPolicy,
        doc: &VersionDoc,
        costs: &[TargetCost],
        names: &Names,
    ) -> Result<Vec<StagePreview>, Error> {
        let author = self.me().await?.map(|p| p.id);
        let members: Vec<_> = names
            .people
            .values()
            .map(store::person::Person::member)
            .collect();
        let authors: Vec<_> = author.into_iter().collect();
        Ok(chain
            .stages_for(doc, costs)
            .into_iter()
            .filter_map(|index| chain.stages.get(index as usize))
            .map(|stage| {
                let people = approval::seats(
                    &stage.approvers,
                    &members,
                    &authors,
                    chain.authors_may_approve,
                );
                StagePreview {
                    name: stage.name.clone(),
                    needed: u32::try_from(stage.quorum.needed(people.len()).max(1)).unwrap_or(1),
                    people: people.into_iter().map(|id| names.person(id)).collect(),
                    because: stage.conditions.clone(),
                }
            })
            .collect())
    }

    pub(super) async fn split(
        &self,
        network: &NetworkId,
        identity: Option<IdentityId>,
        text: &str,
        options: &Options,
    ) -> Result<SplitText, Error> {
        let adapter = self
            .networks()
            .get(network)
            .ok_or_else(|| unknown(network))?;
        let org = self.organization();
        let facts = match identity {
            None => None,
            Some(id) => self
                .db()
                .read(move |tx| Box::pin(async move { store::identity::get(tx, org, id).await }))
                .await?
                .map(|i| facts_of(&i)),
        };
        let mut limits = adapter.limits(facts.as_ref());
        let reserved = adapter.reserved(options);
        // Something stays, so that a warning that is too long itself does not cut every character.
        limits.text.max = limits
            .text
            .max
            .map(|max| max.saturating_sub(reserved).max(1));
        Ok(SplitText {
            parts: adapter.split(text, &limits),
        })
    }
}
