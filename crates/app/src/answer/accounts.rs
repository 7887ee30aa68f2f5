//! People, personas, accounts, networks, chains.

use db::Tx;
use domain::cost::Budget;
use domain::delivery::DeliveryStatus;
use domain::identity::{Executor, IdentityStatus};
use domain::ids::PersonId;
use domain::status::ContentStatus;
use domain::time::MINUTE;
use networks::{Adapter, ConnectKind, FieldKind};
use protocol::views::{self, Account, Chain, ConnectField, Network, PersonaDetail};
use store::identity::Identity;

use super::names::Names;
use crate::Error;
use crate::apply::budgets;
use crate::calls::{facts_of, sign_in_over};
use crate::core::App;
use crate::publish::least_ahead;

impl App {
    pub(super) async fn people(
        &self,
        viewer: Option<PersonId>,
    ) -> Result<Vec<views::Person>, Error> {
        let org = self.organization();
        let all = self
            .db()
            .read(move |tx| Box::pin(async move { store::person::all(tx, org).await }))
            .await?;
        Ok(all.iter().map(|p| person_view(p, viewer)).collect())
    }

    pub(crate) async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let org = self.organization();
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let all = store::identity::all(tx, org).await?;
                    account_views(&app, tx, &all).await
                })
            })
            .await
    }

    pub(super) async fn personas(&self) -> Result<Vec<PersonaDetail>, Error> {
        let org = self.organization();
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let identities: Vec<Identity> = names.identities.values().cloned().collect();
                    let mut accounts = account_views(&app, tx, &identities).await?;
                    accounts.sort_by_key(|a| (a.status != IdentityStatus::Connected, a.id));
                    let counts = store::content::counts(tx, org, &ContentStatus::ALL).await?;
                    let mut all = Vec::new();
                    for persona in store::persona::all(tx, org).await? {
                        let chain = match persona.chain {
                            None => None,
                            Some(id) => store::chain::get(tx, org, id).await?.map(|c| c.policy),
                        };
                        all.push(PersonaDetail {
                            id: persona.id,
                            chain,
                            accounts: accounts
                                .iter()
                                .filter(|a| a.persona == persona.id)
                                .cloned()
                                .collect(),
                            contents: counts
                                .iter()
                                .filter(|(status, of, _)| {
                                    *of == persona.id && *status != ContentStatus::Archived
                                })
                                .map(|(_, _, n)| n)
                                .sum(),
                            paused: persona.paused_at.is_some(),
                            archived: persona.archived,
                            profile: persona.profile,
                        });
                    }
                    Ok(all)
                })
            })
            .await
    }

    pub(super) async fn chains(&self) -> Result<Vec<Chain>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let mut all = Vec::new();
                    for chain in store::chain::newest(tx, org).await? {
                        let users = store::persona::using(tx, org, chain.policy.id).await?;
                        all.push(Chain {
                            policy: chain.policy,
                            personas: users.iter().map(|p| names.persona(p.id)).collect(),
                            archived: chain.archived,
                        });
                    }
                    Ok::<_, Error>(all)
                })
            })
            .await
    }

    pub(super) fn network_list(&self) -> Vec<Network> {
        let views = self
            .networks()
            .all()
            .map(|adapter| network_view(&**adapter));
        match self.executor() {
            Executor::Desktop => views.collect(),
            Executor::Server => views.map(at_a_server).collect(),
        }
    }
}

/// A network as it can be connected from afar: the browser would come back to a port of the server,
/// and a site lies below the server's own folder, called by a name.
fn at_a_server(mut network: Network) -> Network {
    network.methods.retain(|method| !method.browser);
    network.connectable = !network.methods.is_empty();
    for field in network.methods.iter_mut().flat_map(|m| &mut m.fields) {
        if field.kind == views::FieldKind::Folder {
            field.kind = views::FieldKind::Text;
            "site".clone_into(&mut field.default);
        }
    }
    network
}

pub(super) fn person_view(person: &store::person::Person, me: Option<PersonId>) -> views::Person {
    views::Person {
        id: person.id,
        name: person.name.clone(),
        role: person.role,
        active: person.active,
        me: me == Some(person.id),
    }
}

pub(super) async fn account_views(
    app: &App,
    tx: &mut Tx<'_>,
    identities: &[Identity],
) -> Result<Vec<Account>, Error> {
    let org = app.organization();
    let held = store::delivery::with_status(tx, org, DeliveryStatus::Held).await?;
    let mut all = Vec::with_capacity(identities.len());
    for identity in identities {
        let Some(adapter) = app.networks().get(&identity.network) else {
            tracing::warn!(network = %identity.network, "an account of an unknown network");
            continue;
        };
        let spent = match &adapter.descriptor().features.currency {
            None => None,
            Some(currency) => {
                let persona = store::persona::get(tx, org, identity.persona).await?;
                let zone = persona.map_or("UTC".to_owned(), |p| p.profile.zone);
                let when = (app.now(), zone.as_str());
                let spent = budgets::spent(tx, org, identity, when, currency, None).await?;
                Some(Budget {
                    amount_micros: spent,
                    currency: currency.clone(),
                })
            }
        };
        all.push(Account {
            budget: identity.budget.clone(),
            spent,
            id: identity.id,
            persona: identity.persona,
            network: identity.network.clone(),
            handle: identity.handle.clone(),
            display_name: identity.display_name.clone(),
            service: identity.service.clone(),
            status: identity.status,
            executor: identity.executor,
            checked_at: identity.checked_at,
            trouble: identity.trouble.clone(),
            held: u32::try_from(held.iter().filter(|d| d.identity == identity.id).count())
                .unwrap_or(u32::MAX),
            limits: adapter.limits(Some(&facts_of(identity))),
            measured: !adapter.descriptor().features.metrics.is_empty()
                && adapter.measures(&facts_of(identity)),
            sign_in_over: sign_in_over(identity),
            keeps_time: adapter
                .keeps_time(&facts_of(identity))
                .and_then(|wanted| u32::try_from(least_ahead(wanted) / MINUTE).ok()),
        });
    }
    Ok(all)
}

fn choices_view(choices: &networks::Choices) -> views::Choices {
    views::Choices {
        visibility: choices.visibility.to_vec(),
        content_warning: choices.content_warning,
        sensitive: choices.sensitive,
        replies: choices.replies.to_vec(),
        quotes_off: choices.quotes_off,
        made_with_ai: choices.made_with_ai,
        labels: choices.labels.iter().map(|l| (*l).to_owned()).collect(),
        quote: choices.quote,
    }
}

fn network_view(adapter: &dyn Adapter) -> Network {
    let descriptor = adapter.descriptor();
    let features = &descriptor.features;
    Network {
        id: descriptor.id.clone(),
        name: descriptor.name.to_owned(),
        tile: if features.local {
            String::new()
        } else {
            descriptor.letters.to_owned()
        },
        connectable: descriptor.is_connectable(),
        methods: descriptor.connect.iter().map(method_view).collect(),
        can_delete: features.delete,
        has_cards: features.link_cards,
        has_metrics: !features.metrics.is_empty(),
        currency: features.currency.clone(),
        metrics_cost: features.metrics_cost.clone(),
        has_titles: features.titles,
        choices: choices_view(&features.choices),
        limits: adapter.limits(None),
    }
}

fn method_view(method: &networks::ConnectMethod) -> views::ConnectMethod {
    views::ConnectMethod {
        id: method.id.to_owned(),
        browser: matches!(method.kind, ConnectKind::Browser { .. }),
        callback: method.kind.callback(),
        guide_url: method.guide_url.map(str::to_owned),
        fields: method.fields.iter().map(field_view).collect(),
    }
}

fn field_view(field: &networks::Field) -> ConnectField {
    ConnectField {
        name: field.id.to_owned(),
        kind: match field.kind {
            FieldKind::Text => views::FieldKind::Text,
            FieldKind::Url => views::FieldKind::Url,
            FieldKind::Secret => views::FieldKind::Secret,
            FieldKind::Folder => views::FieldKind::Folder,
        },
        default: match field.kind {
            // A site lies where its owner finds it.
            FieldKind::Folder if field.preset.is_empty() => std::env::home_dir()
                .map(|home| home.join("Rostrum").join("site"))
                .map(|path| path.to_string_lossy().into_owned())
                .unwrap_or_default(),
            _ => field.preset.to_owned(),
        },
        required: field.required,
    }
}
