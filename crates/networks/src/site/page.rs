//! Pages and feed as text. Everything that people wrote is escaped here, and only here.

use std::fmt::Write as _;

use domain::media::Rendition;
use domain::version::{Card, Mark, MarkKind, PreparedSegment};
use domain::{Hash, Instant};

use super::folder::{Part, Site};

pub(super) const STYLE: &str = include_str!("style.css");

/// How many entries the feed holds.
const FEED_ENTRIES: usize = 50;

/// `https://…/` with a slash at its end, or nothing.
pub(super) fn public_address(typed: &str) -> Option<String> {
    let mut url = url::Url::parse(typed).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let text = String::from(url);
    Some(if text.ends_with('/') {
        text
    } else {
        format!("{text}/")
    })
}

/// The file of a picture below `media/`.
pub(super) fn media_name(hash: Hash, mime: &str) -> String {
    let extension = match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "bin",
    };
    format!("{hash}.{extension}")
}

pub(super) fn is_media_name(name: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(hash, _)| hash.parse::<Hash>().is_ok())
}

/// All files that a segment shows.
pub(super) fn renditions(segment: &PreparedSegment) -> impl Iterator<Item = &Rendition> {
    let card = segment.card.iter().filter_map(|c| c.image.as_ref());
    segment.media.iter().map(|m| &m.rendition).chain(card)
}

/// What a page has for every part.
pub(super) fn anchor(part: u32) -> String {
    format!("id=\"part-{}\"", part + 1)
}

/// The page of an entry.
pub(super) fn entry(site: &Site, parts: &[Part]) -> String {
    let title = title(parts);
    let mut body = format!(
        "<header><a href=\"../index.html\">{}</a></header>\n<main>\n<article>\n<h1>{}</h1>\n{}\n",
        escaped(&site.title),
        escaped(&title),
        time(parts)
    );
    for part in parts {
        let _ = write!(
            body,
            "<section {}>\n{}</section>\n",
            anchor(part.part),
            content(part, "../media/")
        );
    }
    body.push_str("</article>\n</main>\n");
    document(site, language(parts), &title, "../", &body)
}

/// The list of all entries.
pub(super) fn index(site: &Site, entries: &[Vec<Part>]) -> String {
    let mut body = format!(
        "<header><h1>{}</h1></header>\n<main>\n",
        escaped(&site.title)
    );
    if entries.is_empty() {
        body.push_str("<p class=\"quiet\">–</p>\n");
    }
    body.push_str("<ol class=\"entries\">\n");
    for parts in entries {
        let Some(first) = parts.first() else { continue };
        let _ = writeln!(
            body,
            "<li{}><a href=\"entries/{}.html\">{}</a>{}<p>{}</p></li>",
            language(parts).map_or(String::new(), |l| format!(" lang=\"{}\"", escaped(l))),
            first.entry,
            escaped(&title(parts)),
            time(parts),
            escaped(&shortened(shown(first), 200)),
        );
    }
    body.push_str("</ol>\n</main>\n<footer><a href=\"feed.xml\">Atom</a></footer>\n");
    document(site, None, &site.title, "", &body)
}

/// The Atom feed (RFC 4287).
pub(super) fn feed(site: &Site, entries: &[Vec<Part>]) -> String {
    let updated = entries
        .iter()
        .flatten()
        .map(changed)
        .max()
        .unwrap_or(site.created);
    let author = if site.author.is_empty() {
        &site.title
    } else {
        &site.author
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>urn:uuid:{}</id>\n<title>{}</title>\n<updated>{updated}</updated>\n\
         <author><name>{}</name></author>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}index.html\"/>\n",
        site.id,
        escaped(&site.title),
        escaped(author),
        escaped(&site.address),
    );
    if !site.address.is_empty() {
        let _ = writeln!(
            out,
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}feed.xml\"/>",
            escaped(&site.address)
        );
    }
    out.push_str("<generator>Rostrum</generator>\n");
    for parts in entries.iter().take(FEED_ENTRIES) {
        feed_entry(site, parts, &mut out);
    }
    out.push_str("</feed>\n");
    out
}

/// When a part last became what it is.
fn changed(part: &Part) -> Instant {
    part.edited.unwrap_or(part.published)
}

fn feed_entry(site: &Site, parts: &[Part], out: &mut String) {
    let (Some(first), Some(last)) = (parts.first(), parts.iter().map(changed).max()) else {
        return;
    };
    let media = format!("{}media/", site.address);
    let html = parts
        .iter()
        .map(|p| content(p, &media))
        .collect::<Vec<_>>()
        .join("<hr/>\n");
    let _ = write!(
        out,
        "<entry{}>\n<id>urn:uuid:{}</id>\n<title>{}</title>\n<published>{}</published>\n\
         <updated>{last}</updated>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}entries/{}.html\"/>\n\
         <content type=\"html\">{}</content>\n</entry>\n",
        language(parts).map_or(String::new(), |l| format!(" xml:lang=\"{}\"", escaped(l))),
        first.entry,
        escaped(&title(parts)),
        first.published,
        escaped(&site.address),
        first.entry,
        escaped(&html),
    );
}

fn document(site: &Site, lang: Option<&str>, title: &str, up: &str, body: &str) -> String {
    let full = if title == site.title {
        escaped(title)
    } else {
        format!("{} – {}", escaped(title), escaped(&site.title))
    };
    format!(
        "<!doctype html>\n<html{}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{full}</title>\n\
         <link rel=\"stylesheet\" href=\"{up}style.css\">\n\
         <link rel=\"alternate\" type=\"application/atom+xml\" title=\"{}\" href=\"{up}feed.xml\">\n\
         </head>\n<body>\n{body}</body>\n</html>\n",
        lang.map_or(String::new(), |l| format!(" lang=\"{}\"", escaped(l))),
        escaped(&site.title),
    )
}

fn language(parts: &[Part]) -> Option<&str> {
    parts.first()?.languages.first().map(String::as_str)
}

/// What lists show of a part: its warning, else its text.
fn shown(part: &Part) -> &str {
    if part.options.content_warning.is_empty() {
        &part.segment.text
    } else {
        &part.options.content_warning
    }
}

/// The title, else the first line of what lists show.
fn title(parts: &[Part]) -> String {
    let Some(first) = parts.first() else {
        return String::new();
    };
    if !first.title.is_empty() {
        return first.title.clone();
    }
    let line = shown(first).lines().next().unwrap_or_default();
    if line.is_empty() {
        first.published.to_chrono().format("%Y-%m-%d").to_string()
    } else {
        shortened(line, 80)
    }
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn time(parts: &[Part]) -> String {
    parts.first().map_or(String::new(), |p| {
        format!(
            "<time datetime=\"{}\">{}</time>",
            p.published,
            p.published.to_chrono().format("%Y-%m-%d")
        )
    })
}

/// One part, folded below its warning when it has one.
fn content(part: &Part, media: &str) -> String {
    let warning = &part.options.content_warning;
    if warning.is_empty() {
        return unfolded(&part.segment, part.options.sensitive, media);
    }
    folded(warning, &unfolded(&part.segment, false, media))
}

fn folded(summary: &str, html: &str) -> String {
    format!(
        "<details>\n<summary>{}</summary>\n{html}</details>\n",
        escaped(summary)
    )
}

/// Text, pictures and card; with `hidden` each picture is folded below its description.
fn unfolded(segment: &PreparedSegment, hidden: bool, media: &str) -> String {
    let mut out = paragraphs(&segment.text, &segment.marks);
    for picture in &segment.media {
        let r = &picture.rendition;
        let figure = format!(
            "<figure><img src=\"{}{}\" alt=\"{}\" width=\"{}\" height=\"{}\" loading=\"lazy\"/></figure>\n",
            escaped(media),
            media_name(r.hash, &r.mime),
            escaped(&picture.alt),
            r.width,
            r.height
        );
        out.push_str(&if hidden {
            folded(&picture.alt, &figure)
        } else {
            figure
        });
    }
    if let Some(card) = &segment.card
        && let Some(url) = web(&card.url)
    {
        out.push_str(&link_card(card, &url, media));
    }
    out
}

fn link_card(card: &Card, url: &str, media: &str) -> String {
    let picture = card.image.as_ref().map_or(String::new(), |r| {
        format!(
            "<img src=\"{}{}\" alt=\"\" width=\"{}\" height=\"{}\" loading=\"lazy\"/>",
            escaped(media),
            media_name(r.hash, &r.mime),
            r.width,
            r.height
        )
    });
    format!(
        "<a class=\"card\" href=\"{url}\">{picture}<strong>{}</strong> <span>{}</span></a>\n",
        escaped(&card.title),
        escaped(&card.description)
    )
}

/// Blank lines part paragraphs, other line ends break the line, marks become links.
fn paragraphs(text: &str, marks: &[Mark]) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for mark in marks {
        let MarkKind::Link { url } = &mark.kind else {
            continue;
        };
        let (start, end) = (mark.start as usize, mark.end as usize);
        let (Some(before), Some(label), Some(url)) =
            (text.get(at..start), text.get(start..end), web(url))
        else {
            continue;
        };
        html.push_str(&escaped(before));
        let _ = write!(html, "<a href=\"{url}\">{}</a>", escaped(label));
        at = end;
    }
    html.push_str(&escaped(text.get(at..).unwrap_or_default()));
    html.split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(|p| format!("<p>{}</p>\n", p.replace('\n', "<br/>\n")))
        .collect()
}

/// An escaped address that a page may lead to.
fn web(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    matches!(parsed.scheme(), "http" | "https").then(|| escaped(parsed.as_str()))
}

/// Escaped for HTML and XML, in text and in attributes; what XML 1.0 cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
