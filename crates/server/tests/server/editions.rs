//! What somebody saw is what they change, from the first write of a request to its last.

use std::sync::Arc;
use std::time::Duration;

use networks::AccountSecret;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::resources::{draft, ok, refused, send, voice, words};
use crate::world::{on_each, on_each_with_local_pages};

/// A page that answers when it is let: its address, how many asked, and what lets it.
async fn page() -> (String, Arc<Semaphore>, Arc<Semaphore>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (asked, let_go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (counted, gate) = (Arc::clone(&asked), Arc::clone(&let_go));
    TaskTracker::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (counted, gate) = (Arc::clone(&counted), Arc::clone(&gate));
            TaskTracker::new().spawn(async move {
                let mut head = [0; 4_096];
                if stream.read(&mut head).await.unwrap_or(0) == 0 {
                    return;
                }
                counted.add_permits(1);
                let _open = gate.acquire().await;
                let page = "<title>Snow</title>";
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
                    page.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (address, asked, let_go)
}

fn to(account: &str, text: &str) -> Value {
    let mut body = words(text);
    body["targets"] = json!([account]);
    body
}

#[tokio::test]
async fn who_types_while_a_save_looks_links_up_loses_nothing() {
    on_each_with_local_pages(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, account) = voice(&world, &owner).await;
        let content = draft(&world, &owner, &persona, "Snow.").await;
        for publishes in [false, true] {
            let (address, asked, let_go) = page().await;
            let path = format!("/content/{content}");
            let typed = to(&account, &format!("Snow, see {address}"));
            let copy = json!({"type": "save_working_copy", "content": content, "persona": persona, "body": typed});
            owner.change(&world, copy).await.ok();
            let (_, tag) = ok(send(&world, &owner, Method::GET, &path, &[], None).await, 200).await;
            let headers = [("if-match", tag.as_str())];
            let (method, place, body) = match publishes {
                false => (Method::PUT, path.clone(), json!({"body": typed})),
                true => (Method::POST, format!("{path}/publish"), json!({})),
            };
            let saves = send(&world, &owner, method, &place, &headers, Some(&body));
            let types = async {
                // What the owner typed is kept by now, and a page is being read.
                let looked = tokio::time::timeout(Duration::from_secs(20), asked.acquire()).await;
                looked.unwrap().unwrap().forget();
                let words = to(&account, "Mara was here.");
                let copy = json!({"type": "save_working_copy", "content": content, "persona": persona, "body": words});
                mara.change(&world, copy).await.ok();
                let_go.add_permits(100);
            };
            let (saved, ()) = tokio::join!(saves, types);
            refused(saved, 412, "conflict").await;
            let (seen, _) = ok(send(&world, &owner, Method::GET, &path, &[], None).await, 200).await;
            assert_eq!(seen["row"]["n"], 0, "nothing was saved over it");
            assert_eq!(
                seen["working"]["body"]["shared"]["segments"][0]["text"], "Mara was here.",
                "{seen}"
            );
        }
        world
    })
    .await;
}

#[tokio::test]
async fn a_submission_that_broke_off_ends_when_it_is_asked_again() {
    on_each_with_local_pages(|world| async move {
        let owner = world.owner().await;
        let mara = world.colleague(&owner, "creator", "Mara").await;
        let (persona, account) = voice(&world, &owner).await;
        for somebody_typed in [false, true] {
            let content = draft(&world, &owner, &persona, "Snow.").await;
            let (address, asked, let_go) = page().await;
            let path = format!("/content/{content}");
            let mut typed = to(&account, &format!("Snow, see {address}"));
            typed["targets"] = json!([]);
            let copy = |body: &Value| json!({"type": "save_working_copy", "content": content, "persona": persona, "body": body});
            owner.change(&world, copy(&typed)).await.ok();
            let seen = send(&world, &owner, Method::GET, &path, &[], None).await;
            let (_, tag) = ok(seen, 200).await;
            let headers = [("if-match", tag.as_str()), ("idempotency-key", path.as_str())];
            let aim = json!({"targets": [{"identity": account}]});
            let publish = format!("{path}/publish");
            let submit = || send(&world, &owner, Method::POST, &publish, &headers, Some(&aim));
            // Whoever asks goes away while the page is read: what was typed is kept by then.
            tokio::select! {
                answered = submit() => panic!("{answered:?}"),
                looked = asked.acquire() => looked.unwrap().forget(),
            }
            let_go.add_permits(100);
            world.advance(1_000);
            if somebody_typed {
                mara.change(&world, copy(&words("Rain."))).await.ok();
                refused(submit().await, 412, "conflict").await;
                continue;
            }
            let (saved, _) = ok(submit().await, 202).await;
            let (again, _) = ok(submit().await, 202).await;
            assert_eq!(again["request"], saved["request"]);
            let (seen, _) = ok(send(&world, &owner, Method::GET, &path, &[], None).await, 200).await;
            assert_eq!(seen["row"]["n"], 1);
        }
        world
    })
    .await;
}

#[tokio::test]
async fn of_two_that_connect_an_account_under_one_key_only_one_keeps_its_secret() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let organization = owner.organization(&world).await.parse().unwrap();
        let core = world.server.organizations().core(organization);
        let secrets = core.secrets();
        let account = domain::ids::IdentityId(uuid::Uuid::now_v7());
        let [first, second] = ["first", "second"].map(|s| AccountSecret::new(s.to_owned()));
        let kept = async || {
            secrets
                .get(account)
                .await
                .unwrap()
                .map(|s| s.expose().clone())
        };
        assert!(secrets.set_first(account, &first).await.unwrap());
        assert!(
            !secrets.set_first(account, &second).await.unwrap(),
            "it is being made"
        );
        secrets.release(account).await;
        assert!(
            !secrets.set_first(account, &second).await.unwrap(),
            "it is there"
        );
        assert_eq!(kept().await.as_deref(), Some("first"));
        secrets.delete(account).await.unwrap();
        // A process that died while it made one is not waited for without end.
        assert!(secrets.set_first(account, &first).await.unwrap());
        world.advance(6 * 60_000);
        assert!(secrets.set_first(account, &second).await.unwrap());
        assert_eq!(kept().await.as_deref(), Some("second"));
        world
    })
    .await;
}
