//! What is counted by day is what stands there, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use db::{Db, Tx, testing};
use domain::delivery::DeliveryStatus;
use domain::identity::{Executor, IdentityStatus, NetworkId};
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonaId};
use domain::persona::PersonaProfile;
use domain::status::ContentStatus;
use domain::time::{DAY, HOUR, MINUTE, Steady};
use domain::{Instant, Planned};
use store::calendar::{Placed, Rank, Wanted};
use store::content::Content;
use store::delivery::Delivery;
use uuid::Uuid;

/// Midnight in UTC.
const START: Instant = Instant(20_780 * DAY);
const ORG: OrganizationId = OrganizationId(Uuid::from_u128(1));

fn persona(n: u128) -> PersonaId {
    PersonaId(Uuid::from_u128(n))
}

fn identity(n: u128) -> IdentityId {
    IdentityId(Uuid::from_u128(n))
}

/// Two personas with an account on two networks each.
async fn people(tx: &mut Tx<'_>) -> Result<(), store::Error> {
    store::organization::insert(tx, ORG, "alpha", START).await?;
    for n in [1, 2] {
        let persona = store::persona::Persona {
            id: persona(n),
            profile: PersonaProfile::default(),
            chain: None,
            paused_at: None,
            archived: false,
        };
        store::persona::save(tx, ORG, &persona, START).await?;
        for (m, network) in [(10 * n, "site"), (10 * n + 1, "x")] {
            let identity = store::identity::Identity {
                id: identity(m),
                persona: persona.id,
                network: NetworkId::new(network),
                remote_id: m.to_string(),
                handle: m.to_string(),
                display_name: m.to_string(),
                service: String::new(),
                status: IdentityStatus::Connected,
                trouble: None,
                settings: BTreeMap::default(),
                live: vec![],
                executor: Executor::Desktop,
                epoch: 1,
                checked_at: None,
                budget: None,
            };
            store::identity::save(tx, ORG, &identity, START).await?;
        }
    }
    Ok(())
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005) + 1;
        choices[usize::try_from(self.0 >> 33).unwrap() % choices.len()]
    }
}

/// A content with one or two deliveries, at one time or at two.
async fn piece(tx: &mut Tx<'_>, n: u128, dice: &mut Dice) -> Result<(), store::Error> {
    use ContentStatus as C;
    use DeliveryStatus as D;
    let whose = dice.of(&[1, 2]);
    let content = Content {
        id: ContentId(Uuid::from_u128(n)),
        persona: persona(whose),
        status: dice.of(&[C::Published, C::Scheduled, C::Rejected, C::Draft]),
        archived: dice.of(&[true, false, false, false, false]),
        n: 0,
        headline: n.to_string(),
        excerpt: String::new(),
        pictures: 0,
        parts: 1,
        campaign: String::new(),
        labels: vec![],
        author: None,
        at: None,
        created_at: START,
        changed_at: START,
    };
    store::content::save(tx, ORG, &content).await?;
    let times = [-1, 0, 1, 14, 15, 479, 480, 1439, 1440, 2879, 2880];
    let mut at = START.plus(dice.of(&times) * MINUTE);
    for m in 0..dice.of(&[1, 2]) {
        if dice.of(&[true, false]) {
            at = START.plus(dice.of(&times) * MINUTE);
        }
        let planned = dice.of(&[true, true, false]);
        let delivery = Delivery {
            id: DeliveryId(Uuid::from_u128(1000 * n + m)),
            content: content.id,
            identity: identity(10 * whose + m),
            n: 0,
            hash: None,
            status: dice.of(&[D::Planned, D::Published, D::Cancelled, D::Failed, D::Held]),
            planned: planned.then(|| Planned::from_instant(at, "UTC").unwrap()),
            grace: 0,
            hold: None,
            miss: None,
            words: None,
            retry_at: None,
            segments: 1,
            live: 0,
            run: None,
            starts: 0,
            settled_at: (!planned).then_some(at),
            budget_passed: None,
            hand_off: false,
            recall: None,
            created_at: START,
            changed_at: START,
        };
        store::delivery::save(tx, ORG, &delivery).await?;
    }
    Ok(())
}

async fn furnished(db: &Db) {
    let done: Result<(), store::Error> = db
        .write(|tx| {
            Box::pin(async move {
                people(tx).await?;
                let mut dice = Dice(1);
                for n in 1..=120 {
                    piece(tx, n, &mut dice).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

type Entries = BTreeMap<(Instant, ContentId), Vec<Placed>>;

fn day_of(at: Instant, ahead: i64) -> i64 {
    (at.0 + ahead) / DAY
}

/// By day and persona: how many, how many are out, and at which minutes.
type Counts = BTreeMap<(i64, PersonaId), (u32, u32, BTreeSet<u16>)>;

fn counted(entries: &Entries, ahead: i64) -> Counts {
    let mut counts = Counts::new();
    for ((at, _), deliveries) in entries {
        let rank = deliveries.iter().map(|d| d.rank).min().unwrap();
        let day = counts
            .entry((day_of(*at, ahead), deliveries[0].persona))
            .or_default();
        day.0 += 1;
        day.1 += u32::from(rank == Rank::Out);
        let minute = (at.0 + ahead) % DAY / MINUTE / 15 * 15;
        day.2.insert(u16::try_from(minute).unwrap());
    }
    counts
}

async fn compare(tx: &mut Tx<'_>, ahead: i64, wanted: &Wanted) -> Result<(), store::Error> {
    let stretch = Steady {
        from: START,
        to: START.plus(2 * DAY),
        ahead,
    };
    let placed = store::calendar::placed(tx, ORG, stretch.from, stretch.to).await?;
    let of_persona = |d: &&Placed| wanted.persona.is_none_or(|p| p == d.persona);
    let mut entries = Entries::new();
    for one in placed.iter().filter(of_persona) {
        let at = one.planned.as_ref().map(|p| p.at).or(one.settled_at);
        let entry = entries.entry((at.unwrap(), one.content)).or_default();
        entry.push(one.clone());
    }
    if let Some(network) = &wanted.network {
        let on_it = usize::from(network.as_str() == "x");
        entries.retain(|_, all| {
            all.iter()
                .any(|d| d.identity.0.as_u128() % 10 == on_it as u128)
        });
    }

    let short = store::calendar::in_short(tx, ORG, stretch, wanted, 3).await?;
    let seen: Counts = short
        .counted
        .iter()
        .map(|c| {
            let minutes = c.minutes.iter().copied().collect();
            ((c.day, c.persona), (c.all, c.published, minutes))
        })
        .collect();
    assert_eq!(seen, counted(&entries, ahead), "{ahead} {wanted:?}");
    assert!(!seen.is_empty(), "something stands there");

    let mut ranked: Vec<_> = entries
        .iter()
        .map(|((at, content), all)| {
            let rank = all.iter().map(|d| d.rank).min().unwrap();
            (day_of(*at, ahead), rank, *at, *content)
        })
        .collect();
    ranked.sort();
    let mut shown: BTreeMap<i64, usize> = BTreeMap::new();
    ranked.retain(|one| {
        let n = shown.entry(one.0).or_default();
        *n += 1;
        *n <= 3
    });
    let mut foremost: Vec<_> = short
        .foremost
        .iter()
        .map(|f| (f.day, f.rank, f.at, f.content))
        .collect();
    foremost.sort();
    assert_eq!(foremost, ranked, "{ahead} {wanted:?}");
    let identities: BTreeSet<_> = placed.iter().map(|d| d.identity).collect();
    let seen = store::calendar::accounts(tx, ORG, stretch.from, stretch.to).await?;
    assert!(identities.iter().all(|id| seen.contains(id)));
    Ok(())
}

#[tokio::test]
async fn days_in_short_say_what_a_look_at_each_entry_says() {
    for db in testing::databases().await {
        furnished(&db).await;
        let read: Result<(), store::Error> = db
            .read(|tx| {
                Box::pin(async move {
                    for ahead in [0, HOUR, -8 * HOUR, 45 * MINUTE] {
                        for persona in [None, Some(persona(2))] {
                            for network in [None, Some("x"), Some("site")] {
                                let network = network.map(NetworkId::new);
                                compare(tx, ahead, &Wanted { persona, network }).await?;
                            }
                        }
                    }
                    Ok(())
                })
            })
            .await;
        read.unwrap();
    }
}
