//! How easy a text is for whom it is.

use domain::limits::Severity;
use domain::remark::RemarkKind;
use unicode_segmentation::UnicodeSegmentation as _;

use super::Remark;
use super::tokens::Part;
use crate::language::Language;
use crate::readability::{Ease, readability};

/// One remark where a text is hard: at its longest sentence.
pub(super) fn check(parts: &[Part<'_>], plain: &str, language: Language) -> Option<Remark> {
    let found = readability(plain, language).filter(|found| found.ease == Ease::Hard)?;
    let sentences = parts.iter().enumerate().flat_map(|(at, part)| {
        part.sentences()
            .map(move |(start, text)| (text.unicode_words().count(), at, start, text))
    });
    let (longest, at, start, text) =
        sentences.max_by_key(|(words, at, start, _)| (*words, std::cmp::Reverse((*at, *start))))?;
    let part = &parts[at];
    Some(
        Remark::new(RemarkKind::HardToRead, Severity::Info, "")
            .with("words", found.words / found.sentences.max(1))
            .with("longest", longest)
            .at(at, part.span(start, start + text.len())),
    )
}
