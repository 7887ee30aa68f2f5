use std::time::Duration;

use super::*;

fn http(allow_private: bool) -> Http {
    Http::new(HttpOptions {
        allow_private,
        private_services: allow_private,
        ..HttpOptions::default()
    })
    .unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn a_refused_connection_has_sent_nothing() {
    let target = url(&format!("http://127.0.0.1:{}/", closed_port()));
    let call = Call::post(target).json(&serde_json::json!({"a": 1}));
    let error = http(true).send(call).await.unwrap_err();
    assert!(!error.begun, "{error:?}");
}

#[tokio::test]
async fn a_name_that_nobody_has_has_sent_nothing() {
    let call = Call::post(url("https://nobody.invalid/")).json(&serde_json::json!({}));
    let error = http(true).send(call).await.unwrap_err();
    assert!(!error.begun, "{error:?}");
}

#[tokio::test]
async fn a_failed_tls_handshake_has_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = url(&format!("https://{}/", listener.local_addr().unwrap()));
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        drop(stream);
        std::future::pending::<()>().await;
    };
    let http = http(true);
    let call = Call::post(target).json(&serde_json::json!({}));
    tokio::select! {
        () = server => unreachable!(),
        result = http.send(call) => assert!(!result.unwrap_err().begun),
    }
}

#[tokio::test]
async fn a_connection_that_never_opens_has_sent_nothing() {
    // A handshake that never answers: TLS is spoken to, and only listens.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = url(&format!("https://{}/", listener.local_addr().unwrap()));
    let http = http(true);
    let call = Call::post(target)
        .json(&serde_json::json!({}))
        .timeout(Duration::from_millis(300));
    let error = http.send(call).await.unwrap_err();
    assert!(!error.begun, "{error:?}");
}

#[tokio::test]
async fn silence_after_the_body_may_have_sent_it() {
    use tokio::io::AsyncReadExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = url(&format!("http://{}/", listener.local_addr().unwrap()));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0_u8; 4096];
        while !seen.ends_with(b"\"here\"") {
            let n = stream.read(&mut buffer).await.unwrap();
            seen.extend_from_slice(&buffer[..n]);
        }
        let head = String::from_utf8_lossy(&seen).to_lowercase();
        assert!(head.contains("content-length: 6"), "{head}");
        drop(stream);
        std::future::pending::<()>().await;
    };
    let http = http(true);
    let call = Call::post(target).json(&serde_json::json!("here"));
    tokio::select! {
        () = server => unreachable!(),
        result = http.send(call) => assert!(result.unwrap_err().begun),
    }
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let guarded = http(false);
    for address in [
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f.1/",
        "http://2130706433/",
        "file:///etc/passwd",
    ] {
        let result = guarded
            .page(url(address), "text/html", 10, Duration::from_secs(1))
            .await;
        assert_eq!(result.unwrap_err(), PageError::Private, "{address}");
    }
    assert!(guarded.service("service", "http://bsky.social").is_err());
    assert!(guarded.service("service", "https://10.0.0.1").is_err());
    assert_eq!(
        guarded
            .service("service", " bsky.social/xrpc?x ")
            .unwrap()
            .as_str(),
        "https://bsky.social/"
    );
    assert!(
        http(true)
            .service("service", "http://127.0.0.1:2583")
            .is_ok()
    );
    assert!(http(true).service("service", "http://bsky.social").is_err());
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused() {
    // Most machines name themselves in /etc/hosts; one that does not, finds nothing either.
    let Ok(name) = std::fs::read_to_string("/etc/hostname") else {
        return;
    };
    let Ok(address) = Url::parse(&format!("http://{}:9/", name.trim())) else {
        return;
    };
    let result = http(false)
        .page(address, "text/html", 10, Duration::from_secs(2))
        .await;
    assert!(matches!(
        result.unwrap_err(),
        PageError::Private | PageError::Unreachable(_)
    ));
}

#[test]
fn a_wait_is_read_from_either_header() {
    let reply = |pairs: &[(&'static str, &str)]| Reply {
        status: 429,
        headers: pairs
            .iter()
            .map(|(n, v)| {
                (
                    reqwest::header::HeaderName::from_static(n),
                    v.parse().unwrap(),
                )
            })
            .collect(),
        body: vec![],
    };
    assert_eq!(
        reply(&[("retry-after", "30")]).retry_after(),
        Some(Duration::from_secs(30))
    );
    assert_eq!(
        reply(&[
            ("ratelimit-reset", "1795428120"),
            ("date", "Mon, 23 Nov 2026 10:00:20 GMT")
        ])
        .retry_after(),
        Some(Duration::from_secs(1_795_428_120 - 1_795_428_020))
    );
    assert_eq!(
        reply(&[
            ("x-ratelimit-reset", "2026-11-23T10:02:00.123456Z"),
            ("date", "Mon, 23 Nov 2026 10:00:20 GMT")
        ])
        .retry_after(),
        Some(Duration::from_secs(100))
    );
    assert_eq!(reply(&[("ratelimit-reset", "5")]).retry_after(), None);
}
