//! SIGKILL at every commit while a post is given to the network to keep, and while it is taken back:
//! the network keeps it once, or it is gone, and the tables say so.

use std::path::Path;
use std::sync::Arc;

use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::time::HOUR;
use engine::{Clock as _, SystemClock};
use protocol::Mutation;
use testkit::standin::mastodon::Mastodon;

use super::ground::{self, Load, Place, deliveries, open, prepare_all};
use super::{copy, publishing, restore};

const TEXT: &str = "Entry 0, part 0";

fn server() -> Mastodon {
    Mastodon::start(Arc::new(|| SystemClock.wall()))
}

/// A folder with one post that the network shall keep for an hour from now on.
async fn base(folder: &Path, place: &Place) {
    std::fs::create_dir_all(folder).unwrap();
    let load = Load {
        deliveries: 1,
        segments: 1,
        first: Some(SystemClock.wall() + HOUR),
        every: 0,
        hand_off: true,
    };
    prepare_all(folder, &[(place, load)]).await;
}

async fn status(folder: &Path) -> DeliveryStatus {
    let db = open(folder).await;
    let all = deliveries(&db).await;
    db.close().await;
    assert_eq!(all.len(), 1);
    all[0].status
}

/// Kills whoever works on the folder at each commit in turn, lets another end it, and looks.
async fn at_each_commit(base: &Path, work: &Path, fresh: impl Fn(), look: impl AsyncFn(&str)) {
    let mut points = 0;
    for n in 1..400 {
        restore(base, work).await;
        fresh();
        let killed = !publishing(work)
            .env("ROSTRUM_KILL_AT_COMMIT", n.to_string())
            .status()
            .unwrap()
            .success();
        if !killed {
            break;
        }
        points = n;
        assert!(publishing(work).status().unwrap().success(), "point {n}");
        look(&format!("killed at point {n}")).await;
    }
    println!("{points} commit boundaries, each survived");
    assert!(points >= 4, "only {points} commit boundaries were seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_commit_of_a_hand_off_the_network_keeps_it_once() {
    let temp = tempfile::tempdir().unwrap();
    let (first, work) = (temp.path().join("base"), temp.path().join("work"));
    let server = server();
    let place = Place::mastodon(&server).await;
    base(&work, &place).await;
    copy(&work, &first);
    let look = async |what: &str| {
        assert_eq!(status(&work).await, DeliveryStatus::HandedOff, "{what}");
        assert_eq!(server.scheduled(), [TEXT], "{what}");
        assert!(server.texts().is_empty(), "{what}");
    };
    at_each_commit(&first, &work, || server.forget(), look).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_commit_of_a_recall_nothing_is_left_at_the_network() {
    let temp = tempfile::tempdir().unwrap();
    let (first, work) = (temp.path().join("base"), temp.path().join("work"));
    let server = server();
    let place = Place::mastodon(&server).await;
    base(&work, &place).await;
    assert!(publishing(&work).status().unwrap().success());
    assert_eq!(server.scheduled(), [TEXT]);
    let db = open(&work).await;
    let ids = deliveries(&db).await.iter().map(|d| d.id).collect();
    let cancel = Mutation::CancelDeliveries { deliveries: ids };
    ground::apply_all(&db, Instant(SystemClock.wall()).0, vec![cancel]).await;
    db.close().await;
    copy(&work, &first);
    server.keep();
    let look = async |what: &str| {
        assert_eq!(status(&work).await, DeliveryStatus::Cancelled, "{what}");
        assert!(server.scheduled().is_empty(), "{what}");
        assert!(server.texts().is_empty(), "{what}");
    };
    at_each_commit(&first, &work, || server.bring_back(), look).await;
}
