//! Signs that nobody sees: they carry orders, marks and traces past whoever reads a text.

/// Without such signs. What makes visible text stays: joiners between the parts of an emoji and in
/// scripts that are written with them, the choice of an emoji's form, and the letters of a flag.
pub(super) fn without_hidden(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let shown = signs.iter().enumerate().filter(|(at, sign)| {
        let before = at.checked_sub(1).and_then(|at| signs.get(at)).copied();
        !is_hidden(**sign) || carries(&signs, *at, before)
    });
    shown.map(|(_, sign)| *sign).collect()
}

/// Whether a sign shows nothing by itself (Unicode's `Default_Ignorable_Code_Point`, and what turns
/// the direction of writing).
pub(super) const fn is_hidden(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a hidden sign shapes what stands around it.
fn carries(signs: &[char], at: usize, before: Option<char>) -> bool {
    let after = signs.get(at + 1).copied();
    match signs[at] {
        '\u{fe0e}' | '\u{fe0f}' => {
            before.is_some_and(|sign| is_pictured(sign) || "0123456789#*".contains(sign))
        }
        '\u{200d}' => {
            let joined = |sign: Option<char>| sign.is_some_and(is_joined);
            // The form of an emoji stands between it and what joins it to the next.
            let first = match before {
                Some('\u{fe0f}') => at.checked_sub(2).and_then(|at| signs.get(at)).copied(),
                before => before,
            };
            (first.is_some_and(is_pictured) && after.is_some_and(is_pictured)) || joined(before)
        }
        '\u{200c}' => before.is_some_and(is_joined) && after.is_some_and(is_joined),
        '\u{e0020}'..='\u{e007f}' => is_flag(signs, at),
        _ => false,
    }
}

/// Emoji, and older pictures that became some.
const fn is_pictured(sign: char) -> bool {
    matches!(sign, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2100}'..='\u{27bf}'
        | '\u{2900}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Scripts that are written with joiners: Arabic, Syriac, and those of India and its neighbours.
const fn is_joined(sign: char) -> bool {
    matches!(sign, '\u{600}'..='\u{7ff}' | '\u{860}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// The flags of parts of a country: a black flag, up to six letters, an end.
fn is_flag(signs: &[char], at: usize) -> bool {
    let is_tag = |sign: char| matches!(sign, '\u{e0020}'..='\u{e007f}');
    let begin = (0..at).rev().find(|at| !is_tag(signs[*at]));
    let Some(begin) = begin.filter(|begin| signs[*begin] == '\u{1f3f4}') else {
        return false;
    };
    let tags = signs[begin + 1..].iter().take_while(|sign| is_tag(**sign));
    let ends = |sign: &&char| **sign == '\u{e007f}';
    let length = tags.clone().position(|sign| sign == &'\u{e007f}');
    tags.filter(ends).count() == 1 && length.is_some_and(|l| l <= 6 && at <= begin + 1 + l)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_nobody_sees_goes() {
        for sign in [
            "\u{200b}",
            "\u{200d}",
            "\u{200c}",
            "\u{202e}",
            "\u{2066}",
            "\u{fe0f}",
            "\u{fe01}",
            "\u{e0101}",
            "\u{e0067}",
            "\u{180e}",
            "\u{3164}",
            "\u{2028}",
            "\u{61c}",
            "\u{ad}",
        ] {
            assert_eq!(without_hidden(&format!("Sn{sign}ow")), "Snow", "{sign:?}");
        }
        // Words that hide behind a picture.
        let told = "🏔\u{fe0f}\u{e0101}\u{e0120}\u{e0130}";
        assert_eq!(without_hidden(told), "🏔\u{fe0f}");
        let flag =
            "\u{1f3f4}\u{e0067}\u{e006f}\u{e006f}\u{e0064}\u{e0064}\u{e0061}\u{e0079}\u{e007f}";
        assert_eq!(without_hidden(flag), "\u{1f3f4}");
    }

    #[test]
    fn what_makes_visible_text_stays() {
        for text in [
            "👩\u{200d}🚀",
            "🏳\u{fe0f}\u{200d}🌈",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "Plain words.",
        ] {
            assert_eq!(without_hidden(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_visible_goes_and_a_second_time_changes_nothing(text in "(\\PC|[\u{200b}-\u{200f}]|\u{fe0f}|[\u{e0060}-\u{e007f}]|🏔|\u{1f3f4})*") {
            let once = without_hidden(&text);
            let visible = |text: &str| -> String { text.chars().filter(|s| !is_hidden(*s)).collect() };
            prop_assert_eq!(visible(&once), visible(&text));
            prop_assert_eq!(without_hidden(&once), once.clone());
        }
    }
}
