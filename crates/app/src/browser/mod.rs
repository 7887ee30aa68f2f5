//! Signing in through the system browser: a page is opened there, and the answer comes back to a
//! port of this computer (RFC 8252, section 7.3).

mod callback;
mod holder;

use std::fmt::Debug;

pub(crate) use callback::Callback;

/// Opens pages for a person, and says to them how it ended.
pub trait Browser: Debug + Send + Sync {
    /// Opens `address` in the system browser.
    ///
    /// # Errors
    /// In words, without the address. The sign-in waits all the same: a person can open the
    /// address by hand.
    fn open(&self, address: &str) -> Result<(), String>;

    /// What the page says to which the browser comes back.
    fn words(&self, page: Page) -> PageWords;
}

/// What a person finds in the browser at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// They agreed.
    Agreed,
    /// They or the network said no.
    Denied,
    /// The answer belongs to no sign-in that is under way.
    Stray,
}

/// The words of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageWords {
    /// Its heading.
    pub title: String,
    /// What to do.
    pub body: String,
}

/// Where nothing can open a page: the address is only told.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByHand;

impl Browser for ByHand {
    fn open(&self, _: &str) -> Result<(), String> {
        Err("no browser can be opened from here".to_owned())
    }

    fn words(&self, page: Page) -> PageWords {
        english(page)
    }
}

/// The words in English, for programs without a catalog.
#[must_use]
pub fn english(page: Page) -> PageWords {
    let (title, body) = match page {
        Page::Agreed => (
            "Go back to Rostrum",
            "It finishes signing in. You can close this page.",
        ),
        Page::Denied => (
            "Rostrum was not let in",
            "Nothing was connected. Go back to Rostrum to try again.",
        ),
        Page::Stray => (
            "Nobody waits for this",
            "This answer belongs to no sign-in that is under way. Begin again in Rostrum.",
        ),
    };
    PageWords {
        title: title.to_owned(),
        body: body.to_owned(),
    }
}
