//! Who comes in, and what proves it.

pub mod cookies;
pub mod invitations;
pub mod login;
pub mod mail;
pub mod members;
pub mod password;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod throttle;
pub mod tokens;
pub mod who;

use protocol::{Code, Problem};

/// An address as it is kept: what two spellings of one share.
///
/// # Errors
/// `invalid_input` on `email`.
pub fn folded_email(typed: &str) -> Result<String, Problem> {
    let email = typed.trim().to_lowercase();
    let sound = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.len() >= 3
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    let plain = !email
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'));
    // RFC 5321, 4.5.3.1.3.
    if sound && plain && email.len() <= 254 {
        return Ok(email);
    }
    Err(Problem::new(
        Code::InvalidInput,
        "This is not an address such as mara@example.org.",
    )
    .with_field("email", "such as mara@example.org"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_address_are_one() {
        assert_eq!(
            folded_email("  Mara@Hut.Example ").unwrap(),
            "mara@hut.example"
        );
        for wrong in [
            "",
            "mara",
            "@hut.example",
            "mara@",
            "a@b@c.example",
            "a b@c.example",
            "a@.de.",
            "a\u{0}@hut.example",
        ] {
            assert!(folded_email(wrong).is_err(), "{wrong}");
        }
    }
}
