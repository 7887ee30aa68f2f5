//! What something costs on a network that asks for money.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::IdentityId;

/// An amount by a network's published prices. The network's own bill is what counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cost {
    /// Millionths of the currency.
    #[ts(type = "number")]
    pub amount_micros: u64,
    /// ISO 4217, such as `USD`.
    pub currency: String,
    /// The day on which the oldest of the prices was read, `YYYY-MM-DD`.
    pub as_of: String,
}

impl Cost {
    /// Both together; `other` must be in the same currency.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            amount_micros: self.amount_micros.saturating_add(other.amount_micros),
            currency: self.currency,
            as_of: self.as_of.min(other.as_of),
        }
    }
}

/// What sending to one account costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TargetCost {
    /// The account.
    pub identity: IdentityId,
    /// By the prices known then.
    pub cost: Cost,
}

/// What sending to all accounts costs in `currency`; `None` where no price in it is known, which is
/// not the same as nothing.
#[must_use]
pub fn total(costs: &[TargetCost], currency: &str) -> Option<Cost> {
    costs
        .iter()
        .map(|one| one.cost.clone())
        .filter(|cost| cost.currency == currency)
        .reduce(Cost::plus)
}

/// Whether `text` is written like a currency of ISO 4217: three capital letters.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}
