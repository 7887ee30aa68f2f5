//! What a server takes.

use std::sync::Arc;

use app::sync;
use domain::Hash;
use domain::ids::*;
use protocol::sync::{Batch, Item, Outcome, Push, Pushed};
use protocol::{Code, Mutation, Problem};

use crate::desk::Net;
use crate::world::{body, id};

fn batch(mutations: Vec<Mutation>) -> Batch {
    Batch::new(id(), None, mutations)
}

fn item(n: u64, batch: &Batch) -> Item {
    let batch = serde_json::to_string(batch).unwrap();
    let hash = Hash::of(batch.as_bytes());
    Item {
        n,
        base: u64::MAX >> 1,
        batch,
        hash,
    }
}

async fn push(
    net: &Arc<Net>,
    person: PersonId,
    client: ClientId,
    items: Vec<Item>,
) -> Result<Pushed, Problem> {
    let push = Push {
        client,
        former: None,
        organization: net.world.org,
        items,
    };
    let taken = sync::push(&net.instances[1], net.ctx(person), push).await;
    taken.map(|t| t.0)
}

fn typed(net: &Net, content: ContentId) -> Batch {
    batch(vec![Mutation::SaveWorkingCopy {
        content,
        persona: net.world.persona,
        body: body("typed", &[]),
        base: None,
    }])
}

fn details(content: ContentId) -> Batch {
    batch(vec![Mutation::SetDetails {
        content,
        campaign: "Autumn".into(),
        labels: vec![],
    }])
}

fn codes(pushed: &Pushed) -> Vec<Option<Code>> {
    let Pushed::Taken { outcomes } = pushed else {
        panic!("{pushed:?}")
    };
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Rejected { problem } => Some(problem.code),
            _ => None,
        })
        .collect()
}

async fn head(net: &Net) -> u64 {
    net.world.facts().await.organization.head_seq
}

#[tokio::test]
async fn an_item_is_applied_once_however_often_it_comes() {
    for net in Net::each(1).await {
        let (writer, client, content) = (net.world.writer, id(), id());
        let items = vec![item(1, &typed(&net, content)), item(2, &details(content))];
        let first = push(&net, writer, client, items.clone()).await.unwrap();
        assert_eq!(codes(&first), [None, None]);
        let before = head(&net).await;
        let again = push(&net, writer, client, items.clone()).await.unwrap();
        let Pushed::Taken { outcomes } = again else {
            panic!("{again:?}")
        };
        for (old, new) in [(before - 1, &outcomes[0]), (before, &outcomes[1])] {
            assert_eq!(*new, Outcome::Duplicate { seq: old });
        }
        // Under the name of another client, too.
        let renamed = push(&net, writer, id(), items).await.unwrap();
        assert_eq!(codes(&renamed), [None, None]);
        assert_eq!(head(&net).await, before);
    }
}

#[tokio::test]
async fn a_push_ends_at_what_was_rejected_and_its_reason_is_kept() {
    for net in Net::each(2).await {
        let (writer, client, content): (_, _, ContentId) = (net.world.writer, id(), id());
        let items = vec![item(1, &details(id())), item(2, &typed(&net, content))];
        let before = head(&net).await;
        for _ in 0..2 {
            let pushed = push(&net, writer, client, items.clone()).await.unwrap();
            assert_eq!(codes(&pushed), [Some(Code::NotFound)]);
        }
        assert_eq!(head(&net).await, before, "nothing was applied");
        // Its number is taken: another item goes on from there.
        let next = vec![item(2, &typed(&net, content))];
        let pushed = push(&net, writer, client, next).await.unwrap();
        assert_eq!(codes(&pushed), [None]);
        assert_eq!(head(&net).await, before + 1);
    }
}

#[tokio::test]
async fn a_batch_is_applied_whole_or_not_at_all() {
    for net in Net::each(3).await {
        let (writer, content): (_, ContentId) = (net.world.writer, id());
        let mut both = typed(&net, content);
        both.mutations.extend(details(id()).mutations);
        let before = net.world.facts().await;
        let pushed = push(&net, writer, id(), vec![item(1, &both)])
            .await
            .unwrap();
        assert_eq!(codes(&pushed), [Some(Code::NotFound)]);
        let after = net.world.facts().await;
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
    }
}

#[tokio::test]
async fn numbers_that_are_not_those_of_the_client_fork_it_and_nothing_is_applied() {
    for net in Net::each(4).await {
        let (writer, jo, client) = (net.world.writer, net.world.jo, id());
        let mine = item(1, &typed(&net, id()));
        push(&net, writer, client, vec![mine.clone()])
            .await
            .unwrap();
        let before = head(&net).await;
        let other = item(1, &typed(&net, id()));
        let gap = item(3, &typed(&net, id()));
        let zero = item(0, &typed(&net, id()));
        let next = item(2, &typed(&net, id()));
        for (person, client, items, why) in [
            (writer, client, vec![other.clone()], "another hash"),
            (writer, client, vec![mine, other], "something known before"),
            (writer, client, vec![gap.clone()], "a gap"),
            (writer, client, vec![zero], "no number"),
            (writer, id(), vec![gap], "an unknown client"),
            (jo, client, vec![next], "somebody else's client"),
        ] {
            let pushed = push(&net, person, client, items).await.unwrap();
            assert_eq!(pushed, Pushed::ClientForked, "{why}");
        }
        assert_eq!(head(&net).await, before);
    }
}

#[tokio::test]
async fn nobody_acts_as_somebody_else_and_nobody_sends_who_has_left() {
    for net in Net::each(5).await {
        let (writer, jo) = (net.world.writer, net.world.jo);
        let mut acting = typed(&net, id());
        acting.acting = Some(jo);
        let mut itself = typed(&net, id());
        itself.acting = Some(writer);
        let items = vec![item(1, &itself), item(2, &acting)];
        let pushed = push(&net, writer, id(), items).await.unwrap();
        assert_eq!(codes(&pushed), [None, Some(Code::Forbidden)]);
        net.world
            .ok(Mutation::DeactivatePerson { id: writer })
            .await;
        let left = push(&net, writer, id(), vec![item(1, &typed(&net, id()))]).await;
        assert_eq!(left.unwrap_err().code, Code::Forbidden);
    }
}

#[tokio::test]
async fn what_is_damaged_unknown_or_empty_is_rejected_with_its_number() {
    for net in Net::each(6).await {
        let mut damaged = item(1, &typed(&net, id()));
        damaged.batch = damaged.batch.replace("typed", "tipped");
        let words = format!(
            r#"{{"id":"{}","mutations":[{{"type":"fly_to_the_moon"}}]}}"#,
            uuid::Uuid::now_v7()
        );
        let unknown = Item {
            n: 1,
            base: 0,
            hash: Hash::of(words.as_bytes()),
            batch: words,
        };
        let empty = item(1, &batch(vec![]));
        for bad in [damaged, unknown, empty] {
            let pushed = push(&net, net.world.writer, id(), vec![bad.clone()]).await;
            assert_eq!(
                codes(&pushed.unwrap()),
                [Some(Code::InvalidInput)],
                "{bad:?}"
            );
        }
    }
}

#[tokio::test]
async fn two_instances_that_get_the_same_push_at_once_apply_it_once() {
    for net in Net::each(7).await {
        let (writer, client) = (net.world.writer, id());
        let before = head(&net).await;
        let items: Vec<Item> = (1..=8).map(|n| item(n, &typed(&net, id()))).collect();
        let push = Push {
            client,
            former: None,
            organization: net.world.org,
            items,
        };
        let both = net
            .instances
            .iter()
            .map(|db| sync::push(db, net.ctx(writer), push.clone()));
        for pushed in futures::future::join_all(both).await {
            assert_eq!(codes(&pushed.unwrap().0), [None; 8]);
        }
        assert_eq!(head(&net).await, before + 8);
    }
}
