//! Properties of preparing and splitting, for any text.

use std::sync::LazyLock;

use domain::limits::CountUnit;
use networks::site::SiteAdapter;
use networks::{Adapter, HttpOptions, Registry};
use proptest::prelude::*;

use crate::common::Written;

fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> =
        LazyLock::new(|| Registry::standard(HttpOptions::default()).unwrap());
    &REGISTRY
}

/// Texts of pieces that matter to networks, and of anything at all.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12}",
        2 => Just(" ".to_owned()),
        1 => prop::sample::select(vec![
            "\n\n", "\n", ". ", "! ", "@alice.test", " @bob@example.social ", " #Schnee! ", " #",
            "https://example.org/a_(b)?q=ü ", " example.com/x", "👩‍👩‍👧‍👦", "🇩🇪", "e\u{301}", "日本語", "。",
            "\u{200d}", "\u{feff}", "ﷺ", "(", "”", "1️⃣", "@", "://", "\r\n",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_filter("storable", |c| *c != '\0').prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn marks_lie_between_characters_in_order_and_within(text in texts()) {
        for adapter in registry().all() {
            let mut written = Written::text(&text);
            for handle in adapter.references(&text).mentions {
                written.mentions.insert(handle, Some("did:plc:x".into()));
            }
            let prepared = written.prepare(adapter.as_ref());
            let segment = &prepared.target.segments[0];
            let mut last = 0;
            for mark in &segment.marks {
                let (start, end) = (mark.start as usize, mark.end as usize);
                prop_assert!(last <= start && start < end && end <= segment.text.len());
                prop_assert!(segment.text.is_char_boundary(start) && segment.text.is_char_boundary(end));
                last = end;
            }
            let units = u32::try_from(text.encode_utf16().count()).unwrap();
            for span in prepared.issues.iter().filter_map(|i| i.span) {
                prop_assert!(span.start <= span.end && span.end <= units);
            }
        }
    }

    #[test]
    fn splitting_keeps_every_character_and_every_part_fits(text in texts(), max in 12_u32..80) {
        for adapter in registry().all() {
            let mut limits = adapter.limits(None);
            // A link counts 23 on some, whatever is left of the limit.
            limits.text.max = Some(if limits.text.link_length.is_some() { max.max(30) } else { max });
            let parts = adapter.split(&text, &limits);
            prop_assert_eq!(words(&parts.concat()), words(&text));
            for part in &parts {
                prop_assert!(adapter.fits(part, &limits), "{:?} on {:?}", part, adapter.descriptor().id);
            }
        }
    }

    #[test]
    fn plain_counts_are_what_they_say(text in texts()) {
        let site = SiteAdapter::new().unwrap();
        let count = site.count(&text, &site.limits(None));
        prop_assert_eq!(count.unit, CountUnit::Characters);
        prop_assert_eq!(count.length as usize, text.chars().count());
    }

    #[test]
    fn preparing_twice_gives_the_same(text in texts()) {
        for adapter in registry().all() {
            let written = Written::text(&text);
            prop_assert_eq!(written.prepare(adapter.as_ref()), written.prepare(adapter.as_ref()));
        }
    }
}

#[test]
fn the_registry_offers_only_what_can_be_connected() {
    let connectable: Vec<String> = registry()
        .all()
        .filter(|a| a.descriptor().is_connectable())
        .map(|a| a.descriptor().id.to_string())
        .collect();
    assert_eq!(connectable, ["bluesky", "site"]);
}
