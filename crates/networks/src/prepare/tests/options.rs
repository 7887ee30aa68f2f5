use domain::content::{Options, Poll, Quote, Replies, Variant, Visibility};
use domain::limits::Severity;

use super::{Known, asset, codes, prepare_within, with_picture};
use crate::contract::Prepared;
use crate::rules::Rules;

fn mastodon() -> Rules {
    crate::mastodon::rules().unwrap()
}

fn x() -> Rules {
    crate::x::rules().unwrap()
}

fn site() -> Rules {
    crate::site::rules().unwrap()
}

fn chosen(text: &str, options: Options) -> Variant {
    Variant {
        options,
        ..Variant::of_text(text)
    }
}

fn prepare(rules: &Rules, options: Options) -> Prepared {
    super::prepare(rules, &chosen("Snow", options), &Known::default())
}

fn poll(choices: &[&str]) -> Poll {
    Poll {
        choices: choices.iter().map(|c| (*c).to_owned()).collect(),
        minutes: 1440,
        ..Poll::default()
    }
}

fn with_poll(poll: Poll) -> Options {
    Options {
        poll: Some(poll),
        ..Options::default()
    }
}

#[test]
fn what_a_network_has_goes_out_as_chosen() {
    let options = Options {
        visibility: Some(Visibility::Followers),
        content_warning: "  Avalanche  ".into(),
        sensitive: true,
        quotes_off: true,
        poll: Some(poll(&[" Yes ", "No"])),
        ..Options::default()
    };
    let prepared = prepare(&mastodon(), options.clone());
    assert_eq!(codes(&prepared), [""; 0]);
    let expected = Options {
        content_warning: "Avalanche".into(),
        poll: Some(poll(&["Yes", "No"])),
        ..options
    };
    assert_eq!(prepared.target.options, expected);
}

#[test]
fn nothing_chosen_leaves_nothing_in_the_version() {
    let without_card = Options {
        no_card: true,
        content_warning: "  ".into(),
        ..Options::default()
    };
    for rules in [mastodon(), x(), site(), super::bluesky()] {
        let prepared = prepare(&rules, without_card.clone());
        assert!(prepared.target.options.is_default(), "{}", rules.id);
        assert_eq!(codes(&prepared), [""; 0]);
    }
}

#[test]
fn a_narrower_visibility_is_never_widened() {
    let asked = |visibility| Options {
        visibility: Some(visibility),
        ..Options::default()
    };
    for narrow in [
        Visibility::Unlisted,
        Visibility::Followers,
        Visibility::Direct,
    ] {
        let prepared = prepare(&x(), asked(narrow));
        assert_eq!(codes(&prepared), ["visibility_unsupported"]);
        assert!(!prepared.is_sendable());
    }
    let direct = prepare(&x(), asked(Visibility::Direct));
    assert_eq!(direct.issues[0].args["visibility"], "direct");
    assert!(prepare(&x(), asked(Visibility::Public)).is_sendable());
}

#[test]
fn what_is_lost_is_said_and_an_ai_mark_is_lost_in_silence() {
    let options = Options {
        content_warning: "Avalanche".into(),
        replies: Some(Replies::Followers),
        quotes_off: true,
        made_with_ai: true,
        labels: vec!["nudity".into()],
        ..Options::default()
    };
    let prepared = prepare(&x(), options.clone());
    assert_eq!(
        codes(&prepared),
        [
            "label_unsupported",
            "content_warning_unsupported",
            "quotes_unsupported",
            "replies_unsupported"
        ]
    );
    assert!(
        prepared
            .issues
            .iter()
            .all(|i| i.severity == Severity::Warning)
    );
    assert!(prepared.is_sendable());
    assert_eq!(
        prepared.target.options,
        Options {
            made_with_ai: true,
            ..Options::default()
        }
    );
    let silent = prepare(&mastodon(), options);
    assert_eq!(codes(&silent), ["replies_unsupported"]);
    assert!(!silent.target.options.made_with_ai);
}

#[test]
fn pictures_that_cannot_hide_are_said() {
    let facts = asset(1000, "image/png");
    let known = Known {
        assets: [(facts.hash, facts.clone())].into(),
        ..Known::default()
    };
    let mut variant = with_picture(&facts, "A cat");
    variant.options.sensitive = true;
    assert_eq!(
        codes(&super::prepare(&x(), &variant, &known)),
        ["sensitive_unsupported"]
    );
    assert_eq!(
        codes(&super::prepare(&mastodon(), &variant, &known)),
        [""; 0]
    );
    variant.segments[0].media.clear();
    assert_eq!(codes(&super::prepare(&x(), &variant, &known)), [""; 0]);
}

#[test]
fn a_content_warning_counts_where_the_network_counts_it() {
    let options = Options {
        content_warning: "é".repeat(100),
        ..Options::default()
    };
    let fits = chosen(&"a".repeat(400), options.clone());
    let prepared = super::prepare(&mastodon(), &fits, &Known::default());
    assert_eq!(prepared.counts[0].length, 500);
    assert_eq!(codes(&prepared), [""; 0]);
    let over = chosen(&"a".repeat(403), options.clone());
    let prepared = super::prepare(&mastodon(), &over, &Known::default());
    assert_eq!(codes(&prepared), ["text_too_long"]);
    let span = prepared.issues[0].span.unwrap();
    assert_eq!((span.start, span.end), (400, 403));
    let on_x = super::prepare(&x(), &chosen("a", options), &Known::default());
    assert_eq!(on_x.counts[0].length, 1);
}

#[test]
fn a_network_without_polls_refuses_one() {
    let prepared = prepare(&site(), with_poll(poll(&["Yes", "No"])));
    assert_eq!(codes(&prepared), ["poll_unsupported"]);
    assert!(!prepared.is_sendable());
    assert_eq!(prepared.target.options.poll, None);
}

#[test]
fn every_fault_of_a_poll_has_its_place() {
    let long = "a".repeat(26);
    let prepared = prepare(
        &x(),
        with_poll(Poll {
            minutes: 4,
            multiple: true,
            hide_totals: true,
            ..poll(&["Yes", " ", "Yes ", &long, "No\0"])
        }),
    );
    let found: Vec<(&str, Option<u32>)> = prepared
        .issues
        .iter()
        .map(|i| (i.code.as_str(), i.choice))
        .collect();
    assert_eq!(
        found,
        [
            ("poll_multiple_unsupported", None),
            ("poll_totals_shown", None),
            ("poll_too_short", None),
            ("poll_too_many_choices", None),
            ("poll_choice_empty", Some(1)),
            ("poll_choice_twice", Some(2)),
            ("poll_choice_too_long", Some(3)),
            ("character_not_allowed", Some(4)),
        ]
    );
    let args = &prepared.issues[6].args;
    assert_eq!(
        (args["length"].as_str(), args["limit"].as_str()),
        ("26", "25")
    );
    let one = prepare(
        &x(),
        with_poll(Poll {
            minutes: 10_081,
            ..poll(&["Yes"])
        }),
    );
    assert_eq!(codes(&one), ["poll_too_long", "poll_too_few_choices"]);
}

#[test]
fn a_choice_is_measured_as_the_network_measures() {
    // 26 characters that readers see as 13.
    let accents = "e\u{301}".repeat(13);
    let choices = [accents.as_str(), "No"];
    assert_eq!(
        codes(&prepare(&x(), with_poll(poll(&choices)))),
        ["poll_choice_too_long"]
    );
    assert_eq!(
        codes(&prepare(&mastodon(), with_poll(poll(&choices)))),
        [""; 0]
    );
}

#[test]
fn a_poll_keeps_pictures_out_of_the_first_segment_only() {
    let facts = asset(1000, "image/png");
    let known = Known {
        assets: [(facts.hash, facts.clone())].into(),
        ..Known::default()
    };
    let mut variant = with_picture(&facts, "A cat");
    variant.options = with_poll(poll(&["Yes", "No"]));
    let prepared = super::prepare(&mastodon(), &variant, &known);
    assert_eq!(codes(&prepared), ["poll_with_pictures"]);
    variant
        .segments
        .insert(0, Variant::of_text("Snow?").segments.remove(0));
    assert!(super::prepare(&mastodon(), &variant, &known).is_sendable());
}

#[test]
fn a_server_s_own_poll_limits_win() {
    let rules = mastodon();
    let mut limits = rules.limits(None);
    limits.poll.as_mut().unwrap().max_choices = 2;
    let variant = chosen("Snow", with_poll(poll(&["1", "2", "3"])));
    let prepared = prepare_within(&rules, &limits, &variant, &Known::default());
    assert_eq!(codes(&prepared), ["poll_too_many_choices"]);
    limits.poll = None;
    let none = prepare_within(&rules, &limits, &variant, &Known::default());
    assert_eq!(codes(&none), ["poll_unsupported"]);
}

#[test]
fn a_server_that_would_ignore_that_nobody_may_quote_is_not_asked() {
    let rules = mastodon();
    let mut limits = rules.limits(None);
    limits.quotes_off = Some(false);
    let options = Options {
        quotes_off: true,
        ..Options::default()
    };
    let prepared = prepare_within(&rules, &limits, &chosen("Snow", options), &Known::default());
    assert_eq!(codes(&prepared), ["quotes_unsupported"]);
    assert!(!prepared.target.options.quotes_off);
}

fn quoting(address: &str) -> Options {
    Options {
        quote: Some(Quote {
            address: address.to_owned(),
            ..Quote::default()
        }),
        ..Options::default()
    }
}

#[test]
fn a_quote_goes_out_as_it_was_found_and_counts_nothing() {
    let address = "https://bsky.app/profile/ann.example/post/3jzf";
    let bluesky = super::bluesky();
    let asked = prepare(&bluesky, quoting(&format!(" {address} ")));
    assert_eq!(asked.missing.quotes, [address]);
    assert_eq!(asked.target.options.quote, quoting(address).quote);
    assert!(!asked.is_sendable());

    let found = Quote {
        address: address.to_owned(),
        id: "at://did:plc:ann/app.bsky.feed.post/3jzf".to_owned(),
        hash: "bafy".to_owned(),
        author: "ann.example".to_owned(),
        text: "Snow?".to_owned(),
    };
    let mut known = Known::default();
    known.quotes.insert(address.to_owned(), Some(found.clone()));
    let variant = chosen("Snow", quoting(address));
    let prepared = super::prepare(&bluesky, &variant, &known);
    assert!(prepared.is_sendable(), "{prepared:?}");
    assert_eq!(prepared.target.options.quote, Some(found));
    assert_eq!(prepared.counts[0].length, 4);

    known.quotes.insert(address.to_owned(), None);
    let prepared = super::prepare(&bluesky, &variant, &known);
    assert_eq!(codes(&prepared), ["quote_unknown"]);
    assert!(!prepared.is_sendable());

    // An empty field is no quote.
    let prepared = prepare(&bluesky, quoting(" "));
    assert!(prepared.is_sendable());
    assert_eq!(prepared.target.options, Options::default());
}

#[test]
fn a_network_without_quotes_refuses_one() {
    for rules in [mastodon(), site()] {
        let prepared = prepare(&rules, quoting("https://a.example/1"));
        assert_eq!(codes(&prepared), ["quote_unsupported"]);
        assert_eq!(prepared.target.options.quote, None);
        assert!(!prepared.is_sendable());
    }
}
