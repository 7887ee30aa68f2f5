//! The words of a part, with their places as a text field counts them.

use domain::limits::Span;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{MAX_BYTES, Reader};

/// A part of a text, cut where it is longer than any post.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    /// What is between white space: words, links, hashtags, mentions.
    pub(super) chunks: Vec<Chunk<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Words,
    Link,
    Tag,
    Mention,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) sort: Sort,
    /// First byte in the part.
    pub(super) start: usize,
    pub(super) text: &'a str,
}

/// A word of a part.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Word<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

impl<'a> Part<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let mut chunks = Vec::new();
        for chunk in text.split_whitespace() {
            let bare = chunk.trim_start_matches(['(', '[', '"', '“', '„', '«', '‚', '‘', '\'']);
            let sort = if is_link(bare) {
                Sort::Link
            } else if bare.starts_with('#') && bare.len() > 1 {
                Sort::Tag
            } else if bare.starts_with('@') && bare.len() > 1 {
                Sort::Mention
            } else {
                Sort::Words
            };
            // Sub-slices of one text: their distance is their place.
            let start = bare.as_ptr() as usize - text.as_ptr() as usize;
            chunks.push(Chunk {
                sort,
                start,
                text: bare,
            });
        }
        Self { text, chunks }
    }

    pub(super) fn words(&self) -> usize {
        self.each_word().count()
    }

    /// Words outside links, hashtags and mentions.
    pub(super) fn each_word(&self) -> impl Iterator<Item = Word<'a>> + '_ {
        let plain = self.chunks.iter().filter(|c| c.sort == Sort::Words);
        plain.flat_map(|chunk| {
            let words = chunk.text.unicode_word_indices();
            words.map(|(at, text)| Word {
                start: chunk.start + at,
                text,
            })
        })
    }

    /// The text without links, hashtags and mentions; lines stay.
    pub(super) fn plain(&self) -> String {
        let mut plain = String::with_capacity(self.text.len());
        let mut from = 0;
        for chunk in self.chunks.iter().filter(|c| c.sort != Sort::Words) {
            plain.push_str(&self.text[from..chunk.start]);
            from = chunk.start + chunk.text.len();
        }
        plain.push_str(&self.text[from..]);
        plain
    }

    pub(super) fn has_link(&self) -> bool {
        self.chunks.iter().any(|c| c.sort == Sort::Link)
    }

    /// Hashtags with the byte of their `#`, without it.
    pub(super) fn tags(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let tags = self.chunks.iter().filter(|c| c.sort == Sort::Tag);
        tags.filter_map(|chunk| {
            let tag = &chunk.text[1..];
            let is_tag = |sign: char| sign.is_alphanumeric() || sign == '_';
            let end = tag.find(|sign| !is_tag(sign)).unwrap_or(tag.len());
            (end > 0).then(|| (chunk.start, &tag[..end]))
        })
    }

    /// Bytes as the units of a text field.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
        let before = units(&self.text[..start]);
        Span {
            start: before,
            end: before + units(&self.text[start..end]),
        }
    }

    /// The sentences with their first byte.
    pub(super) fn sentences(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        crate::text::sentences(self.text)
            .into_iter()
            .map(|sentence| {
                let trimmed = sentence.trim();
                let start = trimmed.as_ptr() as usize - self.text.as_ptr() as usize;
                (start, trimmed)
            })
    }
}

/// An address, also one without its scheme: `example.org/a`.
fn is_link(chunk: &str) -> bool {
    if chunk.starts_with("http://") || chunk.starts_with("https://") || chunk.starts_with("www.") {
        return true;
    }
    let (host, has_path) = match chunk.split_once('/') {
        Some((host, _)) => (host, true),
        None => (chunk, false),
    };
    let host = host.trim_end_matches(|sign: char| !sign.is_alphanumeric());
    let Some((name, end)) = host.rsplit_once('.') else {
        return false;
    };
    // Without a path it may be a sentence that goes on without a space.
    let longest = if has_path { 24 } else { 6 };
    let is_end = (2..=longest).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase());
    is_end && name.ends_with(char::is_alphanumeric) && !name.contains('@')
}

/// The stems of a phrase's words.
pub(super) fn stems(phrase: &str, reader: &Reader) -> Vec<String> {
    phrase
        .unicode_words()
        .map(|word| reader.stem(word))
        .collect()
}
