//! Whether a version would be prepared again as it was saved.

use std::collections::BTreeMap;

use domain::ids::IdentityId;
use domain::version::{MarkKind, VersionDoc};
use networks::{AccountFacts, Adapter, CardState, PrepareInput};

/// Prepares the version's text anew under the account's present limits and compares. What was
/// resolved, frozen and fitted at save is taken as it was: nothing is asked again.
pub(super) fn still_fits(
    adapter: &dyn Adapter,
    doc: &VersionDoc,
    identity: IdentityId,
    account: &AccountFacts,
) -> bool {
    let Some(target) = doc.target(identity) else {
        return false;
    };
    let variant = doc.body.variant_for(&adapter.descriptor().id, identity);
    let limits = adapter.limits(Some(account));
    let assets = doc.media.iter().map(|a| (a.hash, a.clone())).collect();
    let mut mentions: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut cards = BTreeMap::new();
    let mut renditions = BTreeMap::new();
    for segment in &target.segments {
        for mark in &segment.marks {
            if let MarkKind::Mention { handle, id } = &mark.kind {
                mentions.insert(handle.to_lowercase(), Some(id.clone()));
            }
        }
        renditions.extend(
            segment
                .media
                .iter()
                .map(|m| (m.rendition.asset, m.rendition.clone())),
        );
    }
    for (index, typed) in variant.segments.iter().enumerate() {
        let named = adapter.references(&typed.text);
        for handle in named.mentions {
            // Without a mark: nobody had this handle.
            mentions.entry(handle.to_lowercase()).or_insert(None);
        }
        if let Some(url) = named.card {
            let frozen = target.segments.get(index).and_then(|s| s.card.clone());
            cards.insert(url, frozen.map_or(CardState::None, CardState::Card));
        }
    }
    let quote = target.options.quote.iter();
    let quotes = quote
        .map(|q| (q.address.clone(), Some(q.clone())))
        .collect();
    let prepared = adapter.prepare(&PrepareInput {
        identity,
        variant,
        languages: &doc.body.languages,
        title: &doc.body.title,
        limits: &limits,
        assets: &assets,
        mentions: &mentions,
        cards: &cards,
        quotes: &quotes,
        renditions: &renditions,
    });
    prepared.is_sendable() && prepared.target == *target
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Hash;
    use domain::content::{Body, MediaUse, Options, Quote, Segment, Variant};
    use domain::ids::{ContentId, OrganizationId};
    use domain::limits::LiveLimit;
    use domain::media::{AssetFacts, Rendition};
    use domain::version::{Card, FORMAT};
    use networks::{HttpOptions, Registry};
    use uuid::Uuid;

    fn text(text: &str, media: Vec<MediaUse>) -> Segment {
        Segment {
            text: text.into(),
            media,
        }
    }

    /// A thread with everything that is resolved, frozen or fitted at save.
    fn saved(adapter: &dyn Adapter) -> VersionDoc {
        let identity = IdentityId(Uuid::from_u128(3));
        let asset = AssetFacts {
            hash: Hash::of(b"large"),
            name: "hut.jpg".into(),
            mime: "image/jpeg".into(),
            width: 6000,
            height: 4000,
            bytes: 9_000_000,
            animated: false,
            location_removed: true,
        };
        let fitted = Rendition {
            asset: asset.hash,
            hash: Hash::of(b"small"),
            mime: "image/jpeg".into(),
            width: 1500,
            height: 1000,
            bytes: 400_000,
        };
        let used = MediaUse {
            asset: asset.hash,
            alt: "A hut in the snow".into(),
        };
        // Beside pictures, not every network has it.
        let quotes = adapter.descriptor().id.as_str() == "bluesky";
        let quote = Quote {
            address: "https://bsky.app/profile/ann.bsky.social/post/3jzf".into(),
            id: "at://did:plc:ann/app.bsky.feed.post/3jzf".into(),
            hash: "bafy".into(),
            ..Quote::default()
        };
        let shared = Variant {
            segments: vec![
                text(
                    "  Snow at last, @Ann.Bsky.Social and @nobody.example #Snow  ",
                    vec![used],
                ),
                text("More at https://example.org/notes", vec![]),
            ],
            options: Options {
                quote: quotes.then(|| Quote {
                    address: quote.address.clone(),
                    ..Quote::default()
                }),
                ..Options::default()
            },
        };
        let body = Body {
            title: "Snow".into(),
            languages: vec!["en".into()],
            shared: shared.clone(),
            targets: vec![identity],
            ..Body::default()
        };
        let card = Card {
            // Where the page was found in the end.
            url: "https://www.example.org/notes/".into(),
            title: "Notes".into(),
            description: String::new(),
            image: None,
        };
        let target = adapter
            .prepare(&PrepareInput {
                identity,
                variant: &shared,
                languages: &body.languages,
                title: &body.title,
                limits: &adapter.limits(None),
                assets: &BTreeMap::from([(asset.hash, asset.clone())]),
                mentions: &BTreeMap::from([
                    ("ann.bsky.social".into(), Some("did:plc:ann".into())),
                    ("nobody.example".into(), None),
                ]),
                cards: &BTreeMap::from([(
                    "https://example.org/notes".into(),
                    CardState::Card(card),
                )]),
                quotes: &BTreeMap::from([(quote.address.clone(), Some(quote))]),
                renditions: &BTreeMap::from([(asset.hash, fitted)]),
            })
            .target;
        VersionDoc {
            format: FORMAT,
            organization: OrganizationId(Uuid::from_u128(1)),
            content: ContentId(Uuid::from_u128(2)),
            body,
            media: vec![asset],
            targets: vec![target],
        }
    }

    #[test]
    fn what_was_saved_fits_as_long_as_nothing_changes() {
        let networks = Registry::standard(HttpOptions::default()).unwrap();
        for adapter in networks.all().filter(|a| a.descriptor().is_connectable()) {
            let doc = saved(&**adapter);
            let identity = doc.targets[0].identity;
            let account = AccountFacts::default();
            let name = adapter.descriptor().name;
            assert!(still_fits(&**adapter, &doc, identity, &account), "{name}");
            let mut other = doc.clone();
            other.targets[0].segments[1].text.push('!');
            assert!(
                !still_fits(&**adapter, &other, identity, &account),
                "{name}"
            );
        }
    }

    #[test]
    fn a_lower_limit_of_the_account_is_noticed() {
        let networks = Registry::standard(HttpOptions::default()).unwrap();
        let bluesky = networks
            .get(&domain::identity::NetworkId::new("bluesky"))
            .unwrap();
        let doc = saved(&**bluesky);
        let lower = AccountFacts {
            live: vec![LiveLimit {
                limit: "text.max".into(),
                value: 10,
                source: "the account".into(),
                checked: "2026-11-23".into(),
            }],
            ..AccountFacts::default()
        };
        assert!(!still_fits(
            &**bluesky,
            &doc,
            doc.targets[0].identity,
            &lower
        ));
    }
}
