//! The tables: one text on both databases, and nothing of one organization in another.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use db::{Db, testing};
use domain::content::{Body, Segment, Variant};
use domain::identity::{Executor, IdentityStatus, NetworkId};
use domain::ids::{ContentId, IdentityId, OrganizationId, PersonId, PersonaId};
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::search::{query_terms, search_terms};
use domain::status::ContentStatus;
use domain::{Hash, Instant};
use store::content::Content;
use store::search::{Cursor, Filter};
use uuid::Uuid;

const NOW: Instant = Instant(1_795_424_400_000);

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    let all: &'static [db::Statement] = Box::leak(store::statements().into_boxed_slice());
    assert!(all.len() > 60, "the list is that of the crate");
    for db in testing::databases().await {
        let refused = testing::refused(&db, all).await;
        assert!(
            refused.is_empty(),
            "{:?}: {}",
            db.dialect(),
            refused.join("\n")
        );
    }
}

/// What only one of them needs: the index of FTS5 and the row numbers that it points to.
const SEARCH: &[&str] = &[
    "content_search",
    "content_search_config",
    "content_search_data",
    "content_search_docsize",
    "content_search_idx",
    "content_terms",
];

#[tokio::test]
async fn both_schemas_have_the_same_tables() {
    let Some(postgres) = testing::postgres().await else {
        return;
    };
    let sqlite = testing::sqlite().await;
    let (a, b) = (
        testing::shape(&sqlite).await.unwrap(),
        testing::shape(&postgres).await.unwrap(),
    );
    let differences = testing::differences(&a, &b, SEARCH);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // Every key of an organization's table begins with it.
    for table in [
        "asset_presence",
        "person_settings",
        "retention",
        "member",
        "invitation",
        "api_token",
        "identity_secret",
        "person",
        "mutation_result",
        "change",
        "audit",
        "audit_payload",
        "chain",
        "persona",
        "identity",
        "asset",
        "content",
        "working_copy",
        "version",
        "request",
        "request_time",
        "stage_seat",
        "decision",
        "delivery",
        "edit",
        "attempt",
        "publication",
        "sample",
        "notification",
        "note",
        "note_mention",
        "template",
        "source",
        "source_follow",
        "signal",
        "trend",
        "trend_fit",
        "suggestion",
        "slot_fill",
        "muted_topic",
        "learning",
        "dismissed_remark",
        "model_use",
        "delegation",
        "review_link",
        "presence",
        "client",
        "client_mutation",
        "order_day",
        "mirror",
        "outbox",
        "staged",
        "shadow",
    ] {
        assert_eq!(a[table]["organization_id"].key, 1, "{table}");
    }
}

/// What a mirror does not hold: each computer's own, and what only an authority has.
const NOT_SYNCED: &[&str] = &[
    "api_token",
    "asset_presence",
    "audit",
    "audit_payload",
    "change",
    "client",
    "client_mutation",
    "event",
    "identity_secret",
    "invitation",
    "login",
    "member",
    "mirror",
    "mutation_result",
    "order_day",
    "outbox",
    "password_reset",
    "person_settings",
    "presence",
    "recovery_code",
    "retention",
    "review_link",
    "run",
    "schedule",
    "schema_migration",
    "server",
    "server_key",
    "session",
    "shadow",
    "signal",
    "staged",
    "step",
    "throttle",
    "wait",
    // Read where the organization lives.
];

/// Columns of tables that travel, which stay where they are.
const STAYS: &[(&str, &str)] = &[
    ("organization", "audit_head"),
    ("organization", "audit_n"),
    ("organization", "change_floor"),
    ("organization", "floor_mark"),
    ("organization", "head_seq"),
    ("organization", "order_mark"),
    ("notification", "shown_at"),
];

#[tokio::test]
async fn every_column_travels_to_mirrors_or_is_known_to_stay() {
    let shape = testing::shape(&testing::sqlite().await).await.unwrap();
    let tables: Vec<_> = store::sync::tables().collect();
    for (name, columns) in &shape {
        let Some(table) = tables.iter().find(|t| t.name == name) else {
            let known = NOT_SYNCED.contains(&name.as_str()) || SEARCH.contains(&name.as_str());
            assert!(known, "{name} neither travels nor is known to stay");
            continue;
        };
        for (column, shape) in columns {
            let stays = STAYS.contains(&(name.as_str(), column.as_str()));
            let Some(kind) = table.kind(column) else {
                assert!(stays || column == table.scope, "{name}.{column}");
                continue;
            };
            let class = match kind {
                db::Kind::Int | db::Kind::Bool => "number",
                db::Kind::Text => "text",
                db::Kind::Uuid | db::Kind::Bytes => "bytes",
                db::Kind::Real => "real",
            };
            assert_eq!(class, shape.class, "{name}.{column}");
        }
        let all = table.columns.iter().chain(table.local);
        for (column, _) in all {
            assert!(columns.contains_key(*column), "there is no {name}.{column}");
        }
        let key = |c: &&String| columns[*c].key > 0 && **c != table.scope;
        let keys: Vec<&String> = columns.keys().filter(key).collect();
        // The search index numbers its rows itself.
        if name != "content_terms" {
            let mut described: Vec<&str> = table.key.to_vec();
            described.sort_unstable();
            assert_eq!(keys, described, "{name}");
        }
    }
}

fn organization(n: u128) -> OrganizationId {
    OrganizationId(Uuid::from_u128(n))
}

fn content(n: u128, headline: &str, changed_at: i64) -> Content {
    Content {
        id: ContentId(Uuid::from_u128(n)),
        persona: PersonaId(Uuid::from_u128(7)),
        status: if n.is_multiple_of(5) {
            ContentStatus::Published
        } else {
            ContentStatus::Draft
        },
        archived: false,
        n: 0,
        headline: headline.to_owned(),
        excerpt: headline.to_owned(),
        pictures: 0,
        parts: 1,
        campaign: String::new(),
        labels: vec![],
        author: None,
        at: None,
        created_at: NOW,
        changed_at: Instant(changed_at),
    }
}

/// Two organizations with the same ids of everything; texts begin with the organization's name.
async fn furnish(db: &Db, texts: &'static [(u128, String)]) {
    let done: Result<(), store::Error> = db
        .write(move |tx| {
            Box::pin(async move {
                for (n, name) in [(1, "alpha"), (2, "beta")] {
                    let org = organization(n);
                    store::organization::insert(tx, org, name, NOW).await?;
                    let person = store::person::Person {
                        id: PersonId(Uuid::from_u128(5)),
                        name: name.to_owned(),
                        role: Role::Owner,
                        active: true,
                    };
                    store::person::insert(tx, org, &person, NOW).await?;
                    let persona = store::persona::Persona {
                        id: PersonaId(Uuid::from_u128(7)),
                        profile: PersonaProfile {
                            name: name.to_owned(),
                            ..PersonaProfile::default()
                        },
                        chain: None,
                        paused_at: None,
                        archived: false,
                    };
                    store::persona::save(tx, org, &persona, NOW).await?;
                    let identity = store::identity::Identity {
                        id: IdentityId(Uuid::from_u128(8)),
                        persona: persona.id,
                        network: NetworkId::new("site"),
                        remote_id: name.to_owned(),
                        handle: name.to_owned(),
                        display_name: name.to_owned(),
                        service: String::new(),
                        status: IdentityStatus::Connected,
                        trouble: None,
                        settings: Default::default(),
                        live: vec![],
                        executor: Executor::Desktop,
                        epoch: 1,
                        checked_at: None,
                        budget: None,
                    };
                    store::identity::save(tx, org, &identity, NOW).await?;
                    for (i, (id, text)) in texts.iter().enumerate() {
                        // Several share an instant, so that the id decides.
                        let row = content(*id, &format!("{name} {text}"), NOW.0 + (i as i64 / 3));
                        store::content::save(tx, org, &row).await?;
                        store::search::index(tx, org, row.id, &row.headline).await?;
                        let copy = store::content::WorkingCopy {
                            body: Body {
                                shared: Variant {
                                    segments: vec![Segment {
                                        text: name.to_owned(),
                                        media: vec![],
                                    }],
                                    ..Variant::default()
                                },
                                ..Body::default()
                            },
                            base: 0,
                            person: None,
                            at: NOW,
                        };
                        store::content::keep_working_copy(tx, org, row.id, &copy).await?;
                    }
                    let version = store::version::Version {
                        content: ContentId(Uuid::from_u128(texts[0].0)),
                        n: 1,
                        hash: Hash::of(name.as_bytes()),
                        bytes: name.as_bytes().to_vec(),
                        restored_from: None,
                        person: None,
                        operator: None,
                        at: NOW,
                    };
                    store::version::insert(tx, org, &version).await?;
                    let sample = store::sample::Sample {
                        subject: "publication:1".to_owned(),
                        metric: "likes".to_owned(),
                        at: NOW,
                        value: n as i64,
                        run: None,
                    };
                    store::sample::insert(tx, org, &sample).await?;
                    let new = store::notification::insert(
                        tx,
                        org,
                        "one",
                        "published".to_owned(),
                        None,
                        name,
                        NOW,
                    )
                    .await?;
                    assert!(new, "the same key in another organization is another one");
                    let mut held = store::organization::lock(tx, org).await?.unwrap();
                    let record = store::audit::Record {
                        at: NOW,
                        actor: Actor::Person {
                            id: person.id,
                            operator: None,
                        },
                        action: "persona_added",
                        subject: "persona:7",
                        about: Some("content:7"),
                        payload: name,
                        salt: b"salt",
                    };
                    store::audit::append(tx, &mut held, &record).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

async fn found(
    db: &Db,
    org: u128,
    search: &str,
    statuses: Vec<ContentStatus>,
) -> Vec<(Uuid, String)> {
    let filter = Filter {
        search: Some(search.to_owned()),
        statuses,
        ..Filter::default()
    };
    let mut all: Vec<Content> = Vec::new();
    loop {
        let filter = filter.clone();
        let after = all.last().map(|c| Cursor {
            changed_at: c.changed_at,
            id: c.id,
        });
        let page: Result<Vec<Content>, store::Error> = db
            .read(move |tx| {
                Box::pin(async move {
                    store::search::page(tx, organization(org), &filter, after, 7).await
                })
            })
            .await;
        let page = page.unwrap();
        if page.is_empty() {
            return all.into_iter().map(|c| (c.id.0, c.headline)).collect();
        }
        all.extend(page);
    }
}

/// Numbers that look random, from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn word(&mut self) -> String {
        const WORDS: &[&str] = &[
            "snow",
            "Snowfall",
            "SCHNEE",
            "Straße",
            "strasse",
            "café",
            "cafe\u{301}",
            "#hut",
            "@mara",
            "hut",
            "東京都",
            "東",
            "スキー",
            "naïve",
            "1,000",
            "don't",
            "e-mail",
            "a",
            "ab",
            "ABC",
            "ﬁne",
            "👩‍🚀",
            "null",
            "OR",
            "AND",
            "NOT",
            "near",
            "*",
            "\"quoted\"",
            "'single'",
            "Ω",
            "ёлка",
            "_x_",
            "हिन्दी",
            "#हिन्दी",
            "กำลัง",
            "🅐bc",
            "%",
            "İstanbul",
            "ǅ",
            "١٢٣",
            "c++",
            ":",
            "&",
            "|",
            "!",
            "(",
            ")",
            "\\",
        ];
        WORDS[self.roll(WORDS.len())].to_owned()
    }

    fn text(&mut self, most: usize) -> String {
        let count = 1 + self.roll(most);
        (0..count)
            .map(|_| self.word())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[tokio::test]
async fn both_databases_find_the_same_and_what_a_reader_of_the_terms_would() {
    let mut dice = Dice(0x5eed_1234);
    let texts: Vec<(u128, String)> = (1..=60)
        .map(|n| (n * 31 % 61 + 100, dice.text(6)))
        .collect();
    let texts: &'static [(u128, String)] = Box::leak(texts.into_boxed_slice());
    let queries: Vec<String> = (0..150)
        .map(|_| {
            let mut query = dice.text(2);
            // Half of them as far as they are typed.
            if dice.roll(2) == 0 {
                let keep = 1 + dice.roll(query.chars().count());
                query = query.chars().take(keep).collect();
            }
            query
        })
        .collect();
    let mut answers: Vec<Vec<Vec<(Uuid, String)>>> = Vec::new();
    for db in testing::databases().await {
        furnish(&db, texts).await;
        let mut all = Vec::new();
        for query in &queries {
            let rows = found(&db, 1, query, vec![]).await;
            let wanted = query_terms(query);
            let mut expected: Vec<Uuid> = texts
                .iter()
                .filter(|(_, text)| {
                    let have = search_terms(&format!("alpha {text}"));
                    wanted
                        .iter()
                        .all(|w| have.iter().any(|h| h.starts_with(w.as_str())))
                })
                .map(|(id, _)| Uuid::from_u128(*id))
                .collect();
            let mut got: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
            expected.sort_unstable();
            got.sort_unstable();
            assert_eq!(
                got,
                expected,
                "{query:?} as {wanted:?} on {:?}",
                db.dialect()
            );
            all.push(rows);
        }
        all.push(found(&db, 1, "", vec![ContentStatus::Published]).await);
        answers.push(all);
    }
    for other in answers.iter().skip(1) {
        for (i, rows) in other.iter().enumerate() {
            assert_eq!(&answers[0][i], rows, "the order of {:?}", queries.get(i));
        }
    }
}

#[tokio::test]
async fn the_same_ids_in_two_organizations_do_not_mix() {
    let texts: &'static [(u128, String)] =
        Box::leak(vec![(11, "snow".to_owned()), (12, "rain".to_owned())].into_boxed_slice());
    for db in testing::databases().await {
        furnish(&db, texts).await;
        assert_eq!(found(&db, 1, "beta", vec![]).await, vec![]);
        assert_eq!(found(&db, 2, "beta", vec![]).await.len(), 2);
        for (n, name) in [(1_u128, "alpha"), (2, "beta")] {
            let read: Result<(), store::Error> = db
                .read(move |tx| {
                    Box::pin(async move {
                        let org = organization(n);
                        let id = ContentId(Uuid::from_u128(11));
                        let row = store::content::get(tx, org, id).await?.unwrap();
                        assert!(row.headline.starts_with(name));
                        assert_eq!(store::content::ids(tx, org).await?.len(), 2);
                        let copy = store::content::working_copy(tx, org, id).await?.unwrap();
                        assert_eq!(copy.body.shared.segments[0].text, name);
                        let version = store::version::get(tx, org, id, 1).await?.unwrap();
                        assert_eq!(version.bytes, name.as_bytes());
                        assert_eq!(store::version::all(tx, org).await?.len(), 1);
                        let people = store::person::all(tx, org).await?;
                        assert_eq!((people.len(), people[0].name.as_str()), (1, name));
                        let personas = store::persona::all(tx, org).await?;
                        assert_eq!(
                            (personas.len(), personas[0].profile.name.as_str()),
                            (1, name)
                        );
                        let identities = store::identity::all(tx, org).await?;
                        assert_eq!((identities.len(), identities[0].handle.as_str()), (1, name));
                        let samples = store::sample::of_subject(tx, org, "publication:1").await?;
                        assert_eq!(samples.len(), 1);
                        assert_eq!(samples[0].value, n as i64);
                        let told = store::notification::not_shown(tx, org).await?;
                        assert_eq!((told.len(), told[0].body.as_str()), (1, name));
                        for subjects in [
                            None,
                            Some(vec!["persona:7".to_owned()]),
                            Some(vec!["content:7".to_owned()]),
                        ] {
                            let audit =
                                store::audit::page(tx, org, subjects.as_deref(), u64::MAX, 9)
                                    .await?;
                            assert_eq!(audit.len(), 1);
                            assert_eq!(audit[0].payload.as_deref(), Some(name));
                        }
                        let counts: u32 = store::content::counts(tx, org, &ContentStatus::ALL)
                            .await?
                            .iter()
                            .map(|c| c.2)
                            .sum();
                        assert_eq!(counts, 2);
                        Ok(())
                    })
                })
                .await;
            read.unwrap();
        }
        // A change in one leaves the other as it was.
        let changed: Result<(), store::Error> = db
            .write(|tx| {
                Box::pin(async move {
                    let id = ContentId(Uuid::from_u128(11));
                    store::content::drop_working_copy(tx, organization(1), id).await?;
                    store::search::index(tx, organization(1), id, "changed").await?;
                    store::notification::shown(tx, organization(1), "one", NOW).await?;
                    let other = store::content::working_copy(tx, organization(2), id).await?;
                    assert!(other.is_some());
                    assert_eq!(
                        store::notification::not_shown(tx, organization(2))
                            .await?
                            .len(),
                        1
                    );
                    Ok(())
                })
            })
            .await;
        changed.unwrap();
        assert_eq!(found(&db, 2, "changed", vec![]).await, vec![]);
        assert_eq!(found(&db, 2, "snow", vec![]).await.len(), 1);
    }
}
