//! Properties of preparing and splitting, for any text.

use std::sync::LazyLock;

use domain::content::{Options, Poll, Replies, Visibility};
use domain::limits::{CountUnit, Severity};
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

fn options() -> impl Strategy<Value = Options> {
    let visibility = prop::option::of(prop::sample::select(vec![
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Followers,
        Visibility::Direct,
    ]));
    let replies = prop::option::of(prop::sample::select(vec![
        Replies::Everyone,
        Replies::Following,
        Replies::Followers,
        Replies::Mentioned,
        Replies::Nobody,
        Replies::Verified,
        Replies::Subscribers,
    ]));
    let choices = prop::collection::vec("[ab ]{0,3}", 0..6);
    let poll = prop::option::of((choices, 0_u32..20_000, any::<bool>(), any::<bool>()));
    let label = prop::sample::select(vec!["nudity", "porn", "of-my-own"]);
    let labels = prop::collection::vec(label.prop_map(str::to_owned), 0..3);
    (
        visibility,
        replies,
        "[a-z ]{0,12}",
        poll,
        labels,
        any::<[bool; 3]>(),
    )
        .prop_map(
            |(visibility, replies, content_warning, poll, labels, [hide, quiet, ai])| Options {
                no_card: false,
                visibility,
                content_warning,
                sensitive: hide,
                replies,
                quotes_off: quiet,
                poll: poll.map(|(choices, minutes, multiple, hide_totals)| Poll {
                    choices,
                    minutes,
                    multiple,
                    hide_totals,
                }),
                made_with_ai: ai,
                labels,
                quote: None,
            },
        )
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
    fn nobody_reads_or_replies_who_was_shut_out_unless_it_is_said(asked in options()) {
        for adapter in registry().all() {
            let mut written = Written::text("Snow");
            written.variant.options = asked.clone();
            let prepared = written.prepare(adapter.as_ref());
            let goes = &prepared.target.options;
            let said = |code: &str, least: Severity| {
                prepared.issues.iter().any(|i| i.code == code && i.severity >= least)
            };
            // Absent means public and open to all, unless nothing was asked for.
            let reads = goes.visibility.unwrap_or(Visibility::Public);
            let wider = asked.visibility.is_some_and(|v| reads < v);
            prop_assert!(!wider || said("visibility_unsupported", Severity::Error));
            let replies = goes.replies.unwrap_or(Replies::Everyone);
            let open = asked.replies.is_some_and(|r| r != replies);
            prop_assert!(!open || said("replies_unsupported", Severity::Warning));
            let quoted = asked.quotes_off && !goes.quotes_off;
            prop_assert!(!quoted || said("quotes_unsupported", Severity::Warning));
            let bare = !asked.content_warning.trim().is_empty() && goes.content_warning.is_empty();
            prop_assert!(!bare || said("content_warning_unsupported", Severity::Warning));
            if asked.poll.is_some() && prepared.is_sendable() {
                let poll = goes.poll.as_ref().unwrap();
                let limits = adapter.limits(None).poll.unwrap();
                let count = u32::try_from(poll.choices.len()).unwrap();
                prop_assert!((limits.min_choices..=limits.max_choices).contains(&count));
                prop_assert!((limits.min_minutes..=limits.max_minutes).contains(&poll.minutes));
            }
            // Nothing goes out that was not asked for.
            prop_assert!(goes.visibility.is_none() || goes.visibility == asked.visibility);
            prop_assert!(goes.replies.is_none() || goes.replies == asked.replies);
            prop_assert!(goes.labels.iter().all(|l| asked.labels.contains(l)));
        }
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
fn every_network_of_the_registry_can_be_connected() {
    let connectable: Vec<String> = registry()
        .all()
        .filter(|a| a.descriptor().is_connectable())
        .map(|a| a.descriptor().id.to_string())
        .collect();
    assert_eq!(connectable, ["bluesky", "mastodon", "site", "x"]);
}
