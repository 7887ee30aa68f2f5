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

/// What posts to an account may cost in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Budget {
    /// Millionths of the currency.
    #[ts(type = "number")]
    pub amount_micros: u64,
    /// ISO 4217; the one in which the network asks for money.
    pub currency: String,
}

impl Budget {
    /// Whether `cost` still fits after `spent` millionths of the currency. What costs an unknown
    /// amount, or something in another currency, is not held up.
    #[must_use]
    pub fn allows(&self, spent: u64, cost: Option<&Cost>) -> bool {
        cost.filter(|cost| cost.currency == self.currency)
            .is_none_or(|cost| spent.saturating_add(cost.amount_micros) <= self.amount_micros)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(amount_micros: u64, currency: &str) -> Cost {
        Cost {
            amount_micros,
            currency: currency.into(),
            as_of: "2026-08-28".into(),
        }
    }

    #[test]
    fn a_budget_is_kept_to_the_last_millionth() {
        let budget = Budget {
            amount_micros: 100,
            currency: "USD".into(),
        };
        assert!(budget.allows(60, Some(&cost(40, "USD"))));
        assert!(!budget.allows(61, Some(&cost(40, "USD"))));
        assert!(!budget.allows(u64::MAX, Some(&cost(1, "USD"))));
        assert!(
            budget.allows(100, None),
            "nothing is known to cost anything"
        );
        assert!(budget.allows(100, Some(&cost(1, "EUR"))));
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert!(is_currency("USD"));
        for text in ["", "usd", "US", "USDX", "U1D", "ÄÖÜ"] {
            assert!(!is_currency(text), "{text}");
        }
    }
}
