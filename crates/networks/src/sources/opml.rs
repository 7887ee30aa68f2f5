//! OPML 2.0: lists of feeds as readers exchange them (<http://opml.org/spec2.opml>).

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::plain;

/// The most feeds of a list that are taken.
pub const MAX_OUTLINES: usize = 1_000;
/// The most bytes of a list that are read.
const MAX_BYTES: usize = 2 << 20;

/// A feed in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// As the list calls it; may be empty.
    pub title: String,
    /// Its address.
    pub address: String,
}

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// Not one.
    #[error("this is not a list of feeds (OPML)")]
    NotOpml,
    /// Larger than what is read.
    #[error("the list is larger than 2 MiB")]
    TooLarge,
    /// It could not be written.
    #[error("the list could not be written: {0}")]
    Unwritten(String),
}

/// The feeds of a list, each address once, at most [`MAX_OUTLINES`].
///
/// # Errors
/// When it is no list, or too large.
pub fn read(text: &str) -> Result<Vec<Outline>, OpmlError> {
    if text.len() > MAX_BYTES {
        return Err(OpmlError::TooLarge);
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().check_end_names = false;
    let mut found: Vec<Outline> = Vec::new();
    let mut is_opml = false;
    loop {
        let event = reader.read_event().map_err(|_| OpmlError::NotOpml)?;
        let element = match event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::Eof => break,
            _ => continue,
        };
        if element.local_name().as_ref().eq_ignore_ascii_case("opml") {
            is_opml = true;
        }
        if !is_opml
            || !element
                .local_name()
                .as_ref()
                .eq_ignore_ascii_case("outline")
        {
            continue;
        }
        let Some(address) = attribute(&element, "xmlurl").and_then(|a| plain::address(&a, None))
        else {
            continue;
        };
        if found.len() >= MAX_OUTLINES || found.iter().any(|o| o.address == address) {
            continue;
        }
        let title = attribute(&element, "title").or_else(|| attribute(&element, "text"));
        found.push(Outline {
            title: plain::line(&title.unwrap_or_default(), 120),
            address,
        });
    }
    if is_opml {
        Ok(found)
    } else {
        Err(OpmlError::NotOpml)
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref().eq_ignore_ascii_case(name))?;
    let text = quick_xml::escape::unescape(&found.value);
    Some(text.unwrap_or_else(|_| found.value.clone()).into_owned())
}

/// A list of feeds.
///
/// # Errors
/// When it could not be written.
pub fn write(outlines: &[Outline]) -> Result<String, OpmlError> {
    let failed = |e: std::io::Error| OpmlError::Unwritten(e.to_string());
    let mut writer = quick_xml::Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut put = |event: Event<'_>| writer.write_event(event).map_err(failed);
    put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut opml = BytesStart::new("opml");
    opml.push_attribute(("version", "2.0"));
    put(Event::Start(opml))?;
    put(Event::Start(BytesStart::new("head")))?;
    put(Event::Start(BytesStart::new("title")))?;
    put(Event::Text(BytesText::new("Rostrum")))?;
    put(Event::End(BytesEnd::new("title")))?;
    put(Event::End(BytesEnd::new("head")))?;
    put(Event::Start(BytesStart::new("body")))?;
    for outline in outlines {
        let mut element = BytesStart::new("outline");
        element.push_attribute(("type", "rss"));
        element.push_attribute(("text", outline.title.as_str()));
        element.push_attribute(("xmlUrl", outline.address.as_str()));
        put(Event::Empty(element))?;
    }
    put(Event::End(BytesEnd::new("body")))?;
    put(Event::End(BytesEnd::new("opml")))?;
    String::from_utf8(writer.into_inner()).map_err(|e| OpmlError::Unwritten(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folders_and_any_case_are_read() {
        let text = r#"<?xml version="1.0"?><opml version="1.0"><body><outline text="Snow">
            <outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed?x=1&amp;y=2"/>
            <outline TITLE="B" xmlurl="https://b.example/"></outline>
            <outline text="again" xmlUrl="https://b.example/"/>
            <outline text="none"/><outline xmlUrl="javascript:x()"/></outline></body></opml>"#;
        let found = read(text).unwrap();
        let plain: Vec<_> = found
            .iter()
            .map(|o| (o.title.as_str(), o.address.as_str()))
            .collect();
        assert_eq!(
            plain,
            [
                ("A & B", "https://a.example/feed?x=1&y=2"),
                ("B", "https://b.example/")
            ]
        );
    }

    #[test]
    fn what_is_no_list_says_so() {
        for wrong in [
            "",
            "words",
            "<rss/>",
            "<outline xmlUrl='https://a.example'/>",
        ] {
            assert_eq!(read(wrong), Err(OpmlError::NotOpml), "{wrong}");
        }
        assert_eq!(read(&" ".repeat(MAX_BYTES + 1)), Err(OpmlError::TooLarge));
    }

    proptest! {
        #[test]
        fn a_written_list_reads_back(titles in proptest::collection::vec("[a-z<>&\"' é]{0,20}", 0..6)) {
            let outlines: Vec<Outline> = titles
                .iter()
                .enumerate()
                .map(|(n, title)| Outline {
                    title: plain::line(title, 120),
                    address: format!("https://{n}.example/feed?a=1&b=%22"),
                })
                .collect();
            prop_assert_eq!(read(&write(&outlines).unwrap()).unwrap(), outlines);
        }
    }
}
