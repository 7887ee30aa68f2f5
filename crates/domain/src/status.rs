//! The status of a content: derived here, and nowhere else.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::approval::RequestStatus;
use crate::delivery::{DeliveryStatus, UnknownStatus};

/// The life of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContentStatus {
    /// Being written.
    Draft,
    /// People are asked.
    InReview,
    /// Somebody wants changes.
    ChangesRequested,
    /// Somebody said no.
    Rejected,
    /// Granted, but without a time.
    Approved,
    /// Granted, and will go out.
    Scheduled,
    /// Going out.
    Publishing,
    /// Out everywhere.
    Published,
    /// Out in some places, and not or not surely in others.
    PartiallyPublished,
    /// Out nowhere, and it should have been: failed, unconfirmed or missed.
    Failed,
    /// Put away.
    Archived,
}

impl ContentStatus {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::InReview,
        Self::ChangesRequested,
        Self::Rejected,
        Self::Approved,
        Self::Scheduled,
        Self::Publishing,
        Self::Published,
        Self::PartiallyPublished,
        Self::Failed,
        Self::Archived,
    ];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::ChangesRequested => "changes_requested",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Publishing => "publishing",
            Self::Published => "published",
            Self::PartiallyPublished => "partially_published",
            Self::Failed => "failed",
            Self::Archived => "archived",
        }
    }

    /// Whether a new version may be written: in any state before publishing, and again once all of
    /// it is out, for an edit in place. In between a part would go out under another version.
    #[must_use]
    pub const fn can_edit(self) -> bool {
        !matches!(
            self,
            Self::Publishing | Self::PartiallyPublished | Self::Archived
        )
    }

    /// Whether it may go to more accounts: not once it is out.
    #[must_use]
    pub const fn can_spread(self) -> bool {
        self.can_edit() && !matches!(self, Self::Published)
    }
}

impl std::str::FromStr for ContentStatus {
    type Err = UnknownStatus;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == s)
            .ok_or_else(|| UnknownStatus(s.to_owned()))
    }
}

/// What the status is derived from.
#[derive(Clone, Copy, Debug)]
pub struct StatusFacts<'a> {
    /// A person put it away.
    pub archived: bool,
    /// The newest request that names the newest version, if there is one.
    pub request: Option<RequestStatus>,
    /// All deliveries.
    pub deliveries: &'a [DeliveryStatus],
}

/// Derives the status.
#[must_use]
pub fn derive(facts: &StatusFacts<'_>) -> ContentStatus {
    use ContentStatus as C;
    use DeliveryStatus as D;
    if facts.archived {
        return C::Archived;
    }
    let count = |wanted: &[D]| {
        facts
            .deliveries
            .iter()
            .filter(|d| wanted.contains(d))
            .count()
    };
    let out = count(&[D::Published, D::Deleted, D::Gone]);
    let trouble = count(&[D::Failed, D::Unconfirmed, D::Missed]);
    let waiting = facts.deliveries.iter().filter(|d| d.is_ahead()).count();
    if count(&[D::Sending]) > 0 {
        return C::Publishing;
    }
    if out > 0 {
        return match (waiting, trouble) {
            (0, 0) => C::Published,
            (_, 0) => C::Publishing,
            _ => C::PartiallyPublished,
        };
    }
    if count(&[D::Failed, D::Unconfirmed]) > 0 {
        return C::Failed;
    }
    match facts.request {
        Some(RequestStatus::Open | RequestStatus::AwaitingMedia) => C::InReview,
        Some(RequestStatus::ChangesRequested) => C::ChangesRequested,
        Some(RequestStatus::Rejected) => C::Rejected,
        Some(RequestStatus::Approved) if trouble > 0 => C::Failed,
        Some(RequestStatus::Approved) if waiting > 0 => C::Scheduled,
        Some(RequestStatus::Approved) => C::Approved,
        Some(RequestStatus::Superseded | RequestStatus::Expired | RequestStatus::Withdrawn)
        | None => C::Draft,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status(request: Option<RequestStatus>, deliveries: &[DeliveryStatus]) -> ContentStatus {
        derive(&StatusFacts {
            archived: false,
            request,
            deliveries,
        })
    }

    #[test]
    fn a_content_walks_from_draft_to_published() {
        use DeliveryStatus as D;
        assert_eq!(status(None, &[D::Planned]), ContentStatus::Draft);
        assert_eq!(
            status(Some(RequestStatus::Open), &[D::Planned]),
            ContentStatus::InReview
        );
        assert_eq!(
            status(Some(RequestStatus::Approved), &[]),
            ContentStatus::Approved
        );
        assert_eq!(
            status(Some(RequestStatus::Approved), &[D::Planned]),
            ContentStatus::Scheduled
        );
        assert_eq!(
            status(Some(RequestStatus::Approved), &[D::HandedOff]),
            ContentStatus::Scheduled
        );
        assert_eq!(
            status(Some(RequestStatus::Approved), &[D::Sending, D::Planned]),
            ContentStatus::Publishing
        );
        assert_eq!(
            status(Some(RequestStatus::Approved), &[D::Published, D::Cancelled]),
            ContentStatus::Published
        );
    }

    #[test]
    fn partial_success_is_said() {
        use DeliveryStatus as D;
        let approved = Some(RequestStatus::Approved);
        assert_eq!(
            status(approved, &[D::Published, D::Failed]),
            ContentStatus::PartiallyPublished
        );
        assert_eq!(
            status(approved, &[D::Published, D::Unconfirmed]),
            ContentStatus::PartiallyPublished
        );
        assert_eq!(
            status(approved, &[D::Published, D::Planned]),
            ContentStatus::Publishing
        );
        assert_eq!(
            status(approved, &[D::Missed, D::Planned]),
            ContentStatus::Failed
        );
    }

    #[test]
    fn an_edit_makes_a_draft_again() {
        assert_eq!(
            status(Some(RequestStatus::Superseded), &[DeliveryStatus::Planned]),
            ContentStatus::Draft
        );
    }

    proptest! {
        #[test]
        fn published_is_never_said_while_one_delivery_is_in_trouble(
            deliveries in prop::collection::vec(prop::sample::select(DeliveryStatus::ALL.to_vec()), 0..6)
        ) {
            if status(Some(RequestStatus::Approved), &deliveries) == ContentStatus::Published {
                for d in deliveries {
                    prop_assert!(matches!(d, DeliveryStatus::Published | DeliveryStatus::Deleted
                        | DeliveryStatus::Gone | DeliveryStatus::Cancelled));
                }
            }
        }
    }
}
