//! Stages that are asked only for what costs a lot, or was made with AI.

use domain::approval::{Condition, RequestStatus as R, Verdict};
use domain::cost::Cost;
use domain::identity::NetworkId;
use domain::ids::IdentityId;
use domain::version::{Mark, MarkKind, VersionDoc};
use networks::Registry;
use protocol::mutation::IdentityFacts;
use protocol::{Code, Mutation};

use crate::world::{Piece, World, facts, id};

const CENT: u64 = 10_000;

fn over(amount_micros: u64) -> Condition {
    Condition::CostOver {
        amount_micros,
        currency: "USD".into(),
    }
}

/// Its posts on X cost 1.5 cents, with a link 20 cents.
async fn on_x(world: &mut World) {
    let account: IdentityId = id();
    let on_x = IdentityFacts {
        network: NetworkId::new("x"),
        ..facts("mara")
    };
    world
        .ok(Mutation::AddIdentity {
            id: account,
            persona: world.persona,
            facts: on_x,
        })
        .await;
    world.accounts[0] = account;
}

/// Saved as edited, planned and asked.
async fn asked(world: &World, edit: impl FnOnce(&mut VersionDoc)) -> Piece {
    let (content, delivery, request) = (id(), id(), id());
    let (doc, _) = world.doc(content, "See the hut", &world.accounts[..1]);
    let mut doc = VersionDoc::open(doc.as_bytes()).unwrap();
    edit(&mut doc);
    let (bytes, hash) = doc.seal().unwrap();
    let piece = Piece {
        content,
        delivery,
        request,
        hash,
    };
    let save = Mutation::SaveVersion {
        content,
        persona: world.persona,
        n: 1,
        doc: String::from_utf8(bytes).unwrap(),
    };
    for mutation in [save, world.plan(piece, None), world.request(piece, 1)] {
        world.by(world.writer, mutation).await.unwrap();
    }
    piece
}

fn to_x(doc: &mut VersionDoc) {
    doc.targets[0].network = NetworkId::new("x");
}

fn with_link(doc: &mut VersionDoc) {
    to_x(doc);
    doc.targets[0].segments[0].marks.push(Mark {
        start: 0,
        end: 3,
        kind: MarkKind::Link {
            url: "https://example.org".into(),
        },
    });
}

#[tokio::test]
async fn what_costs_more_is_asked_about_and_what_costs_less_is_not() {
    for mut world in World::each().await {
        on_x(&mut world).await;
        world
            .with_stage(|stage| stage.conditions = vec![over(2 * CENT)])
            .await;
        let cheap = asked(&world, to_x).await;
        assert_eq!(world.request_of(cheap).await.status, R::Approved);
        let dear = asked(&world, with_link).await;
        let request = world.request_of(dear).await;
        assert_eq!((request.status, request.stage), (R::Open, Some(0)));
        assert_eq!(request.costs[0].cost.amount_micros, 20 * CENT);
        // Exactly as much is not more.
        world
            .with_stage(|stage| stage.conditions = vec![over(20 * CENT)])
            .await;
        let exactly = asked(&world, with_link).await;
        assert_eq!(world.request_of(exactly).await.status, R::Approved);
    }
}

#[tokio::test]
async fn what_is_asked_is_judged_by_the_prices_of_then() {
    for mut world in World::each().await {
        on_x(&mut world).await;
        let one = |cents| {
            let mut stage = crate::world::stage(world.jo);
            stage.conditions = vec![over(cents * CENT)];
            stage
        };
        let mut policy = crate::world::policy(id(), vec![one(1), one(2)]);
        policy.stages[1].name = "Money".into();
        let chain = policy.id;
        world.ok(Mutation::SaveChain { policy }).await;
        world.ok(world.save_persona(Some(chain))).await;
        let piece = asked(&world, with_link).await;
        // A later program knows no price any more: what was asked stays asked.
        world.networks = Registry::empty();
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        let request = world.request_of(piece).await;
        assert_eq!((request.status, request.stage), (R::Open, Some(1)));
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn without_a_price_a_condition_on_the_cost_does_not_hold() {
    for world in World::each().await {
        world
            .with_stage(|stage| stage.conditions = vec![over(0)])
            .await;
        let piece = asked(&world, |_| {}).await;
        let request = world.request_of(piece).await;
        assert_eq!(request.status, R::Approved);
        assert!(request.costs.is_empty());
        assert!(over(0).unpriced(&request.costs));
    }
}

#[tokio::test]
async fn a_price_in_another_currency_says_nothing() {
    let cost = domain::cost::TargetCost {
        identity: id(),
        cost: Cost {
            amount_micros: 5 * CENT,
            currency: "EUR".into(),
            as_of: "2026-08-28".into(),
        },
    };
    assert!(over(0).unpriced(&[cost]));
}

#[tokio::test]
async fn what_was_made_with_ai_is_asked_about_also_where_no_mark_shows_it() {
    for world in World::each().await {
        world
            .with_stage(|stage| stage.conditions = vec![Condition::MadeWithAi])
            .await;
        let by_hand = asked(&world, |_| {}).await;
        assert_eq!(world.request_of(by_hand).await.status, R::Approved);
        let made = asked(&world, |doc| doc.body.shared.options.made_with_ai = true).await;
        assert_eq!(world.request_of(made).await.status, R::Open);
    }
}

#[tokio::test]
async fn a_chain_compares_no_cost_without_a_currency() {
    for world in World::each().await {
        for currency in ["", "usd", "DOLLAR"] {
            let mut stage = crate::world::stage(world.jo);
            stage.conditions = vec![Condition::CostOver {
                amount_micros: 1,
                currency: currency.into(),
            }];
            let policy = crate::world::policy(id(), vec![stage]);
            assert_eq!(
                world
                    .by(world.owner, Mutation::SaveChain { policy })
                    .await
                    .unwrap_err(),
                Code::BadChain
            );
        }
    }
}
