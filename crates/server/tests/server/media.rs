//! Files by their hashes, over HTTP.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::sync::{Carrying, Line, NoAnswer, Part};
use async_trait::async_trait;
use domain::Hash;
use domain::approval::RequestStatus;
use domain::content::{Body, MediaUse, Segment, Variant};
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonaId, RequestId};
use domain::media::{AssetFacts, Rendition};
use domain::version::{FORMAT, PreparedMedia, PreparedSegment, PreparedTarget, VersionDoc};
use protocol::Mutation;
use protocol::mutation::{DeliveryPlan, IdentityFacts};
use protocol::sync::{Have, Held, Received};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::sync::Desktop;
use crate::world::{Person, World, on_each};

/// Bytes of a picture that no other has; what follows a PNG's end is nobody's business.
fn picture(seed: u8, bytes: usize) -> Vec<u8> {
    let mut made = media::testing::transparent_png(8, 8);
    let mut state = u32::from(seed) + 1;
    made.resize_with(bytes, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    made
}

/// A persona with an account of its own.
async fn account(world: &World, owner: &Person) -> (PersonaId, IdentityId) {
    let (persona, account) = (PersonaId(Uuid::now_v7()), IdentityId(Uuid::now_v7()));
    let profile =
        json!({"name": "Ridge Report", "hue": "glacier", "language": "en", "zone": "UTC"});
    let save = json!({"type": "save_persona", "id": persona, "profile": profile});
    owner.change(world, save).await.ok();
    let organization: OrganizationId = owner.organization(world).await.parse().unwrap();
    let person = owner.person(world).await.parse().unwrap();
    let core = world.server.organizations().core(organization);
    let facts = IdentityFacts {
        network: NetworkId::new("site"),
        remote_id: "hut".into(),
        handle: "hut".into(),
        display_name: "The hut".into(),
        service: String::new(),
        settings: std::collections::BTreeMap::new(),
        live: vec![],
    };
    let add = Mutation::AddIdentity {
        id: account,
        persona,
        facts,
    };
    let ctx = core
        .for_member(person)
        .ctx(None, Uuid::now_v7())
        .await
        .unwrap();
    core.apply_as(ctx, vec![add]).await.unwrap();
    (persona, account)
}

/// A post with one picture, and what it was made into for the account.
struct Post {
    request: RequestId,
    files: [Hash; 3],
}

impl Post {
    /// Saves and submits it on a desktop.
    async fn submit(
        world: &World,
        desktop: &Desktop,
        (persona, account): (PersonaId, IdentityId),
        bytes: usize,
    ) -> Self {
        let content = ContentId(Uuid::now_v7());
        let request = RequestId(Uuid::now_v7());
        let mut files = Vec::new();
        // No file of two posts of unlike sizes is the same.
        let made = 70_000 + bytes % 10;
        for (seed, bytes) in [(1, bytes), (2, made), (3, 9_000 + bytes % 10)] {
            let kept = desktop.library.keep(picture(seed, bytes)).await;
            files.push(kept.unwrap());
        }
        let files: [Hash; 3] = files.try_into().unwrap();
        let [original, made, thumbnail] = files;
        let facts = AssetFacts {
            hash: original,
            name: "hut.png".into(),
            mime: "image/png".into(),
            width: 8,
            height: 8,
            bytes: bytes as u64,
            animated: false,
            location_removed: false,
        };
        let used = MediaUse {
            asset: original,
            alt: "A hut".into(),
        };
        let rendition = Rendition {
            asset: original,
            hash: made,
            mime: "image/png".into(),
            width: 8,
            height: 8,
            bytes: 70_000 + bytes as u64 % 10,
        };
        let text = "Snow at last".to_owned();
        let doc = VersionDoc {
            format: FORMAT,
            organization: desktop.mirror.organization(),
            content,
            body: Body {
                shared: Variant {
                    segments: vec![Segment {
                        text: text.clone(),
                        media: vec![used],
                    }],
                    ..Variant::default()
                },
                targets: vec![account],
                ..Body::default()
            },
            media: vec![facts.clone()],
            targets: vec![PreparedTarget {
                identity: account,
                network: NetworkId::new("site"),
                segments: vec![PreparedSegment {
                    text,
                    marks: vec![],
                    media: vec![PreparedMedia {
                        rendition,
                        alt: "A hut".into(),
                    }],
                    card: None,
                }],
                languages: vec![],
                title: String::new(),
                options: domain::content::Options::default(),
            }],
        };
        let (sealed, hash) = doc.seal().unwrap();
        let add = Mutation::AddAsset { facts, thumbnail };
        desktop.does(world, vec![add]).await;
        let submission = vec![
            Mutation::SaveVersion {
                content,
                persona,
                n: 1,
                doc: String::from_utf8(sealed).unwrap(),
            },
            Mutation::Plan {
                content,
                deliveries: vec![DeliveryPlan {
                    id: DeliveryId(Uuid::now_v7()),
                    identity: account,
                    planned: None,
                    grace: None,
                    hand_off: None,
                }],
            },
            Mutation::RequestApproval {
                id: request,
                content,
                n: 1,
                hash,
                added: None,
            },
        ];
        desktop.does(world, submission).await;
        Self { request, files }
    }

    async fn status(&self, db: &db::Db, org: OrganizationId) -> RequestStatus {
        let id = self.request;
        let read: Result<_, store::Error> = db
            .read(move |tx| Box::pin(async move { store::request::get(tx, org, id).await }))
            .await;
        read.unwrap().unwrap().status
    }
}

#[tokio::test]
async fn a_request_waits_for_its_files_and_opens_when_the_last_one_is_there() {
    on_each(|world| async move {
        let owner = world.owner().await;
        world.colleague(&owner, "admin", "Ada").await;
        let account = account(&world, &owner).await;
        let first = Desktop::join(&world, "olga@hut.example").await;
        let second = Desktop::join(&world, "ada@hut.example").await;
        first.pump.round().await.unwrap();
        let org = first.mirror.organization();
        let post = Post::submit(&world, &first, account, 300_000).await;
        let stands = async |db: &db::Db| post.status(db, org).await;
        assert_eq!(
            stands(first.mirror.db()).await,
            RequestStatus::AwaitingMedia
        );
        first.pump.round().await.unwrap();
        second.pump.round().await.unwrap();
        for db in [world.server.db(), first.mirror.db(), second.mirror.db()] {
            assert_eq!(stands(db).await, RequestStatus::AwaitingMedia);
        }
        assert_eq!(first.mirror.pictures_to_send().await.unwrap(), 1);
        // Nobody is asked, and nothing is granted, by deciding all the same.
        let [original, made, thumbnail] = post.files;
        let decide = json!({"type": "decide", "id": Uuid::now_v7(), "request": post.request,
            "hash": original, "verdict": "approve", "comment": ""});
        let said = owner.change(&world, decide).await;
        assert!(said.status.is_client_error(), "{said:?}");

        let carrier = first.carrier(first.line.clone());
        assert_eq!(carrier.send().await.unwrap(), 3);
        assert_eq!(carrier.send().await.unwrap(), 0);
        assert_eq!(stands(world.server.db()).await, RequestStatus::Approved);
        first.pump.round().await.unwrap();
        second.pump.round().await.unwrap();
        for desktop in [&first, &second] {
            assert_eq!(stands(desktop.mirror.db()).await, RequestStatus::Approved);
            assert_eq!(desktop.mirror.pictures_to_send().await.unwrap(), 0);
        }
        // Who looks at it gets it.
        let brings = second.carrier(second.line.clone());
        for hash in [thumbnail, made, original] {
            assert!(!second.library.contains(&hash));
            brings.fetch(hash).await.unwrap();
            let (here, there) = (second.library.read(hash), first.library.read(hash));
            assert_eq!(here.await.unwrap(), there.await.unwrap());
        }
        let nobodys = Hash::of(b"nobody has it");
        let said = brings.fetch(nobodys).await.unwrap_err();
        assert!(matches!(said, NoAnswer::Refused(p) if p.code == protocol::Code::MediaMissing));
        world
    })
    .await;
}

#[tokio::test]
async fn a_damaged_file_keeps_no_other_from_being_sent() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let account = account(&world, &owner).await;
        let desktop = Desktop::join(&world, "olga@hut.example").await;
        desktop.pump.round().await.unwrap();
        let org = desktop.mirror.organization();
        let damaged = Post::submit(&world, &desktop, account, 300_000).await;
        let sound = Post::submit(&world, &desktop, account, 200_001).await;
        for file in damaged.files {
            std::fs::write(desktop.library.path(&file), "no picture").unwrap();
        }
        desktop.pump.round().await.unwrap();
        let carrier = desktop.carrier(desktop.line.clone());
        let said = carrier.send().await.unwrap_err();
        assert!(matches!(said, NoAnswer::Refused(_)), "it is said: {said:?}");
        let db = world.server.db();
        assert_eq!(sound.status(db, org).await, RequestStatus::Approved);
        assert_eq!(damaged.status(db, org).await, RequestStatus::AwaitingMedia);
        // And somebody sees that it waits.
        let open = owner.get(&world, "/requests?tab=all_open").await.ok();
        let rows = open["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["status"], "awaiting_media");
        world
    })
    .await;
}

/// A line that breaks off after so many parts.
struct Breaks {
    line: Arc<Line>,
    left: AtomicUsize,
    carried: AtomicUsize,
}

impl Breaks {
    fn over(line: &Arc<Line>, left: usize) -> Arc<Self> {
        Arc::new(Self {
            line: Arc::clone(line),
            left: AtomicUsize::new(left),
            carried: AtomicUsize::new(0),
        })
    }

    fn weather(&self) -> Result<(), NoAnswer> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return Err(NoAnswer::Unreachable("it broke off".into()));
        }
        self.left.store(left - 1, Ordering::SeqCst);
        self.carried.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl Carrying for Breaks {
    async fn have(&self, have: Have) -> Result<Held, NoAnswer> {
        self.line.have(have).await
    }

    async fn put(&self, hash: Hash, part: Part) -> Result<Received, NoAnswer> {
        self.weather()?;
        self.line.put(hash, part).await
    }

    async fn get(&self, hash: Hash, range: Range<u64>) -> Result<Part, NoAnswer> {
        self.weather()?;
        self.line.get(hash, range).await
    }
}

#[tokio::test]
async fn a_file_whose_line_breaks_off_goes_on_from_where_it_came_to_there_and_back() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let account = account(&world, &owner).await;
        let first = Desktop::join(&world, "olga@hut.example").await;
        first.pump.round().await.unwrap();
        // Five parts and a bit.
        let post = Post::submit(&world, &first, account, (5 << 20) + 77).await;
        first.pump.round().await.unwrap();
        let original = post.files[0];
        let mut carried = 0;
        let mut tries = 0;
        loop {
            let line = Breaks::over(&first.line, 2);
            let sent = first.carrier(line.clone()).send().await;
            carried += line.carried.load(Ordering::SeqCst);
            tries += 1;
            match sent {
                Ok(_) => break,
                Err(NoAnswer::Unreachable(_)) => assert!(tries < 20),
                Err(other) => panic!("{other:?}"),
            }
        }
        // The two small ones, and each part of the large one once.
        assert_eq!((carried, tries), (8, 4));

        // One that ends in the middle of a part leaves nothing of it.
        let second = Desktop::join(&world, "olga@hut.example").await;
        let cut = picture(9, 400_000);
        let hash = Hash::of(&cut);
        let host = world.address.trim_start_matches("http://").to_owned();
        let mut raw = tokio::net::TcpStream::connect(&host).await.unwrap();
        let head = format!(
            "PUT /media/{hash} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
             content-range: bytes 0-399999/400000\r\ncontent-length: 400000\r\n\r\n",
            owner.access
        );
        raw.write_all(head.as_bytes()).await.unwrap();
        raw.write_all(&cut[..150_000]).await.unwrap();
        raw.flush().await.unwrap();
        drop(raw);
        let files = vec![hash, original];
        let held = second.line.have(Have { files }).await.unwrap();
        assert_eq!(held.missing, [(hash, 0)].into());

        let brings = Breaks::over(&second.line, 2);
        second.pump.round().await.unwrap();
        let said = second.carrier(brings.clone()).fetch(original).await;
        assert!(matches!(said, Err(NoAnswer::Unreachable(_))));
        let rest = Breaks::over(&second.line, 100);
        second.carrier(rest.clone()).fetch(original).await.unwrap();
        let parts = brings.carried.load(Ordering::SeqCst) + rest.carried.load(Ordering::SeqCst);
        assert_eq!(parts, 6);
        let bytes = second.library.read(original).await.unwrap();
        assert_eq!(bytes, first.library.read(original).await.unwrap());
        world
    })
    .await;
}

async fn put(
    world: &World,
    who: &Person,
    hash: Hash,
    (from, total): (usize, usize),
    bytes: &[u8],
) -> (u16, Value) {
    let to = from + bytes.len().saturating_sub(1);
    let response = Client::new()
        .request(Method::PUT, format!("{}/media/{hash}", world.address))
        .bearer_auth(&who.access)
        .header("content-range", format!("bytes {from}-{to}/{total}"))
        .body(bytes.to_vec())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

#[tokio::test]
async fn bytes_that_are_not_what_their_name_says_are_refused_and_so_is_what_is_no_picture() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let (good, other) = (picture(1, 5_000), picture(2, 5_000));
        let name = Hash::of(&good);
        let code = |said: &(u16, Value)| (said.0, said.1["code"].as_str().unwrap_or("").to_owned());
        let wrong = put(&world, &owner, name, (0, 5_000), &other).await;
        assert_eq!(code(&wrong), (422, "invalid_input".into()));
        let none = owner.get(&world, &format!("/media/{name}")).await;
        none.refused(404, "media_missing");
        // Wrong only in its second part: all of it goes.
        let half = put(&world, &owner, name, (0, 5_000), &good[..2_000]).await;
        assert_eq!(half.1, json!({"bytes": 2_000, "whole": false}));
        let again = put(&world, &owner, name, (0, 5_000), &good[..2_000]).await;
        assert_eq!(
            again.1,
            json!({"bytes": 2_000, "whole": false}),
            "a part twice is one"
        );
        let beyond = put(&world, &owner, name, (3_000, 5_000), &good[3_000..]).await;
        assert_eq!(
            beyond.1,
            json!({"bytes": 2_000, "whole": false}),
            "a gap is none"
        );
        let wrong = put(&world, &owner, name, (2_000, 5_000), &other[2_000..]).await;
        assert_eq!(code(&wrong), (422, "invalid_input".into()));
        let held = owner
            .post(&world, "/media/have", json!({"files": [name]}))
            .await
            .ok();
        assert_eq!(held["missing"][name.to_string()], 0);
        let right = put(&world, &owner, name, (0, 5_000), &good).await;
        assert_eq!(right.1, json!({"bytes": 5_000, "whole": true}));
        let held = owner
            .post(&world, "/media/have", json!({"files": [name]}))
            .await
            .ok();
        assert_eq!(held["missing"], json!({}));

        let page = b"<html><script>alert(1)</script></html>".to_vec();
        let said = put(&world, &owner, Hash::of(&page), (0, page.len()), &page).await;
        assert_eq!(code(&said), (422, "media_unsupported".into()));
        let huge = put(&world, &owner, name, (0, 200 << 20), &good).await;
        assert!(huge.1["whole"].as_bool().unwrap(), "it is there already");
        let unknown = Hash::of(b"unknown");
        let huge = put(&world, &owner, unknown, (0, 200 << 20), &good).await;
        assert_eq!(code(&huge), (413, "media_too_large".into()));
        let much = put(&world, &owner, unknown, (0, 6 << 20), &picture(3, 5 << 20)).await;
        assert_eq!(code(&much), (413, "too_large".into()));
        for (place, bytes) in [((0, 0), &good[..0]), ((usize::MAX - 10, 5), &good[..3])] {
            let to = place.0.wrapping_add(bytes.len()).wrapping_sub(1);
            let said = Client::new()
                .request(Method::PUT, format!("{}/media/{unknown}", world.address))
                .bearer_auth(&owner.access)
                .header(
                    "content-range",
                    format!("bytes {}-{to}/{}", place.0, place.1),
                )
                .body(bytes.to_vec())
                .send()
                .await
                .unwrap();
            assert_eq!(said.status().as_u16(), 422);
        }
        world
    })
    .await;
}

#[tokio::test]
async fn a_file_of_one_organization_is_not_there_for_another_and_who_only_looks_sends_none() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let fred = world.founder("Fred", "fred@x.example").await;
        let viewer = world.colleague(&owner, "viewer", "Vera").await;
        let file = picture(1, 5_000);
        let name = Hash::of(&file);
        let refused = put(&world, &viewer, name, (0, 5_000), &file).await;
        assert_eq!(refused.0, 403);
        put(&world, &owner, name, (0, 5_000), &file[..2_000]).await;
        // What has come for one has not come for the other.
        let held = fred
            .post(&world, "/media/have", json!({"files": [name]}))
            .await
            .ok();
        assert_eq!(held["missing"][name.to_string()], 0);
        put(&world, &owner, name, (2_000, 5_000), &file[2_000..]).await;
        let held = fred
            .post(&world, "/media/have", json!({"files": [name]}))
            .await
            .ok();
        assert_eq!(held["missing"][name.to_string()], 0);
        fred.get(&world, &format!("/media/{name}"))
            .await
            .refused(404, "media_missing");
        let part = Client::new()
            .get(format!("{}/media/{name}", world.address))
            .bearer_auth(&fred.access)
            .header("range", "bytes=0-9")
            .send()
            .await
            .unwrap();
        assert_eq!(part.status().as_u16(), 404);
        // Whoever names it must have it.
        let claimed = put(&world, &fred, name, (4_999, 5_000), &file[4_999..]).await;
        assert_eq!(claimed.1, json!({"bytes": 0, "whole": false}));
        fred.get(&world, &format!("/media/{name}"))
            .await
            .refused(404, "media_missing");
        let own = put(&world, &fred, name, (0, 5_000), &file).await;
        assert_eq!(own.1, json!({"bytes": 5_000, "whole": true}));
        // Windows get it whole, and parts of it are those that were asked for.
        let part = Client::new()
            .get(format!("{}/media/{name}", world.address))
            .bearer_auth(&viewer.access)
            .header("range", "bytes=4990-")
            .send()
            .await
            .unwrap();
        assert_eq!(part.status().as_u16(), 206);
        assert_eq!(part.headers()["content-range"], "bytes 4990-4999/5000");
        assert_eq!(part.bytes().await.unwrap()[..], file[4_990..]);
        let many: Vec<Hash> = (0..501_u32).map(|n| Hash::of(&n.to_le_bytes())).collect();
        let said = owner
            .post(&world, "/media/have", json!({"files": many}))
            .await;
        said.refused(422, "invalid_input");
        world
    })
    .await;
}
