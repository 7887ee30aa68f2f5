//! What a persona may still use of models in a month. What is under way counts as used: several
//! questions at once keep to the limit together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::PersonaId;
use domain::model::Price;
use domain::persona::PersonaProfile;
use store::model_use::Use;

/// The most tokens of an answer.
const MAX_TOKENS: u64 = 4_000;
/// Answers that may not be longer are no use.
const LEAST_TOKENS: u64 = 64;

/// Tokens, and millionths of the currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    tokens: u64,
    cost: u64,
}

/// What is under way, by persona.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnderWay {
    sums: Arc<Mutex<HashMap<PersonaId, Sum>>>,
    /// Held from reading what was used to reserving, and from recording to giving back: nobody reads
    /// in between.
    pub(super) gate: Arc<tokio::sync::Mutex<()>>,
}

/// What one question may use. It counts until it is dropped, which is after the use was recorded.
#[derive(Debug)]
pub(super) struct Reserved {
    all: UnderWay,
    persona: PersonaId,
    sum: Sum,
    /// The most tokens of the answer.
    pub(super) answer: u32,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut all = self.all.sums.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = all.get_mut(&self.persona) {
            held.tokens = held.tokens.saturating_sub(self.sum.tokens);
            held.cost = held.cost.saturating_sub(self.sum.cost);
        }
    }
}

impl UnderWay {
    /// Reserves what a question of these bytes may use beside what was `used`; `None` when too
    /// little is left.
    pub(super) fn reserve(
        &self,
        persona: PersonaId,
        profile: &PersonaProfile,
        used: &[Use],
        price: Option<Price>,
        question: usize,
    ) -> Option<Reserved> {
        let mut all = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.entry(persona).or_default();
        let total = |of: fn(&Use) -> i64| -> u64 {
            let own = used.iter().filter(|u| u.persona == persona);
            own.fold(0, |sum, u| {
                sum.saturating_add(u64::try_from(of(u)).unwrap_or(0))
            })
        };
        // No service makes more tokens than bytes, and most make a token of four.
        let asked = (question as u64).div_ceil(3);
        let mut answer = MAX_TOKENS;
        if let Some(cap) = profile.monthly_tokens {
            let gone = total(|u| u.input.saturating_add(u.output)).saturating_add(held.tokens);
            let left = u64::from(cap).saturating_sub(gone);
            answer = answer.min(left.saturating_sub(asked));
        }
        let price = price.unwrap_or_default();
        if let Some(cap) = profile.monthly_cost.filter(|_| price != Price::default()) {
            let gone = total(|u| u.cost).saturating_add(held.cost);
            let left = cap.checked_sub(gone).filter(|left| *left > 0)?;
            let left = left.saturating_sub(price.of(asked, 0));
            if let Some(affordable) = left.saturating_mul(1_000_000).checked_div(price.output) {
                answer = answer.min(affordable);
            } else if left == 0 {
                return None;
            }
        }
        if answer < LEAST_TOKENS {
            return None;
        }
        let sum = Sum {
            tokens: asked.saturating_add(answer),
            cost: price.of(asked, answer),
        };
        held.tokens = held.tokens.saturating_add(sum.tokens);
        held.cost = held.cost.saturating_add(sum.cost);
        Some(Reserved {
            all: self.clone(),
            persona,
            sum,
            answer: u32::try_from(answer).unwrap_or(u32::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn profile(tokens: Option<u32>, cost: Option<u64>) -> PersonaProfile {
        PersonaProfile {
            monthly_tokens: tokens,
            monthly_cost: cost,
            ..PersonaProfile::default()
        }
    }

    const PERSONA: PersonaId = PersonaId(uuid::Uuid::nil());

    proptest! {
        #[test]
        fn questions_at_once_keep_to_the_limits_together(
            tokens in proptest::option::of(0_u32..40_000),
            cost in proptest::option::of(0_u64..200_000),
            input in 0_u64..20_000_000,
            output in 0_u64..20_000_000,
            questions in proptest::collection::vec(0_usize..20_000, 1..12),
        ) {
            let under_way = UnderWay::default();
            let (limits, price) = (profile(tokens, cost), Price { input, output });
            let held: Vec<Reserved> = questions
                .iter()
                .filter_map(|size| under_way.reserve(PERSONA, &limits, &[], Some(price), *size))
                .collect();
            let all = held.iter().fold(Sum::default(), |all, one| Sum {
                tokens: all.tokens + one.sum.tokens,
                cost: all.cost + one.sum.cost,
            });
            prop_assert!(tokens.is_none_or(|cap| all.tokens <= u64::from(cap)));
            // Each is rounded up by itself.
            prop_assert!(cost.is_none_or(|cap| all.cost <= cap + held.len() as u64));
            drop(held);
            let free = under_way.sums.lock().unwrap_or_else(PoisonError::into_inner);
            prop_assert!(free.values().all(|sum| *sum == Sum::default()));
        }
    }

    #[test]
    fn without_limits_every_question_has_room() {
        let under_way = UnderWay::default();
        let held: Vec<_> = (0..50)
            .map(|_| under_way.reserve(PERSONA, &profile(None, None), &[], None, 1_000))
            .collect();
        assert!(
            held.iter()
                .all(|one| one.as_ref().is_some_and(|r| r.answer == 4_000))
        );
    }

    #[test]
    fn a_free_model_is_asked_also_when_the_money_is_spent() {
        let under_way = UnderWay::default();
        let limits = profile(None, Some(0));
        let free = under_way.reserve(PERSONA, &limits, &[], None, 1_000);
        assert!(free.is_some());
        let price = Price {
            input: 1,
            output: 1,
        };
        let paid = under_way.reserve(PERSONA, &limits, &[], Some(price), 1_000);
        assert!(paid.is_none());
    }
}
