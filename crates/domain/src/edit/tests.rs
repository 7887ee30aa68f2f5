use proptest::prelude::*;

use super::*;
use crate::delivery::HoldReason;

fn facts() -> EditFacts {
    let hash = Hash::of(b"v2");
    EditFacts {
        status: EditStatus::Waiting,
        delivery: DeliveryStatus::Published,
        n: 2,
        hash,
        current_n: 2,
        request: Some((RequestStatus::Approved, 2, hash)),
        paused: false,
        folder_held: false,
        identity: IdentityStatus::Connected,
        executor_here: true,
        blocked: false,
    }
}

#[test]
fn an_approved_version_takes_the_place_of_what_is_out() {
    assert_eq!(may_edit(&facts()), SendVerdict::Go);
}

#[test]
fn an_edit_waits_for_its_approval_and_for_the_end_of_a_pause() {
    let mut open = facts();
    open.request = Some((RequestStatus::Open, 2, open.hash));
    assert_eq!(
        may_edit(&open),
        SendVerdict::Wait(WaitReason::NotApproved, None)
    );
    let paused = EditFacts {
        paused: true,
        ..facts()
    };
    assert_eq!(
        may_edit(&paused),
        SendVerdict::Wait(WaitReason::Paused, None)
    );
    let dead = EditFacts {
        identity: IdentityStatus::NeedsReconnect,
        ..facts()
    };
    assert_eq!(may_edit(&dead), SendVerdict::Hold(HoldReason::Account));
}

#[test]
fn what_was_deleted_is_not_edited() {
    let deleted = EditFacts {
        delivery: DeliveryStatus::Deleted,
        ..facts()
    };
    assert_eq!(may_edit(&deleted), SendVerdict::Never(NeverReason::Settled));
}

proptest! {
    /// Invariant 1, for edits: what was approved is what is put there.
    #[test]
    fn only_an_approved_version_is_ever_put_in_the_place_of_another(
        status in prop::sample::select(EditStatus::ALL.to_vec()),
        delivery in prop::sample::select(DeliveryStatus::ALL.to_vec()),
        n in 1_u32..3, current_n in 1_u32..3, request_n in 1_u32..3, same_hash in any::<bool>(),
        request in prop::sample::select(vec![
            None, Some(RequestStatus::Open), Some(RequestStatus::Approved),
            Some(RequestStatus::ChangesRequested), Some(RequestStatus::Rejected),
            Some(RequestStatus::Superseded), Some(RequestStatus::Expired), Some(RequestStatus::Withdrawn)]),
        paused in any::<bool>(), folder_held in any::<bool>(), executor_here in any::<bool>(),
        blocked in any::<bool>(), connected in any::<bool>(),
    ) {
        let hash = Hash::of(b"v");
        let saw = if same_hash { hash } else { Hash::of(b"w") };
        let facts = EditFacts {
            status, delivery, n, hash, current_n,
            request: request.map(|status| (status, request_n, saw)),
            paused, folder_held,
            identity: if connected { IdentityStatus::Connected } else { IdentityStatus::NeedsReconnect },
            executor_here, blocked,
        };
        if may_edit(&facts) == SendVerdict::Go {
            prop_assert_eq!(request, Some(RequestStatus::Approved));
            prop_assert!(same_hash && n == request_n && n == current_n);
            prop_assert!(!paused && !folder_held && executor_here && connected && !blocked);
            prop_assert!(status.is_open() && delivery == DeliveryStatus::Published);
        }
    }
}
