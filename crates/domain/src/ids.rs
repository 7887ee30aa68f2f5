//! Identifiers: UUIDs with a type each, so that one cannot stand where another belongs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// The owner of everything.
    OrganizationId,
    /// Somebody who acts.
    PersonId,
    /// A public voice.
    PersonaId,
    /// One account on one network.
    IdentityId,
    /// A piece of work with a life.
    ContentId,
    /// One version to one identity at one time.
    DeliveryId,
    /// One try of a delivery's segment.
    AttemptId,
    /// One chain applied to one version.
    RequestId,
    /// One person's answer in one stage.
    DecisionId,
    /// A named approval policy; its revisions share the id.
    ChainId,
    /// One applied mutation, as the client named it.
    MutationId,
    /// A comment on content.
    NoteId,
    /// A reusable starting point.
    TemplateId,
    /// A feed or list that personas follow.
    SourceId,
    /// A term that rises against its own past.
    TrendId,
    /// A recommendation.
    SuggestionId,
    /// One mirror of an organization on one computer.
    ClientId,
    /// What a person comes in to a server with.
    LoginId,
    /// A sign-in that goes on.
    SessionId,
    /// What lets somebody in, once.
    InvitationId,
    /// What lets a program in.
    TokenId,
    /// What lets one person from outside look at one request.
    ReviewLinkId,
    /// A language model that a person set up.
    ModelId,
}

/// Derives the id of a row that no client named: the same inputs give the same id on every machine
/// (rules.md 9). `table` and `ordinal` tell apart the rows that one mutation makes.
#[must_use]
pub fn derived(organization: OrganizationId, cause: Uuid, table: &str, ordinal: u32) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    hasher.update(organization.0.as_bytes());
    hasher.update(cause.as_bytes());
    hasher.update(&(table.len() as u64).to_le_bytes());
    hasher.update(table.as_bytes());
    hasher.update(&ordinal.to_le_bytes());
    let mut bytes = [0_u8; 16];
    hasher.finalize_xof().fill(&mut bytes);
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_depend_on_every_input() {
        let org = OrganizationId(Uuid::from_u128(1));
        let base = derived(org, Uuid::from_u128(2), "seat", 0);
        assert_eq!(base, derived(org, Uuid::from_u128(2), "seat", 0));
        assert_ne!(base, derived(org, Uuid::from_u128(2), "seat", 1));
        assert_ne!(base, derived(org, Uuid::from_u128(2), "seats", 0));
        assert_ne!(base, derived(org, Uuid::from_u128(3), "seat", 0));
        assert_eq!(base.get_version_num(), 8);
    }
}
