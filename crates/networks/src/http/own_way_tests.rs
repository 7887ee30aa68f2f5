//! A service that is reached only through a proxy, with a certificate that only the house knows.
#![expect(
    clippy::disallowed_methods,
    reason = "the test's servers end with its runtime"
)]

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

const ROOT: &[u8] = include_bytes!("house/root.pem");

/// A server for `social.example`; the answer to every request is `hello`.
async fn service() -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("house/server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("house/server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::task::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not know the root hangs up here.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut asked = [0; 2048];
                let _ = stream.read(&mut asked).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
                    .await;
                let _ = stream.shutdown().await;
            }
        }
    });
    port
}

/// A proxy that knows one name, and where that is.
async fn proxy(name: &'static str, port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::task::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut first = String::new();
            let _ = stream.read_line(&mut first).await;
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|n| n > 2) {
                line.clear();
            }
            if first.starts_with(&format!("CONNECT {name}:443 ")) {
                let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut far).await;
            } else {
                let _ = stream
                    .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                    .await;
            }
        }
    });
    own
}

async fn asks(proxy: Option<u16>, roots: &[u8]) -> Result<Vec<u8>, NoReply> {
    let http = Http::new(HttpOptions {
        proxy: proxy.map(|port| ProxyAddress::read(&format!("127.0.0.1:{port}")).unwrap()),
        roots: if roots.is_empty() {
            OwnRoots::default()
        } else {
            OwnRoots::read(roots).unwrap()
        },
        ..HttpOptions::default()
    })
    .unwrap();
    let url = Url::parse("https://social.example/").unwrap();
    http.send(Call::get(url)).await.map(|reply| reply.body)
}

#[tokio::test]
async fn a_service_behind_a_proxy_with_a_certificate_of_the_house_is_reached() {
    let proxy = proxy("social.example", service().await).await;
    assert_eq!(asks(Some(proxy), ROOT).await.unwrap(), b"hello");
}

#[tokio::test]
async fn without_the_root_the_service_is_not_trusted_and_nothing_was_sent() {
    let proxy = proxy("social.example", service().await).await;
    let lost = asks(Some(proxy), b"").await.unwrap_err();
    assert!(!lost.begun, "{lost:?}");
    assert!(lost.why.to_lowercase().contains("certificate"), "{lost:?}");
}

#[tokio::test]
async fn without_the_proxy_the_service_is_not_found() {
    let _running = proxy("social.example", service().await).await;
    let lost = asks(None, ROOT).await.unwrap_err();
    assert!(!lost.begun, "{lost:?}");
}

#[tokio::test]
async fn a_proxy_that_refuses_has_sent_nothing() {
    let proxy = proxy("other.example", 1).await;
    let lost = asks(Some(proxy), ROOT).await.unwrap_err();
    assert!(!lost.begun, "{lost:?}");
}
