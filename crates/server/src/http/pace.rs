//! A body must come at a pace: whoever sends a letter now and then keeps a place from others.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use protocol::{Code, Problem};
use tokio::time::Instant;

/// How long a body may take whatever its pace.
const FREE: Duration = Duration::from_secs(20);
/// How many bytes a second must have come after that, from the first one on: a slow line of a
/// telephone (EDGE) brings more.
const RATE: u64 = 16 << 10;

/// A body that ends with an error once it is behind its pace.
struct Paced {
    body: Body,
    began: Option<Instant>,
    came: u64,
}

/// By when so many bytes must have come.
fn within(came: u64) -> Duration {
    FREE + Duration::from_secs(came / RATE)
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // Not while it waits for a place: that is not the sender's time.
        let began = *self.began.get_or_insert_with(Instant::now);
        let Poll::Ready(next) = Pin::new(&mut self.body).poll_frame(cx) else {
            return Poll::Pending;
        };
        let Some(Ok(frame)) = next else {
            return Poll::Ready(next.map(|frame| frame.map_err(Into::into)));
        };
        let length = frame.data_ref().map_or(0, Bytes::len);
        self.came = self.came.saturating_add(length as u64);
        let behind = began.elapsed() > within(self.came);
        Poll::Ready(Some(match behind {
            true => Err("the body comes too slowly".into()),
            false => Ok(frame),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Lets no body come more slowly than its pace.
pub async fn paced(request: Request, next: Next) -> Response {
    let paced = |body| {
        Body::new(Paced {
            body,
            began: None,
            came: 0,
        })
    };
    next.run(request.map(paced)).await
}

/// Why a body was not taken: it is larger than `large` says, or did not come in time.
#[must_use]
pub fn not_taken(rejection: &BytesRejection, large: Problem) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::UnknownBodyError(_)) => {
            Problem::new(
                Code::TooSlow,
                "The body did not come in time. Send it again over a better line.",
            )
        }
        _ => large,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_take_as_long_as_its_bytes_need_at_the_slowest_pace() {
        assert_eq!(within(0), FREE);
        assert_eq!(within(4 << 20), FREE + Duration::from_secs(256));
    }
}
