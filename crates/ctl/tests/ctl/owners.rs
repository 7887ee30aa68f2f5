//! Several processes on one folder, and processes that are killed.

use std::time::Duration;

use crate::home::{Home, until};

#[test]
fn a_post_beside_a_running_worker_is_handed_over_and_goes_out() {
    let home = Home::new();
    let mut worker = home.worker();
    worker.until_listening(&home);
    home.post("Handed over");
    until(|| home.entries_with("Handed over") == 1);
    home.work();
    home.refused("folder_in_use", &["work"]);
    let backup = home.at("b.tar");
    home.ok(&["backup", backup.to_str().unwrap()]);
    home.refused("folder_in_use", &["restore", backup.to_str().unwrap()]);
    worker.kill();
    // The door of the dead is no door.
    home.post("After it");
    home.work();
    assert_eq!((home.entries(), home.entries_with("After it")), (2, 1));
}

#[test]
fn commands_at_the_same_time_wait_for_each_other() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for i in 0..4 {
            let home = &home;
            scope.spawn(move || home.post(&format!("At once {i}.")));
        }
    });
    home.work();
    assert_eq!(home.entries(), 4);
}

#[test]
fn a_worker_killed_at_any_moment_sends_each_post_exactly_once() {
    let home = Home::new();
    let posts: Vec<String> = (0..30).map(|i| format!("Post number {i}.")).collect();
    let mut contents = Vec::new();
    {
        let worker = home.worker();
        worker.until_listening(&home);
        home.mutate(&serde_json::json!({"type": "set_paused", "paused": true}));
        for text in &posts {
            contents.push(home.post(text));
        }
        home.mutate(&serde_json::json!({"type": "set_paused", "paused": false}));
        std::thread::sleep(Duration::from_millis(30));
    }
    let mut killed = 1;
    let mut seed = 0x9e37_79b9_u64;
    while home.entries() < posts.len() && killed < 40 {
        let mut worker = home.worker();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(150 + (seed >> 33) % 400));
        worker.kill();
        killed += 1;
    }
    println!("killed {killed} times");
    home.work();
    // What was cut off while it was being sent is looked for first, and that has its time.
    let worker = home.worker();
    for _ in 0..1_700 {
        if home.entries() == posts.len() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(worker);
    for (text, content) in posts.iter().zip(&contents) {
        if home.entries_with(text) != 1 {
            println!("{}", home.ok(&["show", content]));
        }
    }
    for text in &posts {
        assert_eq!(home.entries_with(text), 1, "{text}");
    }
    assert_eq!(home.entries(), posts.len());
}
