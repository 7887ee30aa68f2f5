use domain::persona::{Audience, Voice};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn profile() -> PersonaProfile {
    PersonaProfile {
        language: "en".into(),
        voice: Voice {
            donts: vec![
                "Never “game-changer” or “to be honest”".into(),
                "No exclamation marks".into(),
            ],
            ..Voice::default()
        },
        audiences: vec![Audience {
            languages: vec!["fr".into()],
            ..Audience::default()
        }],
        ..PersonaProfile::default()
    }
}

fn content(n: u128) -> ContentId {
    ContentId(Uuid::from_u128(n))
}

fn earlier(n: u128, text: &str) -> Earlier {
    Earlier {
        content: content(n),
        headline: text.chars().take(20).collect(),
        text: text.into(),
        at: Instant(0),
    }
}

const HUT: &str = "The hut opens again on Friday, with soup, bread and a warm stove for everybody.";

fn checker() -> Checker {
    let mut posts = vec![earlier(1, HUT)];
    for n in 2..9 {
        posts.push(earlier(
            n,
            "Fresh snow on the ridge, avalanche danger rises #AvalancheReport",
        ));
        posts.push(earlier(
            n + 10,
            "Barley soup with smoked bacon in the hut tonight #HutFood",
        ));
    }
    Checker::new(&profile(), posts, &[])
}

fn said(parts: &[&str]) -> Vec<Remark> {
    let languages = ["en".to_owned()];
    checker().check(&Draft {
        content: Some(content(99)),
        parts: parts.to_vec(),
        languages: &languages,
    })
}

fn of(kind: RemarkKind, parts: &[&str]) -> Vec<Remark> {
    let mut all = said(parts);
    all.retain(|remark| remark.kind == kind);
    all
}

fn marked(text: &str, remark: &Remark) -> String {
    let span = remark.span.expect("a place");
    let units: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16(&units[span.start as usize..span.end as usize]).expect("whole signs")
}

#[test]
fn words_that_are_never_said_are_found_in_any_form_and_in_hashtags() {
    let text = "🏔️ Two real Game-Changers, to be HONEST";
    let found = of(RemarkKind::NeverSay, &["A calm part", text]);
    let marks: Vec<String> = found.iter().map(|r| marked(text, r)).collect();
    assert_eq!(marks, ["Game-Changers", "to be HONEST"]);
    assert!(
        found
            .iter()
            .all(|r| r.part == 1 && r.severity == Severity::Warning)
    );
    assert_eq!(of(RemarkKind::NeverSay, &["Our #GameChanger"]).len(), 1);
    assert!(of(RemarkKind::NeverSay, &["Honest work on a game of chess"]).is_empty());
}

#[test]
fn a_sign_that_the_voice_does_not_use_is_found() {
    let text = "Open again!";
    let found = of(RemarkKind::NotTheVoice, &[text]);
    assert_eq!(found.len(), 1);
    assert_eq!(marked(text, &found[0]), "!");
    assert_eq!(found[0].args["line"], "No exclamation marks");
    assert!(of(RemarkKind::NotTheVoice, &["Open again."]).is_empty());
}

#[test]
fn a_copy_of_an_own_post_is_told_and_its_own_content_is_not() {
    let text = "On Friday: the hut opens again on Friday, with soup, bread and a warm stove!";
    let found = of(RemarkKind::SaidBefore, &[text]);
    assert_eq!(found[0].about, content(1).to_string());
    let languages = ["en".to_owned()];
    let own = checker().check(&Draft {
        content: Some(content(1)),
        parts: vec![text],
        languages: &languages,
    });
    assert!(
        own.iter().all(|r| r.kind != RemarkKind::SaidBefore),
        "{own:?}"
    );
}

#[test]
fn a_text_in_another_language_than_chosen_is_told_when_that_is_sure() {
    let found = of(
        RemarkKind::OtherLanguage,
        &["Die Hütte ist ab Freitag wieder für alle offen, mit Suppe und Brot."],
    );
    assert_eq!(found[0].args["found"], "de");
    for sure in [HUT, "2026 🏔️", "Hütte, Suppe"] {
        assert!(of(RemarkKind::OtherLanguage, &[sure]).is_empty(), "{sure}");
    }
}

#[test]
fn long_sentences_of_long_words_are_hard_and_the_longest_is_marked() {
    let short = "This is short. So is this one. ";
    let long = "The operational reconfiguration of institutional accommodation facilities \
        necessitates comprehensive reconsideration of administrative responsibilities, \
        organisational communication infrastructures, and environmental sustainability \
        considerations throughout the international community.";
    let text = format!("{short}{long}");
    let found = of(RemarkKind::HardToRead, &[&text]);
    assert_eq!(marked(&text, &found[0]), long);
    let easy = format!("{HUT} {HUT} {HUT}");
    assert!(of(RemarkKind::HardToRead, &[&easy]).is_empty());
}

#[test]
fn a_figure_needs_a_link_and_one_link_is_enough_for_a_thread() {
    let text = "Well. The glacier lost 4 % of its ice.";
    let found = of(RemarkKind::BareFigure, &[text]);
    assert_eq!(marked(text, &found[0]), "The glacier lost 4 % of its ice.");
    for link in [
        "https://ice.example/2026",
        "ice.example/2026",
        "www.ice.example",
    ] {
        assert!(
            of(RemarkKind::BareFigure, &[text, link]).is_empty(),
            "{link}"
        );
    }
}

#[test]
fn sensitive_words_are_pointed_at_in_the_texts_own_language() {
    let text = "Two climbers died on the north face last night, we are sad.";
    let found = of(RemarkKind::Sensitive, &[text]);
    assert_eq!(marked(text, &found[0]), "died");
    assert_eq!(found[0].args["sort"], "grief");
    assert_eq!(found[0].severity, Severity::Info);
    // A German article is no English verb.
    assert!(
        of(
            RemarkKind::Sensitive,
            &["Die Hütte ist ab Freitag wieder offen, die Suppe heiß."]
        )
        .is_empty()
    );
}

#[test]
fn a_hashtag_whose_words_cannot_be_heard_gets_its_capitals() {
    let text = "Read the #avalanchereport now";
    let found = of(RemarkKind::TagCase, &[text]);
    assert_eq!(found[0].args["better"], "AvalancheReport");
    assert_eq!(marked(text, &found[0]), "#avalanchereport");
    // Never written before, but made of known words.
    let made = of(RemarkKind::TagCase, &["#barleysoup"]);
    assert_eq!(made[0].args["better"], "BarleySoup");
    for fine in ["#AvalancheReport", "#avalanche", "#hut", "#xylographers"] {
        assert!(of(RemarkKind::TagCase, &[fine]).is_empty(), "{fine}");
    }
}

#[test]
fn hashtags_that_went_with_such_words_are_advised_and_known_ones_are_not() {
    let tags = |text: &str| -> Vec<String> {
        let found = of(RemarkKind::TagFits, &[text]);
        found.into_iter().map(|r| r.args["tag"].clone()).collect()
    };
    assert_eq!(
        tags("More fresh snow and avalanche danger on every ridge"),
        ["AvalancheReport"]
    );
    assert!(tags("More fresh snow and avalanche danger #avalanchereport").is_empty());
    assert!(tags("Snow").is_empty());
}

#[test]
fn a_quiet_text_gets_no_remark() {
    assert_eq!(
        said(&["The stove is warm and the path is clear today."]),
        []
    );
    assert_eq!(said(&[""]), []);
    assert_eq!(said(&["🏔️ https://hut.example"]), []);
}

proptest! {
    #[test]
    fn any_text_can_be_checked_and_every_place_is_in_it(parts in proptest::collection::vec("\\PC{0,80}", 0..4)) {
        let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
        for remark in said(&texts) {
            prop_assert!(remark.severity < Severity::Error);
            if let Some(span) = remark.span {
                let units = texts[remark.part].encode_utf16().count();
                prop_assert!(span.start < span.end && span.end as usize <= units);
            }
        }
    }
}

#[test]
fn a_hashtag_without_a_letter_is_none() {
    let of = |text: &str| {
        let found = said(&[text]).into_iter();
        let tags: Vec<String> = found
            .filter(|r| r.kind == RemarkKind::TagOfFigures)
            .map(|r| r.about)
            .collect();
        tags
    };
    assert_eq!(of("Snow #2026 and again #2026 #24_25"), ["2026", "24_25"]);
    assert_eq!(of("Snow #winter2026 and # 2026"), Vec::<String>::new());
}
