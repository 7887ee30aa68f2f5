//! Classes of characters of the public rules of twitter-text.

pub(super) const fn is_query_char(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'!' | b'?'
                | b'*'
                | b'\''
                | b'@'
                | b'('
                | b')'
                | b';'
                | b':'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b'/'
                | b'%'
                | b'#'
                | b'['
                | b']'
                | b'-'
                | b'_'
                | b'.'
                | b','
                | b'~'
                | b'|'
        )
}

const fn is_latin_accent(c: char) -> bool {
    matches!(c,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{253}' | '\u{254}'
        | '\u{256}' | '\u{257}' | '\u{259}' | '\u{25b}' | '\u{263}' | '\u{268}' | '\u{26f}'
        | '\u{272}' | '\u{289}' | '\u{28b}' | '\u{2bb}' | '\u{300}'..='\u{36f}'
        | '\u{1e00}'..='\u{1eff}')
}

pub(super) const fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_latin_accent(c)
}

const fn is_letter_of_path(c: char) -> bool {
    is_latin(c) || matches!(c, '\u{400}'..='\u{4ff}')
}

pub(super) const fn is_path_char(c: char) -> bool {
    is_letter_of_path(c)
        || matches!(
            c,
            '!' | '*'
                | '\''
                | ';'
                | ':'
                | '='
                | '+'
                | ','
                | '.'
                | '$'
                | '/'
                | '%'
                | '#'
                | '['
                | ']'
                | '-'
                | '\u{2013}'
                | '_'
                | '~'
                | '@'
                | '|'
                | '&'
        )
}

pub(super) const fn is_path_end(c: char) -> bool {
    is_letter_of_path(c) || matches!(c, '+' | '-' | '=' | '_' | '#' | '/')
}

const fn is_space(c: char) -> bool {
    matches!(c,
        '\u{9}'..='\u{d}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{180e}'
        | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

const fn is_forbidden(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{feff}' | '\u{ffff}')
}

const fn is_direction(c: char) -> bool {
    matches!(c,
        '\u{202a}'..='\u{202e}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}')
}

const fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '!' | '\''
            | '#'
            | '%'
            | '&'
            | '('
            | ')'
            | '*'
            | '+'
            | ','
            | '\\'
            | '-'
            | '.'
            | '/'
            | ':'
            | ';'
            | '<'
            | '='
            | '>'
            | '?'
            | '@'
            | '['
            | ']'
            | '^'
            | '_'
            | '{'
            | '|'
            | '}'
            | '~'
            | '$'
    )
}

pub(super) const fn is_domain_char(c: char) -> bool {
    !is_punctuation(c) && !is_space(c) && !is_forbidden(c) && !is_direction(c)
}

pub(super) const fn may_precede(c: char) -> bool {
    is_direction(c)
        || !(c.is_ascii_alphanumeric()
            || matches!(c, '@' | '＠' | '$' | '#' | '＃')
            || is_forbidden(c))
}
