use super::*;
use crate::host::{self, Options};
use db::args;

struct Home(tempfile::TempDir);

impl Home {
    async fn open(&self) -> Host {
        let at = |name: &str| self.0.path().join(name);
        let opened = host::init(&at("data"), &at("config"), Options::default()).await;
        opened.unwrap()
    }

    /// A history of 1,200 entries, and what this computer has seen of it.
    async fn with_history() -> (Self, Host) {
        let home = Self(tempfile::tempdir().unwrap());
        let host = home.open().await;
        let org = host.app.organization();
        let appended: Result<_, Error> = host
            .app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let mut organization = store::organization::lock(tx, org).await?.unwrap();
                    for n in 0..1_200_i64 {
                        let record = store::audit::Record {
                            at: Instant(n),
                            actor: domain::person::Actor::Run { id: new_id() },
                            action: "version_saved",
                            subject: "content:1",
                            about: None,
                            payload: "{}",
                            salt: b"salt",
                        };
                        store::audit::append(tx, &mut organization, &record).await?;
                    }
                    Ok(())
                })
            })
            .await;
        appended.unwrap();
        host.app.watch_head().await.unwrap();
        (home, host)
    }
}

/// Past the program, as somebody with a hand on the file would.
async fn tamper(host: &Host, sql: &'static str) {
    let done: Result<u64, Error> = host
        .app
        .db()
        .write(move |tx| Box::pin(async move { Ok(tx.execute(sql, args![]).await?) }))
        .await;
    assert!(done.unwrap() > 0, "{sql}");
}

const IN_ENTRY_100: &str = "UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), \
     'version_saved', 'version_taken') AS BLOB) WHERE n = 100";
const BESIDE_1190: &str = "UPDATE audit_payload SET payload = '{\"n\":1}' WHERE n = 1190";

const NEWEST: &str = "UPDATE audit_payload SET payload = '{\"n\":1}' \
     WHERE n = (SELECT MAX(n) FROM audit)";

/// Looks as often as it takes to have gone through all of it.
async fn rounds(host: &Host) -> u32 {
    let mut round = Round {
        begun: host.app.now(),
        at: Some(BEGINNING),
    };
    for n in 1..10 {
        round = host.app.go_through(round).await.unwrap();
        if round.at.is_none() || host.app.audit_alarm().is_some() {
            return n;
        }
    }
    panic!("it never comes to its end");
}

async fn broken(host: &Host) -> Option<String> {
    let check = host.app.query(protocol::Query::VerifyAudit {}, None).await;
    let check: protocol::views::AuditCheck = serde_json::from_value(check.unwrap()).unwrap();
    check.broken
}

async fn acknowledge(host: &Host) {
    let way = Way::quiet(None, tokio_util::sync::CancellationToken::new());
    if host.app.me().await.unwrap().is_none() {
        let first = domain::ids::PersonId(new_id());
        host.app
            .add_first_person(first, "Mara".into())
            .await
            .unwrap();
    }
    host.app.acknowledge_audit(&way).await.unwrap();
}

#[tokio::test]
async fn what_is_untouched_is_gone_through_piece_by_piece_and_alarms_nobody() {
    let (_home, host) = Home::with_history().await;
    assert_eq!(rounds(&host).await, 3, "500, 500 and 200");
    assert_eq!(host.app.audit_alarm(), None);
    // The next round waits for the next day.
    let done = Round {
        begun: host.app.now(),
        at: None,
    };
    assert!(host.app.go_through(done).await.unwrap().at.is_none());
    let yesterday = Round {
        begun: host.app.now().plus(-DAY),
        at: None,
    };
    let again = host.app.go_through(yesterday).await.unwrap();
    assert_eq!(again.at.unwrap().n, PACE);
    host.stop().await;
}

#[tokio::test]
async fn an_entry_that_is_changed_in_place_is_found_without_anybody_asking_and_stays_found() {
    let (home, host) = Home::with_history().await;
    tamper(&host, IN_ENTRY_100).await;
    // It is not among the last, and nothing is told of it yet.
    host.stop().await;
    let host = home.open().await;
    assert_eq!(host.app.audit_alarm(), None);
    assert_eq!(rounds(&host).await, 1);
    assert_eq!(host.app.audit_alarm().unwrap().broken, Some(100));
    assert!(broken(&host).await.unwrap().contains("entry 100"));
    host.stop().await;
    // The next start knows at once.
    let host = home.open().await;
    assert_eq!(host.app.audit_alarm().unwrap().broken, Some(100));
    // A person goes on from here: it is looked at from here on, and is never called whole.
    acknowledge(&host).await;
    assert_eq!(host.app.audit_alarm(), None);
    rounds(&host).await;
    assert_eq!(host.app.audit_alarm(), None);
    assert!(broken(&host).await.unwrap().contains("entry 100"));
    host.stop().await;
    let host = home.open().await;
    assert_eq!(host.app.audit_alarm(), None);
    // What comes after is watched as before.
    let pause = protocol::Mutation::SetPaused {
        persona: None,
        paused: true,
    };
    host.app.apply_all(None, vec![pause]).await.unwrap();
    tamper(&host, NEWEST).await;
    rounds(&host).await;
    let newest = host.app.audit_alarm().unwrap().broken.unwrap();
    assert!(newest > 1_200, "{newest}");
    host.stop().await;
}

#[tokio::test]
async fn what_was_put_right_again_alarms_nobody_at_the_next_start() {
    let (home, host) = Home::with_history().await;
    tamper(&host, IN_ENTRY_100).await;
    rounds(&host).await;
    assert!(host.app.audit_alarm().is_some());
    let back = "UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), \
         'version_taken', 'version_saved') AS BLOB) WHERE n = 100";
    tamper(&host, back).await;
    host.stop().await;
    let host = home.open().await;
    assert_eq!(host.app.audit_alarm(), None);
    host.stop().await;
}

#[tokio::test]
async fn a_change_among_the_last_entries_is_found_when_the_folder_is_opened() {
    for (sql, n) in [
        (BESIDE_1190, 1_190),
        ("UPDATE audit SET entry = x'00' WHERE n = 1150", 1_150),
        ("UPDATE audit SET hash = zeroblob(32) WHERE n = 1180", 1_180),
    ] {
        let (home, host) = Home::with_history().await;
        tamper(&host, sql).await;
        host.stop().await;
        let host = home.open().await;
        let alarm = host.app.audit_alarm();
        assert_eq!(alarm.and_then(|a| a.broken), Some(n), "{sql}");
        assert!(broken(&host).await.is_some());
        host.stop().await;
    }
}

#[tokio::test]
async fn another_organization_in_the_place_of_the_one_that_was_here_is_noticed() {
    let home = Home(tempfile::tempdir().unwrap());
    let data = home.0.path().join("data");
    let database = data.join("rostrum.sqlite");
    let host = home.open().await;
    let first = domain::ids::PersonId(new_id());
    let add = host.app.add_first_person(first, "Mara".into());
    add.await.unwrap();
    host.stop().await;
    let elsewhere = Home(tempfile::tempdir().unwrap());
    let other = elsewhere.open().await;
    other.stop().await;
    std::fs::copy(elsewhere.0.path().join("data/rostrum.sqlite"), database).unwrap();
    let host = home.open().await;
    let alarm = host.app.audit_alarm().unwrap();
    assert_eq!((alarm.kept.n, alarm.found.n), (1, 0));
    // At the next start as well, until a person takes note.
    host.stop().await;
    let host = home.open().await;
    assert!(host.app.audit_alarm().is_some());
    acknowledge(&host).await;
    host.stop().await;
    let host = home.open().await;
    assert_eq!(host.app.audit_alarm(), None);
    host.stop().await;
}
