//! A desktop of the test's own with Rostrum on it.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use thirtyfour::prelude::*;

use crate::bus::{Bus, Services};
use crate::screen::Screen;
use crate::window::Page;

/// The built program, or one that `ROSTRUM_PROGRAM` names: an installed one.
pub(crate) fn program() -> String {
    std::env::var("ROSTRUM_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_rostrum").to_owned())
}

pub(crate) struct Stage {
    pub(crate) screen: Screen,
    pub(crate) bus: Bus,
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Stage {
    pub(crate) async fn set(services: Services) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        Self {
            screen: Screen::start(),
            bus: Bus::start(services).await,
            home,
            variables: Vec::new(),
        }
    }

    /// With this environment variable for every program on it.
    pub(crate) fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.variables.push((variable, value.to_owned()));
        self
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The person's own folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where programs of this desktop keep what is the person's own.
    pub(crate) fn share(&self) -> PathBuf {
        self.home.path().join("share")
    }

    /// The person closes the window, once more if the first try came too early to be heard.
    pub(crate) async fn close_window(&self, title: &str) {
        for _ in 0..10 {
            self.screen.close(title);
            for _ in 0..50 {
                if !self.screen.shows(title) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        panic!("{title} stays on the screen");
    }

    /// A program on this desktop.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &self.screen.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus.address)
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus.address)
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.share())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("ROSTRUM_DATA", self.data())
            .env("TZ", "Europe/Berlin")
            .env("LANG", "C.UTF-8")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .envs(self.variables.iter().cloned());
        command
    }

    /// Rostrum without a driver, as a person starts it.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let child = self
            .command(&program())
            .args(args)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Running(child)
    }

    /// As [`Stage::start`], its words in [`Stage::heard`].
    pub(crate) fn start_heard(&self) -> Running {
        let words = std::fs::File::create(self.words()).expect("a file for its words");
        let child = self
            .command(&program())
            .stdout(Stdio::null())
            .stderr(words)
            .spawn()
            .expect("the program starts");
        Running(child)
    }

    /// What the last program that was started so has said.
    pub(crate) fn heard(&self) -> String {
        std::fs::read_to_string(self.words()).unwrap_or_default()
    }

    fn words(&self) -> PathBuf {
        self.home.path().join("words")
    }

    /// Rostrum with its window in the test's hands.
    pub(crate) async fn open(&self) -> Page {
        self.open_with(&[]).await
    }

    /// As [`Stage::open`], started with these arguments.
    pub(crate) async fn open_with(&self, args: &[&str]) -> Page {
        let port = free_port();
        let native = self
            .command("WebKitWebDriver")
            .arg(format!("--port={port}"))
            // What lets a driver into a webview of tauri.
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("webkit2gtk-driver is installed");
        let native = Running(native);
        let mut capabilities = Capabilities::new();
        let options = serde_json::json!({ "binary": program(), "args": args });
        capabilities
            .set("webkitgtk:browserOptions", options)
            .expect("a capability");
        let address = format!("http://127.0.0.1:{port}");
        let until = Instant::now() + Duration::from_secs(30);
        let driver = loop {
            match WebDriver::new(&address, capabilities.clone()).await {
                Ok(driver) => break driver,
                Err(error) if Instant::now() > until => panic!("no window to drive: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        Page::new(driver, native)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
        .port()
}

/// A program that ends with the test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// The exit status, once it has one.
    pub(crate) async fn ended(&mut self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait().expect("a child") {
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Kills the program with all that it started, where it leads its own group.
    pub(crate) fn end_group(&self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill")
            .args([name, &self.0.id().to_string()])
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "the signal was sent"
        );
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is so, for at most ten seconds.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < end, "{what}: not within ten seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
