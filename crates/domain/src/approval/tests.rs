use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::time::HOUR;

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn stage(name: &str, quorum: Quorum) -> Stage {
    Stage {
        name: name.into(),
        approvers: vec![Approver::Role {
            role: Role::Approver,
        }],
        quorum,
        conditions: vec![],
        remind_after: vec![],
        escalate_after: None,
        escalate_to: vec![],
        outside: false,
    }
}

fn chain(stages: Vec<Stage>) -> ChainPolicy {
    ChainPolicy {
        id: ChainId(Uuid::from_u128(9)),
        revision: 1,
        name: "Press".into(),
        stages,
        authors_may_approve: false,
        tolerance: DEFAULT_TOLERANCE,
        expire_after: None,
    }
}

fn cast(stage: u32, who: u128, verdict: Verdict) -> Cast {
    Cast {
        stage,
        person: person(who),
        operator: None,
        delegated: false,
        verdict,
    }
}

#[test]
fn who_decided_in_anothers_name_fills_no_second_seat() {
    let mut chain = chain_with_all();
    let seats = [(0, person(1)), (0, person(2))];
    let mut one = cast(0, 1, Verdict::Approve);
    assert_eq!(
        progress(&chain, &[0], &seats, &[one]),
        Progress::Waiting { stage: 0 }
    );
    one.operator = Some(person(2));
    assert_eq!(
        progress(&chain, &[0], &seats, &[one]),
        Progress::Stuck { stage: 0 }
    );
    one.operator = Some(person(3));
    assert_eq!(
        progress(&chain, &[0], &seats, &[one]),
        Progress::Waiting { stage: 0 }
    );
    one.operator = Some(person(2));
    chain.authors_may_approve = true;
    assert_eq!(
        progress(&chain, &[0], &seats, &[one]),
        Progress::Waiting { stage: 0 }
    );
}

/// With the seats of an opening in which everybody still sits.
fn progress(
    chain: &ChainPolicy,
    stages: &[u32],
    seats: &[(u32, PersonId)],
    casts: &[Cast],
) -> Progress {
    let places: Vec<Place> = seats
        .iter()
        .map(|(stage, person)| Place {
            stage: *stage,
            person: *person,
            substitute: false,
            vacant: false,
        })
        .collect();
    super::progress(chain, stages, &places, casts)
}

#[test]
fn a_quorum_of_all_counts_who_was_asked_first() {
    let chain = chain_with_all();
    let mut places: Vec<Place> = [1, 2, 3]
        .map(|n| Place {
            stage: 0,
            person: person(n),
            substitute: n == 3,
            vacant: false,
        })
        .into();
    let mut casts = vec![cast(0, 1, Verdict::Approve)];
    places[1].vacant = true;
    let at = |places: &[Place], casts: &[Cast]| super::progress(&chain, &[0], places, casts);
    assert_eq!(at(&places[..2], &casts), Progress::Stuck { stage: 0 });
    assert_eq!(at(&places, &casts), Progress::Waiting { stage: 0 });
    casts.push(cast(0, 2, Verdict::Approve));
    assert_eq!(
        at(&places, &casts),
        Progress::Waiting { stage: 0 },
        "who left does not count"
    );
    casts.push(cast(0, 3, Verdict::Approve));
    assert_eq!(at(&places, &casts), Progress::Approved);
}

#[test]
fn a_chain_without_stages_is_satisfied_at_once() {
    assert_eq!(
        progress(&ChainPolicy::direct(), &[], &[], &[]),
        Progress::Approved
    );
}

#[test]
fn stages_are_asked_in_order() {
    let chain = chain(vec![stage("One", Quorum::Any), stage("Two", Quorum::All)]);
    let seats = [(0, person(1)), (1, person(2)), (1, person(3))];
    let mut casts = vec![];
    assert_eq!(
        progress(&chain, &[0, 1], &seats, &casts),
        Progress::Waiting { stage: 0 }
    );
    casts.push(cast(0, 1, Verdict::Approve));
    casts.push(cast(1, 2, Verdict::Approve));
    assert_eq!(
        progress(&chain, &[0, 1], &seats, &casts),
        Progress::Waiting { stage: 1 }
    );
    casts.push(cast(1, 3, Verdict::Approve));
    assert_eq!(
        progress(&chain, &[0, 1], &seats, &casts),
        Progress::Approved
    );
}

#[test]
fn one_person_counts_once_and_only_with_a_seat() {
    let chain = chain(vec![stage("Two eyes", Quorum::Count { n: 2 })]);
    let seats = [(0, person(1)), (0, person(2))];
    let twice = [cast(0, 1, Verdict::Approve), cast(0, 1, Verdict::Approve)];
    assert_eq!(
        progress(&chain, &[0], &seats, &twice),
        Progress::Waiting { stage: 0 }
    );
    let stranger = [cast(0, 1, Verdict::Approve), cast(0, 7, Verdict::Approve)];
    assert_eq!(
        progress(&chain, &[0], &seats, &stranger),
        Progress::Waiting { stage: 0 }
    );
    let refused_by_stranger = [cast(0, 7, Verdict::Reject)];
    assert_eq!(
        progress(&chain, &[0], &seats, &refused_by_stranger),
        Progress::Waiting { stage: 0 }
    );
}

#[test]
fn the_first_decision_of_a_person_counts() {
    let chain = chain(vec![stage("Two eyes", Quorum::Count { n: 2 })]);
    let seats = [(0, person(1)), (0, person(2))];
    let casts = [cast(0, 1, Verdict::Approve), cast(0, 1, Verdict::Reject)];
    assert_eq!(
        progress(&chain, &[0], &seats, &casts),
        Progress::Waiting { stage: 0 }
    );
}

#[test]
fn a_quorum_that_the_seats_cannot_reach_is_stuck_and_never_granted() {
    let chain = chain(vec![stage("Two eyes", Quorum::Count { n: 2 })]);
    assert_eq!(
        progress(&chain, &[0], &[(0, person(1))], &[]),
        Progress::Stuck { stage: 0 }
    );
    let empty = chain_with_all();
    assert_eq!(
        progress(&empty, &[0], &[], &[]),
        Progress::Stuck { stage: 0 }
    );
}

fn chain_with_all() -> ChainPolicy {
    chain(vec![stage("All", Quorum::All)])
}

#[test]
fn an_author_gets_no_seat_whatever_the_role() {
    let members = [
        Member {
            id: person(1),
            role: Role::Owner,
            active: true,
        },
        Member {
            id: person(2),
            role: Role::Approver,
            active: true,
        },
        Member {
            id: person(3),
            role: Role::Approver,
            active: false,
        },
        Member {
            id: person(4),
            role: Role::Creator,
            active: true,
        },
    ];
    let named = [
        Approver::Role {
            role: Role::Approver,
        },
        Approver::Person { id: person(2) },
    ];
    assert_eq!(
        seats(&named, &members, &[person(1)], false),
        vec![person(2)]
    );
    assert_eq!(
        seats(&named, &members, &[person(1)], true),
        vec![person(1), person(2)]
    );
}

#[test]
fn moved_47_hours_is_covered_and_49_is_not() {
    let at = Instant(1_000_000);
    let approved = ApprovedTime {
        planned: Some(at),
        granted: Some(Instant(0)),
    };
    let tolerance = chain(vec![]).tolerance_ms();
    assert!(time_is_covered(
        approved,
        Some(at.plus(47 * HOUR)),
        tolerance
    ));
    assert!(!time_is_covered(
        approved,
        Some(at.plus(49 * HOUR)),
        tolerance
    ));
    assert!(!time_is_covered(approved, Some(at.plus(-1)), tolerance));
    assert!(!time_is_covered(approved, None, tolerance));
}

#[test]
fn a_chain_says_what_is_missing() {
    assert_eq!(
        chain(vec![stage(" ", Quorum::Any)]).check(),
        Err(ChainError::NoName)
    );
    let mut nobody = stage("Press", Quorum::Any);
    nobody.approvers.clear();
    assert_eq!(
        chain(vec![nobody]).check(),
        Err(ChainError::NoApprovers("Press".into()))
    );
    assert_eq!(
        chain(vec![stage("Press", Quorum::Count { n: 0 })]).check(),
        Err(ChainError::NoQuorum("Press".into()))
    );
    let mut two = stage("Press", Quorum::Count { n: 2 });
    two.approvers = vec![Approver::Person { id: person(1) }];
    assert!(matches!(
        chain(vec![two]).check(),
        Err(ChainError::TooOften { .. })
    ));
}

proptest! {
    /// Approved means that in each stage at least the quorum of different seated people approved.
    #[test]
    fn approved_is_never_reached_without_the_quorum_of_each_stage(
        quorums in prop::collection::vec(prop_oneof![
            Just(Quorum::Any), Just(Quorum::All), (1_u32..4).prop_map(|n| Quorum::Count { n })], 1..4),
        seats in prop::collection::btree_set((0_u32..4, 0_u128..5), 0..14),
        casts in prop::collection::vec((0_u32..4, 0_u128..6, 0_u8..8), 0..24),
    ) {
        let chain = chain(quorums.iter().map(|q| stage("s", *q)).collect());
        let stages: Vec<u32> = (0..u32::try_from(quorums.len()).unwrap()).collect();
        let seats: Vec<(u32, PersonId)> = seats.into_iter().map(|(s, p)| (s, person(p))).collect();
        let casts: Vec<Cast> = casts.into_iter().map(|(s, p, v)| cast(s, p, match v {
            0 => Verdict::Reject, 1 => Verdict::RequestChanges, _ => Verdict::Approve })).collect();
        if progress(&chain, &stages, &seats, &casts) == Progress::Approved {
            for (index, quorum) in stages.iter().zip(&quorums) {
                let seated: Vec<_> = seats.iter().filter(|s| s.0 == *index).collect();
                let mut yes: Vec<PersonId> = casts.iter()
                    .filter(|c| c.stage == *index && c.verdict == Verdict::Approve)
                    .filter(|c| seated.iter().any(|s| s.1 == c.person))
                    .map(|c| c.person).collect();
                yes.sort();
                yes.dedup();
                prop_assert!(yes.len() >= quorum.needed(seated.len()).max(1));
            }
        }
    }
}
