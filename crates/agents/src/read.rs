//! What an agent can see.

use domain::content::{Body, Variant};
use domain::ids::PersonaId;
use domain::remark::RemarkKind;
use domain::status::ContentStatus;
use protocol::query::QueueFilter;
use protocol::views::{
    BestHours, Calendar, Checked, ContentDetail, ContentRow, DeliveryDetail, Ideas, PersonaDetail,
    Prepared, QueuePage, SuggestionView, Target, TrendView,
};
use protocol::{Code, Problem, Query};
use serde_json::{Value, json};

use super::ask;
use super::session::Session;

/// Posts whose counts are read for one answer.
const MEASURED: u32 = 20;

pub(super) async fn personas(session: &Session) -> Result<Value, Problem> {
    let all: Vec<PersonaDetail> = session.query(Query::Personas {}).await?;
    let shown = all.iter().filter(|p| !p.archived).map(|persona| {
        let accounts = persona.accounts.iter().map(|account| {
            json!({
                "id": account.id,
                "network": account.network,
                "handle": account.handle,
                "status": account.status,
                "text": account.limits.text,
                "parts": account.limits.max_segments,
            })
        });
        let chain = persona.chain.as_ref().map(|chain| {
            let stages: Vec<&str> = chain.stages.iter().map(|s| s.name.as_str()).collect();
            json!({ "name": chain.name, "stages": stages })
        });
        json!({
            "id": persona.id,
            "name": persona.profile.name,
            "language": persona.profile.language,
            "zone": persona.profile.zone,
            "voice": persona.profile.voice,
            "audiences": persona.profile.audiences,
            "paused": persona.paused,
            "chain": chain,
            "accounts": accounts.collect::<Vec<_>>(),
        })
    });
    Ok(json!({ "personas": shown.collect::<Vec<_>>() }))
}

/// One persona.
pub(super) async fn persona(session: &Session, id: PersonaId) -> Result<PersonaDetail, Problem> {
    let all: Vec<PersonaDetail> = session.query(Query::Personas {}).await?;
    let found = all.into_iter().find(|p| p.id == id && !p.archived);
    found.ok_or_else(|| Problem::new(Code::NotFound, "There is no such persona."))
}

pub(super) async fn contents(session: &Session, asked: ask::Contents) -> Result<Value, Problem> {
    let query = Query::Queue {
        filter: QueueFilter {
            statuses: asked.statuses,
            persona: asked.persona,
            search: asked.search,
            ..QueueFilter::default()
        },
        cursor: asked.cursor,
        limit: asked.limit.unwrap_or(50),
    };
    let page: QueuePage = session.query(query).await?;
    let rows: Vec<Value> = page.rows.iter().map(row).collect();
    Ok(json!({ "contents": rows, "next": page.next }))
}

fn row(row: &ContentRow) -> Value {
    json!({
        "id": row.id,
        "persona": { "id": row.persona.id, "name": row.persona.name },
        "headline": row.headline,
        "excerpt": row.excerpt,
        "status": row.status,
        "version": row.n,
        "unsaved": row.unsaved,
        "at": row.at,
        "targets": row.targets.iter().map(target).collect::<Vec<_>>(),
    })
}

fn target(target: &Target) -> Value {
    json!({
        "account": target.identity,
        "network": target.network,
        "handle": target.handle,
        "status": target.status,
        "planned": target.planned,
    })
}

/// What is typed on a post, or else its newest version.
pub(super) fn body_of(detail: &ContentDetail) -> Body {
    let typed = detail.working.as_ref().map(|copy| &copy.body);
    let saved = detail.version.as_ref().map(|version| &version.doc.body);
    typed.or(saved).cloned().unwrap_or_default()
}

/// Names a text: another one has another name.
pub(super) fn seen(body: &Body) -> Result<String, Problem> {
    Ok(app::compose::seen(body)?.to_string())
}

fn texts(variant: &Variant) -> Vec<&str> {
    variant.segments.iter().map(|s| s.text.as_str()).collect()
}

pub(super) async fn content(session: &Session, asked: ask::One) -> Result<Value, Problem> {
    let id = asked.content;
    let detail: ContentDetail = session.query(Query::Content { id }).await?;
    let body = body_of(&detail);
    let own: serde_json::Map<String, Value> = body
        .variants
        .iter()
        .map(|(key, variant)| (key.clone(), json!(texts(variant))))
        .collect();
    let mut shown = row(&detail.row);
    let request = detail.request.as_ref().map(|request| {
        json!({
            "status": request.status,
            "version": request.n,
            "chain": request.chain_name,
        })
    });
    let more = json!({
        "title": body.title,
        "languages": body.languages,
        "parts": texts(&body.shared),
        "own_texts": own,
        "options": body.shared.options,
        "seen": seen(&body)?,
        "can_edit": detail.can_edit,
        "deliveries": detail.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        "request": request,
    });
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    Ok(shown)
}

fn delivery(delivery: &DeliveryDetail) -> Value {
    let mut shown = target(&delivery.target);
    let urls: Vec<&String> = delivery
        .publications
        .iter()
        .filter_map(|p| p.url.as_ref())
        .collect();
    let counts: serde_json::Map<String, Value> = delivery
        .metrics
        .iter()
        .map(|metric| (metric.name.clone(), json!(metric.value)))
        .collect();
    if let Value::Object(shown) = &mut shown {
        shown.insert("words".into(), json!(delivery.words));
        shown.insert("urls".into(), json!(urls));
        shown.insert("metrics".into(), json!(counts));
    }
    shown
}

pub(super) async fn calendar(session: &Session, asked: ask::Stretch) -> Result<Value, Problem> {
    let query = Query::Calendar {
        from: asked.from,
        to: asked.to,
        persona: asked.persona,
        network: None,
        foremost: None,
    };
    let calendar: Calendar = session.query(query).await?;
    let entries = calendar.entries.iter().map(|entry| {
        json!({
            "content": entry.content,
            "persona": { "id": entry.persona.id, "name": entry.persona.name },
            "headline": entry.headline,
            "status": entry.status,
            "planned": entry.planned,
            "targets": entry.targets.iter().map(target).collect::<Vec<_>>(),
        })
    });
    let free = calendar.free.iter().map(|slot| json!(slot));
    Ok(json!({
        "entries": entries.collect::<Vec<_>>(),
        "free_slots": free.collect::<Vec<_>>(),
        "unplanned": calendar.unplanned,
    }))
}

pub(super) async fn ideas(session: &Session, asked: ask::OfPersona) -> Result<Value, Problem> {
    let query = Query::Ideas {
        persona: asked.persona,
    };
    let ideas: Ideas = session.query(query).await?;
    Ok(json!({
        "trends": ideas.trends.iter().map(trend).collect::<Vec<_>>(),
        "suggestions": ideas.suggestions.iter().map(suggestion).collect::<Vec<_>>(),
    }))
}

/// What a trend is called is what strangers wrote, too.
fn trend(trend: &TrendView) -> Value {
    let fits = trend.fits.iter().map(|fit| {
        json!({
            "persona": { "id": fit.persona.id, "name": fit.persona.name },
            "percent": fit.fit.relevance,
        })
    });
    json!({
        "id": trend.id,
        "rising": trend.rising,
        "observed": trend.facts.observed,
        "hours": trend.facts.hours,
        "sources": trend.facts.sources,
        "fits": fits.collect::<Vec<_>>(),
        "outside": {
            "title": trend.facts.title,
            "terms": trend.facts.terms,
            "evidence": trend.facts.evidence,
        },
    })
}

fn suggestion(suggestion: &SuggestionView) -> Value {
    let own = suggestion.facts.own.as_ref().map(
        |own| json!({ "content": own.content, "at": own.at, "text": own.text, "got": own.got }),
    );
    json!({
        "id": suggestion.id,
        "persona": { "id": suggestion.persona.id, "name": suggestion.persona.name },
        "kind": suggestion.kind,
        "appeal": suggestion.appeal,
        "accounts": suggestion.accounts,
        "planned": suggestion.facts.planned,
        "expected": suggestion.facts.ranges,
        "own_post": own,
        "outside": {
            "title": suggestion.facts.title,
            "evidence": suggestion.facts.evidence,
        },
    })
}

pub(super) async fn metrics(session: &Session, asked: ask::Measured) -> Result<Value, Problem> {
    let query = Query::Queue {
        filter: QueueFilter {
            statuses: vec![ContentStatus::Published, ContentStatus::PartiallyPublished],
            persona: Some(asked.persona),
            ..QueueFilter::default()
        },
        cursor: None,
        limit: asked.limit.unwrap_or(MEASURED).min(MEASURED),
    };
    let page: QueuePage = session.query(query).await?;
    let mut posts = Vec::new();
    for row in &page.rows {
        let detail: ContentDetail = session.query(Query::Content { id: row.id }).await?;
        posts.push(json!({
            "id": row.id,
            "headline": row.headline,
            "deliveries": detail.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        }));
    }
    let hours = Query::BestHours {
        persona: asked.persona,
        at: domain::Instant(app::Clock::wall(&app::SystemClock)),
    };
    let hours: BestHours = session.query(hours).await?;
    Ok(json!({
        "posts": posts,
        "best_hours_of_week_utc": hours.strongest,
        "known_from_posts": hours.posts,
    }))
}

pub(super) async fn check(session: &Session, asked: ask::Check) -> Result<Value, Problem> {
    let persona = persona(session, asked.persona).await?;
    let body = super::write::body(&persona, &asked.parts, asked.languages, None)?;
    let prepare = Query::Prepare {
        persona: persona.id,
        body: body.clone(),
        counted: vec![],
    };
    let prepared: Prepared = session.query(prepare).await?;
    let look = Query::Check {
        persona: persona.id,
        content: None,
        body,
    };
    let checked: Checked = session.query(look).await?;
    let accounts = prepared.targets.iter().map(|target| {
        json!({
            "account": target.identity,
            "network": target.network,
            "counts": target.counts,
            "issues": target.issues,
        })
    });
    let asked: Vec<&str> = prepared.stages.iter().map(|s| s.name.as_str()).collect();
    // Hashtags are what strangers wrote.
    let (outside, remarks): (Vec<_>, Vec<_>) = checked
        .remarks
        .iter()
        .partition(|remark| remark.kind == RemarkKind::TagFits);
    Ok(json!({
        "accounts": accounts.collect::<Vec<_>>(),
        "stages": asked,
        "remarks": remarks,
        "outside": { "hashtags": outside },
    }))
}
