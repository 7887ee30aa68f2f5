//! The audit chain: append-only entries, each naming the hash of the one before.

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::hash::Hash;
use crate::ids::OrganizationId;
use crate::person::Actor;
use crate::time::Instant;

/// What is hashed. Names and texts are not in it: they lie beside it under `commit`, so that an
/// erasure can delete them and the chain still verifies (rules.md 17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Whose.
    pub organization: OrganizationId,
    /// Counted from 1 without a gap.
    pub n: u64,
    /// When, by the authority's clock.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What, as a past-tense event such as `version_saved`.
    pub action: String,
    /// On what, as `entity:id`.
    pub subject: String,
    /// Hash of salt and payload.
    pub commit: Hash,
}

/// The hash before the first entry.
pub const GENESIS: Hash = Hash([0; 32]);

/// Binds the salted payload.
#[must_use]
pub fn commit(salt: &[u8], payload: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(salt.len() as u64).to_le_bytes());
    hasher.update(salt);
    hasher.update(payload);
    Hash(*hasher.finalize().as_bytes())
}

/// The hash of `entry` after `previous`: BLAKE3(previous, n, canonical entry).
///
/// # Errors
/// When a text contains U+0000.
pub fn chain(previous: Hash, entry: &AuditEntry) -> Result<Hash, CanonicalError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&previous.0);
    hasher.update(&entry.n.to_le_bytes());
    hasher.update(&canonical::to_bytes(entry)?);
    Ok(Hash(*hasher.finalize().as_bytes()))
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit is broken at entry {n}: {why}")]
pub struct Broken {
    /// The first entry that does not follow.
    pub n: u64,
    /// In words.
    pub why: &'static str,
}

/// Verifies entries in order, from `previous` on, and returns the last hash.
///
/// # Errors
/// The first entry that does not follow from the one before it.
pub fn verify<'a>(
    mut previous: Hash,
    mut next: u64,
    entries: impl IntoIterator<Item = (&'a AuditEntry, Hash)>,
) -> Result<Hash, Broken> {
    for (entry, stored) in entries {
        if entry.n != next {
            return Err(Broken {
                n: next,
                why: "an entry is missing",
            });
        }
        let computed = chain(previous, entry).map_err(|_| Broken {
            n: entry.n,
            why: "the entry has no canonical form",
        })?;
        if computed != stored {
            return Err(Broken {
                n: entry.n,
                why: "its hash is not that of its contents",
            });
        }
        previous = stored;
        next += 1;
    }
    Ok(previous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use uuid::Uuid;

    fn entries(count: u64) -> Vec<(AuditEntry, Hash)> {
        let mut previous = GENESIS;
        (1..=count)
            .map(|n| {
                let entry = AuditEntry {
                    organization: OrganizationId(Uuid::from_u128(1)),
                    n,
                    at: Instant(n as i64),
                    actor: Actor::Person {
                        id: PersonId(Uuid::from_u128(2)),
                        operator: None,
                    },
                    action: "version_saved".into(),
                    subject: "content:1".into(),
                    commit: commit(b"salt", &n.to_le_bytes()),
                };
                previous = chain(previous, &entry).unwrap();
                (entry, previous)
            })
            .collect()
    }

    fn check(entries: &[(AuditEntry, Hash)]) -> Result<Hash, Broken> {
        verify(GENESIS, 1, entries.iter().map(|(e, h)| (e, *h)))
    }

    #[test]
    fn an_untouched_chain_verifies() {
        let all = entries(5);
        assert_eq!(check(&all), Ok(all[4].1));
    }

    #[test]
    fn changing_removing_or_swapping_an_entry_is_found() {
        let mut changed = entries(5);
        changed[2].0.action = "version_restored".into();
        assert_eq!(check(&changed).unwrap_err().n, 3);
        let mut removed = entries(5);
        removed.remove(2);
        assert_eq!(check(&removed).unwrap_err().n, 3);
        let mut swapped = entries(5);
        swapped.swap(1, 2);
        assert_eq!(check(&swapped).unwrap_err().n, 2);
    }
}
