//! Names of requests, from one log to another: W3C Trace Context, level 1.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

/// The header in which a caller names its trace.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

tokio::task_local! {
    static CURRENT: String;
}

/// The trace of the request that is answered here.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Answers a request under its trace.
pub async fn under<T>(trace: String, answered: impl Future<Output = T>) -> T {
    CURRENT.scope(trace, answered).await
}

/// The caller's trace, taken over where it is one (W3C Trace Context, 3.2), else a new one: 32
/// hexadecimal digits.
#[must_use]
pub fn of(headers: &HeaderMap) -> String {
    let said = headers.get(&TRACEPARENT).and_then(|v| v.to_str().ok());
    said.and_then(trace_id)
        .unwrap_or_else(|| Uuid::new_v4().simple().to_string())
}

fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_said = |text: &str| text.bytes().any(|b| b != b'0');
    let known = is_hex(version, 2) && version != "ff";
    // A later version may say more behind it, this one does not.
    let whole = version != "00" || parts.next().is_none();
    let sound = is_hex(trace, 32) && is_said(trace) && is_hex(parent, 16) && is_said(parent);
    (known && whole && sound && is_hex(flags, 2)).then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_trace_is_taken_over_and_no_other() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let said = |text: &str| trace_id(text);
        assert_eq!(
            said(&format!("00-{trace}-00f067aa0ba902b7-01")).as_deref(),
            Some(trace)
        );
        assert_eq!(
            said(&format!("01-{trace}-00f067aa0ba902b7-01-more")).as_deref(),
            Some(trace)
        );
        for wrong in [
            String::new(),
            trace.to_owned(),
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{trace}-00f067aa0ba902b7-01-more"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
            format!("00-{trace}\"-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(said(&wrong), None, "{wrong}");
        }
    }
}
