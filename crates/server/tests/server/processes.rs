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
    // Only the link that was given out last lets the first owner in.
    one.post("/auth/invitation", json!({"invitation": one.first}))
        .await
        .refused(422, "code_expired");
    let owner = other.owner().await;
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
