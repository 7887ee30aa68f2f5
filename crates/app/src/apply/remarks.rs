//! Remarks that are not to be made again.

use domain::ids::{ContentId, PersonaId};
use domain::remark::{MAX_ABOUT, RemarkKind, subject};
use protocol::mutation::Notice;
use protocol::{Code, Problem};
use serde_json::json;

use super::Work;
use crate::Error;

pub(super) async fn dismiss(
    work: &mut Work<'_, '_>,
    (persona, content): (PersonaId, Option<ContentId>),
    (kind, about): (RemarkKind, &str),
    dismissed: bool,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    if about.chars().count() > MAX_ABOUT {
        let problem = Problem::new(
            Code::InvalidInput,
            format!("What is dismissed has at most {MAX_ABOUT} characters."),
        );
        return Err(problem.with_field("about", "as the remark says it").into());
    }
    store::persona::get(work.tx, org, persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    if let Some(content) = content {
        store::content::get(work.tx, org, content)
            .await?
            .ok_or_else(|| Error::missing("content"))?;
    }
    let subject = subject(persona, content);
    let at = dismissed.then_some(now);
    store::remark::dismiss(work.tx, org, &subject, (kind, about), at).await?;
    work.changed("dismissed_remark", &subject).await?;
    let action = if dismissed {
        "remark_dismissed"
    } else {
        "remark_brought_back"
    };
    work.record(
        action,
        &subject,
        content,
        json!({"kind": kind, "about": about}),
    )
    .await?;
    Ok(vec![])
}
