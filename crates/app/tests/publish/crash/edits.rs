//! SIGKILL at every commit of an update: what is out says the newer version in the end, and no
//! second post is there.

use std::path::Path;
use std::sync::Arc;

use domain::edit::EditStatus;
use engine::{Clock as _, SystemClock};
use testkit::standin::mastodon::Mastodon;

use super::ground::{Place, deliveries, edits, open, prepare, revise};
use super::{check, check_tables, copy, publishing, restore};

const AGAIN: [&str; 2] = ["Entry 0, part 0, again", "Entry 0, part 1, again"];

/// Kills whoever updates what `place` has at each commit in turn, and lets another end it.
async fn killed_while_updating(
    place: &Place,
    temp: &Path,
    kept: impl FnOnce(),
    mut fresh: impl FnMut(),
    says: impl AsyncFn(&str),
) {
    let (base, work) = (temp.join("base"), temp.join("work"));
    prepare(&work, place, 1, 2).await;
    assert!(publishing(&work).status().unwrap().success());
    revise(&work, place, &AGAIN).await;
    copy(&work, &base);
    kept();
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        fresh();
        let killed = !publishing(&work)
            .env("ROSTRUM_KILL_AT_COMMIT", n.to_string())
            .status()
            .unwrap()
            .success();
        if !killed {
            break;
        }
        points = n;
        assert!(publishing(&work).status().unwrap().success(), "point {n}");
        let what = format!("killed at point {n}");
        let db = open(&work).await;
        let (all, edits) = (deliveries(&db).await, edits(&db).await);
        db.close().await;
        assert_eq!(edits.len(), 1, "{what}");
        assert_eq!(edits[0].status, EditStatus::Done, "{what}");
        assert_eq!((all[0].n, all[0].hash), (2, Some(edits[0].hash)), "{what}");
        says(&what).await;
    }
    println!("{points} commit boundaries, each survived");
    assert!(points >= 10, "only {points} commit boundaries were seen");
}

#[tokio::test]
async fn killed_at_any_commit_an_update_of_the_site_is_there_once() {
    let temp = tempfile::tempdir().unwrap();
    let work = temp.path().join("work");
    std::fs::create_dir_all(&work).unwrap();
    let place = Place::site(&work).await;
    killed_while_updating(
        &place,
        temp.path(),
        || (),
        || (),
        async |what| {
            check(&work, 1, 2, what).await;
            let feed = std::fs::read_to_string(work.join("site/feed.xml")).unwrap();
            for text in AGAIN {
                assert!(feed.contains(text), "{what}: {text}");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_commit_an_update_on_mastodon_is_there_once() {
    let temp = tempfile::tempdir().unwrap();
    let work = temp.path().join("work");
    std::fs::create_dir_all(&work).unwrap();
    let server = Mastodon::start(Arc::new(|| SystemClock.wall()));
    let place = Place::mastodon(&server).await;
    killed_while_updating(
        &place,
        temp.path(),
        || server.keep(),
        || server.bring_back(),
        async |what| {
            check_tables(&work, 1, 2, what).await;
            assert_eq!(server.texts(), AGAIN, "{what}");
            assert_eq!(server.edits(), [1, 1], "{what}");
        },
    )
    .await;
}
