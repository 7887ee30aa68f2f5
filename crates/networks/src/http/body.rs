//! A request body that says when its first byte was asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

struct Tracked {
    bytes: Option<Bytes>,
    begun: Arc<AtomicBool>,
}

/// `bytes` as a body that sets `begun` as soon as the connection asks for it. A body that was
/// never asked for cannot have reached anybody.
pub(super) fn tracked(bytes: Bytes, begun: Arc<AtomicBool>) -> reqwest::Body {
    reqwest::Body::wrap(Tracked {
        bytes: Some(bytes),
        begun,
    })
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.begun.store(true, Ordering::Release);
        Poll::Ready(self.bytes.take().map(|b| Ok(Frame::data(b))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |b| b.len() as u64))
    }
}
