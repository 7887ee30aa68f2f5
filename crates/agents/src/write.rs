//! What an agent can change: drafts, times, and that people are asked.

use domain::content::{Body, Segment, Variant, network_key};
use domain::identity::{IdentityStatus, NetworkId};
use domain::ids::{DeliveryId, IdentityId, RequestId};
use domain::{Instant, Planned};
use protocol::mutation::DeliveryPlan;
use protocol::views::{ContentDetail, PersonaDetail, RequestDetail, Saved};
use protocol::{Act, Code, Mutation, Problem, Query};
use serde_json::{Value, json};

use super::ask;
use super::read::{body_of, persona, seen};
use super::session::Session;

/// A body for a persona's accounts, marked as made with AI.
pub(super) fn body(
    persona: &PersonaDetail,
    parts: &[String],
    languages: Option<Vec<String>>,
    accounts: Option<Vec<IdentityId>>,
) -> Result<Body, Problem> {
    let connected: Vec<IdentityId> = persona
        .accounts
        .iter()
        .filter(|account| account.status != IdentityStatus::Disconnected)
        .map(|account| account.id)
        .collect();
    let targets = accounts.unwrap_or_else(|| connected.clone());
    if let Some(strange) = targets.iter().find(|id| !connected.contains(id)) {
        let name = &persona.profile.name;
        let words = format!("{name} has no connected account {strange}.");
        return Err(Problem::new(Code::NotFound, words));
    }
    let mut body = Body {
        languages: languages.unwrap_or_else(|| vec![persona.profile.language.clone()]),
        targets,
        ..Body::default()
    };
    body.languages.retain(|language| !language.is_empty());
    with_parts(&mut body.shared, parts)?;
    Ok(body)
}

/// Puts other words into a text. Pictures stay with their part; those of parts that are no more
/// stay with the last one.
fn with_parts(variant: &mut Variant, parts: &[String]) -> Result<(), Problem> {
    if parts.is_empty() {
        let words = "A text has at least one part.";
        return Err(Problem::new(Code::InvalidInput, words));
    }
    let mut segments: Vec<Segment> = parts
        .iter()
        .map(|text| Segment {
            text: text.clone(),
            media: vec![],
        })
        .collect();
    let last = segments.len() - 1;
    for (at, old) in std::mem::take(&mut variant.segments)
        .into_iter()
        .enumerate()
    {
        segments[at.min(last)].media.extend(old.media);
    }
    variant.segments = segments;
    variant.options.made_with_ai = true;
    Ok(())
}

pub(super) async fn draft(session: &Session, asked: ask::Draft) -> Result<Value, Problem> {
    let ids = session.ids("draft", &asked.key).await?;
    let persona = persona(session, asked.persona).await?;
    let mut body = body(&persona, &asked.parts, asked.languages, asked.accounts)?;
    body.title = asked.title;
    let content = ids.of("content");
    let named = seen(&body)?;
    let keep = Mutation::SaveWorkingCopy {
        content,
        persona: persona.id,
        body,
        base: Some(0),
    };
    session.mutate(ids.of("call"), keep).await?;
    Ok(json!({ "content": content, "seen": named }))
}

pub(super) async fn revise(session: &Session, asked: ask::Revise) -> Result<Value, Problem> {
    let ids = session.ids("revise", &asked.key).await?;
    let id = asked.content;
    let detail: ContentDetail = session.query(Query::Content { id }).await?;
    let body = body_of(&detail);
    let mut revised = body.clone();
    let text = match &asked.network {
        None => &mut revised.shared,
        Some(network) => {
            let shared = revised.shared.clone();
            let key = network_key(&NetworkId::new(network));
            revised.variants.entry(key).or_insert(shared)
        }
    };
    with_parts(text, &asked.parts)?;
    if let Some(title) = asked.title {
        revised.title = title;
    }
    let named = seen(&revised)?;
    let done = json!({ "content": id, "seen": named });
    // The same again finds what it did the first time.
    if revised == body {
        return Ok(done);
    }
    let keep = Mutation::Revise {
        content: id,
        body: revised,
        seen: asked.seen.parse().map_err(|_| changed())?,
    };
    session.mutate(ids.of("call"), keep).await?;
    Ok(done)
}

fn check_seen(body: &Body, given: &str) -> Result<(), Problem> {
    if seen(body)? == given {
        return Ok(());
    }
    Err(changed())
}

fn changed() -> Problem {
    let words = "Somebody changed this post since you read it. Read it again.";
    Problem::new(Code::Conflict, words)
}

pub(super) async fn schedule(session: &Session, asked: ask::Schedule) -> Result<Value, Problem> {
    let ids = session.ids("schedule", &asked.key).await?;
    let id = asked.content;
    let detail: ContentDetail = session.query(Query::Content { id }).await?;
    let persona = persona(session, detail.row.persona.id).await?;
    let mut plans = Vec::new();
    for time in &asked.times {
        let known = detail.deliveries.iter().find(|delivery| {
            delivery.target.identity == time.account && delivery.target.status.can_cancel()
        });
        let planned = match &time.at {
            None => None,
            Some(at) => Some(planned(at, &persona.profile.zone)?),
        };
        plans.push(DeliveryPlan {
            id: known.map_or_else(
                || ids.of(&format!("delivery {}", time.account)),
                |delivery| delivery.target.delivery,
            ),
            identity: time.account,
            planned,
            grace: None,
            hand_off: None,
        });
    }
    let plan = Mutation::Plan {
        content: id,
        deliveries: plans,
    };
    session.mutate(ids.of("call"), plan).await?;
    let detail: ContentDetail = session.query(Query::Content { id }).await?;
    let ahead = detail.row.targets.iter().map(|target| {
        json!({ "account": target.identity, "status": target.status, "planned": target.planned })
    });
    Ok(json!({ "content": id, "status": detail.row.status, "targets": ahead.collect::<Vec<_>>() }))
}

/// An instant, or a wall-clock time in a zone.
fn planned(at: &str, zone: &str) -> Result<Planned, Problem> {
    let planned = match at.parse::<Instant>() {
        Ok(at) => Planned::from_instant(at, zone),
        Err(_) => Planned::from_wall(at, zone),
    };
    planned.map_err(|e| Problem::new(Code::InvalidInput, e.to_string()))
}

pub(super) async fn submit(session: &Session, asked: ask::Submit) -> Result<Value, Problem> {
    let ids = session.ids("submit", &asked.key).await?;
    let request: RequestId = ids.of("request");
    let known = session.query::<RequestDetail>(Query::Request { id: request });
    match known.await {
        Ok(known) => {
            let asked_about = seen(&known.version.doc.body)?;
            if known.content != asked.content || asked_about != asked.seen {
                let words = "This key asked about another text. Use another key.";
                return Err(Problem::new(Code::IdReused, words));
            }
            return Ok(json!({ "content": known.content, "request": known.status }));
        }
        Err(problem) if problem.code == Code::NotFound => {}
        Err(problem) => return Err(problem),
    }
    let id = asked.content;
    let detail: ContentDetail = session.query(Query::Content { id }).await?;
    let body = body_of(&detail);
    check_seen(&body, &asked.seen)?;
    let plans = body.targets.iter().map(|account| {
        let known = detail.deliveries.iter().find(|delivery| {
            delivery.target.identity == *account && delivery.target.status.can_cancel()
        });
        DeliveryPlan {
            id: known.map_or_else(
                || ids.of::<DeliveryId>(&format!("delivery {account}")),
                |delivery| delivery.target.delivery,
            ),
            identity: *account,
            planned: known.and_then(|delivery| delivery.target.planned.clone()),
            grace: known.map(|delivery| delivery.grace),
            hand_off: known.map(|delivery| delivery.hand_off),
        }
    });
    let act = Act::Submit {
        content: id,
        persona: detail.row.persona.id,
        deliveries: plans.collect(),
        body,
        base: detail.row.n,
        updates: vec![],
        request,
        added: None,
    };
    let saved: Saved = session.act(act).await?;
    Ok(
        json!({ "content": id, "status": saved.status, "version": saved.n, "notices": saved.notices }),
    )
}
