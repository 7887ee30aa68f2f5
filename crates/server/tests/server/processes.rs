//! Several processes on one database.

use std::time::Duration;

use domain::ids::OrganizationId;
use protocol::Event;
use protocol::tags::Tag;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn what_one_process_commits_the_windows_of_another_see_at_once() {
    let Some(url) = db::testing::postgres_url().await else {
        return;
    };
    let shared = tempfile::tempdir().unwrap();
    let keys = Some(shared.path().join("keys.json"));
    let one = World::open(Some(url.clone()), keys.clone()).await;
    let other = World::open(Some(url), keys).await;
    let owner = other.owner().await;
    // Each process gave out a link; one owner came in, and that was it.
    one.post("/auth/invitation", json!({"invitation": one.first}))
        .await
        .refused(422, "code_expired");
    let organization: OrganizationId = owner.organization(&other).await.parse().unwrap();
    let mut heard = other.server.organizations().core(organization).subscribe();
    // Whoever came in at one is in at the other.
    owner
        .change(&one, json!({"type": "set_paused", "paused": true}))
        .await
        .ok();
    let event = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Event::Changed { tags } = heard.recv().await.unwrap()
                && tags.contains(&Tag::Runtime)
            {
                return;
            }
        }
    });
    event.await.unwrap();
    one.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_ring_that_is_not_the_databases_is_refused_before_anything_is_sealed_under_it() {
    let home = tempfile::tempdir().unwrap();
    let place = |keys: &str| server::ground::Place {
        data: home.path().join("data"),
        config: home.path().join("config"),
        keys: Some(home.path().join(keys)),
        database: None,
        local_services: false,
    };
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let open = async |keys: &str| {
        server::ground::open(&place(keys), server::ground::Choices::default()).await
    };
    open("right").await.unwrap().close().await;
    let refused = open("other").await.unwrap_err();
    assert_eq!(refused.code, protocol::Code::NoSecretStore, "{refused}");
    // A key that was added is known from then on.
    let ground = open("right").await.unwrap();
    ground.ring.add().unwrap();
    ground.close().await;
    open("right").await.unwrap().close().await;
}

#[tokio::test]
async fn two_processes_never_call_with_one_secret_at_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use app::secrets::SecretStore as _;
    use domain::ids::IdentityId;
    use networks::AccountSecret;
    use server::keys::KeyRing;
    use server::sealed::Columns;

    for db in db::testing::databases().await {
        let home = tempfile::tempdir().unwrap();
        let ring = Arc::new(KeyRing::open(&home.path().join("keys")).unwrap());
        let (organization, account) = (
            OrganizationId(uuid::Uuid::now_v7()),
            IdentityId(uuid::Uuid::now_v7()),
        );
        db.write(move |tx| {
            Box::pin(async move {
                store::organization::insert(tx, organization, "The hut", domain::Instant(0)).await
            })
        })
        .await
        .unwrap();
        let process = || {
            Columns::new(
                db.clone(),
                Arc::new(app::SystemClock),
                organization,
                ring.clone(),
            )
        };
        let (one, other) = (process(), process());
        one.set(account, &AccountSecret::new("1".to_owned()))
            .await
            .unwrap();
        one.hold(account).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let (after, waits) = (Arc::clone(&done), other.clone());
        let second = tokio_util::task::TaskTracker::new().spawn(async move {
            waits.hold(account).await.unwrap();
            assert!(after.load(Ordering::SeqCst), "it was held");
            let seen = waits.get(account).await.unwrap().unwrap();
            assert_eq!(seen.expose(), "2", "what was refreshed is seen");
            waits.release(account).await;
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        one.set(account, &AccountSecret::new("2".to_owned()))
            .await
            .unwrap();
        done.store(true, Ordering::SeqCst);
        one.release(account).await;
        second.await.unwrap();
        db.close().await;
    }
}
