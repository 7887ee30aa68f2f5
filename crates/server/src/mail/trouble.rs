//! Why a mail server did not take a letter: for whoever asked for it, and for whoever keeps the server.

use std::fmt::Write as _;
use std::time::Duration;

use engine::Failure;
use lettre::transport::smtp::Error as SmtpError;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::in_one_line;

/// What is wrong with the mail server itself, not with one letter. Holds nobody's words: every
/// organization of the server may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "MailTrouble")]
pub enum Trouble {
    /// It cannot be reached.
    Unreachable,
    /// It is reached and does not answer.
    Silent,
    /// It speaks no TLS, or its certificate is not trusted.
    Tls,
    /// It does not take our sign-in (RFC 4954, 6).
    SignIn,
    /// It has no time now (4yz).
    TurnsAway,
    /// It takes none of our letters (5yz), whoever they are to.
    Refuses,
}

impl Trouble {
    /// As it is kept and told.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Tls => "tls",
            Self::SignIn => "sign_in",
            Self::TurnsAway => "turns_away",
            Self::Refuses => "refuses",
        }
    }
}

/// A letter that was not taken.
#[derive(Debug)]
pub struct NotTaken {
    /// What becomes of its run; says nothing that the mail server said, which may name people.
    pub failure: Failure,
    /// What the mail server said, for whoever asked for the letter.
    pub words: String,
    /// What is wrong with the mail server; absent where it is about this letter alone.
    pub trouble: Option<Trouble>,
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self {
            words: failure.message.clone(),
            failure,
            trouble: None,
        }
    }
}

impl NotTaken {
    pub(super) fn silent(within: Duration) -> Self {
        let words = format!(
            "The mail server did not answer within {} s.",
            within.as_secs()
        );
        Self {
            failure: Failure::retryable("mail_silent", &words),
            words,
            trouble: Some(Trouble::Silent),
        }
    }

    /// What is refused for good of one address stays refused. What is refused of all is tried on:
    /// whoever keeps this server mends it.
    pub(super) fn of(error: &SmtpError) -> Self {
        let words = in_one_line(&words(error));
        let status = error.status().map(u16::from);
        let trouble = trouble(error, status, &words);
        let status = status.map_or_else(String::new, |status| format!(" ({status})"));
        let failure = match error.is_permanent() && trouble.is_none() {
            true => Failure::fatal(
                "mail_refused",
                format!("The mail server refused it{status}."),
            ),
            false => Failure::retryable(
                "mail_trouble",
                format!("The mail server did not take it{status}."),
            ),
        };
        Self {
            failure,
            words,
            trouble,
        }
    }
}

/// The error and what caused it, each said once.
fn words(error: &SmtpError) -> String {
    let mut words = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(this) = source {
        let part = this.to_string();
        if !words.contains(&part) {
            let _ = write!(words, "{}{part}", if words.is_empty() { "" } else { ": " });
        }
        source = this.source();
    }
    words
}

fn trouble(error: &SmtpError, status: Option<u16>, words: &str) -> Option<Trouble> {
    match status {
        Some(530 | 534 | 535 | 538) => Some(Trouble::SignIn),
        Some(status) if is_of_one(status, words) => None,
        Some(status) if status < 500 => Some(Trouble::TurnsAway),
        Some(_) => Some(Trouble::Refuses),
        None if error.is_timeout() => Some(Trouble::Silent),
        None if error.is_tls() || is_of_tls(error) => Some(Trouble::Tls),
        // What the library does not go on with: STARTTLS is not offered, or no password is taken in a
        // way that both know. It has no other way to tell them apart than its words.
        None if error.is_client() && words.contains("STARTTLS") => Some(Trouble::Tls),
        None if error.is_client() => Some(Trouble::SignIn),
        None => Some(Trouble::Unreachable),
    }
}

/// Whether a connection did not come about for what TLS says of it, such as a certificate that nobody
/// trusted vouches for.
fn is_of_tls(error: &SmtpError) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(this) = source {
        if let Some(io) = this.downcast_ref::<std::io::Error>() {
            return io
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>());
        }
        source = this.source();
    }
    false
}

/// Whether a refusal is about the one whom the letter is for: by its enhanced code, of an address or a
/// mailbox (RFC 3463, 3.2 and 3.3; 7 and 8 are the sender's), or else by the plain one (RFC 5321,
/// 4.2.3).
fn is_of_one(status: u16, words: &str) -> bool {
    let enhanced = words.split_whitespace().find_map(|word| {
        let mut parts = word.split('.');
        let class: u16 = parts.next()?.parse().ok()?;
        let subject: u16 = parts.next()?.parse().ok()?;
        let detail: u16 = parts.next()?.parse().ok()?;
        (parts.next().is_none() && class == status / 100).then_some((subject, detail))
    });
    match enhanced {
        Some((1, 7 | 8)) => false,
        // Of an address in another's keeping (4, 1: what was asked about it was answered so).
        Some((1 | 2, _) | (4, 1)) => true,
        Some(_) => false,
        None => matches!(status, 450 | 550..=553),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_about_one_address_or_about_the_mail_server() {
        for (status, words) in [
            (550, "permanent error (550): 5.1.1 nobody of that name"),
            (452, "transient error (452): 4.2.2 mailbox full"),
            (550, "permanent error (550): no such user"),
            (
                550,
                "permanent error (550): 5.4.1 Recipient address rejected",
            ),
        ] {
            assert!(is_of_one(status, words), "{words}");
        }
        for (status, words) in [
            (550, "permanent error (550): 5.7.1 relaying denied"),
            (553, "permanent error (553): 5.1.8 sender refused"),
            (421, "transient error (421): come back later"),
            (554, "permanent error (554): no 192.0.2.1 here"),
        ] {
            assert!(!is_of_one(status, words), "{words}");
        }
    }

    #[test]
    fn troubles_are_told_as_they_are_kept() {
        for trouble in [
            Trouble::Unreachable,
            Trouble::Silent,
            Trouble::Tls,
            Trouble::SignIn,
            Trouble::TurnsAway,
            Trouble::Refuses,
        ] {
            assert_eq!(serde_json::json!(trouble), trouble.name());
        }
    }
}
