//! What is personal of somebody goes; what they did stays, under a name that says nothing.

use domain::ids::PersonId;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::person::Person;
use store::privacy;

use super::{Work, contents, people};
use crate::Error;

/// How an erased person is called: who knew the id before knows no more by it.
fn pseudonym(id: PersonId) -> String {
    let id = id.0.simple().to_string();
    format!("Erased person {}", &id[id.len() - 6..])
}

pub(super) async fn person(
    work: &mut Work<'_, '_>,
    id: PersonId,
    drafts: bool,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let known = people::known(work, id).await?;
    people::guard_owner(work, known.role).await?;
    let notices = match known.active {
        true => people::deactivate(work, id).await?,
        false => vec![],
    };
    let mut deleted = 0;
    if drafts {
        for content in privacy::drafts(work.tx, org, id).await? {
            match contents::delete_draft(work, content).await {
                Ok(_) => deleted += 1,
                // Somebody was asked about it: it is the organization's.
                Err(Error::Problem(problem)) if problem.code == Code::WrongState => {}
                Err(error) => return Err(error),
            }
        }
    }
    let words = privacy::words_for(work.tx, org, id, &known.name).await?;
    for key in privacy::erase_told(work.tx, org, id, &words).await? {
        work.gone("notification", key).await?;
    }
    privacy::erase_way_in(work.tx, org, id).await?;
    // With what was written a moment ago.
    privacy::erase_history(work.tx, org, id, &words).await?;
    let erased = Person {
        name: pseudonym(id),
        active: false,
        ..known
    };
    store::person::update(work.tx, org, &erased).await?;
    work.changed("person", id).await?;
    let subject = format!("person:{id}");
    let payload = json!({"name": erased.name, "drafts": deleted});
    work.record("person_erased", &subject, None, payload)
        .await?;
    Ok(notices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_tells_people_apart_and_nothing_else() {
        let name = |n| pseudonym(PersonId(uuid::Uuid::from_u128(n)));
        assert_eq!(name(0xabc), "Erased person 000abc");
        assert_ne!(name(1), name(2));
    }
}
