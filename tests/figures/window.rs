//! The window's figures: first paint, memory, idle load. `./dev bench window` prints them.
//!
//! Over an empty folder and over one with 100,000 contents. Measured from outside on the built program: process times and memory from `/proc`, the paint
//! from the page itself through WebDriver. Needs what the journeys need.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a measure reports by stopping"
    )
)]

#[cfg(target_os = "linux")]
#[path = "../journeys/bus.rs"]
#[expect(dead_code, reason = "the journeys use more of it")]
mod bus;
#[cfg(target_os = "linux")]
#[path = "../journeys/screen.rs"]
mod screen;
#[cfg(target_os = "linux")]
#[path = "../journeys/stage.rs"]
#[expect(dead_code, reason = "the journeys use more of it")]
mod stage;
#[cfg(target_os = "linux")]
#[path = "../journeys/window.rs"]
#[expect(dead_code, reason = "the journeys use more of it")]
mod window;

#[cfg(target_os = "linux")]
mod figures {
    use std::fs;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use crate::bus::Services;
    use crate::stage::Stage;
    use crate::window::Page;

    /// Linux counts in hundredths of a second, on every architecture.
    const TICKS: f64 = 100.0;
    const RUNS: usize = 5;
    const CONTENTS: usize = 100_000;
    const IDLE: Duration = Duration::from_secs(20);

    struct Process {
        pid: u32,
        parent: u32,
        name: String,
        ticks: f64,
        started: f64,
    }

    fn processes() -> Vec<Process> {
        let entries = fs::read_dir("/proc").expect("/proc");
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(process)
            .collect()
    }

    /// See proc(5), `stat`: what follows the name in brackets starts with field 3.
    fn process(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (head, tail) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        Some(Process {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            name: head.split_once('(')?.1.to_owned(),
            ticks: number(14)? + number(15)?,
            started: number(22)?,
        })
    }

    /// Rostrum and everything that it started, Rostrum first.
    fn tree() -> Vec<Process> {
        let mut rest = processes();
        let at = rest
            .iter()
            .position(|process| process.name == "rostrum")
            .expect("it runs");
        let mut family = vec![rest.swap_remove(at)];
        while let Some(at) = rest
            .iter()
            .position(|p| family.iter().any(|known| known.pid == p.parent))
        {
            family.push(rest.swap_remove(at));
        }
        family
    }

    fn pss_mb(family: &[Process]) -> f64 {
        let pss = |process: &Process| -> Option<f64> {
            let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.pid)).ok()?;
            let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        family.iter().filter_map(pss).sum::<f64>() / 1024.0
    }

    #[expect(clippy::disallowed_methods, reason = "a measure of the real clock")]
    fn epoch_ms() -> f64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs_f64()
            * 1000.0
    }

    fn started_epoch_ms(process: &Process) -> f64 {
        let uptime = fs::read_to_string("/proc/uptime").expect("/proc");
        let uptime: f64 = uptime
            .split(' ')
            .next()
            .and_then(|s| s.parse().ok())
            .expect("seconds");
        epoch_ms() - (uptime - process.started / TICKS) * 1000.0
    }

    /// A stage with a folder in which so many contents lie.
    async fn stage(contents: usize) -> Stage {
        let stage = Stage::set(Services::ALL).await;
        let config = stage.data().with_file_name("config").join("rostrum");
        let host = app::host::init(&stage.data(), &config, app::host::Options::default())
            .await
            .expect("a data folder");
        testkit::crowd::fill(&host.app, contents).await;
        host.stop().await;
        stage
    }

    /// From the start of the program to the first frame of the window, milliseconds.
    async fn first_paint(page: &Page) -> f64 {
        // The frame may come a little after the page has loaded.
        for _ in 0..200 {
            let said = page
                .driver
                .execute(
                    "const mark = performance.getEntriesByName('shown')[0];
                     return mark ? performance.timeOrigin + mark.startTime : null;",
                    vec![],
                )
                .await;
            if let Some(painted) = said.ok().and_then(|value| value.json().as_f64()) {
                return painted - started_epoch_ms(&tree()[0]);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing was painted");
    }

    /// Opens the window so many times; the median of the first paint, milliseconds.
    async fn paints(stage: &Stage) -> f64 {
        let mut paints = Vec::new();
        for _ in 0..RUNS {
            let page = stage.open().await;
            paints.push(first_paint(&page).await);
            page.close().await;
        }
        paints.sort_by(f64::total_cmp);
        paints[RUNS / 2]
    }

    /// What it needs when nobody touches it: Today is open, no field has the caret.
    async fn rest(stage: &Stage) {
        let page = stage.open().await;
        first_paint(&page).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        let before = tree();
        tokio::time::sleep(IDLE).await;
        let after = tree();
        let ticks = |family: &[Process]| family.iter().map(|p| p.ticks).sum::<f64>();
        let load = (ticks(&after) - ticks(&before)) / TICKS / IDLE.as_secs_f64() * 100.0;
        let memory = pss_mb(&after);
        figure(
            "memory",
            &format!("{memory:.0} MB PSS"),
            "<= 350 MB",
            memory <= 350.0,
        );
        figure(
            "idle",
            &format!("{load:.2} % of a core"),
            "<= 0.5 %",
            load <= 0.5,
        );
        page.close().await;
    }

    fn figure(row: &str, seen: &str, goal: &str, reached: bool) {
        let verdict = if reached { "ok" } else { "MISSED" };
        println!("window/{row:24} {seen:>18}  [goal {goal}: {verdict}]");
    }

    pub(crate) async fn measure() {
        let small = stage(0).await;
        let first = paints(&small).await;
        figure(
            "first paint",
            &format!("{first:.0} ms"),
            "<= 1000 ms",
            first <= 1000.0,
        );
        rest(&small).await;
        let full = stage(CONTENTS).await;
        let with = paints(&full).await;
        figure(
            "the same over 100,000",
            &format!("{with:.0} ms = {:.2} x", with / first),
            "<= 1.3 x",
            with <= 1.3 * first,
        );
        rest(&full).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() {
    figures::measure().await;
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("window: measured on Linux only");
}
