//! The power goes at any write: what a commit has answered stays, what was done outside is not
//! done again. The same sweep must fail where commits don't wait for the disk, or it would prove
//! nothing.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use db::testing::disk::{Disk, cut_power};

use crate::crashing::{DURABLE, World, child, wrong};
use crate::support::Dice;

/// Writes and fsyncs between two cuts, at most.
const STRIDE: u64 = 30;
/// A run of the child takes below a second; one on a spoilt file may never end.
const LIMIT: Duration = Duration::from_secs(30);

/// Whether the child came to its end.
fn ends(mut command: Command) -> bool {
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// So much harm is enough to see.
const HARM: usize = 3;

/// What a sweep of power cuts found.
#[derive(Default)]
struct Found {
    cuts: u64,
    /// Changes that were taken back.
    taken: usize,
    wrong: Vec<String>,
}

async fn sweep(disk: &Disk, durable: bool) -> Found {
    let mut dice = Dice(22);
    let mut found = Found::default();
    let mut point = 0;
    let mut survived = false;
    while !survived && found.wrong.len() < HARM {
        point += 1 + dice.roll(STRIDE);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.sqlite");
        let wrong = cut(
            disk,
            durable,
            &file,
            point,
            &mut dice,
            &mut found,
            &mut survived,
        )
        .await;
        found.cuts += 1;
        found
            .wrong
            .extend(wrong.map(|what| format!("cut at {point}: {what}")));
    }
    found
}

/// Cuts the power at a point, lets another process go on, and cuts it again after its end.
async fn cut(
    disk: &Disk,
    durable: bool,
    file: &Path,
    point: u64,
    dice: &mut Dice,
    found: &mut Found,
    survived: &mut bool,
) -> Option<String> {
    let world = World::at(file.with_file_name("world"));
    let place = file.display().to_string();
    let mut run = |cut_at: Option<u64>| {
        let mut command = child(&place, &world);
        command.env(DURABLE, if durable { "1" } else { "0" });
        disk.watch(&mut command, file, cut_at);
        let ended = ends(command);
        found.taken += cut_power(file, |sides| dice.roll(sides)).unwrap();
        ended
    };
    *survived = run(Some(point));
    if !*survived && !run(None) {
        return Some("another process could not go on".into());
    }
    wrong(&place, &world)
        .await
        .unwrap_or_else(|error| Some(error.to_string()))
}

#[tokio::test]
async fn a_power_cut_at_any_write_loses_and_doubles_nothing() {
    let Some(disk) = Disk::build() else { return };
    let found = sweep(&disk, true).await;
    println!("{} cuts, {} changes taken back", found.cuts, found.taken);
    assert!(found.cuts > 10, "the sweep had only {} cuts", found.cuts);
    assert!(found.taken > 0, "no cut took anything");
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
}

#[tokio::test]
async fn without_waiting_for_the_disk_a_power_cut_does_harm() {
    let Some(disk) = Disk::build() else { return };
    let found = sweep(&disk, false).await;
    println!(
        "{} of {} cuts did harm: {:#?}",
        found.wrong.len(),
        found.cuts,
        found.wrong
    );
    assert!(!found.wrong.is_empty(), "the shim does not bite");
}
