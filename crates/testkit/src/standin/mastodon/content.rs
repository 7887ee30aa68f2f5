//! A text as Mastodon shows it.

fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A link with its ends hidden, as Mastodon shortens it.
fn link(address: &str) -> String {
    let scheme = address.find("://").map_or(0, |at| at + 3);
    let after = &address[scheme..];
    let hidden = scheme + if after.starts_with("www.") { 4 } else { 0 };
    let (prefix, rest) = address.split_at(hidden);
    let cut = rest.char_indices().nth(30).map_or(rest.len(), |(at, _)| at);
    let (shown, end) = rest.split_at(cut);
    let class = if end.is_empty() { "" } else { "ellipsis" };
    format!(
        "<a href=\"{href}\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\">\
         <span class=\"invisible\">{prefix}</span><span class=\"{class}\">{shown}</span>\
         <span class=\"invisible\">{end}</span></a>",
        href = plain(address),
        prefix = plain(prefix),
        shown = plain(shown),
        end = plain(end),
    )
}

fn word(word: &str, url: &str) -> String {
    let end = word.trim_end_matches(['.', ',', '!', '?', ')']).len();
    let (core, tail) = word.split_at(end);
    let tail = plain(tail);
    if core.starts_with("http://") || core.starts_with("https://") {
        return format!("{}{tail}", link(core));
    }
    if let Some(tag) = core.strip_prefix('#').filter(|tag| !tag.is_empty()) {
        return format!(
            "<a href=\"{url}/tags/{tag}\" class=\"mention hashtag\" rel=\"tag\">#<span>{tag}\
             </span></a>{tail}"
        );
    }
    if let Some(name) = core.strip_prefix('@').filter(|name| !name.is_empty()) {
        let user = name.split('@').next().unwrap_or(name);
        return format!(
            "<span class=\"h-card\" translate=\"no\"><a href=\"{url}/@{name}\" \
             class=\"u-url mention\">@<span>{user}</span></a></span>{tail}"
        );
    }
    plain(word)
}

/// The HTML of a text.
pub(super) fn html(text: &str, url: &str) -> String {
    let paragraphs: Vec<String> = text
        .trim()
        .split("\n\n")
        .filter(|p| !p.is_empty())
        .map(|paragraph| {
            let lines: Vec<String> = paragraph
                .lines()
                .map(|line| {
                    let words: Vec<String> = line.split(' ').map(|w| word(w, url)).collect();
                    words.join(" ")
                })
                .collect();
            format!("<p>{}</p>", lines.join("<br />"))
        })
        .collect();
    paragraphs.concat()
}
