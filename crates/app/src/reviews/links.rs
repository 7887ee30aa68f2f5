//! Making links, listing them and taking them back.

use db::Tx;
use domain::approval::RequestStatus;
use domain::identity::Executor;
use domain::ids::{OrganizationId, PersonId, RequestId, ReviewLinkId};
use domain::rights::{Action, allows};
use domain::time::DAY;
use domain::{Hash, Instant};
use protocol::views::{MadeReviewLink, PersonRef, ReviewLinkView};
use protocol::{Act, Code, Problem, Query, Tag};
use serde_json::json;
use store::review_link::ReviewLink;

use super::{MOST_DAYS, MOST_LINKS, Token};
use crate::Error;
use crate::act::Way;
use crate::apply::requests::{self, Voice};
use crate::apply::{Effects, Work, checked_name, for_people, person_of};
use crate::core::{App, mark, new_id};

/// What a link is to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) request: RequestId,
    pub(crate) name: String,
    pub(crate) days: u32,
    pub(crate) decides: bool,
}

/// Somebody who looks at links, as far as that counts.
#[derive(Clone, Copy)]
struct Viewer {
    id: Option<PersonId>,
    rules_all: bool,
}

fn needs_server() -> Problem {
    Problem::new(
        Code::NeedsServer,
        "A link for somebody outside leads to an organization's server. Join one first.",
    )
}

impl App {
    /// Whom somebody from outside hears of is a person's to say, whatever a program's scopes are.
    fn no_program(&self) -> Result<(), Problem> {
        match self.scopes() {
            None => Ok(()),
            Some(_) => Err(for_people().into_problem()),
        }
    }

    /// Makes a link. Its secret is said once and kept as a hash.
    pub(crate) async fn make_review_link(
        &self,
        wanted: Wanted,
        way: &Way,
    ) -> Result<MadeReviewLink, Problem> {
        if let Some(pump) = self.pump() {
            let Wanted {
                request,
                name,
                days,
                decides,
            } = wanted;
            let act = Act::MakeReviewLink {
                request,
                name,
                days,
                decides,
            };
            let made: MadeReviewLink = pump.act(&act).await?;
            self.tell_links();
            let address = pump.address(&format!("#/review/{}", made.token));
            return Ok(MadeReviewLink { address, ..made });
        }
        if self.executor() != Executor::Server {
            return Err(needs_server());
        }
        self.no_program()?;
        let cause = way.terms.once.map_or_else(new_id, |(id, _)| id.0);
        let ctx = self.ctx(way.acting, cause).await?;
        let once = way.terms.once;
        let (org, now) = (self.organization(), ctx.now);
        let id = ReviewLinkId(domain::ids::derived(org, cause, "review_link", 0));
        let token = Token::fresh(org, id);
        let hash = token.kept();
        let (link, effects) = self
            .db()
            .write(move |tx| {
                let (ctx, wanted) = (ctx.clone(), wanted.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    if let Some(named) = once {
                        mark(work.tx, org, named, now).await?;
                    }
                    let link = make(&mut work, (id, hash), &wanted).await?;
                    let viewer = viewer(work.tx, org, Some(link.made_by)).await?;
                    let view = view(work.tx, org, &link, viewer, now).await?;
                    Ok::<_, Error>((view, work.finish().await?))
                })
            })
            .await?;
        self.tell(effects);
        Ok(MadeReviewLink {
            link,
            token: token.text(),
            address: None,
        })
    }

    /// Links stay at the server: no pull says that they are others.
    fn tell_links(&self) {
        self.tell(Effects {
            tags: [Tag::Requests].into(),
            ..Effects::default()
        });
    }

    /// Takes a link back.
    pub(crate) async fn withdraw_review_link(
        &self,
        id: ReviewLinkId,
        way: &Way,
    ) -> Result<(), Problem> {
        if let Some(pump) = self.pump() {
            let _: protocol::views::Done = pump.act(&Act::WithdrawReviewLink { id }).await?;
            self.tell_links();
            return Ok(());
        }
        self.no_program()?;
        let ctx = self.ctx(way.acting, new_id()).await?;
        let effects = self
            .db()
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    withdraw(&mut work, id).await?;
                    work.finish().await
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// Links to a request, or those that work to all.
    pub(crate) async fn review_links(
        &self,
        request: Option<RequestId>,
        who: Option<PersonId>,
    ) -> Result<Vec<ReviewLinkView>, Error> {
        if let Some(pump) = self.pump() {
            return Ok(pump.query(&Query::ReviewLinks { request }).await?);
        }
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let links = match request {
                        Some(id) => {
                            let known = store::request::get(tx, org, id).await?;
                            known.ok_or_else(|| Error::missing("request"))?;
                            store::review_link::of_request(tx, org, id).await?
                        }
                        None => store::review_link::open(tx, org, now).await?,
                    };
                    let viewer = viewer(tx, org, who).await?;
                    let mut views = Vec::with_capacity(links.len());
                    for link in &links {
                        views.push(view(tx, org, link, viewer, now).await?);
                    }
                    Ok(views)
                })
            })
            .await
    }
}

async fn viewer(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    id: Option<PersonId>,
) -> Result<Viewer, Error> {
    let person = match id {
        Some(id) => store::person::get(tx, org, id).await?,
        None => None,
    };
    let rules_all = person.is_some_and(|p| allows(p.role, Action::ManageChains));
    Ok(Viewer { id, rules_all })
}

async fn view(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    link: &ReviewLink,
    viewer: Viewer,
    now: Instant,
) -> Result<ReviewLinkView, Error> {
    let by = store::person::get(tx, org, link.made_by).await?;
    let version = store::version::get(tx, org, link.content, link.n).await?;
    let headline = match version {
        Some(version) => version.doc()?.body.headline(),
        None => String::new(),
    };
    Ok(ReviewLinkView {
        id: link.id,
        request: link.request,
        headline,
        name: link.name.clone(),
        decides: link.stage.is_some(),
        by: PersonRef {
            id: link.made_by,
            name: by.map(|p| p.name).unwrap_or_default(),
        },
        at: link.created_at,
        ends_at: link.ends_at,
        seen_at: link.seen_at,
        works: link.works(now),
        removable: link.works(now) && (viewer.rules_all || viewer.id == Some(link.made_by)),
    })
}

async fn make(
    work: &mut Work<'_, '_>,
    (id, hash): (ReviewLinkId, Hash),
    wanted: &Wanted,
) -> Result<ReviewLink, Error> {
    work.require(Action::Write)?;
    let person = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let name = checked_name(&wanted.name)?.to_owned();
    if !(1..=MOST_DAYS).contains(&wanted.days) {
        return Err(Error::from(
            Problem::new(
                Code::InvalidInput,
                format!("A link works for 1 to {MOST_DAYS} days."),
            )
            .with_field("days", format!("1 to {MOST_DAYS}")),
        ));
    }
    let request = requests::known(work, wanted.request).await?;
    if request.status != RequestStatus::Open {
        return Err(Error::refused(
            Code::RequestClosed,
            "This request is not open. There is nothing to show.",
        ));
    }
    let others = store::review_link::of_request(work.tx, org, request.id).await?;
    if others.iter().filter(|link| link.works(now)).count() >= MOST_LINKS {
        return Err(Error::refused(
            Code::Conflict,
            "There are many links to this request. Take one back first.",
        ));
    }
    let stage = match wanted.decides {
        false => None,
        true => Some(lent_stage(work, &request, person, &name).await?),
    };
    let link = ReviewLink {
        id,
        request: request.id,
        hash,
        content: request.content,
        n: request.n,
        version: request.hash,
        stage,
        name,
        made_by: person,
        created_at: now,
        ends_at: now.plus(i64::from(wanted.days) * DAY),
        seen_at: None,
        withdrawn_at: None,
    };
    store::review_link::insert(work.tx, org, &link).await?;
    let action = match link.stage {
        Some(_) => "review_link_made",
        None => "look_link_made",
    };
    let payload = json!({"name": link.name, "n": link.n, "until": link.ends_at.to_string()});
    record(work, action, &link, payload).await?;
    Ok(link)
}

/// The stage in which a person can let somebody else speak from their seat.
async fn lent_stage(
    work: &mut Work<'_, '_>,
    request: &store::request::Request,
    person: PersonId,
    name: &str,
) -> Result<u32, Error> {
    work.require(Action::Decide)?;
    let stage = request.stage.ok_or_else(|| Error::missing("stage"))?;
    let definition = request.policy.stages.get(stage as usize);
    if !definition.is_some_and(|s| s.outside) {
        return Err(Error::refused(
            Code::Forbidden,
            "The stage that is asked lets nobody from outside decide. They can comment.",
        ));
    }
    let voice = Voice {
        person,
        operator: None,
        delegated: false,
        outside: Some(name.to_owned()),
    };
    requests::may_speak(work, request, stage, &voice).await?;
    Ok(stage)
}

async fn withdraw(work: &mut Work<'_, '_>, id: ReviewLinkId) -> Result<(), Error> {
    work.require(Action::Write)?;
    let person = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let link = store::review_link::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("link"))?;
    if link.made_by != person {
        work.require(Action::ManageChains)?;
    }
    if store::review_link::withdraw(work.tx, org, id, now).await? {
        let payload = json!({"name": link.name, "n": link.n});
        record(work, "review_link_withdrawn", &link, payload).await?;
    }
    Ok(())
}

async fn record(
    work: &mut Work<'_, '_>,
    action: &str,
    link: &ReviewLink,
    payload: serde_json::Value,
) -> Result<(), Error> {
    work.tag(Tag::Requests);
    let subject = format!("review_link:{}", link.id);
    work.record(action, &subject, Some(link.content), payload)
        .await
}
