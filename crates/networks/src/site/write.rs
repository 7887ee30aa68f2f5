//! Writing a segment into the folder: a new part, or another in the place of one.

use domain::Hash;
use domain::version::{PreparedSegment, PreparedTarget};

use super::folder::{Folder, Part, SiteError, Wrote};
use super::{LOCK_PATIENCE, Place, blocking};
use crate::contract::{
    EditInput, Lease, MediaBytes, NetworkError, Outcome, Said, SubmitInput, checked_bytes,
};

fn rejected(code: &'static str, words: &str) -> Outcome {
    Outcome::Rejected {
        code,
        words: words.to_owned(),
    }
}

fn no_segment() -> Outcome {
    rejected("no_such_segment", "This segment is not in the version.")
}

/// The files that a segment shows.
async fn files_of(
    segment: &PreparedSegment,
    media: &dyn MediaBytes,
) -> Result<Vec<(Hash, String, Vec<u8>)>, Outcome> {
    let card = segment.card.iter().filter_map(|c| c.image.as_ref());
    let mut files = Vec::new();
    for rendition in segment.media.iter().map(|m| &m.rendition).chain(card) {
        let bytes = checked_bytes(media, rendition.hash)
            .await
            .map_err(|missing| Outcome::NotSent {
                why: missing.to_string(),
            })?;
        files.push((rendition.hash, rendition.mime.clone(), bytes));
    }
    Ok(files)
}

fn part_of(place: Place, segment: &PreparedSegment, target: &PreparedTarget) -> Part {
    Part {
        entry: place.entry,
        part: place.part,
        published: domain::Instant::default(),
        edited: None,
        title: target.title.clone(),
        languages: target.languages.clone(),
        segment: segment.clone(),
        options: target.options.clone(),
    }
}

fn time_left(lease: &dyn Lease) -> Result<std::time::Duration, Outcome> {
    let left = lease.left();
    if left.is_zero() {
        return Err(Outcome::NotSent {
            why: "the time for this attempt ran out".to_owned(),
        });
    }
    Ok(left)
}

pub(super) fn failed(error: &SiteError) -> Outcome {
    match error {
        SiteError::Stopped | SiteError::Half(_) => Outcome::Ambiguous {
            why: "the folder could only be written in part".to_owned(),
        },
        error => Outcome::NotSent {
            why: error.to_string(),
        },
    }
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn add(input: SubmitInput<'_>) -> Result<Outcome, Outcome> {
    let segment = input.segment().ok_or_else(no_segment)?;
    let (place, published) = Place::of_keys(&input.attempt.keys)
        .ok_or_else(|| rejected("no_keys", "The attempt was journaled without its keys."))?;
    let files = files_of(segment, input.media).await?;
    let part = Part {
        published,
        ..part_of(place, segment, input.target)
    };
    let left = time_left(input.lease)?;
    let facts = input.account.facts.clone();
    let done = blocking(move || {
        let folder = Folder::open(&facts, left.min(LOCK_PATIENCE))?;
        let wrote = folder.add(&part, &files)?;
        Ok((wrote, place.remote(&folder)))
    });
    Ok(match done.await {
        Ok((Wrote::Published, remote)) => Outcome::Confirmed(remote),
        Ok((Wrote::Differs, remote)) => rejected(
            "already_there",
            &format!(
                "Another text is already published in this place: {}",
                remote.url.unwrap_or_default()
            ),
        ),
        Err(error) => failed(&error),
    })
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn replace(input: EditInput<'_>) -> Result<Outcome, Outcome> {
    let segment = input.segment().ok_or_else(no_segment)?;
    let gone = || rejected("gone", "The entry is not there any more.");
    let place = Place::of_remote(input.remote).ok_or_else(gone)?;
    let files = files_of(segment, input.media).await?;
    let part = Part {
        edited: Some(input.attempt.started_at),
        ..part_of(place, segment, input.target)
    };
    let left = time_left(input.lease)?;
    let facts = input.account.facts.clone();
    let done = blocking(move || {
        let folder = Folder::open(&facts, left.min(LOCK_PATIENCE))?;
        Ok((folder.replace(&part, &files)?, place.remote(&folder)))
    });
    match done.await {
        Ok((true, remote)) => Ok(Outcome::Confirmed(remote)),
        Ok((false, _)) => Err(gone()),
        Err(error) => Err(failed(&error)),
    }
}

/// Whether readers see by now what an edit puts there.
pub(super) async fn says(input: EditInput<'_>) -> Result<Said, NetworkError> {
    let (Some(segment), Some(place)) = (input.segment(), Place::of_remote(input.remote)) else {
        return Ok(Said::Gone);
    };
    let part = part_of(place, segment, input.target);
    let facts = input.account.facts.clone();
    let said = blocking(move || {
        let folder = Folder::open(&facts, LOCK_PATIENCE)?;
        Ok(match folder.says(&part)? {
            None => Said::Gone,
            Some(true) => Said::This(place.remote(&folder)),
            Some(false) => Said::Other,
        })
    });
    said.await.map_err(NetworkError::from)
}
