//! The window's figures: first paint, memory, idle load. `./dev bench window` prints them.
//!
//! Over an empty folder and over one with 100,000 contents. Measured from outside on the built
//! program, as a person starts it: process times and memory from `/proc`, the paint from the
//! screen's pixels. Needs what the journeys need.
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
    use std::collections::BTreeSet;
    use std::fs;
    use std::time::{Duration, Instant};

    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};

    use crate::bus::Services;
    use crate::stage::Stage;

    /// Linux counts in hundredths of a second, on every architecture.
    const TICKS: f64 = 100.0;
    const RUNS: usize = 9;
    /// Colours beyond which something is written: the empty window has about ten.
    const PAINTED: usize = 25;
    const CONTENTS: usize = 100_000;
    const IDLE: Duration = Duration::from_secs(20);

    struct Process {
        pid: u32,
        parent: u32,
        name: String,
        ticks: f64,
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

    /// How many colours are on the screen: a ground alone has few, text and its edges have many.
    fn colours(connection: &impl Connection, root: Window) -> usize {
        let (width, height) = (1280, 840);
        let image = connection
            .get_image(ImageFormat::Z_PIXMAP, root, 0, 0, width, height, u32::MAX)
            .expect("asked")
            .reply()
            .expect("answered");
        // Every seventh pixel is enough to meet some text, and four bytes are one.
        let pixels = image.data.chunks_exact(4).step_by(7);
        pixels.collect::<BTreeSet<_>>().len()
    }

    /// From the start of the program to the first frame with the window's own text on the screen,
    /// as somebody before it sees it; milliseconds.
    async fn first_paint(stage: &Stage) -> f64 {
        let (connection, screen) =
            x11rb::connect(Some(&stage.screen.display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let begun = Instant::now();
        let mut program = stage.start(&[]);
        while begun.elapsed() < Duration::from_secs(20) {
            if colours(&connection, root) > PAINTED {
                let painted = begun.elapsed().as_secs_f64() * 1000.0;
                program.signal("-TERM");
                program.ended(Duration::from_secs(20)).await;
                return painted;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nothing was painted");
    }

    /// Opens the window once, so that its folder and the system's caches are warm, then so many
    /// times; the median of the first paint, milliseconds.
    async fn paints(stage: &Stage) -> f64 {
        first_paint(stage).await;
        let mut paints = Vec::new();
        for _ in 0..RUNS {
            paints.push(first_paint(stage).await);
        }
        paints.sort_by(f64::total_cmp);
        paints[RUNS / 2]
    }

    /// What it needs when nobody touches it: Today is open, no field has the caret.
    async fn rest(stage: &Stage) {
        let _program = stage.start(&[]);
        tokio::time::sleep(Duration::from_secs(12)).await;
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
