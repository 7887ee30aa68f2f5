//! The memory of trends: rebuilt from the items that are kept, then fed with what is new.

use std::collections::{BTreeMap, HashMap};

use assistant::language::Language;
use assistant::trends::{Item, Trends};
use domain::ids::SourceId;
use domain::time::DAY;
use domain::{Hash, Instant};
use store::signal::{Cursor, Signal};

/// What is known of a source where its items are counted.
#[derive(Clone, Debug)]
pub(super) struct From {
    /// Its address: what one owner has counts as one.
    pub(super) address: String,
    /// Each item has an owner of its own.
    pub(super) of_many: bool,
    /// The language of its items.
    pub(super) language: Option<Language>,
    /// As people call it.
    pub(super) title: String,
}

/// Which item: what the method's numbers stand for.
pub(super) type Named = (SourceId, Hash);

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) trends: Trends,
    /// Where the next page begins; absent before the first.
    pub(super) cursor: Option<Cursor>,
    next: u32,
    /// Items of the last days by number.
    items: BTreeMap<u32, (Instant, Named)>,
}

impl Model {
    /// Takes a page of items.
    pub(super) fn take(&mut self, page: &[Signal], sources: &HashMap<SourceId, From>) {
        for signal in page {
            self.cursor = Some(signal.cursor());
            let Some(from) = sources.get(&signal.source) else {
                continue;
            };
            let number = self.next;
            self.next = self.next.wrapping_add(1);
            let text = format!("{}\n{}", signal.title, rest_of(signal));
            let owner = match (&signal.url, from.of_many) {
                (Some(url), true) => url,
                _ => &from.address,
            };
            self.trends.read(&Item {
                id: number,
                source: owner,
                published_at: signal.published_at,
                fetched_at: signal.fetched_at,
                text: &text,
                url: signal.url.as_deref().filter(|_| !from.of_many),
                language: language_of(signal, from),
            });
            let named = (signal.source, signal.item);
            self.items.insert(number, (signal.fetched_at, named));
        }
        // Trends name items of the last day only.
        if let Some(newest) = page.last().map(|s| s.fetched_at) {
            self.items.retain(|_, (at, _)| newest.since(*at) < 3 * DAY);
        }
    }

    /// What a number of the method stands for.
    pub(super) fn named(&self, number: u32) -> Option<Named> {
        self.items.get(&number).map(|(_, named)| *named)
    }
}

/// The language that an item says, else that of its source.
pub(super) fn language_of(signal: &Signal, from: &From) -> Option<Language> {
    let own = signal.language.as_deref().and_then(Language::of_tag);
    own.or(from.language)
}

/// The text without the title that it begins with.
pub(super) fn rest_of(signal: &Signal) -> &str {
    let title = signal.title.trim_end_matches('…');
    signal.text.strip_prefix(title).unwrap_or(&signal.text)
}
