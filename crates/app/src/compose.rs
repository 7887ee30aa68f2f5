//! From what is typed to what goes out: the composer's counters, the save and the check before
//! sending all come through here.

use std::collections::BTreeMap;

use db::Tx;
use domain::Hash;
use domain::content::{Body, Quote, Variant, identity_key, network_key};
use domain::ids::{ContentId, OrganizationId};
use domain::limits::{Limits, Severity};
use domain::media::{AssetFacts, Rendition};
use domain::version::{FORMAT, VersionDoc};
use networks::{CardState, PrepareInput, Prepared, Registry};
use protocol::{Code, Problem};
use store::identity::Identity;

use crate::Error;
use crate::calls::facts_of;
use crate::core::App;

/// What an account may send now.
///
/// # Errors
/// When its network is not in this program.
pub fn limits_of(networks: &Registry, identity: &Identity) -> Result<Limits, Error> {
    let adapter = networks
        .get(&identity.network)
        .ok_or_else(|| unknown(&identity.network))?;
    Ok(adapter.limits(Some(&facts_of(identity))))
}

/// A network that this program does not have.
#[must_use]
pub fn unknown(network: &domain::identity::NetworkId) -> Error {
    Error::refused(
        Code::UnknownNetwork,
        format!("This version of Rostrum does not know the network “{network}”."),
    )
}

/// All that preparing looks at.
#[derive(Debug)]
pub struct Ground {
    /// The accounts that the body names, in its order.
    pub targets: Vec<Identity>,
    /// Facts of its pictures.
    pub assets: BTreeMap<Hash, AssetFacts>,
}

/// Reads what preparing `body` looks at.
///
/// # Errors
/// When an account or a picture is not known.
pub async fn ground(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    body: &Body,
) -> Result<Ground, Error> {
    let mut targets = Vec::with_capacity(body.targets.len());
    for id in &body.targets {
        let identity = store::identity::get(tx, organization, *id)
            .await?
            .ok_or_else(|| Error::missing("account"))?;
        targets.push(identity);
    }
    let mut assets = BTreeMap::new();
    for hash in body.assets() {
        if let Some(asset) = store::asset::get(tx, organization, hash).await? {
            assets.insert(hash, asset.facts);
        }
    }
    Ok(Ground { targets, assets })
}

/// What was found out on networks, for one account.
#[derive(Debug, Default)]
struct Facts {
    mentions: BTreeMap<String, Option<String>>,
    cards: BTreeMap<String, CardState>,
    quotes: BTreeMap<String, Option<Quote>>,
    renditions: BTreeMap<Hash, Rendition>,
}

/// Whether an account has a text of its own.
#[must_use]
pub fn has_own_text(body: &Body, identity: &Identity) -> bool {
    body.variants.contains_key(&identity_key(identity.id))
        || body.variants.contains_key(&network_key(&identity.network))
}

/// Names a text: another one has another name.
///
/// # Errors
/// When it cannot be written down.
pub fn seen(body: &Body) -> Result<Hash, Error> {
    let bytes = serde_json::to_vec(body).map_err(|e| Error::Problem(crate::error::internal(&e)))?;
    Ok(Hash::of(&bytes))
}

impl App {
    fn facts(&self, identity: &Identity) -> Facts {
        let known = self.known();
        let network = identity.network.as_str();
        Facts {
            mentions: known
                .mentions
                .iter()
                .filter(|((id, _), _)| *id == identity.id)
                .map(|((_, handle), id)| (handle.clone(), id.clone()))
                .collect(),
            cards: known
                .cards
                .iter()
                .filter(|((n, _), _)| n == network)
                .map(|((_, url), card)| (url.clone(), card.clone()))
                .collect(),
            quotes: known
                .quotes
                .iter()
                .filter(|((id, _), _)| *id == identity.id)
                .map(|((_, address), quote)| (address.clone(), quote.clone()))
                .collect(),
            renditions: known
                .renditions
                .iter()
                .filter(|((_, id), _)| *id == identity.id)
                .map(|((asset, _), rendition)| (*asset, rendition.clone()))
                .collect(),
        }
    }

    /// What one account would get, as far as it is known without asking anybody.
    ///
    /// # Errors
    /// When its network is not in this program.
    pub fn prepare(
        &self,
        body: &Body,
        identity: &Identity,
        assets: &BTreeMap<Hash, AssetFacts>,
    ) -> Result<Prepared, Error> {
        let adapter = self
            .networks()
            .get(&identity.network)
            .ok_or_else(|| unknown(&identity.network))?;
        let facts = self.facts(identity);
        let variant: &Variant = body.variant_for(&identity.network, identity.id);
        Ok(adapter.prepare(&PrepareInput {
            identity: identity.id,
            variant,
            languages: &body.languages,
            title: &body.title,
            limits: &adapter.limits(Some(&facts_of(identity))),
            assets,
            mentions: &facts.mentions,
            cards: &facts.cards,
            quotes: &facts.quotes,
            renditions: &facts.renditions,
        }))
    }

    /// Asks for and makes what is missing: ids of mentions, cards of pages, quoted posts, fitted
    /// pictures.
    ///
    /// # Errors
    /// When a network cannot be asked, or a picture cannot be made to fit.
    pub async fn complete(
        &self,
        body: &Body,
        identity: &Identity,
        assets: &BTreeMap<Hash, AssetFacts>,
        job: &media::Job,
    ) -> Result<Prepared, Error> {
        // Three rounds: what was missing may bring something new with it, but not for ever.
        for _ in 0..3 {
            let prepared = self.prepare(body, identity, assets)?;
            let missing = prepared.missing.clone();
            if missing.is_empty() {
                return Ok(prepared);
            }
            self.resolve(identity, &missing.mentions).await?;
            for url in &missing.cards {
                self.freeze_card(identity, url, job).await?;
            }
            for address in &missing.quotes {
                self.look_up_quote(identity, address).await?;
            }
            for hash in &missing.renditions {
                if let Some(asset) = assets.get(hash) {
                    self.fit(asset, identity, job).await?;
                } else {
                    return Err(Error::refused(
                        Code::MediaMissing,
                        "A picture is not in the library any more. Add it again.",
                    ));
                }
            }
        }
        self.prepare(body, identity, assets)
    }

    async fn resolve(&self, identity: &Identity, handles: &[String]) -> Result<(), Error> {
        if handles.is_empty() {
            return Ok(());
        }
        let adapter = self
            .networks()
            .get(&identity.network)
            .cloned()
            .ok_or_else(|| unknown(&identity.network))?;
        let wanted = handles.to_vec();
        let found = self
            .calls()
            .call(identity.id, facts_of(identity), move |account| {
                Box::pin(async move { adapter.resolve(account, &wanted).await })
            });
        let ids = found.await?.map_err(|e| crate::act::network_problem(&e))?;
        let mut known = self.known();
        for handle in handles {
            let id = ids.get(handle).cloned().flatten();
            known.mentions.insert((identity.id, handle.clone()), id);
        }
        Ok(())
    }

    /// Finds the post that is quoted, as it is now.
    async fn look_up_quote(&self, identity: &Identity, address: &str) -> Result<(), Error> {
        let adapter = self
            .networks()
            .get(&identity.network)
            .cloned()
            .ok_or_else(|| unknown(&identity.network))?;
        let wanted = address.to_owned();
        let found = self
            .calls()
            .call(identity.id, facts_of(identity), move |account| {
                Box::pin(async move { adapter.quoted(account, &wanted).await })
            });
        let quote = found.await?.map_err(|e| crate::act::network_problem(&e))?;
        let key = (identity.id, address.to_owned());
        self.known().quotes.insert(key, quote);
        Ok(())
    }

    /// Reads a page's card and fits its picture for the network. A page that cannot be read has
    /// no card, and the post goes out with the plain link.
    async fn freeze_card(
        &self,
        identity: &Identity,
        url: &str,
        job: &media::Job,
    ) -> Result<(), Error> {
        let adapter = self
            .networks()
            .get(&identity.network)
            .ok_or_else(|| unknown(&identity.network))?;
        let state = match networks::cards::fetch(self.http(), url).await {
            Err(error) => {
                tracing::info!(%error, "a page has no card");
                CardState::None
            }
            Ok(draft) => {
                let image = match (draft.picture, adapter.card_image()) {
                    (Some(picture), Some(limits)) => {
                        self.fit_card(picture.bytes, &limits, job).await
                    }
                    _ => None,
                };
                CardState::Card(domain::version::Card {
                    url: url.to_owned(),
                    title: draft.title,
                    description: draft.description,
                    image,
                })
            }
        };
        let key = (identity.network.as_str().to_owned(), url.to_owned());
        self.known().cards.insert(key, state);
        Ok(())
    }

    /// A card's picture that cannot be used is left out.
    async fn fit_card(
        &self,
        bytes: Vec<u8>,
        limits: &domain::limits::ImageLimits,
        job: &media::Job,
    ) -> Option<Rendition> {
        let imported = self.library().import(bytes, "card", job).await.ok()?;
        let fitted = self
            .library()
            .fit(&imported.facts, limits, job)
            .await
            .ok()?;
        self.note_file(fitted.rendition.hash).await.ok()?;
        Some(fitted.rendition)
    }

    /// Fits a picture for an account.
    ///
    /// # Errors
    /// When it cannot be made to fit.
    pub async fn fit(
        &self,
        asset: &AssetFacts,
        identity: &Identity,
        job: &media::Job,
    ) -> Result<Rendition, Error> {
        let limits = limits_of(self.networks(), identity)?;
        self.must_be_here(asset.hash).await?;
        self.bring_file(asset.hash).await?;
        let fitted = self
            .library()
            .fit(asset, &limits.images, job)
            .await
            .map_err(|e| Error::Problem(crate::act::media_problem(&e)))?;
        let rendition = fitted.rendition.clone();
        self.note_file(rendition.hash).await?;
        self.known()
            .renditions
            .insert((asset.hash, identity.id), fitted.rendition);
        Ok(rendition)
    }

    /// Builds the version: what can go out is prepared in full; what cannot is left out, and its
    /// issues are told.
    ///
    /// # Errors
    /// When something cannot be asked or made.
    pub async fn build(
        &self,
        content: ContentId,
        body: &Body,
        job: &media::Job,
    ) -> Result<Built, Error> {
        let org = self.organization();
        let wanted = body.clone();
        let ground = self
            .db()
            .read(move |tx| Box::pin(async move { ground(tx, org, &wanted).await }))
            .await?;
        let mut targets = Vec::new();
        let mut faults = BTreeMap::new();
        for identity in &ground.targets {
            let prepared = self.complete(body, identity, &ground.assets, job).await?;
            if prepared.is_sendable() {
                targets.push(prepared.target);
            } else {
                let errors: Vec<String> = prepared
                    .issues
                    .iter()
                    .filter(|i| i.severity == Severity::Error)
                    .map(|i| i.code.clone())
                    .collect();
                faults.insert(identity.id.to_string(), errors.join(", "));
            }
        }
        let doc = VersionDoc {
            format: FORMAT,
            organization: org,
            content,
            body: body.clone(),
            media: ground.assets.into_values().collect(),
            targets,
        };
        let (bytes, hash) = doc
            .seal()
            .map_err(|e| Error::refused(Code::InvalidInput, format!("Nothing was saved: {e}.")))?;
        let doc = String::from_utf8(bytes).map_err(|e| crate::error::internal(&e))?;
        Ok(Built { doc, hash, faults })
    }
}

/// A version to be saved.
#[derive(Clone, Debug)]
pub struct Built {
    /// Canonical bytes.
    pub doc: String,
    /// Their hash.
    pub hash: Hash,
    /// Error codes by account, of those that are left out.
    pub faults: BTreeMap<String, String>,
}

impl Built {
    /// Refuses to go on while an account cannot get anything.
    ///
    /// # Errors
    /// `has_errors`, naming each account.
    pub fn require_sound(&self) -> Result<(), Problem> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut problem = Problem::new(
            Code::HasErrors,
            "It cannot go out like this. Mend what is marked, or leave that account out.",
        );
        problem.fields.clone_from(&self.faults);
        Err(problem)
    }
}
