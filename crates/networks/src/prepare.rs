//! From what was typed to what goes out: one path that cleans, counts and finds fault, shared by
//! all adapters.

mod options;
mod pictures;

use std::collections::BTreeMap;
use std::ops::Range;

use domain::content::{Options, Segment};
use domain::limits::{Count, Issue, Limits, Severity};
use domain::version::{Card, Mark, MarkKind, PreparedSegment, PreparedTarget};

use crate::contract::{CardState, Choices, Missing, PrepareInput, Prepared, References};
use crate::text::grammar::{Spot, SpotKind};
use crate::text::{self, saturate, split};

/// How a network reads text.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    /// Finds links, mentions and hashtags.
    pub(crate) find: fn(&str) -> Vec<Spot>,
    /// The length that counts against `limits.text.max`.
    pub(crate) length: fn(&str, &Limits) -> u32,
    /// Mentions need the network's own id.
    pub(crate) mention_ids: bool,
    /// Pages of links are shown as cards.
    pub(crate) cards: bool,
    /// Posts show either pictures or a card.
    pub(crate) card_or_pictures: bool,
    /// Entries have titles.
    pub(crate) titles: bool,
    /// What can be chosen for a post.
    pub(crate) choices: Choices,
    /// A content warning counts towards the length of the text.
    pub(crate) warning_counts: bool,
}

impl Grammar {
    pub(crate) fn count(&self, text: &str, limits: &Limits) -> Count {
        Count {
            length: (self.length)(text, limits),
            limit: limits.text.max,
            unit: limits.text.unit,
        }
    }

    /// What of `limits.text.max` the options take away from every segment's text.
    pub(crate) fn reserved(&self, options: &Options) -> u32 {
        if self.warning_counts {
            text::graphemes(options.content_warning.trim())
        } else {
            0
        }
    }

    pub(crate) fn references(&self, text: &str) -> References {
        let mut found = References::default();
        for spot in (self.find)(text) {
            match spot.kind {
                SpotKind::Mention(handle) if self.mention_ids => {
                    push_new(&mut found.mentions, handle.to_lowercase());
                }
                SpotKind::Link(url) => push_new(&mut found.links, url),
                SpotKind::Mention(_) | SpotKind::Tag(_) => {}
            }
        }
        if self.cards {
            found.card = found.links.first().cloned();
        }
        found
    }

    pub(crate) fn prepare(
        &self,
        network: &domain::identity::NetworkId,
        input: &PrepareInput<'_>,
    ) -> Prepared {
        let mut work = Work {
            grammar: self,
            input,
            issues: Vec::new(),
            missing: Missing::default(),
            index: 0,
            reserved: self.reserved(&input.variant.options),
        };
        let mut counts = Vec::with_capacity(input.variant.segments.len());
        let mut segments = Vec::with_capacity(input.variant.segments.len());
        for (index, segment) in input.variant.segments.iter().enumerate() {
            work.index = saturate(index);
            let (count, prepared) = work.segment(segment);
            counts.push(count);
            segments.push(prepared);
        }
        work.whole(segments.len());
        let languages = work.languages();
        let options = work.options();
        Prepared {
            target: PreparedTarget {
                identity: input.identity,
                network: network.clone(),
                segments,
                languages,
                title: if self.titles {
                    input.title.trim().to_owned()
                } else {
                    String::new()
                },
                options,
            },
            counts,
            issues: work.issues,
            missing: work.missing,
            cost: None,
        }
    }
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn push_new_hash(list: &mut Vec<domain::Hash>, item: domain::Hash) {
    if !list.contains(&item) {
        list.push(item);
    }
}

struct Work<'a> {
    grammar: &'a Grammar,
    input: &'a PrepareInput<'a>,
    issues: Vec<Issue>,
    missing: Missing,
    /// Of the segment at work.
    index: u32,
    /// What the options add to the length of every segment.
    reserved: u32,
}

impl Work<'_> {
    fn issue(&mut self, code: &str, severity: Severity) -> &mut Issue {
        self.issues.push(Issue {
            code: code.to_owned(),
            severity,
            segment: self.index,
            span: None,
            asset: None,
            choice: None,
            args: BTreeMap::new(),
        });
        let last = self.issues.len() - 1;
        &mut self.issues[last]
    }

    fn segment(&mut self, typed: &Segment) -> (Count, PreparedSegment) {
        let clean = typed.text.trim();
        // Where the clean text begins in what was typed, so that places mean the text field.
        let lead = typed.text.len() - typed.text.trim_start().len();
        let mut count = self.grammar.count(clean, self.input.limits);
        count.length = count.length.saturating_add(self.reserved);
        self.check_text(typed, clean, lead, &count);
        let mut marks = Vec::new();
        let mut links = Vec::new();
        for spot in (self.grammar.find)(clean) {
            self.mark(spot, typed, lead, &mut marks, &mut links);
        }
        let media = self.pictures(typed);
        let card = self.card(&links, !typed.media.is_empty());
        (
            count,
            PreparedSegment {
                text: clean.to_owned(),
                marks,
                media,
                card,
            },
        )
    }

    fn check_text(&mut self, typed: &Segment, clean: &str, lead: usize, count: &Count) {
        if clean.is_empty() && typed.media.is_empty() {
            self.issue("segment_empty", Severity::Error);
        }
        if let Some(at) = clean.find('\0') {
            let span = text::span(&typed.text, lead + at..lead + at + 1);
            self.issue("character_not_allowed", Severity::Error).span = Some(span);
        }
        if let Some(max) = count.limit.filter(|max| count.length > *max) {
            let grammar = *self.grammar;
            let limits = self.input.limits;
            let room = max.saturating_sub(self.reserved);
            let fits = |part: &str| (grammar.length)(part, limits) <= room;
            let over = split::longest_fitting(clean, &fits);
            let span = text::span(&typed.text, lead + over..lead + clean.len());
            let issue = self.issue("text_too_long", Severity::Error);
            issue.span = Some(span);
            issue.args = args([
                ("length", count.length.to_string()),
                ("limit", max.to_string()),
                ("over", (count.length - max).to_string()),
            ]);
        } else if let Some(max) = self
            .input
            .limits
            .text
            .max_bytes
            .filter(|max| saturate(clean.len()) > *max)
        {
            let over = (0..=max as usize)
                .rev()
                .find(|at| clean.is_char_boundary(*at))
                .unwrap_or(0);
            let span = text::span(&typed.text, lead + over..lead + clean.len());
            let issue = self.issue("text_too_many_bytes", Severity::Error);
            issue.span = Some(span);
            issue.args = args([
                ("length", clean.len().to_string()),
                ("limit", max.to_string()),
            ]);
        }
    }

    fn mark(
        &mut self,
        spot: Spot,
        typed: &Segment,
        lead: usize,
        marks: &mut Vec<Mark>,
        links: &mut Vec<String>,
    ) {
        let place = lead + spot.at.start..lead + spot.at.end;
        let kind = match spot.kind {
            SpotKind::Link(url) => {
                links.push(url.clone());
                MarkKind::Link { url }
            }
            // The network itself finds these in the text.
            SpotKind::Mention(_) if !self.grammar.mention_ids => return,
            SpotKind::Mention(handle) => match self.input.mentions.get(&handle.to_lowercase()) {
                Some(Some(id)) => MarkKind::Mention {
                    handle,
                    id: id.clone(),
                },
                Some(None) => {
                    self.placed("mention_unknown", typed, place, [("handle", handle)]);
                    return;
                }
                None => {
                    push_new(&mut self.missing.mentions, handle.to_lowercase());
                    return;
                }
            },
            SpotKind::Tag(tag) => {
                let length = text::graphemes(&tag);
                if let Some(max) = self.input.limits.text.max_tag.filter(|max| length > *max) {
                    self.placed("tag_too_long", typed, place, [("limit", max.to_string())]);
                    return;
                }
                MarkKind::Tag { tag }
            }
        };
        marks.push(Mark {
            start: saturate(spot.at.start),
            end: saturate(spot.at.end),
            kind,
        });
    }

    fn placed<const N: usize>(
        &mut self,
        code: &str,
        typed: &Segment,
        place: Range<usize>,
        with: [(&str, String); N],
    ) {
        let span = text::span(&typed.text, place);
        let issue = self.issue(code, Severity::Warning);
        issue.span = Some(span);
        issue.args = args(with);
    }

    fn card(&mut self, links: &[String], has_pictures: bool) -> Option<Card> {
        let url = links.first()?;
        if !self.grammar.cards || self.input.variant.options.no_card {
            return None;
        }
        if has_pictures && self.grammar.card_or_pictures {
            self.issue("card_left_out", Severity::Info).args = args([("url", url.clone())]);
            return None;
        }
        match self.input.cards.get(url) {
            Some(CardState::Card(card)) => Some(card.clone()),
            Some(CardState::None) => {
                self.issue("card_none", Severity::Info).args = args([("url", url.clone())]);
                None
            }
            None => {
                push_new(&mut self.missing.cards, url.clone());
                None
            }
        }
    }

    /// What concerns the variant as a whole.
    fn whole(&mut self, segments: usize) {
        let max = self.input.limits.max_segments;
        let count = saturate(segments);
        if segments == 0 {
            self.index = 0;
            self.issue("segment_empty", Severity::Error);
        }
        if count > max {
            self.index = max;
            let code = if max < 2 {
                "no_threads"
            } else {
                "thread_too_long"
            };
            self.issue(code, Severity::Error).args =
                args([("length", count.to_string()), ("limit", max.to_string())]);
        }
    }

    fn languages(&mut self) -> Vec<String> {
        let mut languages = Vec::new();
        for tag in self.input.languages.iter().map(|t| t.trim()) {
            if is_language(tag) {
                push_new(&mut languages, tag.to_owned());
            } else if !tag.is_empty() {
                self.index = 0;
                self.issue("language_unknown", Severity::Warning).args =
                    args([("language", tag.to_owned())]);
            }
        }
        let max = self.input.limits.text.max_languages.unwrap_or(u32::MAX);
        if saturate(languages.len()) > max {
            self.index = 0;
            self.issue("too_many_languages", Severity::Warning).args =
                args([("limit", max.to_string())]);
            languages.truncate(max as usize);
        }
        languages
    }
}

/// Whether `tag` has the shape of a BCP 47 tag; networks refuse a post with another.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn args<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests;
