use std::collections::BTreeMap;

use domain::Hash;
use domain::content::{MediaUse, Quote, Segment, Variant};
use domain::ids::IdentityId;
use domain::limits::{Limits, Severity};
use domain::media::{AssetFacts, Rendition};
use domain::version::{Card, MarkKind};
use uuid::Uuid;

use crate::contract::{CardState, PrepareInput, Prepared};
use crate::rules::Rules;

#[derive(Default)]
struct Known {
    assets: BTreeMap<Hash, AssetFacts>,
    mentions: BTreeMap<String, Option<String>>,
    cards: BTreeMap<String, CardState>,
    quotes: BTreeMap<String, Option<Quote>>,
    renditions: BTreeMap<Hash, Rendition>,
    languages: Vec<String>,
}

fn bluesky() -> Rules {
    crate::bluesky::rules().unwrap()
}

fn prepare(rules: &Rules, variant: &Variant, known: &Known) -> Prepared {
    prepare_within(rules, &rules.limits(None), variant, known)
}

fn prepare_within(rules: &Rules, limits: &Limits, variant: &Variant, known: &Known) -> Prepared {
    rules.prepare(&PrepareInput {
        identity: IdentityId(Uuid::nil()),
        variant,
        languages: &known.languages,
        title: " Late snow ",
        limits,
        assets: &known.assets,
        mentions: &known.mentions,
        cards: &known.cards,
        quotes: &known.quotes,
        renditions: &known.renditions,
    })
}

fn codes(prepared: &Prepared) -> Vec<&str> {
    prepared.issues.iter().map(|i| i.code.as_str()).collect()
}

fn asset(bytes: u64, mime: &str) -> AssetFacts {
    AssetFacts {
        hash: Hash::of(mime.as_bytes()),
        name: "a".into(),
        mime: mime.into(),
        width: 800,
        height: 600,
        bytes,
        animated: mime == "image/gif",
        location_removed: false,
    }
}

fn with_picture(facts: &AssetFacts, alt: &str) -> Variant {
    Variant {
        segments: vec![Segment {
            text: "See https://example.org".into(),
            media: vec![MediaUse {
                asset: facts.hash,
                alt: alt.into(),
            }],
        }],
        ..Variant::default()
    }
}

#[test]
fn marks_are_bytes_of_the_clean_text_and_places_are_units_of_the_typed_text() {
    let known = Known {
        mentions: [
            ("alice.test".to_owned(), Some("did:plc:a".to_owned())),
            ("nobody.test".to_owned(), None),
        ]
        .into(),
        cards: [("https://example.org".to_owned(), CardState::None)].into(),
        ..Known::default()
    };
    let variant = Variant::of_text("\n🎉 @Alice.test @nobody.test #é https://example.org \n");
    let prepared = prepare(&bluesky(), &variant, &known);
    let segment = &prepared.target.segments[0];
    assert!(segment.text.starts_with('🎉') && segment.text.ends_with("org"));
    let marked: Vec<&str> = segment
        .marks
        .iter()
        .map(|m| &segment.text[m.start as usize..m.end as usize])
        .collect();
    assert_eq!(marked, ["@Alice.test", "#é", "https://example.org"]);
    assert!(matches!(&segment.marks[0].kind, MarkKind::Mention { id, .. } if id == "did:plc:a"));
    assert_eq!(codes(&prepared), ["mention_unknown", "card_none"]);
    let span = prepared.issues[0].span.unwrap();
    assert_eq!((span.start, span.end), (16, 28));
    assert!(prepared.is_sendable());
    assert_eq!(prepared.target.title, "", "Bluesky has no titles");
}

#[test]
fn what_was_never_asked_is_missing_and_not_guessed() {
    let variant = Variant::of_text("@alice.test @ALICE.test https://example.org");
    let prepared = prepare(&bluesky(), &variant, &Known::default());
    assert_eq!(prepared.missing.mentions, ["alice.test"]);
    assert_eq!(prepared.missing.cards, ["https://example.org"]);
    assert!(!prepared.is_sendable());
}

#[test]
fn a_frozen_card_goes_out_unless_pictures_do() {
    let card = Card {
        url: "https://example.org".into(),
        title: "T".into(),
        description: String::new(),
        image: None,
    };
    let facts = asset(1000, "image/png");
    let known = Known {
        cards: [(card.url.clone(), CardState::Card(card.clone()))].into(),
        assets: [(facts.hash, facts.clone())].into(),
        ..Known::default()
    };
    let mut text = Variant::of_text("See https://example.org");
    assert_eq!(
        prepare(&bluesky(), &text, &known).target.segments[0].card,
        Some(card)
    );
    text.options.no_card = true;
    assert_eq!(
        prepare(&bluesky(), &text, &known).target.segments[0].card,
        None
    );
    let pictured = prepare(&bluesky(), &with_picture(&facts, "A cat"), &known);
    assert_eq!(pictured.target.segments[0].card, None);
    assert_eq!(codes(&pictured), ["card_left_out"]);
    let site = crate::site::rules().unwrap();
    let both = prepare(&site, &with_picture(&facts, "A cat"), &known);
    assert!(both.target.segments[0].card.is_some());
    assert_eq!(both.target.title, "Late snow");
}

#[test]
fn a_picture_without_words_is_an_error() {
    let facts = asset(1000, "image/png");
    let known = Known {
        assets: [(facts.hash, facts.clone())].into(),
        ..Known::default()
    };
    let prepared = prepare(&bluesky(), &with_picture(&facts, "  "), &known);
    assert_eq!(codes(&prepared), ["alt_missing", "card_left_out"]);
    assert_eq!(prepared.issues[0].severity, Severity::Error);
    assert_eq!(prepared.issues[0].asset, Some(facts.hash));
    assert!(!prepared.is_sendable());
    let long = prepare(&bluesky(), &with_picture(&facts, &"a".repeat(2001)), &known);
    assert_eq!(codes(&long), ["alt_too_long", "card_left_out"]);
}

#[test]
fn a_picture_that_does_not_fit_asks_for_a_rendition() {
    let facts = asset(9_000_000, "image/gif");
    let mut known = Known {
        assets: [(facts.hash, facts.clone())].into(),
        ..Known::default()
    };
    let variant = with_picture(&facts, "A cat");
    let before = prepare(&bluesky(), &variant, &known);
    assert_eq!(before.missing.renditions, [facts.hash]);
    let made = Rendition {
        asset: facts.hash,
        hash: Hash::of(b"made"),
        mime: "image/jpeg".into(),
        width: 800,
        height: 600,
        bytes: 90_000,
    };
    known.renditions.insert(facts.hash, made.clone());
    let after = prepare(&bluesky(), &variant, &known);
    assert!(after.is_sendable());
    assert_eq!(
        codes(&after),
        ["image_fitted", "image_stands_still", "card_left_out"]
    );
    assert_eq!(after.target.segments[0].media[0].rendition, made);
    let nothing = prepare(&bluesky(), &variant, &Known::default());
    assert_eq!(codes(&nothing), ["asset_missing", "card_left_out"]);
}

#[test]
fn too_much_of_anything_is_said() {
    let many = Variant {
        segments: vec![Segment::default(); 101],
        ..Variant::default()
    };
    let known = Known {
        languages: ["en", "Deutsch!", "de-CH", "fr", "ja", "en"]
            .map(str::to_owned)
            .to_vec(),
        ..Known::default()
    };
    let prepared = prepare(&bluesky(), &many, &known);
    assert_eq!(prepared.target.languages, ["en", "de-CH", "fr"]);
    let codes = codes(&prepared);
    assert_eq!(codes.iter().filter(|c| **c == "segment_empty").count(), 101);
    assert!(codes.contains(&"thread_too_long") && codes.contains(&"too_many_languages"));
    assert!(codes.contains(&"language_unknown"));
    let long_tag = Variant::of_text(&format!("#{}", "a".repeat(65)));
    let prepared = prepare(&bluesky(), &long_tag, &Known::default());
    assert_eq!(prepared.issues[0].code, "tag_too_long");
    assert!(prepared.target.segments[0].marks.is_empty() && prepared.is_sendable());
    // 300 graphemes of 11 bytes each.
    let heavy = Variant::of_text(&"👩‍🔬".repeat(290));
    let prepared = prepare(&bluesky(), &heavy, &Known::default());
    assert_eq!(prepared.issues[0].code, "text_too_many_bytes");
    let nul = prepare(&bluesky(), &Variant::of_text("a\0b"), &Known::default());
    assert_eq!(nul.issues[0].code, "character_not_allowed");
    assert!(!nul.is_sendable());
}

mod options;
