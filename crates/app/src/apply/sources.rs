//! Sources and who follows them.

use domain::ids::SourceId;
use domain::source::{Feed, MAX_ADDRESS, MAX_NAME, MAX_TAG, Source, SourceKind};
use protocol::mutation::Notice;
use protocol::{Code, Problem};
use serde_json::json;
use url::Url;

use super::Work;
use crate::Error;
use crate::workflows::{SOURCE_CHANGED, read_source};

/// The most sources of an organization.
const MOST: usize = 2_000;

pub(super) async fn save(
    work: &mut Work<'_, '_>,
    id: SourceId,
    source: &Source,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let source = tidied(source)?;
    if source.personas.is_empty() {
        return Err(wrong("personas", "at least one persona"));
    }
    for persona in &source.personas {
        let known = store::persona::get(work.tx, org, *persona).await?;
        known.ok_or_else(|| Error::missing("persona"))?;
    }
    let same = store::source::of_feed(work.tx, org, &source.feed).await?;
    if same.is_some_and(|same| same.id != id) {
        return Err(Error::refused(
            Code::Conflict,
            "This source is followed already. Change who follows it.",
        ));
    }
    let before = store::source::get(work.tx, org, id).await?;
    let (action, kept) = match before {
        Some(before) => {
            // What was learned of the old address says nothing about a new one.
            let state = match before.source.feed == source.feed {
                true => before.state,
                false => store::source::State::default(),
            };
            let kept = store::source::Source {
                source,
                state,
                ..before
            };
            ("source_saved", kept)
        }
        None => {
            if store::source::all(work.tx, org).await?.len() >= MOST {
                return Err(Error::refused(
                    Code::InvalidInput,
                    format!("There are {MOST} sources already. Remove one first."),
                ));
            }
            let kept = store::source::Source {
                id,
                source,
                state: store::source::State::default(),
                added_at: work.now(),
            };
            ("source_added", kept)
        }
    };
    store::source::save(work.tx, org, &kept).await?;
    work.changed("source", id).await?;
    let payload = json!({"name": crate::ideas::title_of(&kept)});
    work.record(action, &format!("source:{id}"), None, payload)
        .await?;
    read_source(work, id).await?;
    work.emit(SOURCE_CHANGED, id).await?;
    Ok(vec![])
}

fn tidied(source: &Source) -> Result<Source, Error> {
    let name = source.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > MAX_NAME {
        return Err(wrong("name", &format!("at most {MAX_NAME} characters")));
    }
    let mut personas = source.personas.clone();
    personas.sort_unstable();
    personas.dedup();
    Ok(Source {
        feed: feed_of(&source.feed)?,
        name,
        personas,
    })
}

/// The feed in the one way in which it is written.
fn feed_of(feed: &Feed) -> Result<Feed, Error> {
    let typed = feed.address.trim();
    let full = match typed.contains("://") {
        true => typed.to_owned(),
        false => format!("https://{typed}"),
    };
    let url = Url::parse(&full).ok().filter(|url| {
        let plain = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.host().is_some() && plain
    });
    let mut url = url
        .filter(|_| full.len() <= MAX_ADDRESS)
        .ok_or_else(|| wrong("address", "an address such as https://example.org/feed.xml"))?;
    url.set_fragment(None);
    let tag = match feed.kind {
        SourceKind::Feed => String::new(),
        SourceKind::MastodonTrends
        | SourceKind::MastodonTag
        | SourceKind::BlueskyTrends
        | SourceKind::BlueskyTag => {
            url.set_path("/");
            url.set_query(None);
            match feed.kind.is_of_tag() {
                true => tag_of(&feed.tag)?,
                false => String::new(),
            }
        }
    };
    Ok(Feed {
        kind: feed.kind,
        address: url.into(),
        tag,
    })
}

fn tag_of(typed: &str) -> Result<String, Error> {
    let tag = typed.trim().trim_start_matches('#').to_lowercase();
    let fits = !tag.is_empty()
        && tag.chars().count() <= MAX_TAG
        && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    if fits {
        Ok(tag)
    } else {
        Err(wrong("tag", "one word of letters, digits and _"))
    }
}

fn wrong(field: &str, what: &str) -> Error {
    Problem::new(
        Code::InvalidInput,
        "The source cannot be followed like this. Mend the named field.",
    )
    .with_field(field, what)
    .into()
}

pub(super) async fn remove(work: &mut Work<'_, '_>, id: SourceId) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let known = store::source::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("source"))?;
    store::source::delete(work.tx, org, id).await?;
    work.gone("source", id).await?;
    let payload = json!({"name": crate::ideas::title_of(&known)});
    work.record("source_removed", &format!("source:{id}"), None, payload)
        .await?;
    work.emit(SOURCE_CHANGED, id).await?;
    Ok(vec![])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(kind: SourceKind, address: &str, tag: &str) -> Result<Feed, Code> {
        let feed = Feed {
            kind,
            address: address.into(),
            tag: tag.into(),
        };
        feed_of(&feed).map_err(|e| e.into_problem().code)
    }

    #[test]
    fn a_feed_is_written_in_one_way() {
        let of = |address| feed(SourceKind::Feed, address, "x").map(|f| (f.address, f.tag));
        let same = Ok(("https://hut.example/feed?a=1".to_owned(), String::new()));
        assert_eq!(of(" HTTPS://Hut.example/feed?a=1#top "), same);
        assert_eq!(of("hut.example/feed?a=1"), same);
        for wrong in [
            "",
            "ftp://hut.example",
            "https://a:b@hut.example",
            "javascript:x()",
            "file:///x",
        ] {
            assert_eq!(of(wrong), Err(Code::InvalidInput), "{wrong}");
        }
    }

    #[test]
    fn a_list_of_a_server_is_named_by_the_server_and_the_hashtag() {
        for kind in [SourceKind::MastodonTag, SourceKind::BlueskyTag] {
            let tag = feed(kind, "social.example/tags/x?y", "#Snow").unwrap();
            assert_eq!(
                (tag.address.as_str(), tag.tag.as_str()),
                ("https://social.example/", "snow")
            );
        }
        let trends = feed(SourceKind::BlueskyTrends, "social.example/x?y", "#Snow").unwrap();
        assert_eq!(trends.tag, "");
        for wrong in ["", "#", "two words", "a/b", "a?b"] {
            let said = feed(SourceKind::MastodonTag, "social.example", wrong);
            assert_eq!(said, Err(Code::InvalidInput), "{wrong}");
        }
    }
}
