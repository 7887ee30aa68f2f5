//! Approval chains.

use domain::approval::{Approver, ChainPolicy};
use domain::ids::ChainId;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;

use super::Work;
use crate::Error;

pub(super) async fn save(
    work: &mut Work<'_, '_>,
    policy: &ChainPolicy,
) -> Result<Vec<Notice>, Error> {
    policy
        .check()
        .map_err(|e| Error::refused(Code::BadChain, sentence(&e.to_string())))?;
    if policy.id.0.is_nil() {
        return Err(Error::refused(
            Code::BadChain,
            "The built-in chain cannot be changed.",
        ));
    }
    let people = work.people().await?;
    for stage in &policy.stages {
        for approver in stage.approvers.iter().chain(&stage.escalate_to) {
            if let Approver::Person { id } = approver
                && people.get(id).is_none_or(|p| !p.active)
            {
                return Err(Error::refused(
                    Code::BadChain,
                    format!(
                        "Stage “{}” names somebody who is not here (any more).",
                        stage.name
                    ),
                ));
            }
        }
    }
    let org = work.org();
    let newest = store::chain::get(work.tx, org, policy.id)
        .await?
        .map_or(0, |c| c.policy.revision);
    if policy.revision != newest + 1 {
        return Err(Error::refused(
            Code::Conflict,
            "Somebody else has changed this chain. Look again.",
        ));
    }
    let now = work.now();
    store::chain::insert(work.tx, org, policy, now).await?;
    work.changed("chain", policy.id).await?;
    work.record(
        "chain_saved",
        &format!("chain:{}", policy.id),
        None,
        json!({"name": policy.name, "revision": policy.revision}),
    )
    .await?;
    Ok(vec![])
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect::<String>() + ".")
        .unwrap_or_default()
}

pub(super) async fn archive(work: &mut Work<'_, '_>, id: ChainId) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let chain = store::chain::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("approval chain"))?;
    if let Some(user) = store::persona::using(work.tx, org, id).await?.first() {
        return Err(Error::refused(
            Code::WrongState,
            format!(
                "{} uses this chain. Choose another chain there first.",
                user.profile.name
            ),
        ));
    }
    store::chain::archive(work.tx, org, id).await?;
    work.changed("chain", id).await?;
    work.record(
        "chain_archived",
        &format!("chain:{id}"),
        None,
        json!({"name": chain.policy.name}),
    )
    .await?;
    Ok(vec![])
}
