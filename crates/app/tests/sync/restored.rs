//! A server, or a mirror, that is as it was some time ago.

use app::sync;
use db::Db;
use domain::ids::*;
use protocol::Mutation;
use protocol::sync::{Batch, Item, Push};

use crate::desk::{Desk, Net, rows_of, same};
use crate::world::{body, id};

fn typed(net: &Net, content: ContentId, base: Option<u32>, words: &str) -> Mutation {
    Mutation::SaveWorkingCopy {
        content,
        persona: net.world.persona,
        body: body(words, &[]),
        base,
    }
}

/// A copy of the server's tables as they are now.
async fn copied(net: &Net) -> Db {
    let file = net.instances[0].path().unwrap().with_extension("copy");
    net.instances[0].vacuum_into(&file).await.unwrap();
    db::testing::sqlite_at(&file).await.unwrap()
}

/// Somebody else does so many things.
async fn grow(net: &Net, db: &Db, count: u64) {
    let client = id();
    for n in 1..=count {
        let batch = Batch::new(id(), None, vec![typed(net, id(), None, "somebody else's")]);
        let batch = serde_json::to_string(&batch).unwrap();
        let hash = domain::Hash::of(batch.as_bytes());
        let item = Item {
            n,
            base: 0,
            batch,
            hash,
        };
        let push = Push {
            client,
            former: None,
            organization: net.world.org,
            items: vec![item],
        };
        sync::push(db, net.ctx(net.world.admin), push)
            .await
            .unwrap();
    }
}

async fn shows(net: &Net, desk: &Desk, db: &Db, what: &str) {
    let there = rows_of(db, net.world.org, desk.person).await;
    same(what, &desk.rows().await, &there);
}

#[tokio::test]
async fn a_restored_server_is_not_taken_for_its_former_self_however_far_it_goes_on() {
    for grown in 0..6 {
        let net = Net::on_sqlite(61).await;
        let desk = Desk::new(&net, net.world.writer).await;
        desk.sync().await;
        let restored = copied(&net).await;
        // Shown by a pull, and lost with the server.
        grow(&net, &net.instances[0], 2).await;
        desk.does(vec![typed(&net, id(), None, "shown")])
            .await
            .unwrap();
        desk.push_to(&net.instances[0]).await;
        desk.pull().await;
        // Acknowledged, and still here.
        let kept: ContentId = id();
        desk.does(vec![typed(&net, kept, None, "acknowledged")])
            .await
            .unwrap();
        desk.push_to(&net.instances[0]).await;
        grow(&net, &restored, grown).await;
        for _ in 0..3 {
            desk.pull_from(&restored).await;
            desk.push_to(&restored).await;
        }
        desk.pull_from(&restored).await;
        let what = format!("{grown} changes since");
        shows(&net, &desk, &restored, &what).await;
        assert!(desk.states().await.is_empty(), "{what}");
        let facts = net.world.facts_in(&restored).await;
        assert!(facts.contents.iter().any(|c| c.id == kept), "{what}");
    }
}

#[tokio::test]
async fn what_a_mirror_that_is_not_behind_knew_before_a_restore_stays() {
    let net = Net::on_sqlite(62).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let restored = copied(&net).await;
    grow(&net, &restored, 3).await;
    let asked = desk.mirror.to_pull().await.unwrap();
    let pulled = sync::pull(&restored, net.world.org, desk.person, asked, net.limits).await;
    assert_ne!(pulled.unwrap(), protocol::sync::Pulled::Reset);
    desk.pull_from(&restored).await;
    shows(&net, &desk, &restored, "went on").await;
}

#[tokio::test]
async fn what_a_mirror_sent_as_another_client_is_not_anothers() {
    let net = Net::on_sqlite(63).await;
    let mut desk = Desk::new(&net, net.world.writer).await;
    let content: ContentId = id();
    let first = net
        .world
        .save(net.world.writer, content, 1, "Snow on the hut.");
    first.await.unwrap();
    desk.sync().await;
    let says = |words: &str| typed(&net, content, Some(1), words);
    let named = |campaign: &str| Mutation::SetDetails {
        content,
        campaign: campaign.into(),
        labels: vec![],
    };
    // Both wait; the first is taken, and a pull shows it, before the second is sent.
    desk.does(vec![says("Rain on the hut.")]).await.unwrap();
    desk.does(vec![named("Autumn")]).await.unwrap();
    desk.does(vec![says("Sun on the hut.")]).await.unwrap();
    let mut push = desk.mirror.to_push_within(1).await.unwrap().unwrap();
    assert_eq!(push.items.len(), 1);
    let pushed = net.deliver(desk.person, push.clone()).await.unwrap();
    desk.mirror.answered(push.clone(), pushed).await.unwrap();
    let copy = desk.copied().await;
    desk.pull().await;
    assert_eq!(desk.states().await.len(), 2);
    // The copy sends something as the same client: one of them is another from now on.
    push.items.clear();
    let stray = Batch::new(id(), None, vec![typed(&net, id(), None, "the copy's")]);
    let batch = serde_json::to_string(&stray).unwrap();
    let hash = domain::Hash::of(batch.as_bytes());
    push.items.push(Item {
        n: 2,
        base: 0,
        batch,
        hash,
    });
    net.deliver(desk.person, push).await.unwrap();
    desk.sync().await;
    assert_eq!(net.forks.load(std::sync::atomic::Ordering::SeqCst), 1);
    let draft = async || {
        let facts = net.world.facts().await;
        let copy = facts.copies[&content].clone().unwrap();
        copy.body.shared.segments[0].text.clone()
    };
    assert!(desk.states().await.is_empty(), "{:?}", desk.states().await);
    assert_eq!(draft().await, "Sun on the hut.");
    // Restored to where only the first was sent, it sends all again and rejects nothing.
    desk.restore(&copy).await;
    desk.sync().await;
    assert!(desk.states().await.is_empty(), "{:?}", desk.states().await);
    assert_eq!(draft().await, "Sun on the hut.");
}
