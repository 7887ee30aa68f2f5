//! Versions: what people approve, and what goes out.

use domain::Hash;
use domain::ids::{ContentId, PersonaId};
use domain::version::{VersionDoc, VersionError};
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::version::Version;

use super::{Work, contents, deliveries, edits, requests, suggestions};
use crate::Error;

pub(super) async fn save(
    work: &mut Work<'_, '_>,
    id: ContentId,
    persona: PersonaId,
    n: u32,
    doc: &str,
) -> Result<Vec<Notice>, Error> {
    let bytes = doc.as_bytes();
    let doc = VersionDoc::open(bytes).map_err(|e| match e {
        VersionError::UnknownFormat(_) => Error::refused(Code::BinaryTooOld, e.to_string()),
        VersionError::Malformed(_) => Error::refused(Code::InvalidInput, e.to_string()),
    })?;
    if doc.organization != work.org() || doc.content != id {
        return Err(Error::refused(
            Code::InvalidInput,
            "This version belongs to something else.",
        ));
    }
    append(work, id, persona, n, bytes, &doc, None).await
}

pub(super) async fn restore(
    work: &mut Work<'_, '_>,
    id: ContentId,
    from: u32,
    n: u32,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let old = store::version::get(work.tx, org, id, from)
        .await?
        .ok_or_else(|| Error::missing("version"))?;
    let doc = old.doc()?;
    append(work, id, content.persona, n, &old.bytes, &doc, Some(from)).await
}

async fn append(
    work: &mut Work<'_, '_>,
    id: ContentId,
    persona: PersonaId,
    n: u32,
    bytes: &[u8],
    doc: &VersionDoc,
    restored_from: Option<u32>,
) -> Result<Vec<Notice>, Error> {
    let (mut content, _) = contents::known_or_new(work, id, persona).await?;
    contents::check_editable(&content)?;
    if n != content.n + 1 {
        return Err(Error::refused(
            Code::StaleVersion,
            format!(
                "Version {} is the newest. Look again before you save.",
                content.n
            ),
        ));
    }
    if doc.body.shared.is_empty()
        && doc
            .body
            .variants
            .values()
            .all(domain::content::Variant::is_empty)
    {
        return Err(Error::refused(
            Code::EmptyContent,
            "There is nothing to send yet. Write something or add a picture.",
        ));
    }
    check_references(work, persona, doc).await?;

    let (org, now) = (work.org(), work.now());
    let hash = Hash::of(bytes);
    contents::describe(&mut content, &doc.body);
    content.n = n;
    content.author = work.ctx.actor.person();
    content.changed_at = now;
    store::content::save(work.tx, org, &content).await?;
    let version = Version {
        content: id,
        n,
        hash,
        bytes: bytes.to_vec(),
        restored_from,
        person: content.author,
        operator: work.ctx.actor.operator(),
        at: now,
    };
    store::version::insert(work.tx, org, &version).await?;
    store::content::drop_working_copy(work.tx, org, id).await?;
    store::search::index(work.tx, org, id, &doc.body.searchable()).await?;
    work.changed("version", format!("{id}:{n}")).await?;
    suggestions::note_edit(work, id, &doc.body).await?;
    let action = if restored_from.is_some() {
        "version_restored"
    } else {
        "version_saved"
    };
    work.record(
        action,
        &format!("version:{id}:{n}"),
        Some(id),
        json!({"n": n, "hash": hash.short(), "from": restored_from}),
    )
    .await?;

    let before = store::delivery::of_content(work.tx, org, id).await?;
    let voided = requests::supersede(work, id, "edited").await?;
    carry_deliveries(work, id, n, hash, doc).await?;
    edits::outdate(work, id, "A newer version was saved.").await?;
    work.recompute(id).await?;
    let mut notices = deliveries::asked_back(&before);
    if voided {
        notices.insert(0, Notice::ApprovalVoided);
    }
    Ok(notices)
}

/// Every account and every picture that a version names must be known.
async fn check_references(
    work: &mut Work<'_, '_>,
    persona: PersonaId,
    doc: &VersionDoc,
) -> Result<(), Error> {
    let org = work.org();
    for target in &doc.targets {
        let known = store::identity::get(work.tx, org, target.identity).await?;
        if known.is_none_or(|i| i.persona != persona || i.network != target.network) {
            return Err(Error::refused(
                Code::InvalidInput,
                "One of the chosen accounts does not belong to this persona (any more).",
            ));
        }
        if target.segments.is_empty() {
            return Err(Error::refused(
                Code::EmptyContent,
                "One of the accounts would get nothing.",
            ));
        }
    }
    for facts in &doc.media {
        if store::asset::get(work.tx, org, facts.hash).await?.is_none() {
            return Err(Error::refused(
                Code::MediaMissing,
                format!(
                    "The picture “{}” is not in the library. Add it again.",
                    facts.name
                ),
            ));
        }
    }
    Ok(())
}

/// Unsent deliveries follow to the new version; those whose account it leaves out are taken back.
async fn carry_deliveries(
    work: &mut Work<'_, '_>,
    id: ContentId,
    n: u32,
    hash: Hash,
    doc: &VersionDoc,
) -> Result<(), Error> {
    let org = work.org();
    for mut delivery in store::delivery::of_content(work.tx, org, id).await? {
        if !delivery.status.can_move() || delivery.live > 0 {
            continue;
        }
        if !doc.body.targets.contains(&delivery.identity) {
            deliveries::take_back(work, delivery).await?;
            continue;
        }
        deliveries::let_go(work, &mut delivery, "edited").await?;
        // A target with errors has no segments in a draft; asking for approval refuses it.
        let segments = doc
            .target(delivery.identity)
            .map_or(0, |t| t.segments.len());
        delivery.n = n;
        delivery.hash = Some(hash);
        delivery.segments = u32::try_from(segments).unwrap_or(u32::MAX);
        deliveries::replan(&mut delivery);
        deliveries::put(work, delivery).await?;
    }
    Ok(())
}
