//! What goes wrong is said in words that lead on, and nothing typed is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::bus::Services;
use crate::stage::Stage;
use crate::steps::{PERSONA, TITLE, persona, phone_photo, until_patient};
use crate::window::Page;

const TEXT: &str = "Typed, and not to be lost.";
/// The title of the dialog that says why the program does not start.
const NO_START: &str = "Rostrum cannot start";
/// How far above the lower edge of such a dialog its buttons are, in pixels.
const BUTTONS: i16 = 16;

async fn composing(stage: &Stage) -> Page {
    let page = stage.open().await;
    persona(&page).await;
    page.press("New post").await;
    page.write(TEXT).await;
    page
}

async fn nothing_is_lost(page: &Page) {
    assert_eq!(page.written().await, TEXT);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_named_and_the_sheet_keeps_what_was_typed() {
    let stage = Stage::set(Services::ALL)
        .await
        .with("ROSTRUM_LOCAL_CARDS", "true");
    let page = stage.open().await;
    persona(&page).await;
    page.press("Personas & accounts").await;
    page.press("Connect account").await;
    page.press("Bluesky").await;
    page.press("App password").await;
    page.press("Connect").await;
    page.sees("This is needed.").await;
    // The port of nobody.
    page.refill("Service", "http://127.0.0.1:1").await;
    page.fill("Handle", "alice.test").await;
    page.fill("App password", "aaaa-bbbb-cccc-dddd").await;
    page.press("Connect").await;
    page.sees("The address did not answer.").await;
    page.sees("Check the address and the connection, then try again.")
        .await;
    page.shot("bad-dead-service").await;
    assert_eq!(page.value("Service").await, "http://127.0.0.1:1");
    assert_eq!(page.value("Handle").await, "alice.test");
    assert_eq!(page.value("App password").await, "aaaa-bbbb-cccc-dddd");
    page.close().await;
}

/// A PNG whose head names a size that nobody can hold.
fn endless_png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = b"IHDR".to_vec();
    head.extend(60_000_u32.to_be_bytes());
    head.extend(60_000_u32.to_be_bytes());
    head.extend([8, 2, 0, 0, 0]);
    for (part, sum) in [
        (head, 0x0fb0_e215_u32),
        (b"IDAT".to_vec(), 0x35af_061e),
        (b"IEND".to_vec(), 0xae42_6082),
    ] {
        png.extend(u32::try_from(part.len() - 4).unwrap().to_be_bytes());
        png.extend(part);
        png.extend(sum.to_be_bytes());
    }
    png
}

#[tokio::test]
async fn a_picture_that_cannot_be_taken_says_why_and_what_to_do_and_the_text_stays() {
    let stage = Stage::set(Services::ALL).await;
    let page = composing(&stage).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let photo = fs::read(phone_photo()).unwrap();
    let refused = [
        (
            "cut.jpg",
            &photo[..photo.len() / 2],
            "copy or download it again",
        ),
        (
            "iphone.heic",
            &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..],
            "this is a HEIC photo",
        ),
        ("poster.png", &endless_png()[..], "save a smaller copy"),
        (
            "notes.jpg",
            &b"no picture at all"[..],
            "no picture that is known here",
        ),
    ];
    for (name, bytes, words) in refused {
        page.attach("Add pictures", &file(name, bytes)).await;
        page.sees(words).await;
    }
    page.shot("bad-pictures").await;
    nothing_is_lost(&page).await;
    page.attach("Add pictures", &phone_photo()).await;
    page.sees("Say what it shows").await;
    page.close().await;
}

#[tokio::test]
async fn a_time_that_has_passed_is_refused_and_one_that_the_clocks_skip_is_explained() {
    let stage = Stage::set(Services::ALL).await;
    let page = composing(&stage).await;
    page.press("When: Now. Choose a time").await;
    // Late in the evening the next day is offered.
    let today = page.now().await.date_naive();
    page.press(&page.long_day(today).await).await;
    page.refill("Time", "00:00").await;
    page.sees("This time has passed").await;
    page.shot("bad-past").await;
    page.press_dead("Use this time").await;

    // Berlin's clocks go from 02:00 to 03:00 on the last Sunday of March.
    let gap = last_sunday_of_march(&page).await;
    while !page.text().await.contains(&gap.format("%B %Y").to_string()) {
        page.press("Next month").await;
    }
    page.press(&page.long_day(gap).await).await;
    page.refill("Time", "02:30").await;
    page.sees("skip 02:30. It goes out at 03:30.").await;
    page.shot("bad-gap").await;
    page.press("Use this time").await;
    page.sees("skip 02:30. It goes out at 03:30.").await;
    nothing_is_lost(&page).await;
    page.close().await;
}

/// The next one after now.
async fn last_sunday_of_march(page: &Page) -> chrono::NaiveDate {
    use chrono::Datelike as _;
    let today = page.now().await.date_naive();
    (today.year()..)
        .filter_map(|year| chrono::NaiveDate::from_ymd_opt(year, 3, 31))
        .map(|day| day - chrono::Days::new(u64::from(day.weekday().num_days_from_sunday())))
        .find(|day| *day > today)
        .expect("there is always a March to come")
}

#[tokio::test]
async fn words_that_an_older_program_cannot_read_say_to_install_the_newer_one() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    persona(&page).await;
    page.close().await;
    pretend_newer(&stage.data().join("rostrum.sqlite")).await;
    let mut rostrum = stage.start_heard();
    until_patient("the person is told", || stage.screen.shows(NO_START)).await;
    stage.screen.shot("bad-newer-database");
    assert!(
        stage.heard().contains("binary_too_old"),
        "{}",
        stage.heard()
    );
    assert!(stage.heard().contains("newer release"), "{}", stage.heard());
    answer(&stage, 0.5).await;
    assert_eq!(rostrum.ended(Duration::from_secs(10)).await, Some(1));
}

/// Clicks on a button of the dialog, at this share of its width, until the dialog is gone: one that
/// is still being laid out takes no click.
async fn answer(stage: &Stage, across: f32) {
    for _ in 0..40 {
        if !stage.screen.shows(NO_START) {
            return;
        }
        stage.screen.click(NO_START, across, BUTTONS);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the dialog stays");
}

/// As a later release would leave it.
async fn pretend_newer(database: &Path) {
    let db = db::Db::open_sqlite(database).await.unwrap();
    let done: Result<u64, db::Error> = db
        .write(|tx| {
            Box::pin(async move {
                let newer = "UPDATE schema_migration SET min_writer = 9999";
                tx.execute(newer, db::args![]).await
            })
        })
        .await;
    assert!(done.unwrap() > 0);
    db.close().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_says_so_and_loses_nothing() {
    let stage = Stage::set(Services::ALL).await;
    let data = stage.data();
    let Some(mount) = Mount::of(&data) else {
        return;
    };
    let page = composing(&stage).await;
    page.sees("saved").await;
    page.close().await;
    mount.make_read_only();
    let mut rostrum = stage.start_heard();
    until_patient("the person is told", || stage.screen.shows(NO_START)).await;
    stage.screen.shot("bad-read-only");
    assert!(stage.heard().contains("read_only"), "{}", stage.heard());
    answer(&stage, 0.5).await;
    assert_eq!(rostrum.ended(Duration::from_secs(10)).await, Some(1));

    mount.make_writable();
    let page = stage.open().await;
    page.sees("The day").await;
    let queue = json!({ "type": "queue", "filter": {}, "limit": 10 });
    let rows = page.query(queue).await;
    assert_eq!(rows["rows"][0]["headline"], TEXT, "nothing is lost");
    page.close().await;
}

#[tokio::test]
async fn a_damaged_database_is_mended_from_the_newest_backup_without_a_terminal() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    persona(&page).await;
    page.act(json!({ "type": "backup" })).await;
    page.close().await;
    let database = stage.data().join("rostrum.sqlite");
    fs::write(
        &database,
        b"no database at all, but long enough to be taken for one".repeat(200),
    )
    .unwrap();
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(stage.data().join(format!("rostrum.sqlite{end}")));
    }

    let mut rostrum = stage.start_heard();
    until_patient("the person is told", || stage.screen.shows(NO_START)).await;
    stage.screen.shot("bad-database");
    assert!(
        stage.heard().contains("database_corrupt"),
        "{}",
        stage.heard()
    );
    // The left one of the two.
    answer(&stage, 0.25).await;
    until_patient("the window is on the screen", || stage.screen.shows(TITLE)).await;
    rostrum.signal("-TERM");
    assert_eq!(rostrum.ended(Duration::from_secs(10)).await, Some(0));

    let page = stage.open().await;
    page.sees("The day").await;
    let overview = page.query(json!({ "type": "overview" })).await;
    assert_eq!(overview["personas"][0]["persona"]["name"], PERSONA);
    assert_eq!(overview["runtime"]["held"], true, "nothing is sent twice");
    page.close().await;
}

/// A file system of the test's own, for tests that run as root; others say that they are skipped.
struct Mount(PathBuf);

impl Mount {
    fn of(path: &Path) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
            .arg(path)
            .status()
            .is_ok_and(|status| status.success());
        if !done {
            eprintln!("skipped: a file system can only be mounted by root");
        }
        done.then(|| Self(path.to_owned()))
    }

    fn make_read_only(&self) {
        self.remount("remount,ro");
    }

    fn make_writable(&self) {
        self.remount("remount,rw");
    }

    /// As soon as nobody writes to it any more.
    fn remount(&self, how: &str) {
        for _ in 0..100 {
            let done = Command::new("mount")
                .args(["-o", how])
                .arg(&self.0)
                .status();
            if done.unwrap().success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("it stays busy");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
