//! The system browser, for signing in to networks.

use app::browser::{Browser, Page, PageWords};

use crate::words;

#[derive(Debug)]
pub(super) struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, address: &str) -> Result<(), String> {
        // The error may quote the address, which is nobody's business.
        tauri_plugin_opener::open_url(address, None::<&str>)
            .map_err(|_| "no program opens web pages here".to_owned())
    }

    fn words(&self, page: Page) -> PageWords {
        let ended = match page {
            Page::Agreed => "agreed",
            Page::Denied => "denied",
            Page::Stray => "stray",
        };
        PageWords {
            title: words::say(&format!("browser.{ended}.title")),
            body: words::say(&format!("browser.{ended}.body")),
        }
    }
}
