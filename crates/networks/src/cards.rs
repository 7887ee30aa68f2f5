//! Link cards: what a page says of itself, read once when a version is saved and frozen there.

use std::time::Duration;

use reqwest::Url;

use crate::contract::Picture;
use crate::http::{Http, Page, PageError};

/// How much of a page is read; what it says of itself stands at its top.
const MAX_PAGE: usize = 512 << 10;
/// Largest picture that is read before it is fitted.
const MAX_PICTURE: usize = 8 << 20;
/// How long each of the two may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Longest title in characters.
const MAX_TITLE: usize = 300;
/// Longest description in characters.
const MAX_DESCRIPTION: usize = 1000;

/// What a page says of itself. The picture still has to be fitted to
/// [`crate::Adapter::card_image`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardDraft {
    /// The address that the text names.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its picture.
    pub picture: Option<Picture>,
}

/// Fetches the card of `url`. A picture that cannot be had is left out.
///
/// # Errors
/// When the page cannot be read, is no page, or lies on a private network.
pub async fn fetch(http: &Http, url: &str) -> Result<CardDraft, PageError> {
    let page = html(http, url).await?;
    let said = read(&page);
    let picture = match said.picture {
        Some(address) => picture(http, address).await,
        None => None,
    };
    Ok(CardDraft {
        url: url.to_owned(),
        title: said.title,
        description: said.description,
        picture,
    })
}

/// What a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its title.
    pub title: String,
    /// Its words, a paragraph a line.
    pub text: String,
}

/// Fetches the words of `url`: of its article where it names one, without what frames it and without
/// what it hides from who looks at it.
///
/// # Errors
/// When the page cannot be read, is no page, or lies on a private network.
pub async fn words(http: &Http, url: &str) -> Result<Article, PageError> {
    let page = html(http, url).await?;
    let said = read(&page);
    let html = decode(&page);
    let document = dom_query::Document::from(html.as_str());
    document.select(AROUND).remove();
    let styled = document.select("[style]");
    let unseen = styled
        .iter()
        .filter(|part| part.attr("style").is_some_and(|style| is_unseen(&style)));
    for part in unseen {
        part.remove();
    }
    let article = ["article", "main", "body"]
        .iter()
        .map(|name| document.select(name).first())
        .find(|found| !found.text().trim().is_empty());
    let text = article.map(|found| {
        let nodes = found.nodes().iter();
        nodes
            .map(|node| node.formatted_text().to_string())
            .collect::<String>()
    });
    let text = text.unwrap_or_default();
    let lines = text.lines().map(tidy).filter(|line| !line.is_empty());
    Ok(Article {
        title: said.title,
        text: lines.collect::<Vec<_>>().join("\n"),
    })
}

/// What is no part of what a page says to readers.
const AROUND: &str = "script, style, noscript, template, iframe, svg, nav, header, footer, aside, \
                      form, button, [hidden], [aria-hidden=\"true\"]";

/// Whether a style shows nothing.
fn is_unseen(style: &str) -> bool {
    style
        .to_ascii_lowercase()
        .split(';')
        .filter_map(|one| one.split_once(':'))
        .any(|(name, value)| {
            let value = value.trim().trim_end_matches("!important").trim();
            match name.trim() {
                "display" => value == "none",
                "visibility" => matches!(value, "hidden" | "collapse"),
                "font-size" | "opacity" => {
                    let figure =
                        value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                    figure.parse() == Ok(0.0)
                }
                _ => false,
            }
        })
}

async fn html(http: &Http, url: &str) -> Result<Page, PageError> {
    let address = Url::parse(url).map_err(|e| PageError::Unreachable(e.to_string()))?;
    let page = http
        .page(
            address,
            "text/html, application/xhtml+xml;q=0.9",
            MAX_PAGE,
            TIMEOUT,
        )
        .await?;
    let kind = page.mime.split(';').next().unwrap_or_default().trim();
    match kind {
        "text/html" | "application/xhtml+xml" => Ok(page),
        _ => Err(PageError::NotAPage(kind.to_owned())),
    }
}

async fn picture(http: &Http, address: Url) -> Option<Picture> {
    let got = http
        .page(address, "image/*", MAX_PICTURE, TIMEOUT)
        .await
        .inspect_err(|e| tracing::debug!(error = %e, "no picture for a link card"))
        .ok()?;
    let mime = got
        .mime
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    (got.whole && mime.starts_with("image/") && mime != "image/svg+xml").then_some(Picture {
        mime,
        bytes: got.bytes,
    })
}

struct Said {
    title: String,
    description: String,
    picture: Option<Url>,
}

fn read(page: &Page) -> Said {
    let html = decode(page);
    let document = dom_query::Document::from(html.as_str());
    let meta = |names: &[&str]| {
        names.iter().find_map(|name| {
            let selector = format!(r#"meta[property="{name}"], meta[name="{name}"]"#);
            document
                .select(&selector)
                .iter()
                .find_map(|m| m.attr("content"))
                .map(|c| tidy(&c))
                .filter(|c| !c.is_empty())
        })
    };
    let title = meta(&["og:title", "twitter:title"])
        .or_else(|| Some(tidy(&document.select("title").first().text())))
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| page.url.host_str().unwrap_or_default().to_owned());
    Said {
        title: shortened(&title, MAX_TITLE),
        description: shortened(
            &meta(&["og:description", "twitter:description", "description"]).unwrap_or_default(),
            MAX_DESCRIPTION,
        ),
        picture: meta(&[
            "og:image:secure_url",
            "og:image",
            "og:image:url",
            "twitter:image",
        ])
        .and_then(|src| page.url.join(&src).ok())
        .filter(|u| matches!(u.scheme(), "http" | "https")),
    }
}

/// White space folded, and nothing that could not be stored.
fn tidy(text: &str) -> String {
    text.replace('\0', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// The page as text: by its header, else by what it says at its top, else UTF-8.
fn decode(page: &Page) -> String {
    let named = |text: &str| {
        let at = text.to_ascii_lowercase().find("charset=")? + "charset=".len();
        let label: String = text[at..]
            .trim_start_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
            .collect();
        encoding_rs::Encoding::for_label(label.as_bytes())
    };
    let head = String::from_utf8_lossy(&page.bytes[..page.bytes.len().min(2048)]);
    let encoding = named(&page.mime)
        .or_else(|| named(&head))
        .unwrap_or(encoding_rs::UTF_8);
    encoding.decode(&page.bytes).0.into_owned()
}
