//! Random work of several people, and what must hold after it.

use std::collections::BTreeSet;

use domain::approval::{ApprovedTime, RequestStatus as R, Verdict, time_is_covered};
use domain::audit::{GENESIS, commit, verify};
use domain::ids::*;
use domain::person::Role;
use domain::status::{StatusFacts, derive};
use protocol::Mutation as M;
use protocol::mutation::DeliveryPlan;

use crate::world::{Facts, HOUR, World, body, id, planned, policy, stage};

/// Numbers that look random, from a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Neighbours among seeds have nothing in common.
    pub(crate) fn from(seed: u64) -> Self {
        let bytes = *domain::Hash::of(&seed.to_le_bytes())
            .0
            .first_chunk()
            .unwrap();
        Self(u64::from_le_bytes(bytes) | 1)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() {
            None
        } else {
            Some(of[self.roll(of.len())].clone())
        }
    }
}

/// What must hold, whatever was asked.
pub(crate) fn check(facts: &Facts) {
    // The status is the derived one.
    for content in &facts.contents {
        let newest = facts.requests[&content.id].first();
        let deliveries: Vec<_> = facts.deliveries[&content.id]
            .iter()
            .map(|d| d.status)
            .collect();
        let derived = derive(&StatusFacts {
            archived: content.archived,
            request: newest.filter(|r| r.n == content.n).map(|r| r.status),
            deliveries: &deliveries,
        });
        assert_eq!(content.status, derived, "{content:?}");
        let live = |r: &&store::request::Request| matches!(r.status, R::Open | R::Approved);
        assert!(facts.requests[&content.id].iter().filter(live).count() <= 1);
        for request in facts.requests[&content.id].iter().filter(live) {
            assert_eq!(Some(request.id), newest.map(|r| r.id));
            assert_eq!(request.n, content.n, "a newer version voids");
            let version = facts
                .versions
                .iter()
                .find(|v| v.content == content.id && v.n == request.n);
            assert_eq!(request.hash, version.unwrap().hash);
            assert_eq!(request.hash, domain::Hash::of(&version.unwrap().bytes));
            for delivery in facts.deliveries[&content.id]
                .iter()
                .filter(|d| d.status.is_waiting())
            {
                assert_eq!((delivery.n, delivery.hash), (request.n, Some(request.hash)));
                assert!(
                    delivery.run.is_some(),
                    "something waits for its time: {delivery:?}"
                );
                let times: &Vec<(DeliveryId, ApprovedTime)> = &facts.times[&request.id];
                let time = times.iter().find(|t| t.0 == delivery.id).unwrap().1;
                let new = delivery.planned.as_ref().map(|p| p.at);
                assert!(
                    time_is_covered(time, new, request.policy.tolerance_ms()),
                    "{time:?} does not cover {new:?}"
                );
            }
        }
        for request in &facts.requests[&content.id] {
            quorum(facts, request);
        }
    }
    // What runs belongs to something that waits.
    for delivery in facts.deliveries.values().flatten() {
        if !delivery.status.is_waiting() {
            assert!(delivery.run.is_none(), "{delivery:?}");
        }
    }
    // The audit follows, details and all.
    let entries: Vec<_> = facts
        .audit
        .iter()
        .map(|(e, _)| (&e.entry, e.hash))
        .collect();
    let head = verify(GENESIS, 1, entries).unwrap();
    assert_eq!(head, facts.organization.audit_head);
    assert_eq!(facts.audit.len() as u64, facts.organization.audit_n);
    for (entry, salt) in &facts.audit {
        let payload = entry.payload.as_ref().unwrap();
        assert_eq!(
            commit(salt.as_ref().unwrap(), payload.as_bytes()),
            entry.entry.commit
        );
    }
}

/// Granted means: in each stage that applies, enough of those who were asked said yes to this.
fn quorum(facts: &Facts, request: &store::request::Request) {
    let version = facts
        .versions
        .iter()
        .find(|v| v.content == request.content && v.n == request.n)
        .unwrap();
    let authors: BTreeSet<PersonId> = facts
        .versions
        .iter()
        .filter(|v| v.content == request.content && v.n <= request.n)
        .filter_map(|v| v.person)
        .collect();
    let decisions = &facts.decisions[&request.id];
    let seats = &facts.seats[&request.id];
    for decision in decisions {
        assert_eq!(decision.hash, request.hash);
        assert!(
            request.policy.authors_may_approve || !authors.contains(&decision.person),
            "nobody approves own work"
        );
    }
    if request.status != R::Approved {
        return;
    }
    for stage in request
        .policy
        .stages_for(&version.doc().unwrap(), &request.costs)
    {
        let here = || seats.iter().filter(|s| s.stage == stage);
        let asked: BTreeSet<PersonId> = here().filter(|s| !s.vacant).map(|s| s.person).collect();
        let said = |verdict| {
            decisions
                .iter()
                .filter(|d| d.stage == stage && d.revoked_at.is_none() && d.verdict == verdict)
                .filter(|d| asked.contains(&d.person))
                .map(|d| d.person)
                .collect::<BTreeSet<_>>()
                .len()
        };
        let needed = request.policy.stages[stage as usize]
            .quorum
            .needed(here().filter(|s| !s.substitute).count())
            .max(1);
        assert!(
            said(Verdict::Approve) >= needed,
            "{request:?} {decisions:?}"
        );
        assert_eq!(said(Verdict::Reject) + said(Verdict::RequestChanges), 0);
    }
}

/// Something that somebody may want, going by what is there.
pub(crate) fn invent(world: &World, dice: &mut Dice, facts: &Facts) -> Option<(PersonId, M)> {
    let people: Vec<PersonId> = facts
        .people
        .iter()
        .filter(|p| p.active)
        .map(|p| p.id)
        .collect();
    let by = dice.pick(&people)?;
    let content = dice.pick(&facts.contents);
    let deliveries: Vec<_> = facts.deliveries.values().flatten().cloned().collect();
    let requests: Vec<_> = facts
        .requests
        .values()
        .flatten()
        .filter(|r| r.status == R::Open)
        .cloned()
        .collect();
    let roles = [Role::Viewer, Role::Creator, Role::Approver, Role::Admin];
    let at = world.now() + (dice.roll(120) as i64 - 2) * HOUR;
    let mutation = match dice.roll(26) {
        0 => M::AddPerson {
            id: id(),
            name: "New".into(),
            role: dice.pick(&roles)?,
        },
        1 if people.len() > 5 => M::DeactivatePerson {
            id: dice.pick(&people)?,
        },
        2 => M::UpdatePerson {
            id: dice.pick(&people)?,
            name: "N".into(),
            role: dice.pick(&roles)?,
        },
        3 => {
            let mut one = stage(dice.pick(&people)?);
            one.approvers.push(domain::approval::Approver::Role {
                role: Role::Approver,
            });
            one.quorum = match dice.roll(3) {
                0 => domain::approval::Quorum::Any,
                1 => domain::approval::Quorum::All,
                _ => domain::approval::Quorum::Count { n: 2 },
            };
            let stages = if dice.roll(3) == 0 {
                vec![one.clone(), one]
            } else {
                vec![one]
            };
            let mut policy = policy(id(), stages);
            policy.authors_may_approve = dice.roll(4) == 0;
            M::SaveChain { policy }
        }
        4 => world.save_persona(dice.pick(&facts.chains).map(|c| c.policy.id)),
        5 => world.save_persona(None),
        6 => M::ArchiveChain {
            id: dice.pick(&facts.chains)?.policy.id,
        },
        7 => M::SaveWorkingCopy {
            content: content.map_or_else(id, |c| c.id),
            persona: world.persona,
            body: body("typed", &world.accounts),
            base: None,
        },
        8 => M::DiscardWorkingCopy {
            content: content?.id,
        },
        9 | 10 => {
            let (content, n) = match content.filter(|_| dice.roll(2) == 0) {
                Some(c) => (c.id, c.n + 1),
                None => (id(), 1),
            };
            let targets = &world.accounts[dice.roll(2)..];
            let (doc, _) = world.doc(content, &format!("text {}", dice.roll(100)), targets);
            M::SaveVersion {
                content,
                persona: world.persona,
                n,
                doc,
            }
        }
        11 => {
            let content = content?;
            M::RestoreVersion {
                content: content.id,
                from: 1,
                n: content.n + 1,
            }
        }
        12..=14 => {
            let content = content?;
            let known = &facts.deliveries[&content.id];
            let mut plans = Vec::new();
            for identity in world.accounts {
                if dice.roll(4) == 0 {
                    continue;
                }
                let old = known
                    .iter()
                    .find(|d| d.identity == identity && d.status.can_move());
                let planned = (dice.roll(3) > 0).then(|| planned(at));
                plans.push(DeliveryPlan {
                    id: old.map_or_else(id, |d| d.id),
                    identity,
                    planned,
                    grace: None,
                    hand_off: None,
                });
            }
            M::Plan {
                content: content.id,
                deliveries: plans,
            }
        }
        15 => M::MoveDelivery {
            delivery: dice.pick(&deliveries)?.id,
            expected: None,
            planned: planned(at),
        },
        16 => M::SendNow {
            delivery: dice.pick(&deliveries)?.id,
        },
        17 => M::CancelDeliveries {
            deliveries: vec![dice.pick(&deliveries)?.id],
        },
        18 | 19 => {
            let content = content?;
            let version = facts
                .versions
                .iter()
                .find(|v| v.content == content.id && v.n == content.n)?;
            let added = dice
                .pick(&facts.chains)
                .filter(|_| dice.roll(3) == 0)
                .map(|c| c.policy.id);
            M::RequestApproval {
                id: id(),
                content: content.id,
                n: content.n,
                hash: version.hash,
                added,
            }
        }
        20 => M::WithdrawRequest {
            request: dice.pick(&requests)?.id,
        },
        21..=23 => {
            let request = dice.pick(&requests)?;
            let seats: Vec<PersonId> = facts.seats[&request.id].iter().map(|s| s.person).collect();
            let verdict = *[
                Verdict::Approve,
                Verdict::Approve,
                Verdict::Approve,
                Verdict::RequestChanges,
                Verdict::Reject,
            ]
            .get(dice.roll(5))?;
            let decide = M::Decide {
                id: id(),
                request: request.id,
                hash: request.hash,
                verdict,
                comment: "so".into(),
                stage: None,
                away: None,
            };
            return Some((dice.pick(&seats).unwrap_or(by), decide));
        }
        24 => {
            let all: Vec<_> = facts.decisions.values().flatten().cloned().collect();
            let decision = dice.pick(&all)?;
            return Some((
                decision.person,
                M::RevokeDecision {
                    decision: decision.id,
                },
            ));
        }
        25 => {
            let archived = dice.roll(2) == 0;
            M::ArchiveContent {
                content: content?.id,
                archived,
            }
        }
        _ => M::SetPaused {
            persona: None,
            paused: dice.roll(2) == 0,
        },
    };
    // Owners and administrators do most, or most would be refused.
    let by = if dice.roll(3) > 0 { world.owner } else { by };
    Some((by, mutation))
}
