//! Connecting accounts and keeping them well.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::identity::NetworkId;
use domain::ids::{IdentityId, PersonaId};
use networks::{Adapter, ConnectKind, Connected};
use protocol::act::Sensitive;
use protocol::mutation::IdentityFacts;
use protocol::views::{self, Done};
use protocol::{Code, Mutation, Problem};

use super::sign_in::method_of;
use super::{Way, network_problem};
use crate::Error;
use crate::apply;
use crate::calls::facts_of;
use crate::compose::unknown;
use crate::core::{App, Begun, new_id};

impl App {
    pub(super) fn connectable(&self, network: &NetworkId) -> Result<Arc<dyn Adapter>, Problem> {
        let adapter = self
            .networks()
            .get(network)
            .ok_or_else(|| unknown(network))?;
        if !adapter.descriptor().is_connectable() {
            return Err(Problem::new(
                Code::UnknownNetwork,
                format!(
                    "{} cannot be connected in this version of Rostrum; its texts are only counted.",
                    adapter.descriptor().name
                ),
            ));
        }
        Ok(Arc::clone(adapter))
    }

    pub(super) async fn connect(
        &self,
        id: IdentityId,
        persona: PersonaId,
        network: &NetworkId,
        (method, fields): (Option<&str>, BTreeMap<String, Sensitive>),
        way: &Way,
    ) -> Result<views::Account, Problem> {
        let adapter = self.connectable(network)?;
        self.must_be_new(id).await?;
        without_browser(&*adapter, method)?;
        let connected = self.sign_in(&*adapter, method, &fields, way).await?;
        self.add_account(id, persona, network, &connected, way)
            .await
    }

    /// Asked twice under one id, the second must not overwrite or take away the first's secret.
    pub(super) async fn must_be_new(&self, id: IdentityId) -> Result<(), Problem> {
        match self.identity(id).await {
            Ok(_) => Err(Problem::new(
                Code::Conflict,
                "This account exists already. Look again.",
            )),
            Err(_) => Ok(()),
        }
    }

    /// Stores a sign-in and records its account.
    pub(super) async fn add_account(
        &self,
        id: IdentityId,
        persona: PersonaId,
        network: &NetworkId,
        connected: &Connected,
        way: &Way,
    ) -> Result<views::Account, Problem> {
        let facts = described(network, connected);
        // The secret first: an account without one would be dead at its birth.
        if let Some(secret) = &connected.secret
            && !self.secrets().set_first(id, secret).await?
        {
            return Err(Problem::new(
                Code::Conflict,
                "This account is being connected by another request under the same key. Ask again \
                 in a moment.",
            ));
        }
        let add = Mutation::AddIdentity { id, persona, facts };
        let added = self.end(way, Begun::default(), vec![add]).await;
        if let Err(problem) = added {
            let nobodys = self.identity(id).await.is_err();
            if nobodys && let Err(error) = self.secrets().delete(id).await {
                tracing::warn!(%error, "a secret without an account stays behind");
            }
            return Err(problem);
        }
        self.secrets().release(id).await;
        self.account(id).await
    }

    pub(super) async fn test_connection(
        &self,
        network: &NetworkId,
        (method, fields): (Option<&str>, BTreeMap<String, Sensitive>),
        way: &Way,
    ) -> Result<views::ConnectionTest, Problem> {
        let adapter = self.connectable(network)?;
        let tried = match without_browser(&*adapter, method) {
            Ok(()) => self.sign_in(&*adapter, method, &fields, way).await,
            Err(problem) => Err(problem),
        };
        Ok(match tried {
            Ok(connected) => views::ConnectionTest {
                handle: Some(connected.facts.handle),
                problem: None,
            },
            Err(problem) => views::ConnectionTest {
                handle: None,
                problem: Some(problem),
            },
        })
    }

    async fn identity(&self, id: IdentityId) -> Result<store::identity::Identity, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| Box::pin(async move { store::identity::get(tx, org, id).await }))
            .await?
            .ok_or_else(|| Error::missing("account"))
    }

    pub(super) async fn reconnect(
        &self,
        id: IdentityId,
        (method, mut fields): (Option<&str>, BTreeMap<String, Sensitive>),
        way: &Way,
    ) -> Result<views::Account, Problem> {
        let identity = self.identity(id).await?;
        let adapter = self.connectable(&identity.network)?;
        let known = [
            ("handle", identity.handle.clone()),
            ("service", identity.service.clone()),
        ];
        for (name, value) in known.into_iter().chain(
            identity
                .settings
                .iter()
                .map(|(k, v)| (k.as_str(), v.clone())),
        ) {
            fields
                .entry(name.to_owned())
                .or_insert_with(|| Sensitive(value));
        }
        let connected = self.sign_in(&*adapter, method, &fields, way).await?;
        if connected.facts.remote_id != identity.remote_id {
            self.give_back(&*adapter, &connected).await;
            return Err(Problem::new(
                Code::Conflict,
                format!(
                    "This is another account than {}. Connect it as a new one.",
                    identity.handle
                ),
            ));
        }
        if let Some(secret) = &connected.secret {
            // Not beneath a call that may still store what it refreshed of the old one.
            let mut in_hand = self.calls().turn(id).await;
            self.secrets().hold(id).await?;
            let kept = self.secrets().set(id, secret).await;
            self.secrets().release(id).await;
            kept?;
            *in_hand = None;
        }
        let facts = described(&identity.network, &connected);
        let ctx = self.ctx(way.acting, new_id()).await?;
        let effects = self
            .db()
            .write(move |tx| {
                let (ctx, facts) = (ctx.clone(), facts.clone());
                Box::pin(async move { apply::reconnect(tx, &ctx, id, &facts).await })
            })
            .await?;
        self.tell(effects);
        self.account(id).await
    }

    pub(super) async fn check_account(
        &self,
        id: IdentityId,
        way: &Way,
    ) -> Result<views::Account, Problem> {
        let identity = self.identity(id).await?;
        let adapter = self.connectable(&identity.network)?;
        let said = self.calls().call(id, facts_of(&identity), move |account| {
            Box::pin(async move { adapter.check(account).await })
        });
        let checked = match said.await.map_err(Error::from)? {
            Ok(checked) => checked,
            Err(error @ networks::NetworkError::NeedsReconnect { .. }) => {
                let mut problem = network_problem(&error);
                problem.code = Code::NeedsReconnect;
                return Err(problem);
            }
            Err(error) => return Err(network_problem(&error)),
        };
        let facts = IdentityFacts {
            network: identity.network.clone(),
            remote_id: checked.facts.remote_id,
            handle: checked.facts.handle,
            display_name: checked.name.unwrap_or(identity.display_name),
            service: identity.service,
            settings: checked.facts.settings,
            live: checked.facts.live,
        };
        self.apply_all(way.acting, vec![Mutation::UpdateIdentity { id, facts }])
            .await?;
        self.account(id).await
    }

    pub(super) async fn disconnect(&self, id: IdentityId, way: &Way) -> Result<Done, Problem> {
        self.apply_all(way.acting, vec![Mutation::DisconnectIdentity { id }])
            .await?;
        let mut in_hand = self.calls().turn(id).await;
        self.secrets().hold(id).await?;
        self.secrets().delete(id).await?;
        *in_hand = None;
        Ok(Done {})
    }

    /// An account as the window shows it.
    async fn account(&self, id: IdentityId) -> Result<views::Account, Problem> {
        let all = self.accounts().await?;
        all.into_iter()
            .find(|a| a.id == id)
            .ok_or_else(|| Error::missing("account").into_problem())
    }
}

/// Whose browser it was, somebody has to say: [`protocol::Act::SignIn`].
fn without_browser(adapter: &dyn Adapter, method: Option<&str>) -> Result<(), Problem> {
    match method_of(adapter, method)?.kind {
        ConnectKind::Fields => Ok(()),
        ConnectKind::Browser { .. } => Err(Problem::new(
            Code::InvalidInput,
            "This way leads through the browser: sign in first, then say whether it is you.",
        )),
    }
}

/// What is recorded of a connected account.
fn described(network: &NetworkId, connected: &Connected) -> IdentityFacts {
    let settings = &connected.facts.settings;
    let service = ["service", "folder", "path", "url"]
        .iter()
        .find_map(|name| settings.get(*name))
        .cloned()
        .unwrap_or_default();
    IdentityFacts {
        network: network.clone(),
        remote_id: connected.facts.remote_id.clone(),
        handle: connected.facts.handle.clone(),
        display_name: connected.name.clone(),
        service,
        settings: settings.clone(),
        live: connected.facts.live.clone(),
    }
}
