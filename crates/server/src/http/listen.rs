//! Listening, with patience for nobody who sends a letter a minute, and an orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// How long the head of a request may take.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// How long requests under way may take to end once the server stops.
const END_WITHIN: Duration = Duration::from_secs(10);
/// After nobody could be let in (no file descriptors left).
const PAUSE: Duration = Duration::from_millis(100);

/// How many connections there may be; more wait in the system's queue.
const CONNECTIONS: usize = 4_096;

/// Serves until `stop`, then lets what is under way end, and breaks off what does not.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tracker: &TaskTracker,
    stop: CancellationToken,
) {
    let ending = GracefulShutdown::new();
    let broken_off = CancellationToken::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)))
        .max_concurrent_streams(256);
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            guest = listener.accept() => match guest {
                Ok(guest) => guest,
                Err(error) => {
                    tracing::warn!(%error, "nobody can be let in");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        // What is small shall leave at once.
        let _ = stream.set_nodelay(true);
        let service = router.clone().map_request(
            move |mut request: hyper::Request<hyper::body::Incoming>| {
                request
                    .extensions_mut()
                    .insert(ConnectInfo::<SocketAddr>(peer));
                request
            },
        );
        let (builder, watcher) = (builder.clone(), ending.watcher());
        let (until, stopping) = (broken_off.clone(), stop.clone());
        tracker.spawn(async move {
            let _place = place;
            // Which protocol it is, the first letter tells: whoever says nothing is let go.
            let mut letter = [0];
            let first = tokio::time::timeout(HEAD_WITHIN, stream.peek(&mut letter));
            let spoke = tokio::select! {
                () = stopping.cancelled() => return,
                spoke = first => matches!(spoke, Ok(Ok(1..))),
            };
            if !spoke {
                return;
            }
            let served = builder
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
                .into_owned();
            tokio::select! {
                () = until.cancelled() => {}
                served = watcher.watch(served) => if let Err(error) = served {
                    tracing::debug!(%error, "a connection broke off");
                },
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(END_WITHIN, ending.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
    broken_off.cancel();
}
