//! Contents, what is typed, and media files.

use domain::Hash;
use domain::content::Body;
use domain::delivery::DeliveryStatus;
use domain::identity::Executor;
use domain::ids::{ContentId, PersonaId};
use domain::media::AssetFacts;
use domain::status::ContentStatus;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::content::{Content, WorkingCopy};

use super::{Authority, Work, deliveries, edits, notes, requests, suggestions};
use crate::Error;

/// How many bytes of typed text are kept: far beyond any network, short of a mistake.
const MAX_BODY: usize = 1024 * 1024;

pub(super) async fn add_asset(
    work: &mut Work<'_, '_>,
    facts: &AssetFacts,
    thumbnail: Hash,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    if store::asset::get(work.tx, org, facts.hash).await?.is_some() {
        return Ok(vec![]);
    }
    let present = match (work.ctx.authority, work.ctx.executor) {
        (Authority::Elsewhere, _) => false,
        (Authority::Here, Executor::Server) => {
            store::asset::is_present(work.tx, org, facts.hash).await?
        }
        (Authority::Here, Executor::Desktop) => true,
    };
    let asset = store::asset::Asset {
        facts: facts.clone(),
        thumbnail,
        present,
    };
    store::asset::insert(work.tx, org, &asset, now).await?;
    work.changed("asset", facts.hash).await?;
    work.record(
        "asset_added",
        &format!("asset:{}", facts.hash),
        None,
        json!({"name": facts.name, "location_removed": facts.location_removed}),
    )
    .await?;
    Ok(vec![])
}

/// A content, or a new one of `persona`.
pub(super) async fn known_or_new(
    work: &mut Work<'_, '_>,
    id: ContentId,
    persona: PersonaId,
) -> Result<(Content, bool), Error> {
    let org = work.org();
    if store::persona::get(work.tx, org, persona)
        .await?
        .is_none_or(|p| p.archived)
    {
        return Err(Error::missing("persona"));
    }
    if let Some(mut content) = store::content::get(work.tx, org, id).await? {
        if content.persona != persona {
            let deliveries = store::delivery::of_content(work.tx, org, id).await?;
            if content.n > 0 || !deliveries.is_empty() {
                return Err(Error::refused(
                    Code::WrongState,
                    "A saved post keeps its persona. Duplicate it to give it another.",
                ));
            }
            content.persona = persona;
        }
        return Ok((content, false));
    }
    let now = work.now();
    let content = Content {
        id,
        persona,
        status: ContentStatus::Draft,
        archived: false,
        n: 0,
        headline: String::new(),
        excerpt: String::new(),
        pictures: 0,
        parts: 1,
        campaign: String::new(),
        labels: Vec::new(),
        author: work.ctx.actor.person(),
        at: None,
        created_at: now,
        changed_at: now,
    };
    Ok((content, true))
}

/// What lists show of a body.
pub(crate) fn describe(content: &mut Content, body: &Body) {
    content.headline = body.headline();
    content.excerpt = body
        .shared
        .segments
        .first()
        .or_else(|| body.variants.values().find_map(|v| v.segments.first()))
        .map(|s| s.text.chars().take(280).collect())
        .unwrap_or_default();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    content.pictures = count(body.shared.segments.iter().map(|s| s.media.len()).sum());
    content.parts = std::iter::once(&body.shared)
        .chain(body.variants.values())
        .map(|v| count(v.segments.len()))
        .max()
        .unwrap_or(1)
        .max(1);
}

pub(super) fn check_editable(content: &Content) -> Result<(), Error> {
    if content.status.can_edit() {
        return Ok(());
    }
    Err(Error::refused(
        Code::WrongState,
        match content.status {
            ContentStatus::Archived => "This post is put away. Take it back to edit it.",
            ContentStatus::Publishing => "This post is going out. Wait until it is out.",
            _ => {
                "A part of this post is not out, or nobody knows. Settle that first, then change it."
            }
        },
    ))
}

pub(super) fn check_size(body: &Body) -> Result<(), Error> {
    if store::to_json(body)?.len() <= MAX_BODY {
        return Ok(());
    }
    Err(Error::refused(
        Code::InvalidInput,
        "The text is longer than 1 MiB. Shorten it.",
    ))
}

pub(super) async fn keep(
    work: &mut Work<'_, '_>,
    id: ContentId,
    persona: PersonaId,
    body: &Body,
    base: u32,
) -> Result<Vec<Notice>, Error> {
    check_size(body)?;
    let (mut content, new) = known_or_new(work, id, persona).await?;
    check_editable(&content)?;
    let (org, now) = (work.org(), work.now());
    describe(&mut content, body);
    content.author = work.ctx.actor.person();
    content.changed_at = now;
    store::content::save(work.tx, org, &content).await?;
    let copy = WorkingCopy {
        body: body.clone(),
        base,
        person: content.author,
        at: now,
    };
    store::content::keep_working_copy(work.tx, org, id, &copy).await?;
    store::search::index(work.tx, org, id, &body.searchable()).await?;
    work.changed("content", id).await?;
    // Typing is no act on the record, or an hour of writing would be 3,600 entries; that somebody
    // began is, and every version is.
    if new {
        work.record(
            "content_begun",
            &format!("content:{id}"),
            Some(id),
            json!({}),
        )
        .await?;
    }
    Ok(vec![])
}

/// Keeps a program's words where what it read still stands. Unlike typing, this is one act: it is in
/// the content's history.
pub(super) async fn revise(
    work: &mut Work<'_, '_>,
    id: ContentId,
    body: &Body,
    seen: Hash,
) -> Result<Vec<Notice>, Error> {
    work.require_here()?;
    let org = work.org();
    let content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let copy = store::content::working_copy(work.tx, org, id).await?;
    let (now, base) = match copy {
        Some(copy) => (copy.body, copy.base),
        None => match store::version::get(work.tx, org, id, content.n).await? {
            Some(version) => (version.doc()?.body, content.n),
            None => (Body::default(), content.n),
        },
    };
    if crate::compose::seen(&now)? != seen {
        return Err(Error::refused(
            Code::Conflict,
            "Somebody changed this post since you read it. Read it again.",
        ));
    }
    keep(work, id, content.persona, body, base).await?;
    let named = crate::compose::seen(body)?;
    let payload = json!({"seen": seen.short(), "text": named.short()});
    work.record("text_revised", &format!("content:{id}"), Some(id), payload)
        .await?;
    Ok(vec![])
}

pub(crate) async fn discard(work: &mut Work<'_, '_>, id: ContentId) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let mut content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    store::content::drop_working_copy(work.tx, org, id).await?;
    match store::version::get(work.tx, org, id, content.n).await? {
        Some(version) => {
            let body = version.doc()?.body;
            describe(&mut content, &body);
            store::search::index(work.tx, org, id, &body.searchable()).await?;
        }
        None => {
            suggestions::note_answer(work, id, false).await?;
            for delivery in store::delivery::of_content(work.tx, org, id).await? {
                if delivery.status.can_cancel() {
                    deliveries::take_back(work, delivery).await?;
                }
            }
            describe(&mut content, &Body::default());
            content.archived = true;
            store::search::index(work.tx, org, id, "").await?;
        }
    }
    content.changed_at = work.now();
    store::content::save(work.tx, org, &content).await?;
    work.record(
        "copy_discarded",
        &format!("content:{id}"),
        Some(id),
        json!({}),
    )
    .await?;
    work.recompute(id).await?;
    Ok(vec![])
}

pub(super) async fn set_details(
    work: &mut Work<'_, '_>,
    id: ContentId,
    campaign: &str,
    labels: &[String],
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let mut content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    campaign.trim().clone_into(&mut content.campaign);
    content.labels = labels
        .iter()
        .map(|l| l.trim().to_owned())
        .filter(|l| !l.is_empty())
        .collect();
    content.labels.sort_unstable();
    content.labels.dedup();
    content.changed_at = work.now();
    store::content::save(work.tx, org, &content).await?;
    work.changed("content", id).await?;
    work.record(
        "details_set",
        &format!("content:{id}"),
        Some(id),
        json!({"campaign": content.campaign, "labels": content.labels.join(", ")}),
    )
    .await?;
    Ok(vec![])
}

pub(super) async fn archive(
    work: &mut Work<'_, '_>,
    id: ContentId,
    archived: bool,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let mut content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    if archived {
        let all = store::delivery::of_content(work.tx, org, id).await?;
        if all.iter().any(|d| {
            matches!(
                d.status,
                DeliveryStatus::Sending | DeliveryStatus::Unconfirmed
            )
        }) {
            return Err(Error::refused(
                Code::AttemptOpen,
                "A part of this post may be live. Say what became of it first.",
            ));
        }
        for delivery in &all {
            edits::check_closed(work, delivery.id).await?;
            deliveries::check_here(delivery)?;
        }
        for delivery in all.into_iter().filter(|d| d.status.can_cancel()) {
            deliveries::take_back(work, delivery).await?;
        }
        edits::outdate(work, id, "The post was put away.").await?;
        requests::supersede(work, id, "archived").await?;
        content = store::content::get(work.tx, org, id)
            .await?
            .ok_or_else(|| Error::missing("content"))?;
    }
    content.archived = archived;
    content.changed_at = work.now();
    store::content::save(work.tx, org, &content).await?;
    let action = if archived {
        "content_archived"
    } else {
        "content_unarchived"
    };
    work.record(action, &format!("content:{id}"), Some(id), json!({}))
        .await?;
    work.recompute(id).await?;
    Ok(vec![])
}

/// Deletes what nobody was ever asked about and nothing was ever tried with.
pub(crate) async fn delete_draft(
    work: &mut Work<'_, '_>,
    id: ContentId,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let all = store::delivery::of_content(work.tx, org, id).await?;
    let mut untried = matches!(
        content.status,
        ContentStatus::Draft | ContentStatus::Archived
    );
    untried &= store::request::newest(work.tx, org, id).await?.is_none();
    for delivery in &all {
        let attempts = store::attempt::of_delivery(work.tx, org, delivery.id).await?;
        untried &= attempts.is_empty() && delivery.live == 0;
    }
    if !untried {
        return Err(Error::refused(
            Code::WrongState,
            "This post was submitted once. It can be archived, not deleted.",
        ));
    }
    suggestions::note_answer(work, id, false).await?;
    for mut delivery in all {
        deliveries::stop_run(work, &mut delivery, "deleted").await?;
        work.gone("delivery", delivery.id).await?;
    }
    for note in store::note::of_content(work.tx, org, id).await? {
        notes::forget_mention(work, note.id).await?;
        work.gone("note", note.id).await?;
    }
    let remarks = format!("content:{id}");
    if store::remark::forget(work.tx, org, &remarks).await? > 0 {
        work.gone("dismissed_remark", remarks).await?;
    }
    for version in store::version::heads(work.tx, org, id).await? {
        work.gone("version", format!("{id}:{}", version.n)).await?;
    }
    store::content::forget(work.tx, org, id).await?;
    work.gone("content", id).await?;
    work.record("draft_deleted", &format!("content:{id}"), None, json!({}))
        .await?;
    Ok(vec![])
}
