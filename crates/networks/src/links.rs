//! Whether a link leads anywhere: asked politely, and only where the public internet is.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::ACCEPT;

use crate::http::Http;

/// How much of a page is read: its status says it all.
const MAX_PAGE: usize = 4 << 10;
/// How long it may take.
const TIMEOUT: Duration = Duration::from_secs(8);

/// What is known of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Its server has a page there.
    Somewhere,
    /// Its server says that there is none (404 and 410, RFC 9110, 15.5.5 and 15.5.11).
    Nowhere,
    /// Nobody knows: it did not answer, or it does not answer programs.
    Unknown,
}

/// Asks the server of a link.
pub async fn lead(http: &Http, link: &str) -> Lead {
    let Ok(url) = Url::parse(link) else {
        return Lead::Unknown;
    };
    let headers = [(ACCEPT, "text/html, */*;q=0.5".to_owned())];
    match http.look(url, &headers, MAX_PAGE, TIMEOUT).await {
        Ok(answer) => match answer.status {
            200..=299 => Lead::Somewhere,
            404 | 410 => Lead::Nowhere,
            _ => Lead::Unknown,
        },
        Err(_) => Lead::Unknown,
    }
}
