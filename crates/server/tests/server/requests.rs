//! Requests that nobody should send.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use crate::world::on_each;

#[tokio::test]
async fn what_is_no_request_is_refused_in_words_and_changes_nothing() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let before = owner.query(&world, json!({"type": "verify_audit"})).await.ok();
        let bearer = format!("Bearer {}", owner.access);
        let deep = "[".repeat(100_000);
        for body in ["", "{", "null", "[]", "\"x\"", "{\"type\":\"nothing\"}", deep.as_str(), "\u{feff}{}"] {
            let response = Client::new()
                .post(format!("{}/rpc/query", world.address))
                .header("authorization", &bearer)
                .header("content-type", "application/json")
                .body(body.to_owned())
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 422, "{:.40}", body);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
        let plain = Client::new()
            .post(format!("{}/rpc/query", world.address))
            .header("authorization", &bearer)
            .body("{\"type\":\"people\"}")
            .send()
            .await
            .unwrap();
        assert_eq!(plain.status(), 422, "only JSON is read: no form of another site is");
        let large = "x".repeat(3 << 20);
        let answer = owner
            .query(&world, json!({"type": "split", "network": "x", "text": large}))
            .await;
        answer.refused(413, "media_too_large");
        let nul = json!({"type": "save_template", "id": uuid::Uuid::now_v7(), "template": {"name": "a\u{0}"}});
        assert!(owner.change(&world, nul).await.status.is_client_error());
        owner.get(&world, "/nothing").await.refused(404, "not_found");
        owner.get(&world, "/organizations/zz/members").await.refused(404, "not_found");
        let after = owner.query(&world, json!({"type": "verify_audit"})).await.ok();
        assert_eq!(before, after);
        world
    })
    .await;
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_of_this_server() {
    on_each(|world| async move {
        world.owner().await;
        let all = [
            (Method::POST, "/rpc/query"),
            (Method::POST, "/rpc/mutate"),
            (Method::POST, "/rpc/act"),
            (Method::GET, "/rpc/events"),
            (Method::GET, "/auth/me"),
            (Method::GET, "/auth/sessions"),
            (Method::POST, "/auth/logout"),
        ];
        let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
        for (method, path) in all {
            for bearer in [
                "",
                "Bearer ",
                "Bearer x",
                "Basic eDp4",
                &format!("Bearer {none}"),
                "Bearer rst_1_2_3",
            ] {
                let headers = [("authorization", bearer)];
                let body = (method == Method::POST).then(|| json!({}));
                let answer = world.ask(method.clone(), path, &headers, body).await;
                answer.refused(401, "signed_out");
            }
        }
        world
    })
    .await;
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_what_nobody_asked_for() {
    on_each(|world| async move {
        for path in ["/", "/health/live", "/auth/me", "/media/zz"] {
            let response = Client::new()
                .get(format!("{}{path}", world.address))
                .send()
                .await
                .unwrap();
            let headers = response.headers();
            assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
            assert!(
                headers["content-security-policy"]
                    .to_str()
                    .unwrap()
                    .contains("frame-ancestors 'none'")
            );
            assert!(
                !headers.contains_key("access-control-allow-origin"),
                "{path}"
            );
            assert_eq!(headers["cache-control"], "no-store", "{path}");
        }
        world
    })
    .await;
}

#[tokio::test]
async fn a_request_whose_head_never_ends_is_let_go() {
    on_each(|world| async move {
        let address = world.address.trim_start_matches("http://").to_owned();
        let mut slow = TcpStream::connect(&address).await.unwrap();
        slow.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .await
            .unwrap();
        let mut rest = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(40), slow.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the server still waits");
        world
    })
    .await;
}

#[tokio::test]
async fn whoever_says_nothing_is_let_go_and_keeps_nobody_from_stopping() {
    on_each(|world| async move {
        let address = world.address.trim_start_matches("http://").to_owned();
        let mut silent = TcpStream::connect(&address).await.unwrap();
        let mut rest = Vec::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(40), silent.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the server still waits");
        // One that is there when the server stops: `close` below waits for nobody.
        let silent = TcpStream::connect(&address).await.unwrap();
        std::mem::forget(silent);
        world
    })
    .await;
}

#[tokio::test]
async fn a_body_that_trickles_gives_its_place_back() {
    on_each(|world| async move {
        let owner = world.owner().await;
        let address = world.address.trim_start_matches("http://").to_owned();
        let mut places = Vec::new();
        for n in 0..server::http::room::AT_ONCE {
            let mut slow = TcpStream::connect(&address).await.unwrap();
            let name = domain::Hash::of(&[u8::try_from(n).unwrap()]);
            let head = format!(
                "PUT /media/{name} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
                 content-range: bytes 0-99999/100000\r\ncontent-length: 100000\r\n\r\n",
                owner.access
            );
            slow.write_all(head.as_bytes()).await.unwrap();
            let (mut read, mut write) = slow.into_split();
            // A letter a second: never long enough without one to be let go for that.
            TaskTracker::new().spawn(async move {
                while write.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
            places.push(async move {
                let mut answer = vec![0; 4_096];
                let ended = tokio::time::timeout(Duration::from_secs(60), read.read(&mut answer));
                let length = ended.await.expect("the place is still kept").unwrap();
                String::from_utf8_lossy(&answer[..length]).into_owned()
            });
        }
        for answer in futures::future::join_all(places).await {
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
            assert!(answer.contains("too_slow"), "{answer}");
        }
        world
    })
    .await;
}
