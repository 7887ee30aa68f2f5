//! The server's side of files that come and go by their hashes.

use std::ops::Range;

use bytes::Bytes;
use domain::Hash;
use protocol::sync::{Have, Held, Received};
use protocol::{Code, Problem, Tag};
use serde_json::json;

use crate::act::media_problem;
use crate::apply::{Effects, Work, requests};
use crate::core::{App, new_id};
use crate::{Error, sync::Part};

impl App {
    /// Which of these files the organization lacks, and how much of each has come.
    ///
    /// # Errors
    /// `invalid_input` for too many at once, or when the database says no.
    pub async fn lacks_files(&self, have: Have) -> Result<Held, Problem> {
        if have.files.len() > Have::MOST {
            let words = format!("Ask for at most {} files at once.", Have::MOST);
            return Err(Problem::new(Code::InvalidInput, words));
        }
        let mut held = Held::default();
        for hash in have.files {
            if self.must_be_here(hash).await.is_err() {
                held.missing.insert(hash, self.come(hash).await?);
            }
        }
        Ok(held)
    }

    async fn come(&self, hash: Hash) -> Result<u64, Problem> {
        let owner = self.organization().to_string();
        let come = self.library().received(&owner, hash).await;
        come.map_err(|e| media_problem(&e))
    }

    /// Takes the next part of a file. With the last one the whole is checked, and what waited for it
    /// is opened in the transaction that says that it is there.
    ///
    /// # Errors
    /// When the whole is not what its name says or is no picture (its parts are dropped), is too
    /// large, or cannot be kept.
    pub async fn take_part(&self, hash: Hash, part: Part) -> Result<Received, Problem> {
        if self.must_be_here(hash).await.is_ok() {
            let (bytes, whole) = (part.total, true);
            return Ok(Received { bytes, whole });
        }
        let owner = self.organization().to_string();
        let grown = self
            .library()
            .append(&owner, hash, (part.from, part.total), part.bytes)
            .await
            .map_err(|e| match e {
                media::Error::Damaged(_) => Problem::new(
                    Code::InvalidInput,
                    "These bytes are not what the name says. Send the file anew.",
                ),
                other => media_problem(&other),
            })?;
        if grown.whole {
            self.file_came(hash).await?;
        }
        Ok(Received {
            bytes: grown.bytes,
            whole: grown.whole,
        })
    }

    async fn file_came(&self, hash: Hash) -> Result<(), Problem> {
        let (ctx, org) = (self.ctx(None, new_id()).await?, self.organization());
        let effects = self
            .db()
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    store::asset::note(work.tx, org, hash).await?;
                    let named = store::asset::arrived(work.tx, org, hash).await?;
                    if named {
                        work.changed("asset", hash).await?;
                        work.tag(Tag::Assets);
                        let subject = format!("asset:{hash}");
                        work.record("asset_came", &subject, None, json!({})).await?;
                    }
                    let opened = requests::files_came(&mut work).await?;
                    match named || opened {
                        true => work.finish().await,
                        false => Ok::<_, Error>(Effects::default()),
                    }
                })
            })
            .await?;
        self.tell(effects);
        Ok(())
    }

    /// A part of a file of this organization: of its bytes those that are in the range.
    ///
    /// # Errors
    /// `media_missing`, at a server also for what is another organization's.
    pub async fn file_part(&self, hash: Hash, range: Range<u64>) -> Result<Part, Problem> {
        self.must_be_here(hash).await?;
        let from = range.start;
        let read = self.library().part(hash, range).await;
        let (bytes, total) = read.map_err(|e| media_problem(&e))?;
        let bytes = Bytes::from(bytes);
        Ok(Part { from, total, bytes })
    }
}
