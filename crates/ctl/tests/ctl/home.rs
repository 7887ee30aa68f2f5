//! A data folder, its configuration and a site, and the program run on them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What the program answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) struct Home {
    folder: tempfile::TempDir,
    data: PathBuf,
}

impl Home {
    /// With nothing in it.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Self { folder, data }
    }

    /// With a person, a persona and a site.
    pub(crate) fn new() -> Self {
        let home = Self::bare();
        home.furnish();
        home
    }

    pub(crate) fn furnish(&self) {
        self.ok(&["init", "--name", "Mara"]);
        self.ok(&["persona", "add", "--name", "Hut", "--zone", "Europe/Berlin"]);
        let site = self.site();
        let site = site.to_str().unwrap();
        self.ok(&[
            "account",
            "add",
            "--persona",
            "Hut",
            "--network",
            "site",
            "--path",
            site,
        ]);
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.at("site")
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Another folder with the same configuration.
    pub(crate) fn with_data(mut self, data: PathBuf) -> Self {
        self.data = data;
        self
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.at(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rostrumctl"));
        command
            .arg("--data")
            .arg(&self.data)
            .args(args)
            .env("ROSTRUM_CONFIG_DIR", self.at("config"))
            // No keychain: secrets go to the sealed vault.
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env_remove("ROSTRUM_DATA")
            .env("LC_ALL", "C")
            .env("ROSTRUM_LOG", "trace,hyper=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, "")
    }

    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Said {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let out = child.wait_with_output().unwrap();
        Said {
            code: out.status.code().unwrap_or(-1),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8(out.stderr).unwrap(),
        }
    }

    /// Runs at a terminal, with something typed there; absent where `script` is not installed.
    pub(crate) fn at_terminal(&self, args: &[&str], typed: &str) -> Option<Said> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let program = [env!("CARGO_BIN_EXE_rostrumctl"), "--data"];
        let data = self.data.to_str().unwrap();
        let words = program.iter().chain([&data]).chain(args);
        let line = words.map(|w| quoted(w)).collect::<Vec<_>>().join(" ");
        let usual = self.command(&[]);
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", &line, "/dev/null"])
            .envs(usual.get_envs().filter_map(|(k, v)| Some((k, v?))))
            .env("ROSTRUM_LOG", "error")
            .env_remove("ROSTRUM_DATA")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // That of other systems takes other words.
        if !cfg!(target_os = "linux") {
            println!("skipped: only Linux's `script` is known");
            return None;
        }
        let mut child = match script.spawn() {
            Ok(child) => child,
            Err(error) => {
                println!("skipped: no terminal can be made here: {error}");
                return None;
            }
        };
        let mut keys = child.stdin.take().unwrap();
        keys.write_all(typed.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        drop(keys);
        Some(Said {
            code: out.status.code().unwrap_or(-1),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8(out.stderr).unwrap(),
        })
    }

    /// Runs what must be done, and answers its standard output.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }

    /// Runs what must be done with `--json`, and answers it.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.push("--json");
        let out = self.ok(&all);
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args:?}: {e}: {out}"))
    }

    /// Runs what must be refused with this code, and answers the words; they say what to do.
    pub(crate) fn refused(&self, code: &str, args: &[&str]) -> String {
        let mut all = args.to_vec();
        all.push("--json");
        let said = self.run(&all);
        assert_eq!(said.code, 1, "{args:?}: {said:?}");
        let answer: Value =
            serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        let problem = &answer["problem"];
        assert_eq!(problem["code"], code, "{args:?}: {answer}");
        let words = problem["message"].as_str().unwrap().to_owned();
        assert!(words.len() > 20, "it says what to do: {words}");
        words
    }

    pub(crate) fn query(&self, query: &Value) -> Value {
        let said = self.run_with(&["query", "-"], &query.to_string());
        assert_eq!(said.code, 0, "{query}: {said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    pub(crate) fn mutate(&self, mutation: &Value) -> Value {
        let said = self.run_with(&["mutate", "-"], &mutation.to_string());
        assert_eq!(said.code, 0, "{mutation}: {said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    pub(crate) fn post(&self, text: &str) -> String {
        let saved = self.json(&["post", "--persona", "Hut", "--text", text, "--now"]);
        saved["content"].as_str().unwrap().to_owned()
    }

    pub(crate) fn work(&self) {
        self.ok(&["work", "--until-idle"]);
    }

    pub(crate) fn status(&self, content: &str) -> String {
        self.json(&["show", content])["row"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// How many entries of the site's feed hold this text.
    pub(crate) fn entries_with(&self, text: &str) -> usize {
        let feed = std::fs::read_to_string(self.site().join("feed.xml")).unwrap_or_default();
        feed.split("<entry")
            .skip(1)
            .filter(|entry| entry.contains(text))
            .count()
    }

    pub(crate) fn entries(&self) -> usize {
        let feed = std::fs::read_to_string(self.site().join("feed.xml")).unwrap_or_default();
        feed.matches("<entry").count()
    }

    /// The background in a process of its own.
    pub(crate) fn worker(&self) -> Worker {
        let child = self
            .command(&["work"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .env("ROSTRUM_LOG", "error")
            .spawn()
            .unwrap();
        Worker(child)
    }
}

/// Ends with the test.
pub(crate) struct Worker(pub(crate) Child);

impl Worker {
    /// As a power switch would, less the disk.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    pub(crate) fn until_listening(&self, home: &Home) {
        until(|| home.data().join("owner.sock").exists());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn until(done: impl Fn() -> bool) {
    for _ in 0..600 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it does not happen");
}
