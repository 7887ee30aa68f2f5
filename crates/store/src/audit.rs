//! The audit: append-only, each entry naming the hash of the one before.

use db::{Tx, args};
use domain::audit::{AuditEntry, chain, commit};
use domain::ids::OrganizationId;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::{Columns as _, from_json, to_json};
use crate::organization::{self, Organization};

/// An entry with what lies beside it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What is hashed.
    pub entry: AuditEntry,
    /// The hash that the next entry names.
    pub hash: Hash,
    /// JSON for the words; absent after an erasure.
    pub payload: Option<String>,
}

/// What shall be recorded.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: domain::person::Actor,
    /// What, as a past-tense event.
    pub action: &'a str,
    /// On what, as `entity:id`.
    pub subject: &'a str,
    /// The content that it belongs to, as `content:<id>`.
    pub about: Option<&'a str>,
    /// JSON for the words.
    pub payload: &'a str,
    /// Random or derived bytes that keep the payload from being guessed from its hash.
    pub salt: &'a [u8],
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO audit (organization_id, n, at, actor, action, subject, about, entry, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        pub(super) PAYLOAD = "INSERT INTO audit_payload (organization_id, n, salt, payload) VALUES ($1, $2, $3, $4)";
        pub(super) PAGE = "SELECT a.n, a.entry, a.hash, p.payload FROM audit a LEFT JOIN audit_payload p ON p.organization_id = a.organization_id AND p.n = a.n WHERE a.organization_id = $1 AND a.n < $2 ORDER BY a.n DESC LIMIT $3";
        pub(super) FROM = "SELECT a.n, a.entry, a.hash, p.payload, p.salt FROM audit a LEFT JOIN audit_payload p ON p.organization_id = a.organization_id AND p.n = a.n WHERE a.organization_id = $1 AND a.n >= $2 ORDER BY a.n LIMIT $3";
    }
}
pub use sql::STATEMENTS;

/// Appends an entry; `organization` holds the lock and is brought up to date.
///
/// # Errors
/// When the database says no.
pub async fn append(
    tx: &mut Tx<'_>,
    organization: &mut Organization,
    record: &Record<'_>,
) -> Result<(), Error> {
    let entry = AuditEntry {
        organization: organization.id,
        n: organization.audit_n + 1,
        at: record.at,
        actor: record.actor,
        action: record.action.to_owned(),
        subject: record.subject.to_owned(),
        commit: commit(record.salt, record.payload.as_bytes()),
    };
    let hash =
        chain(organization.audit_head, &entry).map_err(|e| Error::unreadable("audit entry", e))?;
    let bytes =
        domain::canonical::to_bytes(&entry).map_err(|e| Error::unreadable("audit entry", e))?;
    let n = entry.n as i64;
    tx.execute(
        sql::INSERT,
        args![
            organization.id.0,
            n,
            entry.at.0,
            to_json(&entry.actor)?,
            record.action,
            record.subject,
            record.about,
            bytes,
            hash.0
        ],
    )
    .await?;
    tx.execute(
        sql::PAYLOAD,
        args![organization.id.0, n, record.salt, record.payload],
    )
    .await?;
    organization::audited(tx, organization.id, entry.n, hash).await?;
    organization.audit_n = entry.n;
    organization.audit_head = hash;
    Ok(())
}

fn read(row: &db::Row) -> Result<Entry, Error> {
    let bytes: Vec<u8> = row.get("entry")?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Error::unreadable("audit entry", e))?;
    Ok(Entry {
        entry: from_json("audit entry", text)?,
        hash: row.hash("hash")?,
        payload: row.get("payload")?,
    })
}

/// Entries before `before`, newest first, of some subjects (`entity:id`) or of all.
///
/// # Errors
/// When the database says no.
pub async fn page(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subjects: Option<&[String]>,
    before: u64,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let limit = i64::from(limit);
    let rows = match subjects {
        Some(subjects) => {
            let mut values = args![organization.0, before, limit];
            let places: Vec<String> = subjects
                .iter()
                .map(|subject| {
                    values.0.push(subject.as_str().into());
                    format!("${}", values.0.len())
                })
                .collect();
            let places = places.join(", ");
            let sql = format!(
                "SELECT a.n, a.entry, a.hash, p.payload FROM audit a \
                 LEFT JOIN audit_payload p ON p.organization_id = a.organization_id AND p.n = a.n \
                 WHERE a.organization_id = $1 AND (a.subject IN ({places}) OR a.about IN ({places})) \
                 AND a.n < $2 ORDER BY a.n DESC LIMIT $3"
            );
            tx.rows_dyn(sql, values).await?
        }
        None => {
            tx.rows(sql::PAGE, args![organization.0, before, limit])
                .await?
        }
    };
    rows.iter().map(read).collect()
}

/// Entries from `from` on, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn from(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: u64,
    limit: u32,
) -> Result<Vec<(Entry, Option<Vec<u8>>)>, Error> {
    tx.rows(
        sql::FROM,
        args![organization.0, from as i64, i64::from(limit)],
    )
    .await?
    .iter()
    .map(|row| Ok((read(row)?, row.get("salt")?)))
    .collect()
}
