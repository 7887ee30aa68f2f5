//! How models are reached: their keys, and how far away they may be.

use domain::ids::{IdentityId, ModelId, OrganizationId};
use domain::model::Model;
use models::{Client, Way as ModelWay};
use networks::http::Distance;
use protocol::views::ModelTest;
use protocol::{Code, Problem};

use super::asks::problem;
use crate::core::App;

impl App {
    /// How far away a model may be now.
    pub(super) fn distance(&self) -> Distance {
        if self.settings().models_here_only {
            Distance::Here
        } else {
            Distance::Anywhere
        }
    }

    pub(super) async fn way_to(&self, model: &Model) -> Result<ModelWay, Problem> {
        let key = match model.keyed {
            false => None,
            true => {
                let kept = self.secrets().get(kept_under(model.id)).await?;
                let missing = || {
                    Problem::new(
                        Code::SecretMissing,
                        "The key of this model is gone. Enter it again in Settings > Models.",
                    )
                };
                Some(kept.ok_or_else(missing)?)
            }
        };
        Ok(ModelWay {
            kind: model.kind,
            address: model.address.clone(),
            model: model.model.clone(),
            key,
            distance: self.distance(),
        })
    }

    /// Keeps the key of a model where secrets are kept.
    pub(crate) async fn keep_model_key(&self, id: ModelId, key: String) -> Result<(), Problem> {
        self.own_models()?;
        let secret = networks::AccountSecret::new(key);
        Ok(self.secrets().set(kept_under(id), &secret).await?)
    }

    /// Forgets the keys of models that are no more.
    pub(crate) async fn forget_model_keys(&self, before: &[Model], now: &[Model]) {
        for gone in before.iter().filter(|b| b.keyed) {
            if now.iter().any(|model| model.id == gone.id && model.keyed) {
                continue;
            }
            if let Err(error) = self.secrets().delete(kept_under(gone.id)).await {
                tracing::warn!(%error, "a model's key stays where it is");
            }
        }
    }

    /// Asks a service which models it has. Nothing is written and no token used.
    pub(crate) async fn test_model(
        &self,
        model: &Model,
        key: Option<String>,
    ) -> Result<ModelTest, Problem> {
        self.own_models()?;
        let mut to = ModelWay {
            kind: model.kind,
            address: model.address.clone(),
            model: model.model.clone(),
            key: key.map(networks::Secret::new),
            distance: self.distance(),
        };
        if to.key.is_none() && model.keyed {
            // A kept key goes where it was kept for, and nowhere else.
            let same = |kept: &Model| {
                kept.id == model.id && kept.kind == model.kind && kept.address == model.address
            };
            if !self.settings().models.iter().any(same) {
                return Err(Problem::new(
                    Code::SecretMissing,
                    "Enter the key: the one that is kept belongs to another address.",
                ));
            }
            to.key = self.way_to(model).await?.key;
        }
        let client = Client::new(self.http().clone());
        let models = client.list(&to).await.map_err(|e| problem(&e))?;
        Ok(ModelTest {
            known: models.contains(&model.model),
            models,
        })
    }
}

/// Under what the key of a model is kept: by no id of an account or of a joined server, whose secrets
/// lie in the same place.
fn kept_under(model: ModelId) -> IdentityId {
    let nobody = OrganizationId(uuid::Uuid::nil());
    IdentityId(domain::ids::derived(nobody, model.0, "model_key", 0))
}
