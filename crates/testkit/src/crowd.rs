//! A data folder that has been used for years.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "what cannot be filled has failed its measure"
)]

use app::App;
use domain::content::{Body, Options, Variant};
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{
    ContentId, DeliveryId, IdentityId, MutationId, OrganizationId, PersonId, PersonaId, RequestId,
};
use domain::persona::PersonaProfile;
use domain::status::ContentStatus;
use domain::version::{FORMAT, PreparedSegment, PreparedTarget, VersionDoc};
use domain::{Instant, Planned};
use protocol::mutation::{DeliveryPlan, IdentityFacts};
use protocol::{Call, Mutation};
use store::content::Content;
use store::delivery::Delivery;
use store::publication::Publication;
use store::version::Version;
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Over how long the past is spread, days.
const YEARS: i64 = 3 * 365;
/// Contents in one transaction.
const BATCH: usize = 500;
/// Words that the texts are made of.
const WORDS: u64 = 20_000;

/// Numbers that look random and are the same each time.
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The `n`th word of the language that the contents are written in.
#[must_use]
pub fn word(n: u64) -> String {
    const STARTS: [&str; 16] = [
        "b", "br", "d", "f", "gl", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v",
    ];
    const ENDS: [&str; 12] = [
        "a", "ar", "e", "el", "i", "in", "o", "on", "u", "un", "eth", "ost",
    ];
    let (mut n, mut word) = (n, String::new());
    for _ in 0..3 {
        word.push_str(STARTS[usize::try_from(n % 16).unwrap()]);
        n /= 16;
        word.push_str(ENDS[usize::try_from(n % 12).unwrap()]);
        n /= 12;
        if n == 0 {
            break;
        }
    }
    word
}

fn text(dice: &mut Dice) -> String {
    // Few words are frequent, most are rare.
    let words = (0..30 + dice.roll(20)).map(|_| {
        let most = 1 + dice.roll(WORDS);
        word(dice.roll(most))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// One content as it lies in the tables.
#[derive(Clone, Debug)]
struct Piece {
    content: Content,
    version: Version,
    delivery: Option<Delivery>,
    text: String,
}

/// Where the contents go.
#[derive(Clone, Copy, Debug)]
struct Ground {
    organization: OrganizationId,
    person: PersonId,
    personas: [(PersonaId, IdentityId); 3],
    now: i64,
}

/// Fills a folder in which nobody is yet with so many contents by one person for three personas:
/// most of them published over three years, one in 64 planned in the next, the others drafts.
///
/// What lies in the past is written into the tables; what is planned takes the way of the window.
pub async fn fill(app: &App, contents: usize) {
    let ground = people(app).await;
    let mut dice = Dice(7);
    for _ in 0..contents / 64 {
        ground.plan(app, &mut dice).await;
    }
    let mut left = contents - contents / 64;
    while left > 0 {
        let batch: Vec<Piece> = (0..left.min(BATCH))
            .map(|_| ground.piece(&mut dice))
            .collect();
        left -= batch.len();
        let done: Result<(), app::Error> = app
            .db()
            .write(move |tx| {
                let batch = batch.clone();
                Box::pin(async move {
                    for piece in &batch {
                        put(tx, ground.organization, piece).await?;
                    }
                    Ok(())
                })
            })
            .await;
        done.unwrap();
    }
}

async fn put(
    tx: &mut db::Tx<'_>,
    organization: OrganizationId,
    piece: &Piece,
) -> Result<(), store::Error> {
    store::content::save(tx, organization, &piece.content).await?;
    store::search::index(tx, organization, piece.content.id, &piece.text).await?;
    store::version::insert(tx, organization, &piece.version).await?;
    let Some(delivery) = &piece.delivery else {
        return Ok(());
    };
    store::delivery::save(tx, organization, delivery).await?;
    if delivery.status == DeliveryStatus::Published {
        let publication = Publication {
            delivery: delivery.id,
            segment: 0,
            remote_id: delivery.id.to_string(),
            url: None,
            extra: serde_json::Value::Null,
            by_person: false,
            at: delivery.changed_at,
            ended_at: None,
        };
        store::publication::save(tx, organization, &publication).await?;
    }
    Ok(())
}

async fn mutate(app: &App, mutation: Mutation) {
    let call = Call {
        id: MutationId(Uuid::now_v7()),
        acting: None,
        mutation,
    };
    app.mutate(call).await.unwrap();
}

async fn people(app: &App) -> Ground {
    let person = PersonId(Uuid::now_v7());
    app.add_first_person(person, "Mara Lindqvist".into())
        .await
        .unwrap();
    let new = || (PersonaId(Uuid::now_v7()), IdentityId(Uuid::now_v7()));
    let personas = [new(), new(), new()];
    for (n, (persona, identity)) in personas.iter().enumerate() {
        let profile = PersonaProfile {
            name: format!("Firnline {n}"),
            zone: "Europe/Berlin".into(),
            ..PersonaProfile::default()
        };
        let facts = IdentityFacts {
            network: NetworkId::new("site"),
            remote_id: format!("site-{n}"),
            handle: format!("firnline-{n}"),
            display_name: profile.name.clone(),
            service: format!("/nowhere/{n}"),
            settings: std::collections::BTreeMap::new(),
            live: vec![],
        };
        for mutation in [
            Mutation::SavePersona {
                id: *persona,
                profile,
                chain: None,
            },
            Mutation::AddIdentity {
                id: *identity,
                persona: *persona,
                facts,
            },
        ] {
            mutate(app, mutation).await;
        }
    }
    Ground {
        organization: app.organization(),
        person,
        personas,
        now: app.now().0,
    }
}

impl Ground {
    fn doc(
        &self,
        content: ContentId,
        identity: IdentityId,
        text: &str,
        targets: Vec<PreparedTarget>,
    ) -> VersionDoc {
        let body = Body {
            shared: Variant::of_text(text),
            targets: vec![identity],
            ..Body::default()
        };
        VersionDoc {
            format: FORMAT,
            organization: self.organization,
            content,
            body,
            media: vec![],
            targets,
        }
    }

    /// Saves, plans and asks for one.
    async fn plan(&self, app: &App, dice: &mut Dice) {
        let (persona, identity) = self.personas[usize::try_from(dice.roll(3)).unwrap()];
        let content = ContentId(Uuid::now_v7());
        let text = text(dice);
        let target = PreparedTarget {
            identity,
            network: NetworkId::new("site"),
            segments: vec![PreparedSegment {
                text: text.clone(),
                marks: vec![],
                media: vec![],
                card: None,
            }],
            languages: vec![],
            title: String::new(),
            options: Options::default(),
        };
        let doc = self.doc(content, identity, &text, vec![target]);
        let (bytes, hash) = doc.seal().unwrap();
        let ahead = i64::try_from(1 + dice.roll(365)).unwrap() * DAY;
        let at = Instant(self.now + ahead + i64::try_from(dice.roll(86_400)).unwrap() * 1_000);
        for mutation in [
            Mutation::SaveVersion {
                content,
                persona,
                n: 1,
                doc: String::from_utf8(bytes).unwrap(),
            },
            Mutation::Plan {
                content,
                deliveries: vec![DeliveryPlan {
                    id: DeliveryId(Uuid::now_v7()),
                    identity,
                    planned: Some(Planned::from_instant(at, "Europe/Berlin").unwrap()),
                    grace: None,
                    hand_off: None,
                }],
            },
            Mutation::RequestApproval {
                id: RequestId(Uuid::now_v7()),
                content,
                n: 1,
                hash,
                added: None,
            },
        ] {
            mutate(app, mutation).await;
        }
    }

    fn piece(&self, dice: &mut Dice) -> Piece {
        let (persona, identity) = self.personas[usize::try_from(dice.roll(3)).unwrap()];
        let text = text(dice);
        let id = ContentId(Uuid::now_v7());
        let (status, delivered) = match dice.roll(2_000) {
            0..1_700 => (ContentStatus::Published, Some(DeliveryStatus::Published)),
            1_700..1_702 => (ContentStatus::Failed, Some(DeliveryStatus::Failed)),
            _ => (ContentStatus::Draft, None),
        };
        let past = self.now
            - i64::try_from(dice.roll(YEARS.unsigned_abs())).unwrap() * DAY
            - i64::try_from(dice.roll(DAY.unsigned_abs())).unwrap();
        let doc = self.doc(id, identity, &text, vec![]);
        let (bytes, hash) = doc.seal().unwrap();
        let version = Version {
            content: id,
            n: 1,
            hash,
            bytes,
            restored_from: None,
            person: Some(self.person),
            operator: None,
            at: Instant(past),
        };
        let delivery = delivered.map(|status| Delivery {
            id: DeliveryId(Uuid::now_v7()),
            content: id,
            identity,
            n: 1,
            hash: Some(hash),
            status,
            planned: Some(Planned::from_instant(Instant(past), "Europe/Berlin").unwrap()),
            grace: 30 * 60 * 1000,
            hold: None,
            miss: None,
            words: None,
            retry_at: None,
            segments: 1,
            live: u32::from(status == DeliveryStatus::Published),
            run: None,
            starts: 0,
            settled_at: Some(Instant(past)),
            budget_passed: None,
            hand_off: false,
            recall: None,
            created_at: Instant(past),
            changed_at: Instant(past),
        });
        let content = Content {
            id,
            persona,
            status,
            archived: false,
            n: 1,
            headline: text.chars().take(60).collect(),
            excerpt: text.chars().take(140).collect(),
            pictures: 0,
            parts: 1,
            campaign: String::new(),
            labels: vec![],
            author: Some(self.person),
            at: delivered.map(|_| Instant(past)),
            created_at: Instant(past),
            changed_at: Instant(past),
        };
        Piece {
            content,
            version,
            delivery,
            text,
        }
    }
}
