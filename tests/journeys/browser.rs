//! The system's browser: a program of the test's own notes what it was to open, and the test goes
//! there as a person would.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::stage::Stage;

const ENTRY: &str = "journey-browser.desktop";

impl Stage {
    /// With a browser that this desktop opens web pages in.
    pub(crate) fn with_browser(self) -> Self {
        let program = self.home().join("browser");
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n",
            self.opened_pages().display()
        );
        std::fs::write(&program, script).expect("written");
        let runs = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, runs).expect("it can be run");
        let entries = self.share().join("applications");
        std::fs::create_dir_all(&entries).expect("a folder");
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;\n",
            program.display()
        );
        std::fs::write(entries.join(ENTRY), entry).expect("written");
        let config = self.home().join("config");
        std::fs::create_dir_all(&config).expect("a folder");
        let preferred = format!(
            "[Default Applications]\nx-scheme-handler/http={ENTRY}\nx-scheme-handler/https={ENTRY}\n"
        );
        std::fs::write(config.join("mimeapps.list"), preferred).expect("written");
        self
    }

    fn opened_pages(&self) -> PathBuf {
        self.home().join("opened")
    }

    /// The page that the browser was to open last; pages before are forgotten.
    pub(crate) async fn opened(&self) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let pages = std::fs::read_to_string(self.opened_pages()).unwrap_or_default();
            if let Some(page) = pages.lines().last() {
                std::fs::remove_file(self.opened_pages()).expect("forgotten");
                return page.to_owned();
            }
            assert!(
                Instant::now() < end,
                "no page opened in the browser; is xdg-utils installed?"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Goes to a page and on to wherever it leads; what is shown in the end.
pub(crate) async fn browse(browser: reqwest::Client, page: &str) -> String {
    let answer = browser.get(page).send().await.expect("the page is there");
    answer.text().await.expect("it can be read")
}
