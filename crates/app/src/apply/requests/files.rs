//! What a request goes out with must be where the organization lives before anybody is asked.

use domain::approval::RequestStatus;
use domain::identity::Executor;
use domain::version::VersionDoc;
use serde_json::json;

use super::progress;
use crate::Error;
use crate::apply::{Authority, Work};

/// Whether a file of a version is missing. A server knows of each file; a mirror of pictures that
/// were added; on one's own computer every file is here.
pub(super) async fn lacks(work: &mut Work<'_, '_>, doc: &VersionDoc) -> Result<bool, Error> {
    let org = work.org();
    match (work.ctx.authority, work.ctx.executor) {
        (Authority::Elsewhere, _) => {
            for asset in &doc.media {
                let known = store::asset::get(work.tx, org, asset.hash).await?;
                if known.is_some_and(|asset| !asset.present) {
                    return Ok(true);
                }
            }
        }
        (Authority::Here, Executor::Server) => {
            for hash in doc.files() {
                if !store::asset::is_present(work.tx, org, hash).await? {
                    return Ok(true);
                }
            }
        }
        (Authority::Here, Executor::Desktop) => {}
    }
    Ok(false)
}

/// Opens what waited for files and lacks none any more. Answers whether there was any.
///
/// # Errors
/// When the database says no.
pub(crate) async fn came(work: &mut Work<'_, '_>) -> Result<bool, Error> {
    let (org, mut any) = (work.org(), false);
    for mut request in store::request::awaiting(work.tx, org).await? {
        let version = store::version::get(work.tx, org, request.content, request.n)
            .await?
            .ok_or_else(|| Error::missing("version"))?;
        if lacks(work, &version.doc()?).await? {
            continue;
        }
        any = true;
        let content = request.content;
        request.status = RequestStatus::Open;
        store::request::update(work.tx, org, &request).await?;
        work.record(
            "request_opened",
            &format!("request:{}", request.id),
            Some(content),
            json!({"n": request.n}),
        )
        .await?;
        progress::advance(work, request).await?;
        work.recompute(content).await?;
    }
    Ok(any)
}
