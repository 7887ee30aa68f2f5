//! What a persona likes, learned anew from its answers each time: there is nothing else to keep.

use assistant::suggest::{Answer, Features, Kind, Taste};
use db::Tx;
use domain::Instant;
use domain::idea::{SuggestionKind, SuggestionStatus};
use domain::ids::{OrganizationId, PersonaId};
use domain::time::DAY;
use store::suggestion::Suggestion;

use crate::Error;

/// The newest answers that are learned from.
const MOST: u32 = 2_000;

/// The kind under which the method knows it.
pub(crate) const fn kind_of(kind: SuggestionKind) -> Kind {
    match kind {
        SuggestionKind::JoinTrend => Kind::Trend,
        SuggestionKind::AnswerQuestion => Kind::Question,
        SuggestionKind::UseAgain => Kind::Reuse,
        SuggestionKind::MakeThread | SuggestionKind::OtherForm => Kind::Recast,
        SuggestionKind::FillGap => Kind::Gap,
    }
}

/// A suggestion as numbers.
pub(crate) fn features(suggestion: &Suggestion) -> Features {
    let qualities = suggestion.facts.qualities.map(|q| f64::from(q) / 100.0);
    Features::new(kind_of(suggestion.kind), qualities)
}

/// What was learned since the persona's learning was last reset.
pub(crate) async fn taste(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    persona: PersonaId,
) -> Result<Taste, Error> {
    let since = store::suggestion::learning_since(tx, org, persona).await?;
    let mut answers = store::suggestion::answered(tx, org, persona, since, MOST).await?;
    answers.reverse();
    let mut taste = Taste::default();
    for suggestion in &answers {
        let answer = match suggestion.status {
            SuggestionStatus::Accepted => Answer::Accepted,
            SuggestionStatus::Edited => Answer::Edited,
            SuggestionStatus::Dismissed => Answer::Dismissed,
            SuggestionStatus::Open | SuggestionStatus::Drafted | SuggestionStatus::Expired => {
                continue;
            }
        };
        let day = suggestion
            .settled_at
            .unwrap_or(Instant(0))
            .0
            .div_euclid(DAY);
        taste.learn(&features(suggestion), answer, day);
    }
    Ok(taste)
}
