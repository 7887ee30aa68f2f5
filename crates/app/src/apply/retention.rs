//! For how long things are kept.

use domain::retention::{MOST, Retained};
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;

use super::Work;
use crate::Error;

pub(super) async fn set(
    work: &mut Work<'_, '_>,
    kind: Retained,
    days: Option<u32>,
) -> Result<Vec<Notice>, Error> {
    if !kind.may_be(days) {
        let words = format!("Choose {} to {MOST} days, or for ever.", kind.fewest());
        return Err(Error::refused(Code::InvalidInput, words));
    }
    let org = work.org();
    store::retention::set(work.tx, org, kind, days).await?;
    let subject = format!("organization:{org}");
    let payload = json!({"kind": kind, "days": days});
    work.record("retention_set", &subject, None, payload)
        .await?;
    Ok(vec![])
}
