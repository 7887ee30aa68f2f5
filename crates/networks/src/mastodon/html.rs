//! A post's HTML back to the text that was written, for finding it again.

use crate::text::grammar::{self, SpotKind};

/// The words of a post's content, white space folded. Mastodon hides the ends of long links in
/// spans but keeps every letter, so that the text of the whole is the text that was written but
/// for mentions, which lose their server.
pub(super) fn text(html: &str) -> String {
    let spaced = html
        .replace("<br", " <br")
        .replace("</p>", " </p>")
        .replace("</li>", " </li>");
    let document = dom_query::Document::from(spaced.as_str());
    written(&document.text())
}

/// A text as [`text`] would give it back: NFC, white space folded, mentions without their server,
/// letters of hashtags and links as they are.
pub(super) fn written(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let text: String = text.nfc().collect();
    let mut short = String::with_capacity(text.len());
    let mut from = 0;
    for spot in grammar::mastodon(&text) {
        if let SpotKind::Mention(handle) = &spot.kind
            && let Some((name, _)) = handle.split_once('@')
        {
            short.push_str(&text[from..spot.at.start]);
            short.push('@');
            short.push_str(name);
            from = spot.at.end;
        }
    }
    short.push_str(&text[from..]);
    short.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(html: &str, typed: &str) {
        assert_eq!(text(html), written(typed));
    }

    #[test]
    fn a_posts_html_gives_its_text_back() {
        same(
            "<p>Late snow<br />on the pass.</p><p>Second &amp; last &lt;3</p>",
            "Late snow\non the pass.\n\nSecond & last <3",
        );
        same(
            "<p>Read <a href=\"https://www.example.org/a/long/path?x=1&amp;y=2\" target=\"_blank\" \
             rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">https://www.\
             </span><span class=\"ellipsis\">example.org/a/long/path?x=1&amp;y</span><span \
             class=\"invisible\">=2</span></a>, please</p>",
            "Read https://www.example.org/a/long/path?x=1&y=2, please",
        );
        same(
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://a.example/@mara\" \
             class=\"u-url mention\">@<span>mara</span></a></span> and <span class=\"h-card\">\
             <a href=\"https://b.example/@finn\" class=\"u-url mention\">@<span>finn</span></a>\
             </span> <a href=\"https://a.example/tags/snow\" class=\"mention hashtag\" rel=\"tag\">\
             #<span>snow</span></a></p>",
            "@mara and @finn@b.example #snow",
        );
        same("<p>@nobody@nowhere.example</p>", "@nobody@nowhere.example");
        same("", "");
        same("<p>Cafe\u{301} :blobcat:</p>", "Café :blobcat:");
    }

    #[test]
    fn other_words_are_other_words() {
        assert_ne!(text("<p>Late snow</p>"), written("Late snow."));
        assert_ne!(text("<p>@mara</p>"), written("mara"));
    }
}
