//! On which terms a request is carried out: at most once, and only on what its sender saw.

use db::Tx;
use domain::Hash;
use domain::ids::{ChainId, ContentId, IdentityId, MutationId, OrganizationId, PersonaId, derived};
use protocol::mutation::Applied;
use protocol::{Code, Mutation, Problem};
use store::organization::Kept;

use super::{App, new_id};
use crate::Error;
use crate::act::Way;
use crate::apply::{self, Effects};

/// A thing that is changed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// What is typed and saved of a content.
    Content(ContentId),
    /// A persona.
    Persona(PersonaId),
    /// An approval chain.
    Chain(ChainId),
    /// What can be chosen for an account.
    Account(IdentityId),
}

/// What a request is sure of. With nothing said it is applied each time it comes.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Applied at most once under this id, which stands for what has this hash.
    pub once: Option<(MutationId, Hash)>,
    /// Applied only while this thing is the edition that was seen.
    pub seen: Option<(Thing, Hash)>,
}

/// Which edition of a thing there is: changes with whatever a person can change of it.
async fn edition(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    thing: Thing,
) -> Result<Option<Hash>, Error> {
    let text = match thing {
        Thing::Content(id) => {
            let Some(content) = store::content::get(tx, org, id).await? else {
                return Ok(None);
            };
            let typed = store::content::working_copy(tx, org, id).await?;
            Some(store::to_json(&(
                content.n,
                typed.map(|copy| (copy.at, copy.body)),
            ))?)
        }
        Thing::Persona(id) => match store::persona::get(tx, org, id).await? {
            Some(p) => Some(store::to_json(&(p.profile, p.chain, p.archived))?),
            None => None,
        },
        Thing::Chain(id) => match store::chain::get(tx, org, id).await? {
            Some(chain) => Some(store::to_json(&(chain.hash, chain.archived))?),
            None => None,
        },
        Thing::Account(id) => match store::identity::get(tx, org, id).await? {
            Some(i) => Some(store::to_json(&(i.persona, i.settings, i.budget))?),
            None => None,
        },
    };
    Ok(text.map(|text| Hash::of(text.as_bytes())))
}

impl Terms {
    /// Takes the organization's lock, and refuses what is another edition by now. What was carried
    /// out before is answered again, whatever became of the thing since.
    async fn hold(&self, tx: &mut Tx<'_>, org: OrganizationId) -> Result<(), Error> {
        store::organization::lock(tx, org).await?;
        let Some((thing, seen)) = self.seen else {
            return Ok(());
        };
        if let Some((id, _)) = self.once
            && store::organization::result(tx, org, id).await?.is_some()
        {
            return Ok(());
        }
        match edition(tx, org, thing).await? {
            Some(now) if now == seen => Ok(()),
            Some(_) => Err(changed()),
            None => Err(Error::missing("thing")),
        }
    }

    /// Under which name it is kept that an act of several transactions has begun.
    fn beginning(&self, org: OrganizationId) -> Option<(MutationId, Hash)> {
        let (id, named) = self.once?;
        Some((derived(org, id.0, "begun", 0).into(), named))
    }
}

fn changed() -> Error {
    Error::refused(
        Code::Conflict,
        "It changed since you looked. Look again, then change it.",
    )
}

/// How far an act of several transactions has begun: which edition its first one left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Begun {
    seen: Option<(Thing, Hash)>,
}

/// Which edition the beginning of an act left, where it was begun before.
async fn left_by(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    named: Option<(MutationId, Hash)>,
) -> Result<Option<Hash>, Error> {
    let Some((id, named)) = named else {
        return Ok(None);
    };
    match store::organization::result(tx, org, id).await? {
        Some(kept) if kept.call == named => Ok(Some(store::from_json("edition", &kept.outcome)?)),
        _ => Ok(None),
    }
}

/// Keeps in its transaction that what is beside the domain's tables was done under an id.
///
/// # Errors
/// `id_reused` where the id stands for something else, `conflict` where it was just done, or when
/// the database says no.
pub async fn mark(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    (id, named): (MutationId, Hash),
    now: domain::Instant,
) -> Result<(), Error> {
    match store::organization::result(tx, org, id).await? {
        Some(kept) if kept.call == named => Err(Error::refused(
            Code::Conflict,
            "The same request was carried out a moment ago. Ask once more for its answer.",
        )),
        Some(_) => Err(reused()),
        None => {
            let nothing = Applied {
                seq: 0,
                notices: Vec::new(),
            };
            let kept = Kept {
                call: named,
                seq: nothing.seq,
                outcome: store::to_json(&nothing)?,
            };
            Ok(store::organization::keep_result(tx, org, id, &kept, now).await?)
        }
    }
}

fn reused() -> Error {
    Error::refused(
        Code::IdReused,
        "This key was used for another request. Make a new one.",
    )
}

impl App {
    /// Which edition of a thing there is; nothing where there is no such thing.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn edition(&self, thing: Thing) -> Result<Option<Hash>, Problem> {
        let org = self.organization();
        let read = self
            .db()
            .read(move |tx| Box::pin(async move { edition(tx, org, thing).await }));
        Ok(read.await?)
    }

    /// What was answered under an id, if it was.
    ///
    /// # Errors
    /// `id_reused` where it stands for something else, or when the database says no.
    pub async fn answered(
        &self,
        (id, named): (MutationId, Hash),
    ) -> Result<Option<Applied>, Problem> {
        let org = self.organization();
        let kept = self
            .db()
            .read(move |tx| {
                Box::pin(
                    async move { Ok::<_, Error>(store::organization::result(tx, org, id).await?) },
                )
            })
            .await?;
        match kept {
            Some(kept) if kept.call != named => Err(reused().into_problem()),
            Some(kept) => {
                let applied = store::from_json("outcome", &kept.outcome).map_err(Error::from)?;
                Ok(Some(applied))
            }
            None => Ok(None),
        }
    }

    /// Applies several mutations on some terms, all or nothing.
    ///
    /// # Errors
    /// A problem that says what to do; nothing was changed.
    pub async fn apply_on(
        &self,
        terms: Terms,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Problem> {
        for mutation in &mutations {
            self.may_change(mutation)?;
        }
        self.carried_out(terms, mutations).await
    }

    async fn carried_out(
        &self,
        terms: Terms,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Problem> {
        let cause = terms.once.map_or_else(new_id, |(id, _)| id.0);
        let ctx = self.ctx(None, cause).await?;
        let (applied, effects) = self
            .db()
            .write(move |tx| {
                let (ctx, terms, mutations) = (ctx.clone(), terms.clone(), mutations.clone());
                Box::pin(async move {
                    terms.hold(tx, ctx.organization).await?;
                    match terms.once {
                        Some(named) => apply::once(tx, &ctx, named, &mutations).await,
                        None => apply::all(tx, &ctx, &mutations).await,
                    }
                })
            })
            .await?;
        self.tell(effects);
        Ok(applied)
    }

    /// Ends an act with mutations: at most once where its terms say so, and only on what its
    /// beginning left.
    pub(crate) async fn end(
        &self,
        way: &Way,
        begun: Begun,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Problem> {
        let terms = Terms {
            once: way.terms.once,
            seen: begun.seen,
        };
        match (&terms.once, &terms.seen) {
            (None, None) => self.apply_all(way.acting, mutations).await,
            _ => self.carried_out(terms, mutations).await,
        }
    }

    /// Begins an act with mutations, on what its sender saw. An act that broke off after this goes
    /// on from here when it is asked again, unless somebody changed the thing since.
    pub(crate) async fn begin_on(
        &self,
        way: &Way,
        mutations: Vec<Mutation>,
    ) -> Result<Begun, Problem> {
        let Some((thing, seen)) = way.terms.seen else {
            self.apply_all(way.acting, mutations).await?;
            return Ok(Begun::default());
        };
        let ctx = self.ctx(None, new_id()).await?;
        let named = way.terms.beginning(ctx.organization);
        let (left, effects) = self
            .db()
            .write(move |tx| {
                let (ctx, mutations) = (ctx.clone(), mutations.clone());
                Box::pin(async move {
                    let org = ctx.organization;
                    store::organization::lock(tx, org).await?;
                    let now = edition(tx, org, thing).await?;
                    let now = now.ok_or_else(|| Error::missing("thing"))?;
                    if now != seen {
                        return match left_by(tx, org, named).await? {
                            Some(left) if left == now => Ok((left, Effects::default())),
                            _ => Err(changed()),
                        };
                    }
                    let (_, effects) = apply::all(tx, &ctx, &mutations).await?;
                    let left = edition(tx, org, thing).await?;
                    let left = left.ok_or_else(|| Error::missing("thing"))?;
                    if let Some((id, call)) = named {
                        let kept = Kept {
                            call,
                            seq: 0,
                            outcome: store::to_json(&left)?,
                        };
                        store::organization::keep_newest(tx, org, id, &kept, ctx.now).await?;
                    }
                    Ok::<_, Error>((left, effects))
                })
            })
            .await?;
        self.tell(effects);
        Ok(Begun {
            seen: Some((thing, left)),
        })
    }
}
