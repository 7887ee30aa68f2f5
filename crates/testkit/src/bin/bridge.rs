//! `bridge DIR [PORT] [UI]`: the core of a data folder over HTTP on this machine, for looking at
//! the window in a browser. Prints its address and serves until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::host::{self, Options};

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(root) = args.next() else {
        eprintln!("bridge DIR [PORT] [UI]");
        return ExitCode::from(2);
    };
    let port = args.next().and_then(|p| p.parse().ok()).unwrap_or(0);
    let ui = args.next().map(PathBuf::from);
    // A second provider cannot be in the way: nothing else has run yet.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(Path::new(&root), port, ui).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("bridge: {words}");
            ExitCode::FAILURE
        }
    }
}

async fn run(root: &Path, port: u16, ui: Option<PathBuf>) -> Result<(), String> {
    // The bridge's folders are for trying things: their mirror lies beside them.
    let config = root.with_extension("config");
    let host = host::init(root, &config, Options::default())
        .await
        .map_err(|p| p.to_string())?;
    host.start().await.map_err(|p| p.to_string())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let address = testkit::bridge::serve(&host, address, ui)
        .await
        .map_err(|e| e.to_string())?;
    println!("http://{address}");
    tokio::signal::ctrl_c().await.map_err(|e| e.to_string())?;
    host.stop().await;
    Ok(())
}
