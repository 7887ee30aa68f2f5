//! robots.txt (RFC 9309).

/// How programs call us in robots.txt.
const NAME: &str = "rostrum";
/// The most bytes that are read (RFC 9309, 2.5: at least 500 KiB).
pub(super) const MAX_BYTES: usize = 500 << 10;
/// The most rules that are kept.
const MAX_RULES: usize = 2_000;

/// What a robots.txt says to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    /// Beginnings of paths, and whether they may be read.
    rules: Vec<(String, bool)>,
}

impl Robots {
    /// Nothing may be read: what a server that cannot say what it wants means (2.3.1.4).
    pub(super) fn nothing() -> Self {
        Self {
            rules: vec![("/".to_owned(), false)],
        }
    }

    /// The rules of our own group, else those for everybody.
    pub(super) fn read(text: &str) -> Self {
        let (mut own, mut all) = (Vec::new(), Vec::new());
        let mut named_own = false;
        let (mut for_own, mut for_all, mut in_rules) = (false, false, false);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match field.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if in_rules {
                        (for_own, for_all, in_rules) = (false, false, false);
                    }
                    let name = value.split('/').next().unwrap_or_default();
                    for_own |= name.eq_ignore_ascii_case(NAME);
                    for_all |= value == "*";
                    named_own |= for_own;
                }
                field @ ("allow" | "disallow") => {
                    in_rules = true;
                    if value.is_empty() || own.len() + all.len() >= MAX_RULES {
                        continue;
                    }
                    let rule = (value.to_owned(), field == "allow");
                    if for_own {
                        own.push(rule.clone());
                    }
                    if for_all {
                        all.push(rule);
                    }
                }
                _ => {}
            }
        }
        Self {
            rules: if named_own { own } else { all },
        }
    }

    /// Whether a path with its query may be read: the longest rule that fits decides, and of two
    /// equal ones the one that allows (2.2.2).
    pub(super) fn allows(&self, path: &str) -> bool {
        self.rules
            .iter()
            .filter(|(pattern, _)| fits(pattern, path))
            .max_by_key(|(pattern, allowed)| (pattern.len(), *allowed))
            .is_none_or(|(_, allowed)| *allowed)
    }
}

/// Whether a pattern fits the beginning of a path: `*` is anything, `$` at its end the path's end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for (n, part) in parts.iter().enumerate() {
        if to_end && n + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    !to_end || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn our_own_group_goes_before_the_one_for_all() {
        let robots = Robots::read(
            "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-Agent: Rostrum/2\nDisallow: /private\nAllow: /private/feed # x\n",
        );
        assert!(robots.allows("/feed.xml"));
        assert!(!robots.allows("/private/else"));
        assert!(robots.allows("/private/feed"));
        let others = Robots::read("User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /a\n");
        assert!(others.allows("/feed") && !others.allows("/abc"));
        assert!(Robots::read("").allows("/"));
        assert!(!Robots::nothing().allows("/feed"));
        assert!(
            Robots::read("User-agent: rostrum\nDisallow:\nUser-agent: *\nDisallow: /").allows("/x")
        );
    }

    #[test]
    fn patterns_have_stars_and_an_end() {
        for (pattern, path, yes) in [
            ("/fish", "/fishing?x", true),
            ("/fish*.php", "/fish/a.php?b", true),
            ("/*.php$", "/a.php", true),
            ("/*.php$", "/a.php?b", false),
            ("/fish$", "/fish", true),
            ("/fish$", "/fishes", false),
            ("/a*b*c", "/axxbyyc", true),
            ("/a*b*c", "/axxcyyb", false),
        ] {
            assert_eq!(fits(pattern, path), yes, "{pattern} {path}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(User-agent: ?|Dis|Allow: |\\*|/|\\$|\n|.){0,60}", path in "/.{0,20}") {
            let _ = Robots::read(&text).allows(&path);
        }
    }
}
