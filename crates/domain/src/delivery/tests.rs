use proptest::prelude::*;

use super::*;
use crate::time::HOUR;

fn facts() -> SendFacts {
    let hash = Hash::of(b"v1");
    SendFacts {
        status: DeliveryStatus::Planned,
        n: 1,
        hash,
        current_n: 1,
        planned: Some(Instant(HOUR)),
        grace_ms: DEFAULT_GRACE,
        started: false,
        request: Some(Granted {
            status: RequestStatus::Approved,
            n: 1,
            hash,
            time: ApprovedTime {
                planned: Some(Instant(HOUR)),
                granted: Some(Instant(0)),
            },
            tolerance_ms: 48 * HOUR,
        }),
        paused: false,
        folder_held: false,
        identity: IdentityStatus::Connected,
        executor_here: true,
        over_budget: false,
        blocked: false,
        now: Instant(HOUR),
    }
}

#[test]
fn what_is_approved_and_due_goes() {
    assert_eq!(may_send(&facts()), SendVerdict::Go);
}

#[test]
fn what_would_pass_the_budget_is_held_however_late_it_gets_and_a_rest_follows() {
    let over = SendFacts {
        over_budget: true,
        ..facts()
    };
    assert_eq!(may_send(&over), SendVerdict::Hold(HoldReason::Budget));
    let late = SendFacts {
        now: Instant(9 * HOUR),
        ..over
    };
    assert_eq!(may_send(&late), SendVerdict::Hold(HoldReason::Budget));
    let started = SendFacts {
        started: true,
        ..over
    };
    assert_eq!(may_send(&started), SendVerdict::Go);
    let early = SendFacts {
        now: Instant(0),
        ..over
    };
    assert!(matches!(
        may_send(&early),
        SendVerdict::Wait(WaitReason::NotDue, _)
    ));
}

#[test]
fn an_edit_after_the_approval_stops_it() {
    assert_eq!(
        may_send(&SendFacts {
            current_n: 2,
            ..facts()
        }),
        SendVerdict::Never(NeverReason::Outdated)
    );
    assert_eq!(
        may_send(&SendFacts {
            hash: Hash::of(b"v2"),
            ..facts()
        }),
        SendVerdict::Never(NeverReason::NotWhatWasApproved)
    );
}

#[test]
fn equal_words_under_another_version_are_no_approval() {
    let mut other = facts();
    other.n = 2;
    other.current_n = 2;
    assert_eq!(
        may_send(&other),
        SendVerdict::Never(NeverReason::NotWhatWasApproved)
    );
}

#[test]
fn a_late_approval_sends_nothing_by_surprise() {
    let mut open = facts();
    if let Some(request) = &mut open.request {
        request.status = RequestStatus::Open;
    }
    assert_eq!(
        may_send(&open),
        SendVerdict::Missed(MissReason::NotApproved)
    );
    open.now = Instant(0);
    assert_eq!(
        may_send(&open),
        SendVerdict::Wait(WaitReason::NotApproved, Some(Instant(HOUR)))
    );
}

#[test]
fn a_long_grace_does_not_reach_beyond_the_chains_tolerance() {
    let late = |ms| {
        may_send(&SendFacts {
            grace_ms: 365 * 24 * HOUR,
            now: Instant(HOUR + ms),
            ..facts()
        })
    };
    assert_eq!(late(48 * HOUR), SendVerdict::Go);
    assert_eq!(late(48 * HOUR + 1), SendVerdict::Missed(MissReason::Late));
}

#[test]
fn half_an_hour_late_goes_and_more_is_missed() {
    let late = |ms| {
        may_send(&SendFacts {
            now: Instant(HOUR + ms),
            ..facts()
        })
    };
    assert_eq!(late(DEFAULT_GRACE), SendVerdict::Go);
    assert_eq!(
        late(DEFAULT_GRACE + 1),
        SendVerdict::Missed(MissReason::Late)
    );
}

#[test]
fn the_rest_of_a_thread_follows_whatever_the_hour() {
    let rest = SendFacts {
        started: true,
        now: Instant(9 * HOUR),
        ..facts()
    };
    assert_eq!(may_send(&rest), SendVerdict::Go);
}

#[test]
fn a_pause_waits_and_a_dead_account_holds() {
    assert_eq!(
        may_send(&SendFacts {
            paused: true,
            ..facts()
        }),
        SendVerdict::Wait(WaitReason::Paused, None)
    );
    assert_eq!(
        may_send(&SendFacts {
            identity: IdentityStatus::NeedsReconnect,
            ..facts()
        }),
        SendVerdict::Hold(HoldReason::Account)
    );
}

fn any_status() -> impl Strategy<Value = DeliveryStatus> {
    prop::sample::select(DeliveryStatus::ALL.to_vec())
}

proptest! {
    /// Invariant 1: what was approved is what goes out.
    #[test]
    fn only_an_approved_version_at_a_covered_time_ever_goes(
        status in any_status(),
        n in 1_u32..3, current_n in 1_u32..3, request_n in 1_u32..3,
        same_hash in any::<bool>(),
        request in prop::sample::select(vec![
            None, Some(RequestStatus::Open), Some(RequestStatus::Approved),
            Some(RequestStatus::ChangesRequested), Some(RequestStatus::Rejected),
            Some(RequestStatus::Superseded), Some(RequestStatus::Expired), Some(RequestStatus::Withdrawn)]),
        planned in prop::option::of(-60_i64..60), approved in prop::option::of(-60_i64..60),
        granted in prop::option::of(-60_i64..60),
        paused in any::<bool>(), folder_held in any::<bool>(), executor_here in any::<bool>(),
        blocked in any::<bool>(), started in any::<bool>(), connected in any::<bool>(),
        now in -60_i64..60,
    ) {
        let hash = Hash::of(b"v");
        let facts = SendFacts {
            status, n, hash, current_n,
            planned: planned.map(|h| Instant(h * HOUR)), grace_ms: DEFAULT_GRACE, started,
            request: request.map(|status| Granted {
                status, n: request_n,
                hash: if same_hash { hash } else { Hash::of(b"w") },
                time: ApprovedTime {
                    planned: approved.map(|h| Instant(h * HOUR)),
                    granted: granted.map(|h| Instant(h * HOUR)),
                },
                tolerance_ms: 48 * HOUR,
            }),
            paused, folder_held,
            identity: if connected { IdentityStatus::Connected } else { IdentityStatus::NeedsReconnect },
            executor_here, over_budget: false,
            blocked, now: Instant(now * HOUR),
        };
        if may_send(&facts) == SendVerdict::Go {
            prop_assert_eq!(request, Some(RequestStatus::Approved));
            prop_assert!(same_hash && n == request_n && n == current_n);
            prop_assert!(!paused && !folder_held && executor_here && connected && !blocked);
            prop_assert!(status.is_waiting() || status == DeliveryStatus::Sending);
            prop_assert!(facts.planned.is_none_or(|at| at <= facts.now));
            if let (Some(p), Some(a)) = (planned, approved) {
                prop_assert!(p >= a && p - a <= 48);
            }
        }
    }
}
