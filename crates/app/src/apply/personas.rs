//! Personas.

use domain::ids::{ChainId, PersonaId};
use domain::persona::PersonaProfile;
use domain::rights::Action;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::persona::Persona;

use super::Work;
use crate::Error;

fn check(profile: &PersonaProfile) -> Result<(), Error> {
    let mut problem = protocol::Problem::new(
        Code::InvalidInput,
        "The persona cannot be saved like this. Mend the named fields.",
    );
    let name = profile.name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.contains('\0') {
        problem = problem.with_field("name", "1 to 120 characters");
    }
    if domain::Planned::from_instant(domain::Instant(0), &profile.zone).is_err() {
        problem = problem.with_field("zone", "a time zone such as Europe/Berlin");
    }
    for (i, slot) in profile.slots.iter().enumerate() {
        if !(1..=7).contains(&slot.weekday) || slot.minute >= 24 * 60 {
            problem = problem.with_field(format!("slots.{i}"), "a weekday and a time of day");
        }
    }
    for (i, audience) in profile.audiences.iter().enumerate() {
        for zone in &audience.zones {
            if domain::Planned::from_instant(domain::Instant(0), zone).is_err() {
                problem = problem.with_field(
                    format!("audiences.{i}.zones"),
                    format!("“{zone}” is no time zone"),
                );
            }
        }
    }
    let quiet = profile.automation.quiet_hours;
    if quiet.is_some_and(|hours| !hours.is_sound()) {
        problem = problem.with_field(
            "automation.quiet_hours",
            "minutes after midnight, 0 to 1439",
        );
    }
    if problem.fields.is_empty() {
        Ok(())
    } else {
        Err(problem.into())
    }
}

pub(super) async fn save(
    work: &mut Work<'_, '_>,
    id: PersonaId,
    profile: &PersonaProfile,
    chain: Option<ChainId>,
) -> Result<Vec<Notice>, Error> {
    check(profile)?;
    let org = work.org();
    let before = store::persona::get(work.tx, org, id).await?;
    if chain != before.as_ref().and_then(|p| p.chain) {
        work.require(Action::ManageChains)?;
        if let Some(chain) = chain {
            let known = store::chain::get(work.tx, org, chain).await?;
            if known.is_none_or(|c| c.archived) {
                return Err(Error::missing("approval chain"));
            }
        }
    }
    let mut profile = profile.clone();
    profile.name = profile.name.trim().to_owned();
    profile.slots.sort_unstable();
    profile.slots.dedup_by_key(|s| (s.weekday, s.minute));
    let (action, persona) = match before {
        Some(before) => (
            "persona_saved",
            Persona {
                profile,
                chain,
                ..before
            },
        ),
        None => {
            let fresh = Persona {
                id,
                profile,
                chain,
                paused_at: None,
                archived: false,
            };
            ("persona_added", fresh)
        }
    };
    let now = work.now();
    store::persona::save(work.tx, org, &persona, now).await?;
    work.changed("persona", id).await?;
    work.record(
        action,
        &format!("persona:{id}"),
        None,
        json!({"name": persona.profile.name}),
    )
    .await?;
    work.emit("persona_changed", id).await?;
    Ok(vec![])
}

pub(super) async fn archive(
    work: &mut Work<'_, '_>,
    id: PersonaId,
    archived: bool,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let before = store::persona::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    if archived {
        let identities = store::identity::of_persona(work.tx, org, id).await?;
        for identity in identities {
            let waiting = store::delivery::unsettled_of_identity(work.tx, org, identity.id).await?;
            if !waiting.is_empty() {
                return Err(Error::refused(
                    Code::WrongState,
                    format!(
                        "{} posts of this persona still wait to go out. Cancel or move them first.",
                        waiting.len()
                    ),
                ));
            }
        }
    }
    let name = before.profile.name.clone();
    let now = work.now();
    store::persona::save(work.tx, org, &Persona { archived, ..before }, now).await?;
    work.changed("persona", id).await?;
    let action = if archived {
        "persona_archived"
    } else {
        "persona_unarchived"
    };
    work.record(
        action,
        &format!("persona:{id}"),
        None,
        json!({"name": name}),
    )
    .await?;
    Ok(vec![])
}
