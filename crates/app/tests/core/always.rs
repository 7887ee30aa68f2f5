//! Random work of several people, and what holds after each step.

use domain::Instant;
use domain::person::Actor;
use protocol::Mutation as M;

use crate::random::{Dice, check, invent};
use crate::world::{HOUR, World};

async fn live(world: &World, seed: u64, steps: usize) -> usize {
    let mut dice = Dice(seed);
    let mut before = world.facts().await;
    let mut applied = 0;
    for step in 0..steps {
        let Some((by, mutation)) = invent(world, &mut dice, &before) else {
            continue;
        };
        world.pass(dice.roll(3) as i64 * HOUR);
        let words = format!("seed {seed:#x}, step {step}: {mutation:?} by {by}");
        let typing = matches!(mutation, M::SaveWorkingCopy { .. });
        let nothing_new = matches!(
            &mutation,
            M::CancelDeliveries { .. } | M::RevokeDecision { .. }
        );
        let said = world.by(by, mutation).await;
        let after = world.facts().await;
        println!("{words}: {said:?}");
        match said {
            Err(code) => {
                assert_ne!(code, protocol::Code::Internal, "{words}");
                assert_eq!(
                    format!("{before:?}"),
                    format!("{after:?}"),
                    "{words} was refused"
                );
            }
            Ok(done) => {
                applied += 1;
                assert_eq!(done.seq, before.organization.head_seq + 1);
                assert_eq!(after.organization.head_seq, done.seq);
                let new = &after.audit[before.audit.len()..];
                assert!(
                    typing || nothing_new || !new.is_empty(),
                    "{words} left no entry"
                );
                for (entry, _) in new {
                    assert_eq!(
                        entry.entry.actor,
                        Actor::Person {
                            id: by,
                            operator: None
                        }
                    );
                    assert_eq!(entry.entry.at, Instant(world.now()));
                }
            }
        }
        check(&after);
        before = after;
    }
    applied
}

#[tokio::test]
async fn the_invariants_hold_after_every_step_of_any_work() {
    let given = std::env::var("ROSTRUM_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let first: u64 = given.unwrap_or(0x9e37_79b9);
    for round in 0..3 {
        for world in World::each().await {
            let steps = if round == 0 { 120 } else { 60 };
            let applied = live(&world, first + round, steps).await;
            assert!(
                applied * 3 > steps,
                "enough of it happens: {applied} of {steps}"
            );
        }
    }
}
