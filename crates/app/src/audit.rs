//! Whether the history is whole: each entry follows from the one before, and what lies beside it is
//! what it commits to.

use db::Tx;
use domain::audit::{GENESIS, commit, verify};
use domain::ids::OrganizationId;
use protocol::views::AuditCheck;

use crate::Error;
use crate::folder::Head;

/// How many entries are read at once.
const BATCH: u64 = 1_000;

/// Before the first entry.
pub(crate) const BEGINNING: Head = Head {
    n: 0,
    hash: GENESIS,
};

/// The first entry that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) n: u64,
    /// In English, as the problem's message says it.
    pub(crate) words: String,
}

/// Where the history ends, as the organization says.
///
/// # Errors
/// When the database says no.
pub(crate) async fn end(tx: &mut Tx<'_>, org: OrganizationId) -> Result<Head, Error> {
    let organization = store::organization::get(tx, org)
        .await?
        .ok_or_else(|| Error::missing("organization"))?;
    Ok(Head {
        n: organization.audit_n,
        hash: organization.audit_head,
    })
}

/// The entry with the number `n` as it is stored; nothing where it is missing.
///
/// # Errors
/// When the database says no.
pub(crate) async fn at(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    n: u64,
) -> Result<Option<Head>, Error> {
    if n == 0 {
        return Ok(Some(BEGINNING));
    }
    let found = read(tx, org, n, 1).await?.unwrap_or_default();
    let found = found.first().filter(|(e, _)| e.entry.n == n);
    Ok(found.map(|(e, _)| Head { n, hash: e.hash }))
}

/// Entries with the salt of what lies beside them.
type Entries = Vec<(store::audit::Entry, Option<Vec<u8>>)>;

/// Entries from `n` on; nothing where one of them is none of ours.
async fn read(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    n: u64,
    limit: u64,
) -> Result<Option<Entries>, Error> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    match store::audit::from(tx, org, n, limit).await {
        Ok(entries) => Ok(Some(entries)),
        Err(store::Error::Unreadable { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Goes through at most `most` entries after `from`, and answers the last one that holds.
///
/// # Errors
/// When the database says no.
pub(crate) async fn follow(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    mut from: Head,
    mut most: u64,
) -> Result<Result<Head, Broken>, Error> {
    while most > 0 {
        let mut size = most.min(BATCH);
        let mut batch = read(tx, org, from.n + 1, size).await?;
        if batch.is_none() {
            // One of them: the next one?
            size = 1;
            batch = read(tx, org, from.n + 1, size).await?;
        }
        let Some(batch) = batch else {
            let n = from.n + 1;
            let words = format!("the audit is broken at entry {n}: it cannot be read");
            return Ok(Err(Broken { n, words }));
        };
        let chain = batch.iter().map(|(e, _)| (&e.entry, e.hash));
        let mut broken = verify(from.hash, from.n + 1, chain)
            .map(|hash| from.hash = hash)
            .map_err(|broken| Broken {
                n: broken.n,
                words: broken.to_string(),
            })
            .err();
        for (entry, salt) in &batch {
            let n = entry.entry.n;
            if let (Some(payload), Some(salt)) = (&entry.payload, salt)
                && commit(salt, payload.as_bytes()) != entry.entry.commit
                && broken.as_ref().is_none_or(|b| b.n > n)
            {
                let words = format!("the audit is broken at entry {n}: its details were changed");
                broken = Some(Broken { n, words });
            }
        }
        if let Some(broken) = broken {
            return Ok(Err(broken));
        }
        let read = batch.len() as u64;
        from.n += read;
        most -= read;
        if read < size {
            break;
        }
    }
    Ok(Ok(from))
}

/// Goes through all of it.
///
/// # Errors
/// When the database says no.
pub(crate) async fn check(tx: &mut Tx<'_>, org: OrganizationId) -> Result<AuditCheck, Error> {
    let end = end(tx, org).await?;
    let (last, broken) = match follow(tx, org, BEGINNING, u64::MAX).await? {
        Ok(last) if last == end => (last, None),
        Ok(last) => {
            let (n, said) = (last.n, end.n);
            let words = format!("the audit ends at entry {n}, and not as it should, at {said}");
            (last, Some(words))
        }
        Err(broken) => (
            Head {
                n: broken.n - 1,
                ..BEGINNING
            },
            Some(broken.words),
        ),
    };
    Ok(AuditCheck {
        entries: last.n,
        head: last.hash.to_string(),
        broken,
    })
}
