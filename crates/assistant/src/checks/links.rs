//! Links as a person follows them, and such as lead nowhere.

use domain::limits::Severity;
use domain::remark::RemarkKind;

use super::tokens::{Part, Sort};
use super::{Draft, MOST, Remark};

/// The longest link that is looked at, in bytes.
const LONGEST: usize = 2_000;

/// A link with its place: part, first byte, end.
type Place = (usize, usize, usize);

fn links(parts: &[Part<'_>]) -> Vec<(String, Place)> {
    let mut links = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for chunk in part.chunks.iter().filter(|c| c.sort == Sort::Link) {
            let ends =
                |sign: char| matches!(sign, '.' | ',' | ';' | ':' | '!' | '?' | '"' | '”' | '»');
            let mut link = chunk.text.trim_end_matches(ends);
            // A bracket that opens in the link belongs to it.
            while link.ends_with(')') && link.matches(')').count() > link.matches('(').count() {
                link = link[..link.len() - 1].trim_end_matches(ends);
            }
            let full = match link.contains("://") {
                true => link.to_owned(),
                false => format!("https://{link}"),
            };
            if full.len() <= LONGEST {
                links.push((full, (at, chunk.start, chunk.start + link.len())));
            }
        }
    }
    links
}

/// The first `most` links of a text, each once, as they would be followed.
#[must_use]
pub fn links_of(draft: &Draft<'_>, most: usize) -> Vec<String> {
    let parts: Vec<Part<'_>> = draft.parts.iter().map(|text| Part::of(text)).collect();
    let mut known = Vec::new();
    for (link, _) in links(&parts) {
        if known.len() == most {
            break;
        }
        if !known.contains(&link) {
            known.push(link);
        }
    }
    known
}

/// Those of them of which `is_dead` says that they lead nowhere.
#[must_use]
pub fn dead_links(draft: &Draft<'_>, is_dead: impl Fn(&str) -> bool) -> Vec<Remark> {
    let parts: Vec<Part<'_>> = draft.parts.iter().map(|text| Part::of(text)).collect();
    let dead = links(&parts).into_iter().filter(|(link, _)| is_dead(link));
    dead.map(|(link, (at, start, end))| {
        Remark::new(RemarkKind::DeadLink, Severity::Warning, &*link)
            .with("link", &link)
            .at(at, parts[at].span(start, end))
    })
    .take(MOST)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_without_the_signs_of_the_sentence_around_them() {
        let draft = Draft {
            content: None,
            parts: vec![
                "See (https://hut.example/a_(b)), www.hut.example/c. And hut.example/d?x=1!",
                "“https://hut.example/a_(b)”",
            ],
            languages: &[],
        };
        assert_eq!(
            links_of(&draft, 20),
            [
                "https://hut.example/a_(b)",
                "https://www.hut.example/c",
                "https://hut.example/d?x=1"
            ]
        );
        let dead = dead_links(&draft, |link| link.ends_with('c'));
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].about, "https://www.hut.example/c");
        let span = dead[0].span.unwrap();
        assert_eq!((span.start, span.end), (33, 50));
    }
}
