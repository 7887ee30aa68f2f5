use super::*;

fn spots(found: Vec<Spot>, text: &str) -> Vec<(String, String)> {
    found
        .into_iter()
        .map(|s| {
            let kind = match s.kind {
                SpotKind::Link(url) => format!("link {url}"),
                SpotKind::Mention(handle) => format!("mention {handle}"),
                SpotKind::Tag(tag) => format!("tag {tag}"),
            };
            (text[s.at].to_owned(), kind)
        })
        .collect()
}

#[track_caller]
fn bluesky_finds(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect();
    assert_eq!(spots(bluesky(text), text), expected, "{text}");
}

#[test]
fn bluesky_marks_mentions_tags_and_links() {
    bluesky_finds(
        "Hi @alice.test, (@bob.example.org) see https://example.org/#x #snow! #2026 #2026a ＃雪。",
        &[
            ("@alice.test", "mention alice.test"),
            ("@bob.example.org", "mention bob.example.org"),
            ("https://example.org/#x", "link https://example.org/#x"),
            ("#snow", "tag snow"),
            ("#2026a", "tag 2026a"),
            ("＃雪", "tag 雪"),
        ],
    );
    bluesky_finds("mail a@b.com, @nobody, x#y, #️⃣ #!?", &[]);
}

#[test]
fn a_mention_inside_a_link_stays_part_of_the_link() {
    let text = "https://example.social/@alice and @alice@example.social";
    assert_eq!(
        spots(mastodon(text), text),
        [
            (
                "https://example.social/@alice".to_owned(),
                "link https://example.social/@alice".to_owned()
            ),
            (
                "@alice@example.social".to_owned(),
                "mention alice@example.social".to_owned()
            ),
        ]
    );
}

#[test]
fn mastodon_counts_the_user_part_and_a_fixed_length_for_links() {
    assert_eq!(mastodon_length("Hello", 23), 5);
    assert_eq!(mastodon_length("@alice@very.long.example.social hi", 23), 9);
    assert_eq!(
        mastodon_length("see https://example.org/a/very/long/path/indeed?q=1 ok", 23),
        30
    );
    // A name without scheme is no link there.
    assert_eq!(mastodon_length("example.org", 23), 11);
    assert_eq!(mastodon_length("👩‍👩‍👧‍👦e\u{301}", 23), 2);
    assert_eq!(mastodon_length("https://example.org", 30), 30);
}

#[test]
fn x_marks_names_and_bare_links() {
    let text = "@alice: example.com/x #snow_day a@b @toolongforaname_x";
    assert_eq!(
        spots(x(text), text),
        [
            ("@alice".to_owned(), "mention alice".to_owned()),
            (
                "example.com/x".to_owned(),
                "link https://example.com/x".to_owned()
            ),
            ("#snow_day".to_owned(), "tag snow_day".to_owned()),
        ]
    );
}
