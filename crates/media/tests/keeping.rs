//! Files on the disk.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use domain::hash::Hash;
use domain::limits::ImageLimits;
use media::{Bounds, Code, Job, Library, Progress, testing};
use tokio_util::sync::CancellationToken;

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("media")).unwrap();
    (folder, library)
}

/// A little after every file that a test wrote.
fn later(library: &Library) -> SystemTime {
    let newest = library
        .list()
        .unwrap()
        .iter()
        .map(|f| {
            library
                .path(&f.hash)
                .metadata()
                .unwrap()
                .modified()
                .unwrap()
        })
        .max();
    newest.unwrap_or(SystemTime::UNIX_EPOCH) + Duration::from_secs(1)
}

#[tokio::test]
async fn a_damaged_file_is_never_handed_out_and_heals_by_adding_it_again() {
    let (_folder, library) = library();
    let hash = library.keep(b"bytes".to_vec()).await.unwrap();
    std::fs::write(library.path(&hash), b"bytez").unwrap();
    assert_eq!(library.read(hash).await.unwrap_err().code(), Code::Damaged);
    assert_eq!(library.keep(b"bytes".to_vec()).await.unwrap(), hash);
    assert_eq!(library.read(hash).await.unwrap(), b"bytes");
    let missing = Hash::of(b"never");
    assert_eq!(
        library.read(missing).await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_length_that_was_wrong_keeps_nobody_from_sending_the_file() {
    let (_folder, library) = library();
    let photo = Bytes::from(testing::phone_photo());
    let (hash, total) = (Hash::of(&photo), photo.len() as u64);
    let send = |total| library.append("hut", hash, (0, total), photo.clone());
    let part = send(total + 9).await.unwrap();
    assert_eq!((part.bytes, part.whole), (total, false));
    let anew = send(total).await.unwrap();
    assert_eq!((anew.bytes, anew.whole), (0, false));
    assert!(send(total).await.unwrap().whole);
    assert!(library.contains(&hash));
}

#[tokio::test]
async fn files_that_are_begun_and_never_ended_fill_no_disk() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        max_unfinished_bytes: 1_000,
        ..Bounds::default()
    };
    let library = Library::open_with(folder.path(), bounds).unwrap();
    let name = |n: u8| Hash::of(&[n]);
    let part = |bytes: usize| Bytes::from(vec![0; bytes]);
    for n in [1, 2] {
        let taken = library.append("hut", name(n), (0, 9_000), part(450));
        assert_eq!(taken.await.unwrap().bytes, 450);
    }
    let third = library.append("hut", name(3), (0, 9_000), part(450));
    let error = third.await.unwrap_err();
    assert_eq!(error.code(), Code::TooMuchUnfinished);
    // What goes on counts with what it becomes; another's files are not counted.
    let more = library.append("hut", name(1), (450, 9_000), part(200));
    assert_eq!(more.await.unwrap_err().code(), Code::TooMuchUnfinished);
    let more = library.append("hut", name(1), (450, 9_000), part(100));
    assert_eq!(more.await.unwrap().bytes, 550);
    let other = library.append("inn", name(3), (0, 9_000), part(450));
    assert_eq!(other.await.unwrap().bytes, 450);
    // What comes whole is not unfinished.
    let photo = Bytes::from(testing::phone_photo());
    let (hash, total) = (Hash::of(&photo), photo.len() as u64);
    let whole = library.append("hut", hash, (0, total), photo).await;
    assert!(whole.unwrap().whole);

    // Of which no more came for a day is forgotten, and there is room again.
    let now = std::fs::metadata(folder.path())
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(library.sweep_unfinished(now).await.unwrap(), 0);
    let later = now + Duration::from_secs(25 * 3_600);
    assert_eq!(library.sweep_unfinished(later).await.unwrap(), 3);
    assert_eq!(library.received("hut", name(1)).await.unwrap(), 0);
    let third = library.append("hut", name(3), (0, 9_000), part(450));
    assert_eq!(third.await.unwrap().bytes, 450);
}

#[tokio::test]
async fn only_what_nothing_refers_to_is_swept() {
    let (_folder, library) = library();
    let job = Job::default();
    let kept = library
        .import(testing::phone_photo(), "a", &job)
        .await
        .unwrap();
    let gone = library
        .import(testing::phone_photo_of(2), "b", &job)
        .await
        .unwrap();
    let limits = ImageLimits {
        max_side: Some(600),
        mimes: vec!["image/jpeg".into()],
        ..ImageLimits::default()
    };
    let fitted = library.fit(&kept.facts, &limits, &job).await.unwrap();
    let unfit = library.fit(&gone.facts, &limits, &job).await.unwrap();
    let referenced = BTreeSet::from([kept.facts.hash]);

    let young = library
        .strays(referenced.clone(), SystemTime::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(young, vec![], "what was just written is left alone");

    let strays = library.strays(referenced, later(&library)).await.unwrap();
    let found: BTreeSet<_> = strays.iter().map(|s| s.hash).collect();
    let expected = [gone.facts.hash, gone.thumbnail, unfit.rendition.hash];
    assert_eq!(found, BTreeSet::from(expected));
    let sum: u64 = strays.iter().map(|s| s.bytes).sum();
    assert_eq!(library.remove(strays).await.unwrap(), sum);
    for hash in [kept.facts.hash, kept.thumbnail, fitted.rendition.hash] {
        assert!(library.read(hash).await.is_ok());
    }
    assert!(!library.contains(&gone.facts.hash));
    assert_eq!(library.list().unwrap().len(), 3);
}

#[tokio::test]
async fn a_thumbnail_that_is_gone_is_made_again() {
    let (_folder, library) = library();
    let job = Job::default();
    let photo = library
        .import(testing::phone_photo(), "a", &job)
        .await
        .unwrap();
    let thumbnail = image::load_from_memory(&library.read(photo.thumbnail).await.unwrap()).unwrap();
    assert_eq!((thumbnail.width(), thumbnail.height()), (360, 480));
    std::fs::remove_file(library.path(&photo.thumbnail)).unwrap();
    let again = library.thumbnail(&photo.facts, &job).await.unwrap();
    assert_eq!(again, photo.thumbnail);
    assert!(library.contains(&again));
}

#[tokio::test]
async fn progress_only_goes_forward() {
    let (_folder, library) = library();
    let seen = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let ear = Arc::clone(&seen);
    let job = Job::default().watched_by(move |p| ear.lock().unwrap().push(p));
    let photo = library
        .import(testing::phone_photo(), "a", &job)
        .await
        .unwrap();
    assert!(seen.lock().unwrap().len() > 3);
    let limits = ImageLimits {
        max_bytes: 30_000,
        mimes: vec!["image/jpeg".into()],
        ..ImageLimits::default()
    };
    seen.lock().unwrap().clear();
    library.fit(&photo.facts, &limits, &job).await.unwrap();
    let seen = seen.lock().unwrap();
    assert!(
        seen.windows(2).all(|w| w[0].percent <= w[1].percent),
        "{seen:?}"
    );
    assert_eq!(seen.last().unwrap().percent, 100);
}

#[tokio::test]
async fn work_can_be_cancelled_and_leaves_nothing() {
    let (_folder, library) = library();
    let token = CancellationToken::new();
    let stop = token.clone();
    let job = Job::cancelled_by(token).watched_by(move |p| {
        if p.percent >= 15 {
            stop.cancel();
        }
    });
    let error = library
        .import(testing::phone_photo(), "a", &job)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::Cancelled);
    assert_eq!(library.list().unwrap(), vec![]);
}

/// Mounts a small file system when the test runs as root on Linux; else says that it is skipped.
struct Mount(std::path::PathBuf);

impl Mount {
    fn of(path: std::path::PathBuf, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(&path)
            .status()
            .is_ok_and(|s| s.success());
        if !done {
            println!("skipped: a small file system can only be mounted by root");
        }
        done.then_some(Self(path))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mount) = Mount::of(folder.path().join("small"), 128) else {
        return;
    };
    let library = Library::open(&mount.0).unwrap();
    let error = library
        .import(testing::phone_photo(), "a", &Job::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::DiskFull, "{error}");
    assert_eq!(library.list().unwrap(), vec![]);
    assert_eq!(
        std::fs::read_dir(mount.0.join("unfinished"))
            .unwrap()
            .count(),
        0
    );
    library.keep(vec![7; 1000]).await.unwrap();
}

#[tokio::test]
async fn a_read_only_disk_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mount) = Mount::of(folder.path().join("small"), 4096) else {
        return;
    };
    let library = Library::open(&mount.0).unwrap();
    let kept = library.keep(b"before".to_vec()).await.unwrap();
    let status = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&mount.0)
        .status()
        .unwrap();
    assert!(status.success());
    let error = library
        .import(testing::phone_photo(), "a", &Job::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::ReadOnly, "{error}");
    assert_eq!(library.read(kept).await.unwrap(), b"before");
}
