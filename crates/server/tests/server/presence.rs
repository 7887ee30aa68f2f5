//! Who has a content open: said by windows, ended by silence, leaving and signing out.

use serde_json::{Value, json};

use crate::resources::{draft, voice};
use crate::world::{Person, World, on_each};

async fn attend(world: &World, who: &Person, window: &str, content: Option<&str>) -> Vec<String> {
    let mut act = json!({"type": "attend", "window": window});
    if let Some(content) = content {
        act["content"] = json!(content);
    }
    let id = uuid::Uuid::now_v7().to_string();
    let answer = who
        .post(world, "/rpc/act", json!({"id": id, "act": act}))
        .await
        .ok();
    names(&answer)
}

fn names(people: &Value) -> Vec<String> {
    let people = people.as_array().unwrap().iter();
    people
        .map(|p| p["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn present(world: &World, who: &Person, content: &str) -> Vec<String> {
    let query = json!({"type": "present", "content": content});
    names(&who.query(world, query).await.ok())
}

#[tokio::test]
async fn others_see_who_has_a_content_open_until_they_leave_fall_silent_or_sign_out() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, _) = voice(&world, &owner).await;
        let content = draft(&world, &mara, &persona, "Snow came late.").await;
        let window = || uuid::Uuid::now_v7().to_string();
        let (hers, his, second) = (window(), window(), window());
        let before = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert!(
            attend(&world, &mara, &hers, Some(&content))
                .await
                .is_empty()
        );
        assert_eq!(attend(&world, &owner, &his, Some(&content)).await, ["Mara"]);
        assert_eq!(present(&world, &mara, &content).await, ["Olga"]);
        // Two windows of one person are one person, who is there until both are gone.
        attend(&world, &mara, &second, Some(&content)).await;
        assert_eq!(present(&world, &owner, &content).await, ["Mara"]);
        attend(&world, &mara, &hers, None).await;
        assert_eq!(present(&world, &owner, &content).await, ["Mara"]);
        attend(&world, &mara, &second, None).await;
        assert!(present(&world, &owner, &content).await.is_empty());
        // Silence.
        attend(&world, &mara, &hers, Some(&content)).await;
        world.advance(59_000);
        assert_eq!(present(&world, &owner, &content).await, ["Mara"]);
        world.advance(2_000);
        assert!(present(&world, &owner, &content).await.is_empty());
        // Signing out.
        attend(&world, &mara, &hers, Some(&content)).await;
        mara.post(&world, "/auth/logout", json!({})).await;
        assert!(present(&world, &owner, &content).await.is_empty());
        let after = owner
            .query(&world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert_eq!(before, after, "none of it is history");
        // Nothing of it is another organization's, nor can it be said of what is not there.
        let fred = world.founder("Fred", "fred@x.example").await;
        attend(&world, &owner, &his, Some(&content)).await;
        assert!(present(&world, &fred, &content).await.is_empty());
        let act = json!({"type": "attend", "window": window(), "content": content});
        let theirs = json!({"id": "x", "act": act});
        fred.post(&world, "/rpc/act", theirs)
            .await
            .refused(404, "not_found");
        world
    })
    .await;
}
