//! The canonical form: RFC 8785 (JSON Canonicalization Scheme) restricted to strings, integers
//! below 2^53, booleans, arrays and objects.
//!
//! No floats and no null (an absent member says the same), text as typed (no normalization),
//! U+0000 refused because PostgreSQL cannot store it. The bytes are what is stored, sent and
//! hashed; a hash is never computed from a struct.

use serde::Serialize;
use serde_json::Value;

use crate::hash::Hash;

/// Why a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Floats are refused: they print differently on different machines.
    #[error("{0} is not a whole number below 2^53")]
    Number(String),
    /// Null is refused: leave the member out.
    #[error("a value is null; leave it out instead")]
    Null,
    /// U+0000 is refused.
    #[error("a text contains the character U+0000, which cannot be stored; remove it")]
    Nul,
    /// The value does not serialize to JSON.
    #[error("not a JSON value: {0}")]
    Json(String),
}

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The canonical bytes of `value`.
///
/// # Errors
/// When it contains a float, a null, an integer beyond 2^53 - 1 or U+0000.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let mut out = Vec::with_capacity(256);
    write(&value, &mut out)?;
    Ok(out)
}

/// The canonical bytes of `value` and their hash.
///
/// # Errors
/// As [`to_bytes`].
pub fn to_hashed<T: Serialize>(value: &T) -> Result<(Vec<u8>, Hash), CanonicalError> {
    let bytes = to_bytes(value)?;
    let hash = Hash::of(&bytes);
    Ok((bytes, hash))
}

/// Whether `bytes` are the canonical form of what they say.
#[must_use]
pub fn is_canonical(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes)
        .ok()
        .and_then(|value| to_bytes(&value).ok())
        .is_some_and(|again| again == bytes)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => return Err(CanonicalError::Null),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let small = number
                .as_i64()
                .is_some_and(|n| n.unsigned_abs() <= MAX_INTEGER);
            if !small {
                return Err(CanonicalError::Number(number.to_string()));
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // RFC 8785 3.2.3: members sorted by UTF-16 code units.
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push(b'{');
            for (i, (name, member)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_text(name, out)?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// RFC 8785 3.2.2.2: the two-letter escapes, `\u00xx` in lower case for other controls, and
/// everything else as UTF-8.
fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '\0' => return Err(CanonicalError::Nul),
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{08}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{0c}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            c if c < ' ' => out.extend_from_slice(format!("\\u{:04x}", c as u32).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn canonical(value: &Value) -> String {
        String::from_utf8(to_bytes(value).unwrap()).unwrap()
    }

    #[test]
    fn members_are_sorted_by_utf16_units() {
        // RFC 8785 3.2.3 gives this order.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        assert_eq!(
            canonical(&value),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn text_is_kept_as_typed() {
        assert_eq!(
            canonical(&json!("e\u{301}\u{7f}</\u{1f}\"\\")),
            "\"e\u{301}\u{7f}</\\u001f\\\"\\\\\""
        );
    }

    #[test]
    fn floats_null_large_numbers_and_nul_are_refused() {
        assert!(matches!(
            to_bytes(&json!(1.5)),
            Err(CanonicalError::Number(_))
        ));
        assert!(matches!(
            to_bytes(&json!(9_007_199_254_740_992_u64)),
            Err(CanonicalError::Number(_))
        ));
        assert_eq!(
            canonical(&json!(-9_007_199_254_740_991_i64)),
            "-9007199254740991"
        );
        assert_eq!(to_bytes(&json!([null])), Err(CanonicalError::Null));
        assert_eq!(to_bytes(&json!("a\0b")), Err(CanonicalError::Nul));
    }

    #[test]
    fn canonical_bytes_are_recognized() {
        assert!(is_canonical(br#"{"a":1,"b":[true]}"#));
        assert!(!is_canonical(br#"{"b":[true],"a":1}"#));
        assert!(!is_canonical(br#"{ "a":1}"#));
    }
}
