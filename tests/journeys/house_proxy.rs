//! A house that lets nobody out but through its proxy, which signs with certificates of its own:
//! behind it, names of the internet lead to a stand-in on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Its proxy; ends with the test's runtime.
pub(crate) struct House {
    address: SocketAddr,
}

impl House {
    /// Leads every one of these names to the server at this address (`127.0.0.1:PORT`). Nobody
    /// else is reached.
    pub(crate) async fn around(names: &'static [&'static str], server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it has an address");
        let acceptor = TlsAcceptor::from(Arc::new(signed()));
        #[expect(
            clippy::disallowed_methods,
            reason = "the test's servers end with its runtime"
        )]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, server) = (acceptor.clone(), server.clone());
                tokio::spawn(async move {
                    // Whoever hangs up has said why on its own side.
                    let _ = pass(stream, names, &acceptor, &server).await;
                });
            }
        });
        Self { address }
    }

    /// As the settings name it.
    pub(crate) fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file with the certificate that the house signs with.
    pub(crate) fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journeys/house/root.pem")
    }

    /// A browser in this house; this machine is reached directly.
    pub(crate) fn browser(&self) -> reqwest::Client {
        let root = std::fs::read(Self::root()).expect("it is there");
        let root = reqwest::Certificate::from_pem(&root).expect("a certificate");
        let here = reqwest::NoProxy::from_string("127.0.0.1");
        let proxy = reqwest::Proxy::all(self.proxy()).expect("an address");
        reqwest::Client::builder()
            .proxy(proxy.no_proxy(here))
            .tls_certs_merge([root])
            .build()
            .expect("a browser")
    }
}

fn signed() -> ServerConfig {
    let chain = CertificateDer::from_pem_slice(include_bytes!("house/server.pem"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("house/server.key.pem"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the usual versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![chain.expect("a certificate")],
            key.expect("a key of it"),
        )
        .expect("they belong together")
}

async fn pass(
    stream: TcpStream,
    names: &[&str],
    acceptor: &TlsAcceptor,
    server: &str,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut wish = String::new();
    stream.read_line(&mut wish).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let known = names
        .iter()
        .any(|name| wish.starts_with(&format!("CONNECT {name}:443 ")));
    if !known {
        let no = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
        return stream.write_all(no).await;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut near = acceptor.accept(stream).await?;
    let mut far = TcpStream::connect(server).await?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}
