//! Which chain applies: the persona's own, and what was added. Adding is free; nothing here can
//! take a stage away (rules.md 16).

use domain::approval::ChainPolicy;
use domain::ids::{ChainId, PersonaId};

use crate::Error;
use crate::apply::Work;

/// The chain that a request of `persona` names (with its revision), and the policy in force.
///
/// # Errors
/// When the added chain does not exist.
pub async fn policy_for(
    work: &mut Work<'_, '_>,
    persona: PersonaId,
    added: Option<ChainId>,
) -> Result<((ChainId, u32), ChainPolicy), Error> {
    let org = work.org();
    let persona = store::persona::get(work.tx, org, persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    let own = match persona.chain {
        None => ChainPolicy::direct(),
        Some(id) => known(work, id).await?,
    };
    let name = (own.id, own.revision);
    let policy = match added.filter(|id| Some(*id) != persona.chain) {
        None => own,
        Some(id) => joined(own, known(work, id).await?),
    };
    Ok((name, policy))
}

async fn known(work: &mut Work<'_, '_>, id: ChainId) -> Result<ChainPolicy, Error> {
    let org = work.org();
    let chain = store::chain::get(work.tx, org, id)
        .await?
        .filter(|c| !c.archived)
        .ok_or_else(|| Error::missing("approval chain"))?;
    Ok(chain.policy)
}

/// Both chains' stages, the stricter of everything else.
fn joined(own: ChainPolicy, added: ChainPolicy) -> ChainPolicy {
    let first = own.stages.is_empty();
    ChainPolicy {
        id: own.id,
        revision: own.revision,
        name: if first {
            added.name
        } else {
            format!("{} + {}", own.name, added.name)
        },
        stages: own.stages.into_iter().chain(added.stages).collect(),
        authors_may_approve: own.authors_may_approve && added.authors_may_approve,
        tolerance: own.tolerance.min(added.tolerance),
        expire_after: [own.expire_after, added.expire_after]
            .into_iter()
            .flatten()
            .min(),
    }
}
