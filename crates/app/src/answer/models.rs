//! What language models were asked.

use protocol::views::ModelUse;

use super::names::Names;
use crate::Error;
use crate::core::App;
use crate::writing::month_of;

impl App {
    /// What each persona used in this month.
    pub(super) async fn model_use(&self) -> Result<Vec<ModelUse>, Error> {
        let (org, month) = (self.organization(), month_of(self.now()));
        self.db()
            .read(move |tx| {
                let month = month.clone();
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let used = store::model_use::of_month(tx, org, &month).await?;
                    let personas = names.personas.values().filter(|p| !p.archived);
                    let view = |persona: &store::persona::Persona| {
                        let own = || used.iter().filter(|u| u.persona == persona.id);
                        ModelUse {
                            persona: names.persona(persona.id),
                            asked: own().map(|u| u.asked).sum(),
                            tokens: own().fold(0, |all, u| {
                                all.saturating_add(u.input).saturating_add(u.output)
                            }),
                            cap: persona.profile.monthly_tokens.map(i64::from),
                            cost: own().fold(0, |all, u| all.saturating_add(u.cost)),
                            cost_cap: persona.profile.monthly_cost,
                        }
                    };
                    Ok(personas.map(view).collect())
                })
            })
            .await
    }
}
