//! What is noticed in a text while it is written: beside the persona's voice, its own posts, and
//! those who are to read it.
//!
//! What a persona has is read once, and a text is checked on every keystroke. Nothing here stops
//! anything; what cannot be told without knowing the language is left out where that is not sure.

mod ease;
mod figures;
mod links;
mod sensitive;
mod tags;
mod tokens;
mod voice;

use std::collections::BTreeMap;

use domain::Instant;
use domain::ids::ContentId;
use domain::limits::{Severity, Span};
use domain::persona::PersonaProfile;
use domain::remark::RemarkKind;

use crate::language::{Language, language};
use crate::near::Said;
use crate::text::Reader;
pub use links::{dead_links, links_of};
use tags::Tags;
use tokens::Part;
use voice::Rules;

/// Languages of the application, which a text may be in by mistake.
const OURS: [Language; 2] = [Language::English, Language::German];
/// A text with fewer words is in no language.
const LEAST_WORDS: usize = 5;
/// The most remarks of one kind: more is noise.
const MOST: usize = 3;

/// A post of one's own that is out.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Of which content.
    pub content: ContentId,
    /// What lists show of it.
    pub headline: String,
    /// What it says, with all its parts.
    pub text: String,
    /// Since when it is out.
    pub at: Instant,
}

/// A text as it is typed.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Of which content; its own posts are no copies.
    pub content: Option<ContentId>,
    /// The parts of its thread.
    pub parts: Vec<&'a str>,
    /// BCP 47 tags that were chosen for it.
    pub languages: &'a [String],
}

/// One thing that was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub kind: RemarkKind,
    /// How much it matters; never an error.
    pub severity: Severity,
    /// In which part, from 0.
    pub part: usize,
    /// Where.
    pub span: Option<Span>,
    /// What is dismissed with it: the same again is not said again.
    pub about: String,
    /// What its words need.
    pub args: BTreeMap<String, String>,
}

impl Remark {
    fn new(kind: RemarkKind, severity: Severity, about: impl Into<String>) -> Self {
        Self {
            kind,
            severity,
            part: 0,
            span: None,
            about: about
                .into()
                .chars()
                .take(domain::remark::MAX_ABOUT)
                .collect(),
            args: BTreeMap::new(),
        }
    }

    fn at(mut self, part: usize, span: Span) -> Self {
        (self.part, self.span) = (part, Some(span));
        self
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// All that a persona's texts are checked against.
#[derive(Debug)]
pub struct Checker {
    expected: Vec<Language>,
    reader: Reader,
    rules: Rules,
    posts: Vec<Earlier>,
    said: Said,
    tags: Tags,
}

impl Checker {
    /// Of a persona, its own posts (newest first), and the texts of what it follows.
    #[must_use]
    pub fn new(profile: &PersonaProfile, mut posts: Vec<Earlier>, followed: &[String]) -> Self {
        let own = Language::of_tag(&profile.language);
        let audience = profile.audiences.iter().flat_map(|a| &a.languages);
        let mut expected: Vec<Language> = own
            .into_iter()
            .chain(audience.filter_map(|tag| Language::of_tag(tag)))
            .chain(OURS)
            .collect();
        expected.sort_unstable();
        expected.dedup();
        let reader = Reader::new(own);
        let rules = Rules::of(&profile.voice, &reader);
        // The same words on several accounts are one post.
        let mut seen = std::collections::HashSet::new();
        posts.retain(|post| seen.insert((post.content, post.text.clone())));
        let said = Said::new(posts.iter().map(|post| post.text.as_str()));
        let texts = posts.iter().map(|post| post.text.as_str());
        let tags = Tags::of(texts.chain(followed.iter().map(String::as_str)), own);
        Self {
            expected,
            reader,
            rules,
            posts,
            said,
            tags,
        }
    }

    /// What is to be said of a text, what matters most first.
    #[must_use]
    pub fn check(&self, draft: &Draft<'_>) -> Vec<Remark> {
        let parts: Vec<Part<'_>> = draft.parts.iter().map(|text| Part::of(text)).collect();
        if parts.iter().all(|part| part.chunks.is_empty()) {
            return vec![];
        }
        let words: usize = parts.iter().map(Part::words).sum();
        let plain: Vec<String> = parts.iter().map(Part::plain).collect();
        let plain = plain.join("\n");
        let found = (words >= LEAST_WORDS)
            .then(|| self.language_of(&plain, draft.languages))
            .flatten();
        let chosen = draft
            .languages
            .first()
            .and_then(|tag| Language::of_tag(tag));
        let mut remarks = self.rules.check(&parts, &self.reader);
        remarks.extend(self.said_before(draft));
        remarks.extend(found.and_then(|found| other_language(found, draft.languages)));
        if let Some(language) = found.or(chosen) {
            remarks.extend(sensitive::check(&parts, language));
            remarks.extend(figures::check(&parts));
        }
        remarks.extend(found.and_then(|language| ease::check(&parts, &plain, language)));
        remarks.extend(self.tags.check(&parts, &plain));
        remarks.sort_by_key(|r| std::cmp::Reverse(r.severity));
        remarks
    }

    fn language_of(&self, plain: &str, chosen: &[String]) -> Option<Language> {
        let mut expected = self.expected.clone();
        expected.extend(chosen.iter().filter_map(|tag| Language::of_tag(tag)));
        expected.sort_unstable();
        expected.dedup();
        language(plain, &expected)
    }

    fn said_before(&self, draft: &Draft<'_>) -> Option<Remark> {
        let whole = draft.parts.join("\n\n");
        let others = |at: usize| Some(self.posts[at].content) != draft.content;
        let (at, share) = self.said.nearest_of(&whole, others)?;
        let post = &self.posts[at];
        let remark = Remark::new(
            RemarkKind::SaidBefore,
            Severity::Warning,
            post.content.to_string(),
        );
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of one"
        )]
        let percent = (share * 100.0).round() as u32;
        Some(
            remark
                .with("headline", &post.headline)
                .with("at", post.at.0)
                .with("content", post.content)
                .with("percent", percent),
        )
    }
}

fn other_language(found: Language, chosen: &[String]) -> Option<Remark> {
    let first = chosen.first()?;
    let is_chosen = chosen.iter().any(|tag| {
        // A language that is not ours cannot be told from others.
        Language::of_tag(tag).is_none_or(|language| language == found)
    });
    (!is_chosen).then(|| {
        Remark::new(RemarkKind::OtherLanguage, Severity::Warning, found.code())
            .with("found", found.code())
            .with("chosen", first)
    })
}

#[cfg(test)]
mod tests;
