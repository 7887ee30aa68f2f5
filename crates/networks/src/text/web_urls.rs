//! Links as X and Mastodon find them, by the public rules of twitter-text: `http(s)` or nothing
//! before a domain that ends in a known top-level domain, then port, path and query.

mod chars;

use super::tlds;
use chars::{is_domain_char, is_latin, is_path_char, is_path_end, is_query_char, may_precede};

/// A link: bytes `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// It begins with `http://` or `https://`.
    pub has_scheme: bool,
}

/// Longest address with its scheme, in UTF-16 units.
const MAX_LENGTH: usize = 4096;
/// Longest slug of a `t.co` address.
const MAX_SLUG: usize = 40;

/// All links in `text`, in order. `bare` also finds those without a scheme.
#[must_use]
pub fn find(text: &str, bare: bool) -> Vec<Url> {
    let mut found = Vec::new();
    if !text.contains('.') {
        return found;
    }
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        let mut go_on = next;
        if may_precede(c) && text[next..].starts_with(is_domain_char) {
            if let Some(hit) = matched(text, next) {
                at = take(text, next, &hit, Some(c), bare, &mut found);
                continue;
            }
            let last = next + step(&text[next..]);
            go_on = text[..last]
                .char_indices()
                .next_back()
                .map_or(next, |(i, _)| i.max(next));
        }
        // Only at the very start may a link stand with nothing before it.
        if at == 0
            && is_domain_char(c)
            && let Some(hit) = matched(text, 0)
        {
            at = take(text, 0, &hit, None, bare, &mut found);
            continue;
        }
        at = go_on;
    }
    found
}

/// How far to go on after nothing began at the start of `rest`: to the end of the label where no
/// later start in it can do better, which keeps long runs of letters linear.
fn step(rest: &str) -> usize {
    let one = rest.chars().next().map_or(1, char::len_utf8);
    let run: usize = rest
        .chars()
        .take_while(|c| is_domain_char(*c) || matches!(c, '-' | '_'))
        .map(char::len_utf8)
        .sum();
    let label = &rest[..run];
    if rest[run..].starts_with('.') && label.contains('_') {
        return one;
    }
    if rest[run..].starts_with("://") {
        let tail = |n: usize| run.checked_sub(n).filter(|at| label.is_char_boundary(*at));
        let scheme = |n: usize, s: &str| tail(n).filter(|at| label[*at..].eq_ignore_ascii_case(s));
        if let Some(at) = scheme(5, "https").or_else(|| scheme(4, "http")) {
            return if at > 0 { at } else { one };
        }
    }
    run.max(one)
}

struct Hit {
    has_scheme: bool,
    domain: std::ops::Range<usize>,
    path: bool,
    end: usize,
}

fn matched(text: &str, at: usize) -> Option<Hit> {
    let scheme = ["https://", "http://"].into_iter().find(|s| {
        text.as_bytes()
            .get(at..at + s.len())
            .is_some_and(|b| b.eq_ignore_ascii_case(s.as_bytes()))
    });
    if let Some(scheme) = scheme
        && let Some(hit) = after_scheme(text, at + scheme.len(), true)
    {
        return Some(hit);
    }
    after_scheme(text, at, false)
}

fn after_scheme(text: &str, start: usize, has_scheme: bool) -> Option<Hit> {
    let domain_end = domain_end(text, start)?;
    let mut end = domain_end;
    if let Some(port) = text[end..].strip_prefix(':') {
        let digits = port.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            end += 1 + digits;
        }
    }
    let path = text[end..].starts_with('/');
    if path {
        end += 1 + path_length(&text[end + 1..]);
    }
    end += query_length(&text[end..]);
    Some(Hit {
        has_scheme,
        domain: start..domain_end,
        path,
        end,
    })
}

/// Records what was matched, and says where to go on.
fn take(
    text: &str,
    at: usize,
    hit: &Hit,
    before: Option<char>,
    bare: bool,
    found: &mut Vec<Url>,
) -> usize {
    if text[at..hit.end].encode_utf16().count() > MAX_LENGTH
        || !is_possible(&text[hit.domain.clone()])
    {
        return hit.end;
    }
    if hit.has_scheme {
        let mut end = hit.end;
        if let Some(slug) = slug_of_tco(text, hit) {
            if slug.len() > MAX_SLUG {
                return hit.end;
            }
            end = slug.end + query_length(&text[slug.end..]);
        }
        found.push(Url {
            start: at,
            end,
            has_scheme: true,
        });
        return hit.end;
    }
    if !bare || before.is_some_and(|c| matches!(c, '-' | '_' | '.' | '/')) {
        return hit.end;
    }
    let first = found.len();
    ascii_domains(text, hit.domain.clone(), found);
    if hit.path
        && found.len() > first
        && let Some(last) = found.last_mut()
    {
        last.end = hit.end;
    }
    hit.end
}

/// The slug of a `t.co` address; nothing after it belongs to the link.
fn slug_of_tco(text: &str, hit: &Hit) -> Option<std::ops::Range<usize>> {
    let at = hit.domain.end;
    if !text[hit.domain.clone()].eq_ignore_ascii_case("t.co") || !text[at..].starts_with('/') {
        return None;
    }
    let length = text[at + 1..hit.end]
        .bytes()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    (length > 0).then_some(at + 1..at + 1 + length)
}

/// Where the longest domain that begins at `start` ends.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let mut best = None;
    let mut at = start;
    let mut underscore_before = false;
    let mut labels = 0;
    loop {
        let rest = &text[at..];
        let (length, underscore) = label(rest);
        if labels > 0
            && !underscore_before
            && let Some(tld) = tld_at(rest, length)
        {
            best = Some(at + tld);
        }
        if length == 0 || !rest[length..].starts_with('.') {
            return best;
        }
        labels += 1;
        underscore_before = underscore;
        at += length + 1;
    }
}

/// The label at the start of `rest`: its bytes, and whether it has an underscore. It begins and
/// ends with a letter or digit, else it is none.
fn label(rest: &str) -> (usize, bool) {
    let run: usize = rest
        .chars()
        .take_while(|c| is_domain_char(*c) || matches!(c, '-' | '_'))
        .map(char::len_utf8)
        .sum();
    let text = &rest[..run];
    let is_edge = |c: Option<char>| c.is_some_and(|c| !matches!(c, '-' | '_'));
    if is_edge(text.chars().next()) && is_edge(text.chars().next_back()) {
        (run, text.contains('_'))
    } else {
        (0, false)
    }
}

/// The length of the top-level domain at the start of `rest`.
fn tld_at(rest: &str, label: usize) -> Option<usize> {
    let ends = |length: usize| {
        rest[length..]
            .chars()
            .next()
            .is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '@' | '+' | '-')))
    };
    let ascii = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let punycode = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'-')
        .count();
    if rest[..punycode].to_ascii_lowercase().starts_with("xn--") && punycode > 4 {
        return Some(punycode);
    }
    if ascii > 0 {
        return (tlds::is_tld(&rest[..ascii]) && ends(ascii)).then_some(ascii);
    }
    tlds::international_prefix(&rest[..label]).filter(|length| ends(*length))
}

/// Of a domain without scheme only the parts in Latin letters are links.
fn ascii_domains(text: &str, domain: std::ops::Range<usize>, found: &mut Vec<Url>) {
    let mut at = domain.start;
    while at < domain.end {
        let run: usize = text[at..domain.end]
            .chars()
            .take_while(|c| is_latin(*c) || matches!(c, '-' | '.'))
            .map(char::len_utf8)
            .sum();
        if run == 0 {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let part = &text[at..at + run];
        // An internationalised top-level domain may follow a Latin name.
        if let Some(end) = latin_end(&text[at..domain.end], part) {
            let lead = part.len() - part.trim_start_matches('.').len();
            found.push(Url {
                start: at + lead,
                end: at + end,
                has_scheme: false,
            });
            at += end.max(1);
        } else {
            at += run;
        }
    }
}

fn latin_end(from: &str, part: &str) -> Option<usize> {
    let mut best = None;
    let mut at = part.len() - part.trim_start_matches('.').len();
    let mut labels = 0;
    loop {
        let length: usize = from[at..]
            .chars()
            .take_while(|c| is_latin(*c) || *c == '-')
            .map(char::len_utf8)
            .sum();
        if labels > 0
            && let Some(tld) = tld_at(&from[at..], from.len() - at)
        {
            best = Some(at + tld);
        }
        if length == 0 || !from[at + length..].starts_with('.') {
            return best;
        }
        labels += 1;
        at += length + 1;
    }
}

fn path_length(rest: &str) -> usize {
    let mut best = 0;
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        if c == '(' {
            let Some(length) = balanced(&rest[at..]) else {
                break;
            };
            at += length;
            best = at;
        } else if is_path_char(c) {
            at += c.len_utf8();
            if is_path_end(c) {
                best = at;
            }
        } else {
            break;
        }
    }
    best
}

/// Whether the DNS could hold `domain`: no label is longer than 63 bytes in its ASCII form.
fn is_possible(domain: &str) -> bool {
    let fits = |name: &str| name.split('.').all(|label| label.len() <= 63);
    if domain.is_ascii() {
        return fits(domain);
    }
    match url::Url::parse(&format!("http://{domain}/")) {
        Ok(url) => url.host_str().is_some_and(fits),
        // Stricter than X about which letters a name may have.
        Err(_) => true,
    }
}

/// Balanced parentheses with something inside, nested at most once.
fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut inside = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' if depth < 2 => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return (inside > 0).then_some(at + 1);
                }
            }
            c if is_path_char(c) => inside += 1,
            _ => return None,
        }
    }
    None
}

fn query_length(rest: &str) -> usize {
    if !rest.starts_with('?') {
        return 0;
    }
    let run = rest.bytes().take_while(|b| is_query_char(*b)).count();
    rest[..run]
        .rfind(|c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '&' | '=' | '#' | '/')
        })
        .map_or(0, |at| at + 1)
}
