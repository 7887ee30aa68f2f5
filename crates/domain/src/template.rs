//! Templates: reusable starting points.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::content::{Body, identity_key};
use crate::ids::{IdentityId, PersonaId};

/// What a new content begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Template {
    /// Its name, for people inside.
    pub name: String,
    /// For one persona; absent means for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub persona: Option<PersonaId>,
    /// Text, pictures and options.
    pub body: Body,
    /// What the new content is labelled with, sorted.
    #[serde(default)]
    pub labels: Vec<String>,
}

impl Template {
    /// The template as it is kept: trimmed, and for all personas without what is one account's.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        self.name = self.name.trim().to_owned();
        self.labels = self
            .labels
            .iter()
            .map(|l| l.trim().to_owned())
            .filter(|l| !l.is_empty())
            .collect();
        self.labels.sort_unstable();
        self.labels.dedup();
        if self.persona.is_none() {
            self.body = fitted(&self.body, &[]);
        }
        self
    }

    /// The body of a new content that goes to these accounts: to those of them that the template
    /// names, else to all.
    #[must_use]
    pub fn begin(&self, accounts: &[IdentityId]) -> Body {
        let mut body = fitted(&self.body, accounts);
        if body.targets.is_empty() {
            body.targets = accounts.to_vec();
        }
        body
    }
}

/// A body without accounts, and texts of accounts, that are not among these.
fn fitted(body: &Body, accounts: &[IdentityId]) -> Body {
    let mut body = body.clone();
    body.targets.retain(|target| accounts.contains(target));
    let keys: Vec<String> = accounts.iter().map(|id| identity_key(*id)).collect();
    body.variants
        .retain(|key, _| !key.starts_with("identity:") || keys.contains(key));
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Variant, network_key};
    use crate::identity::NetworkId;
    use uuid::Uuid;

    fn account(n: u128) -> IdentityId {
        IdentityId(Uuid::from_u128(n))
    }

    fn template(persona: Option<PersonaId>) -> Template {
        let mut body = Body {
            shared: Variant::of_text("Ask a glaciologist, no. "),
            targets: vec![account(1), account(2)],
            ..Body::default()
        };
        body.variants
            .insert(identity_key(account(1)), Variant::of_text("one"));
        body.variants
            .insert(network_key(&NetworkId::new("x")), Variant::of_text("on X"));
        Template {
            name: " Series ".into(),
            persona,
            body,
            labels: vec![" snow".into(), String::new(), "ask".into(), "snow".into()],
        }
    }

    #[test]
    fn for_all_personas_nothing_of_an_account_stays() {
        let kept = template(None).tidied();
        assert_eq!(kept.name, "Series");
        assert_eq!(kept.labels, ["ask", "snow"]);
        assert!(kept.body.targets.is_empty());
        assert_eq!(kept.body.variants.len(), 1, "a network's text stays");
        let own = template(Some(PersonaId(Uuid::from_u128(9)))).tidied();
        assert_eq!(own.body, template(None).body);
    }

    #[test]
    fn a_new_content_goes_to_the_named_accounts_that_are_still_there() {
        let body = template(None).begin(&[account(2), account(3)]);
        assert_eq!(body.targets, [account(2)]);
        assert!(!body.variants.contains_key(&identity_key(account(1))));
        let elsewhere = template(None).begin(&[account(7), account(8)]);
        assert_eq!(elsewhere.targets, [account(7), account(8)]);
    }
}
