//! Cookies of the window in a browser: its scripts never see a token.

use axum::http::{HeaderMap, HeaderValue, header};

/// The short-lived token.
pub const ACCESS: &str = "rostrum_access";
/// What renews it; sent to `/auth` alone.
pub const REFRESH: &str = "rostrum_refresh";

/// The name that is sent: where TLS is spoken, browsers take one with such a prefix only from this
/// very host (RFC 6265bis, 4.1.3).
fn full_name(name: &str, secure: bool) -> String {
    match (secure, name) {
        (false, name) => name.to_owned(),
        (true, ACCESS) => format!("__Host-{name}"),
        (true, name) => format!("__Secure-{name}"),
    }
}

/// The value of a cookie in a request.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str, secure: bool) -> Option<String> {
    let name = full_name(name, secure);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` line (RFC 6265): scripts do not see it, other sites do not send it, and where the
/// server is reached by TLS it never travels without.
#[must_use]
pub fn set(name: &str, value: &str, path: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let name = full_name(name, secure);
    let secure = if secure { "; Secure" } else { "" };
    let line = format!(
        "{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::from_str(&line).ok()
}
