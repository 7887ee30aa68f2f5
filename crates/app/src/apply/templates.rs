//! Templates.

use domain::identity::IdentityStatus;
use domain::ids::{ContentId, PersonaId, TemplateId};
use domain::template::Template;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;

use super::{Work, contents};
use crate::Error;

pub(super) async fn save(
    work: &mut Work<'_, '_>,
    id: TemplateId,
    template: &Template,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let template = template.clone().tidied();
    let length = template.name.chars().count();
    if length == 0 || length > 120 {
        return Err(Error::from(
            protocol::Problem::new(Code::InvalidInput, "Give a name of 1 to 120 characters.")
                .with_field("name", "1 to 120 characters"),
        ));
    }
    contents::check_size(&template.body)?;
    if let Some(persona) = template.persona {
        let known = store::persona::get(work.tx, org, persona).await?;
        known.ok_or_else(|| Error::missing("persona"))?;
    }
    for hash in template.body.assets() {
        if store::asset::get(work.tx, org, hash).await?.is_none() {
            return Err(Error::refused(
                Code::MediaMissing,
                "A picture of the template is not in the library. Add it again.",
            ));
        }
    }
    let name = template.name.clone();
    let kept = store::template::Template {
        id,
        template,
        person: work.ctx.actor.person(),
        changed_at: work.now(),
    };
    store::template::save(work.tx, org, &kept).await?;
    work.changed("template", id).await?;
    let payload = json!({"name": name});
    work.record("template_saved", &format!("template:{id}"), None, payload)
        .await?;
    Ok(vec![])
}

async fn known(
    work: &mut Work<'_, '_>,
    id: TemplateId,
) -> Result<store::template::Template, Error> {
    let org = work.org();
    store::template::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("template"))
}

pub(super) async fn delete(work: &mut Work<'_, '_>, id: TemplateId) -> Result<Vec<Notice>, Error> {
    let kept = known(work, id).await?;
    let org = work.org();
    store::template::delete(work.tx, org, id).await?;
    work.gone("template", id).await?;
    let payload = json!({"name": kept.template.name});
    work.record("template_deleted", &format!("template:{id}"), None, payload)
        .await?;
    Ok(vec![])
}

pub(super) async fn begin(
    work: &mut Work<'_, '_>,
    id: TemplateId,
    content: ContentId,
    persona: PersonaId,
) -> Result<Vec<Notice>, Error> {
    let template = known(work, id).await?.template;
    let org = work.org();
    if template.persona.is_some_and(|own| own != persona) {
        return Err(Error::refused(
            Code::InvalidInput,
            "This template is another persona's.",
        ));
    }
    if store::content::get(work.tx, org, content).await?.is_some() {
        return Err(Error::refused(Code::Conflict, "This post exists already."));
    }
    let accounts: Vec<_> = store::identity::of_persona(work.tx, org, persona)
        .await?
        .iter()
        .filter(|i| i.status != IdentityStatus::Disconnected)
        .map(|i| i.id)
        .collect();
    contents::keep(work, content, persona, &template.begin(&accounts), 0).await?;
    if !template.labels.is_empty() {
        contents::set_details(work, content, "", &template.labels).await?;
    }
    Ok(vec![])
}
