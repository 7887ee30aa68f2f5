//! What a server answers.

use std::collections::BTreeMap;

use app::sync::{self, Limits};
use domain::ids::*;
use protocol::sync::{Cursor, Op, Page, Pull, Pulled};
use protocol::{Code, Mutation, Problem};

use crate::desk::{Desk, Net, same};
use crate::world::id;

async fn ask(net: &Net, person: PersonId, pull: Pull, page: u32) -> Result<Pulled, Problem> {
    sync::pull(
        &net.instances[0],
        net.world.org,
        person,
        pull,
        Limits {
            page,
            ..Limits::default()
        },
    )
    .await
}

fn from(net: &Net, cursor: Option<Cursor>) -> Pull {
    Pull {
        client: id(),
        organization: net.world.org,
        cursor,
        settled: 0,
        entities: store::sync::ENTITIES
            .iter()
            .map(|e| e.name.to_owned())
            .collect(),
    }
}

/// All pages from a place on.
async fn pages(net: &Net, mut cursor: Option<Cursor>, size: u32) -> Vec<Page> {
    let mut pages = Vec::new();
    loop {
        let pulled = ask(net, net.world.owner, from(net, cursor), size).await;
        let Ok(Pulled::Page(page)) = pulled else {
            panic!("{pulled:?}")
        };
        cursor = Some(page.cursor.clone());
        let more = page.has_more;
        pages.push(page);
        if !more {
            return pages;
        }
    }
}

/// What a reader of all pages knows in the end.
fn known(pages: &[Page]) -> BTreeMap<(String, String), String> {
    let mut known = BTreeMap::new();
    for change in pages.iter().flat_map(|p| &p.changes) {
        let name = (change.entity.clone(), change.id.clone());
        match change.op {
            Op::Set => known.insert(name, format!("{:?}", change.rows)),
            Op::Gone => known.remove(&name),
        };
    }
    known
}

#[tokio::test]
async fn pages_of_any_size_come_to_the_same_and_never_split_a_place_in_the_order() {
    for net in Net::each(11).await {
        let begin = pages(&net, None, 1_000).await;
        let begun = Some(begin.last().unwrap().cursor.clone());
        for _ in 0..3 {
            net.world.piece(None).await;
        }
        let whole = pages(&net, begun.clone(), 1_000).await;
        assert_eq!(whole.len(), 1);
        for size in [1, 2, 3, 5, 100] {
            let parts = pages(&net, begun.clone(), size).await;
            assert_eq!(known(&parts), known(&whole), "{size}");
            let afresh = pages(&net, None, size).await;
            let all: Vec<Page> = begin.iter().chain(&whole).cloned().collect();
            assert_eq!(known(&afresh), known(&all), "{size}");
            for pair in parts.windows(2) {
                assert!(pair[0].cursor.seq < pair[1].cursor.seq);
            }
        }
    }
}

#[tokio::test]
async fn a_place_that_is_no_use_any_more_means_to_begin_afresh() {
    for net in Net::each(12).await {
        let cursor = pages(&net, None, 100).await.pop().unwrap().cursor;
        let owner = net.world.owner;
        let is_reset = async |cursor: Cursor, pull: fn(&mut Pull)| {
            let mut asked = from(&net, Some(cursor));
            pull(&mut asked);
            ask(&net, owner, asked, 100).await.unwrap() == Pulled::Reset
        };
        assert!(!is_reset(cursor.clone(), |_| {}).await);
        let ahead = Cursor {
            seq: cursor.seq + 1,
            ..cursor.clone()
        };
        assert!(is_reset(ahead, |_| {}).await, "the server lost something");
        let fewer: fn(&mut Pull) = |p| p.entities.truncate(3);
        assert!(is_reset(cursor.clone(), fewer).await, "another release");
        net.world.piece(None).await;
        let org = net.world.org;
        let forgotten: Result<(), store::Error> = net.instances[0]
            .write(move |tx| {
                let up_to = cursor.seq + 1;
                Box::pin(async move { store::sync::log::forget(tx, org, up_to).await })
            })
            .await;
        forgotten.unwrap();
        let cursor = Cursor {
            at: None,
            ..pages(&net, None, 100).await.pop().unwrap().cursor
        };
        let below = Cursor {
            seq: cursor.seq - 3,
            ..cursor.clone()
        };
        assert!(is_reset(below, |_| {}).await, "below what is kept");
        assert!(!is_reset(cursor, |_| {}).await);
    }
}

#[tokio::test]
async fn a_desktop_gets_only_the_kinds_of_things_that_it_can_keep_and_hears_of_the_others() {
    for net in Net::each(13).await {
        let mut pull = from(&net, None);
        pull.entities.retain(|name| name != "template");
        let pulled = ask(&net, net.world.owner, pull, 1_000).await.unwrap();
        let Pulled::Page(page) = pulled else {
            panic!("{pulled:?}")
        };
        assert_eq!(page.unknown, ["template"]);
        assert!(page.changes.iter().all(|c| c.entity != "template"));
        assert!(page.changes.iter().any(|c| c.entity == "persona"));
    }
}

#[tokio::test]
async fn who_is_no_member_reads_nothing() {
    for net in Net::each(14).await {
        let stranger = ask(&net, id(), from(&net, None), 10).await;
        assert_eq!(stranger.unwrap_err().code, Code::Forbidden);
        let writer = net.world.writer;
        net.world
            .ok(Mutation::DeactivatePerson { id: writer })
            .await;
        let left = ask(&net, writer, from(&net, None), 10).await;
        assert_eq!(left.unwrap_err().code, Code::Forbidden);
        let mut other = from(&net, None);
        other.organization = id();
        let other = ask(&net, net.world.owner, other, 10).await;
        assert_eq!(other.unwrap_err().code, Code::NotFound);
        let mut nowhere = pages(&net, None, 2).await.remove(0).cursor;
        nowhere.at.as_mut().unwrap().entity = "content".into();
        nowhere.at.as_mut().unwrap().id = Some("no id".into());
        let nowhere = ask(&net, net.world.owner, from(&net, Some(nowhere)), 10).await;
        assert_eq!(nowhere.unwrap_err().code, Code::InvalidInput);
    }
}

#[tokio::test]
async fn what_people_are_told_comes_to_whom_it_is_for_and_not_twice() {
    for net in Net::each(15).await {
        let chain = net.world.with_stage(|_| {}).await;
        let jo = Desk::new(&net, net.world.jo).await;
        let kim = Desk::new(&net, net.world.kim).await;
        jo.sync().await;
        kim.sync().await;
        net.world.piece(None).await;
        let told = async |desk: &Desk| {
            desk.sync().await;
            let org = net.world.org;
            let read: Result<Vec<_>, store::Error> = desk
                .mirror
                .db()
                .read(move |tx| {
                    Box::pin(async move { store::notification::not_shown(tx, org).await })
                })
                .await;
            read.unwrap()
        };
        let for_jo = told(&jo).await;
        assert_eq!(for_jo.len(), 1, "{chain}");
        assert_eq!(for_jo[0].person, Some(net.world.jo));
        assert!(told(&kim).await.is_empty());
        // Shown here, whatever the server says again.
        let (org, key) = (net.world.org, for_jo[0].key.clone());
        let shown: Result<bool, store::Error> = jo
            .mirror
            .db()
            .write(move |tx| {
                let key = key.clone();
                Box::pin(async move {
                    store::notification::shown(tx, org, &key, domain::Instant(1)).await
                })
            })
            .await;
        assert!(shown.unwrap());
        jo.mirror.begin_afresh().await.unwrap();
        assert!(told(&jo).await.is_empty());
    }
}

#[tokio::test]
async fn a_mirror_that_begins_afresh_has_what_the_server_has() {
    for net in Net::each(16).await {
        let desk = Desk::new(&net, net.world.owner).await;
        let piece = net.world.piece(None).await;
        net.world.with_note(piece.content).await;
        desk.sync().await;
        same(
            "first",
            &desk.rows().await,
            &net.rows(&net.instances[0]).await,
        );
        let draft = id();
        let typed = Mutation::SaveWorkingCopy {
            content: draft,
            persona: net.world.persona,
            body: crate::world::body("gone soon", &[]),
            base: None,
        };
        net.world.ok(typed).await;
        desk.sync().await;
        net.world.ok(Mutation::DeleteDraft { content: draft }).await;
        desk.mirror.begin_afresh().await.unwrap();
        desk.sync().await;
        same(
            "again",
            &desk.rows().await,
            &net.rows(&net.instances[0]).await,
        );
    }
}
