//! Who has a content open. It is no history and no data of the organization: a window says it again and
//! again, and what is not said any more ends by itself.

use domain::identity::Executor;
use domain::ids::{ContentId, PersonId};
use domain::time::SECOND;
use protocol::views::PersonRef;
use protocol::{Act, Problem, Query, Tag};
use uuid::Uuid;

use crate::Error;
use crate::apply::Effects;
use crate::core::App;

/// For how long a window is believed that says nothing more, milliseconds. Windows say it at less than
/// half of that.
const LEASE: i64 = 60 * SECOND;

impl App {
    /// A window of a person has `content` open, or nothing any more. Answers who else has it open.
    pub(crate) async fn attend(
        &self,
        person: PersonId,
        window: Uuid,
        content: Option<ContentId>,
    ) -> Result<Vec<PersonRef>, Problem> {
        if let Some(pump) = self.pump() {
            return pump.act(&Act::Attend { window, content }).await;
        }
        // On one's own computer nobody else is there.
        if self.executor() != Executor::Server {
            return Ok(Vec::new());
        }
        let (org, now) = (self.organization(), self.now());
        let here = (person, window);
        let news = self
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let before = store::presence::at(tx, org, here, now).await?;
                    let over = store::presence::forget(tx, org, now).await?;
                    match content {
                        Some(content) => {
                            // Of what is not there nobody is told.
                            let known = store::content::get(tx, org, content).await?;
                            known.ok_or_else(|| Error::missing("content"))?;
                            let ends_at = now.plus(LEASE);
                            store::presence::put(tx, org, here, content, ends_at).await?;
                        }
                        None => store::presence::leave(tx, org, here).await?,
                    }
                    Ok::<_, Error>(over || before != content)
                })
            })
            .await?;
        if news {
            self.tell_of_presence();
        }
        match content {
            Some(content) => Ok(self.present(content, Some(person)).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Who has a content open, without `me`.
    pub(crate) async fn present(
        &self,
        content: ContentId,
        me: Option<PersonId>,
    ) -> Result<Vec<PersonRef>, Error> {
        if let Some(pump) = self.pump() {
            return Ok(pump.query(&Query::Present { content }).await?);
        }
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let mut people = Vec::new();
                    for id in store::presence::of(tx, org, content, now).await? {
                        if Some(id) == me {
                            continue;
                        }
                        let person = store::person::get(tx, org, id).await?;
                        if let Some(person) = person.filter(|p| p.active) {
                            let name = person.name;
                            people.push(PersonRef { id, name });
                        }
                    }
                    Ok(people)
                })
            })
            .await
    }

    /// A person has nothing open any more: they signed out.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn left(&self, person: PersonId) -> Result<(), Problem> {
        let org = self.organization();
        let was_here = self
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, Error>(store::presence::leave_all(tx, org, person).await?)
                })
            })
            .await?;
        if was_here {
            self.tell_of_presence();
        }
        Ok(())
    }

    fn tell_of_presence(&self) {
        self.tell(Effects {
            tags: [Tag::Presence].into(),
            ..Effects::default()
        });
    }
}
