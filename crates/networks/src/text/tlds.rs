//! Top-level domains.

use std::sync::LazyLock;

static TLDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("tlds.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// Whether `label` is a top-level domain, in any case; punycode (`xn--…`) always is.
#[must_use]
pub fn is_tld(label: &str) -> bool {
    let lower = label.to_lowercase();
    is_punycode(&lower) || TLDS.binary_search(&lower.as_str()).is_ok()
}

/// The longest internationalised top-level domain that `label` begins with.
#[must_use]
pub fn international_prefix(label: &str) -> Option<usize> {
    let lower = label.to_lowercase();
    if lower.len() != label.len() {
        return None;
    }
    TLDS.iter()
        .filter(|t| !t.is_ascii() && lower.starts_with(**t))
        .map(|t| t.len())
        .max()
}

fn is_punycode(label: &str) -> bool {
    label.len() > 4
        && label.starts_with("xn--")
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_knows_what_people_use() {
        assert!(TLDS.windows(2).all(|w| w[0] < w[1]));
        for known in ["com", "DE", "museum", "рф", "xn--p1ai", "social"] {
            assert!(is_tld(known), "{known}");
        }
        for unknown in ["js", "invalidtld", "", "xn--", "com "] {
            assert!(!is_tld(unknown), "{unknown}");
        }
    }
}
