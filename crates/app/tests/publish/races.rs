//! Cancel, edit, pause and revoke against the sender: cancelled means absent.

use domain::approval::Verdict;
use domain::attempt::Idempotency;
use domain::delivery::DeliveryStatus as D;
use protocol::{Code, Mutation};

use crate::people::decide;
use crate::world::World;

/// Few words of chance from a seed that is printed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn of(name: &str) -> Self {
        let seed = match std::env::var("ROSTRUM_SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => uuid::Uuid::new_v4().as_u64_pair().0,
        };
        println!("{name}: ROSTRUM_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

pub(crate) async fn pause(turns: u64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Cancel,
    Edit,
    Pause,
    Revoke,
}

const RACES: usize = 500;

async fn race(kind: Kind) {
    let world = World::new(Idempotency::None).await;
    let mut dice = Dice::of(&format!("{kind:?}"));
    if kind == Kind::Revoke {
        world.with_chain(|_| {}).await;
    }
    let (mut won, mut lost) = (0, 0);
    for n in 0..RACES {
        let piece = world.piece(&[&world.text()], None).await;
        let mut mutation = match kind {
            Kind::Cancel => Mutation::CancelDeliveries {
                deliveries: vec![piece.delivery],
            },
            Kind::Edit => Mutation::SaveVersion {
                content: piece.content,
                persona: world.persona,
                n: 2,
                doc: world
                    .doc(piece.content, &["Something else"], &[world.identity])
                    .0,
            },
            Kind::Pause => Mutation::SetPaused {
                persona: None,
                paused: true,
            },
            Kind::Revoke => Mutation::ReleaseFolder,
        };
        let mut person = world.writer;
        if kind == Kind::Revoke {
            let decision = decide(&world, piece, Verdict::Approve).await;
            mutation = Mutation::RevokeDecision { decision };
            person = world.approver;
        }
        // Taking back is quick: it starts later, or the sender would hardly ever be first.
        let most = if kind == Kind::Cancel { 240 } else { 60 };
        let (early, late) = (dice.roll(60), dice.roll(most));
        let sender = async {
            pause(early).await;
            let next = world.check(&world.publisher, piece.delivery).await;
            pause(late / 4).await;
            world.go(&world.publisher, piece.delivery, next).await;
        };
        let change = async {
            pause(late).await;
            world.apply_as(person, mutation).await
        };
        let ((), answer) = tokio::join!(sender, change);
        let posts = world.network.posts_of(piece.delivery);
        let end = match kind {
            Kind::Pause => {
                let end = world.settle(piece.delivery).await;
                assert_eq!(
                    posts,
                    world.network.posts_of(piece.delivery),
                    "{n}: sent in a pause"
                );
                end
            }
            _ => world.settle(piece.delivery).await,
        };
        let posts = world.network.posts_of(piece.delivery);
        match (kind, answer) {
            (Kind::Pause, answer) => {
                answer.unwrap();
                if posts == 0 {
                    won += 1
                } else {
                    lost += 1
                }
                assert_eq!(end, if posts == 0 { D::Due } else { D::Published });
                world
                    .apply(Mutation::SetPaused {
                        persona: None,
                        paused: false,
                    })
                    .await
                    .unwrap();
                assert_eq!(world.settle(piece.delivery).await, D::Published);
                assert_eq!(
                    world.network.posts_of(piece.delivery),
                    1,
                    "{n}: lost by a pause"
                );
            }
            (_, Ok(_)) => {
                won += 1;
                assert_eq!(posts, 0, "{n}: {kind:?} was granted and it went out");
                assert!(world.attempts(piece.delivery).await.is_empty());
                assert_ne!(end, D::Published);
                if kind == Kind::Cancel {
                    assert_eq!(end, D::Cancelled);
                }
            }
            (_, Err(code)) => {
                lost += 1;
                assert!(
                    matches!(
                        code,
                        Code::AttemptOpen | Code::AlreadySent | Code::WrongState
                    ),
                    "{n}: {code:?}"
                );
                assert_eq!((end, posts), (D::Published, 1), "{n}: {kind:?} was refused");
            }
        }
    }
    println!("{kind:?}: {won} before the sender, {lost} after");
    assert!(
        won > RACES / 50 && lost > RACES / 50,
        "{kind:?} did not race: {won} : {lost}"
    );
    let mut paused = false;
    for (action, subject) in world.audit().await {
        match action.as_str() {
            "sending_paused" => paused = true,
            "sending_resumed" => paused = false,
            "attempt_opened" => assert!(!paused, "{subject} was begun in a pause"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn cancelled_means_absent_in_500_races() {
    race(Kind::Cancel).await;
}

#[tokio::test]
async fn edited_means_absent_in_500_races() {
    race(Kind::Edit).await;
}

#[tokio::test]
async fn paused_means_nothing_begins_in_500_races() {
    race(Kind::Pause).await;
}

#[tokio::test]
async fn revoked_means_absent_in_500_races() {
    race(Kind::Revoke).await;
}
