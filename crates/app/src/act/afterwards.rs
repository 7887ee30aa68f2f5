//! What is done with what is out: an update in its place, or deleting it and writing it again.

use domain::content::{Body, Variant};
use domain::edit::EditTrouble;
use domain::ids::{ContentId, DeliveryId};
use domain::version::VersionDoc;
use protocol::views::Saved;
use protocol::{Code, Mutation, Problem};

use super::Way;
use crate::Error;
use crate::calls::facts_of;
use crate::core::App;
use crate::publish::trouble;

impl App {
    /// Refuses, in words, what could not take the place of what is out: before anybody is asked
    /// for an approval in vain. The run looks again before it writes.
    ///
    /// # Errors
    /// `has_errors`, with the reason by delivery.
    pub(super) async fn check_updates(
        &self,
        updates: &[DeliveryId],
        doc: &str,
    ) -> Result<(), Problem> {
        let after = VersionDoc::open(doc.as_bytes())
            .map_err(|e| Problem::new(Code::InvalidInput, e.to_string()))?;
        let mut problem = Problem::new(Code::HasErrors, "");
        for id in updates {
            if let Some(words) = self.update_trouble(*id, &after).await? {
                problem = problem.with_field(id.to_string(), words);
            }
        }
        match problem.fields.values().next().cloned() {
            None => Ok(()),
            Some(words) => {
                problem.message = words;
                Err(problem)
            }
        }
    }

    async fn update_trouble(
        &self,
        id: DeliveryId,
        after: &VersionDoc,
    ) -> Result<Option<&'static str>, Problem> {
        let org = self.organization();
        let rows = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let Some(delivery) = store::delivery::get(tx, org, id).await? else {
                        return Ok::<_, Error>(None);
                    };
                    let identity = store::identity::get(tx, org, delivery.identity).await?;
                    let out = store::version::get(tx, org, delivery.content, delivery.n).await?;
                    let live = store::publication::of_delivery(tx, org, id).await?;
                    Ok(identity.zip(out).map(|(i, v)| (i, v, live)))
                })
            })
            .await?;
        let Some((identity, out, live)) = rows else {
            return Err(Error::missing("delivery").into_problem());
        };
        let adapter = self.networks().get(&identity.network);
        let Some(adapter) = adapter.filter(|a| a.edits(&facts_of(&identity))) else {
            return Ok(Some("Posts of this account cannot be edited in place."));
        };
        let out = out.doc().map_err(Error::from)?;
        let pair = out.target(identity.id).zip(after.target(identity.id));
        Ok(match pair {
            None => Some("The text says nothing for this account."),
            Some((before, after)) => {
                trouble(&**adapter, &live, before, after).map(EditTrouble::words)
            }
        })
    }

    /// A new content with what a delivery has out, and the deletion, in one transaction. The words
    /// are safe before the network is asked: should it refuse, the post is still out, a person is
    /// told, and the draft is there all the same.
    pub(super) async fn redraft(
        &self,
        delivery: DeliveryId,
        id: ContentId,
        way: &Way,
    ) -> Result<Saved, Problem> {
        let org = self.organization();
        let (delivery, identity, content, version) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let missing = || Error::missing("delivery");
                    let delivery = store::delivery::get(tx, org, delivery)
                        .await?
                        .ok_or_else(missing)?;
                    let identity = store::identity::get(tx, org, delivery.identity).await?;
                    let content = store::content::get(tx, org, delivery.content).await?;
                    let version =
                        store::version::get(tx, org, delivery.content, delivery.n).await?;
                    let identity = identity.ok_or_else(missing)?;
                    let content = content.ok_or_else(missing)?;
                    let version = version.ok_or_else(missing)?;
                    Ok::<_, Error>((delivery, identity, content, version))
                })
            })
            .await?;
        if self.stored(id).await?.is_some() {
            return Err(Problem::new(
                Code::Conflict,
                "This post exists already. Make a new one.",
            ));
        }
        let out = version.doc().map_err(Error::from)?.body;
        let variant: Variant = out.variant_for(&identity.network, identity.id).clone();
        let body = Body {
            shared: variant,
            variants: std::collections::BTreeMap::new(),
            targets: vec![identity.id],
            ..out
        };
        let mut mutations = vec![Mutation::SaveWorkingCopy {
            content: id,
            persona: content.persona,
            body,
            base: None,
        }];
        if !content.campaign.is_empty() || !content.labels.is_empty() {
            mutations.push(Mutation::SetDetails {
                content: id,
                campaign: content.campaign,
                labels: content.labels,
            });
        }
        mutations.push(Mutation::DeletePublished {
            deliveries: vec![delivery.id],
        });
        let applied = self.apply_all(way.acting, mutations).await?;
        self.saved(id, 0, None, applied).await
    }
}
