//! Secrets of accounts, for calls to their networks.

use std::sync::Arc;

use async_trait::async_trait;
use db::Db;
use domain::ids::{IdentityId, OrganizationId};
use networks::{AccountSecret, Registry};

use super::SecretStore;
use crate::Error;
use crate::compose::unknown;

/// The keychain or the vault, asked only for accounts of networks that need a secret.
pub(crate) struct Keys {
    pub(crate) db: Db,
    pub(crate) organization: OrganizationId,
    pub(crate) networks: Registry,
    pub(crate) secrets: Arc<dyn SecretStore>,
}

#[async_trait]
impl crate::publish::Secrets for Keys {
    async fn secret(&self, id: IdentityId) -> Result<Option<AccountSecret>, String> {
        let org = self.organization;
        let words = |e: Error| e.into_problem().message;
        let identity = self
            .db
            .read(move |tx| Box::pin(async move { store::identity::get(tx, org, id).await }))
            .await
            .map_err(|e| words(e.into()))?
            .ok_or_else(|| words(Error::missing("account")))?;
        // Where no keychain answers, "there is none" cannot be told from "nobody knows": ask only
        // for what there must be.
        let adapter = self
            .networks
            .get(&identity.network)
            .ok_or_else(|| words(unknown(&identity.network)))?;
        if !adapter.descriptor().needs_secret() {
            return Ok(None);
        }
        self.secrets.get(id).await.map_err(|e| e.to_string())
    }

    async fn keep(&self, id: IdentityId, secret: AccountSecret) -> Result<(), String> {
        self.secrets
            .set(id, &secret)
            .await
            .map_err(|e| e.to_string())
    }

    async fn hold(&self, id: IdentityId) -> Result<(), String> {
        self.secrets.hold(id).await.map_err(|e| e.to_string())
    }

    async fn release(&self, id: IdentityId) {
        self.secrets.release(id).await;
    }
}
