//! Mail: how letters leave the server. What they say is in [`words`], when they go in [`letters`].

pub mod letters;
mod words;

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use domain::Instant;
use engine::Failure;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use protocol::{Code, Problem};
use url::Url;
use uuid::Uuid;

/// How long one letter may take.
const WITHIN: Duration = Duration::from_secs(60);

/// A mail server that takes our letters (SMTP, RFC 5321), and what they need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Post {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where people reach us, without a slash at the end.
    public: String,
    within: Duration,
}

/// One letter, written.
#[derive(Debug)]
pub(crate) struct Written {
    /// The same at each try: two that came through all the same are known by it.
    pub(crate) id: Uuid,
    pub(crate) at: Instant,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}

fn wrong(why: impl std::fmt::Display) -> Problem {
    Problem::new(
        Code::InvalidInput,
        format!(
            "Mail cannot be set up: {why}. The server is named like \
             smtps://user:password@mail.example.org (TLS from the start), smtp:// (STARTTLS is \
             demanded) or smtp+plain:// (no TLS and no password: for a relay of your own network)."
        ),
    )
}

/// The address as the library reads it; for `smtp` it must come to TLS.
fn dialled(address: &str) -> Result<String, Problem> {
    let url = Url::parse(address).map_err(|_| wrong("its address cannot be read"))?;
    if url.host_str().is_none_or(str::is_empty) || url.query().is_some() {
        return Err(wrong("its address cannot be read"));
    }
    match url.scheme() {
        "smtps" => Ok(address.to_owned()),
        "smtp" => {
            let mut url = url;
            url.set_query(Some("tls=required"));
            Ok(url.into())
        }
        "smtp+plain" if url.username().is_empty() => Ok(address.replacen("+plain", "", 1)),
        "smtp+plain" => Err(wrong("no password travels without TLS")),
        _ => Err(wrong("its address begins with something else")),
    }
}

impl Post {
    /// The mail server at `address`, for letters of `from` with links that begin with `public`.
    /// Nothing is asked of it yet.
    ///
    /// # Errors
    /// `invalid_input`, which says how it is written; never the address, which may hold a password.
    pub fn new(address: &str, from: &str, public: &str) -> Result<Self, Problem> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&dialled(address)?)
            .map_err(|_| wrong("its address cannot be read"))?
            .timeout(Some(WITHIN))
            .build();
        let from = from
            .parse()
            .map_err(|_| wrong("the sender is written like Rostrum <rostrum@example.org>"))?;
        Ok(Self {
            server,
            from,
            public: public.trim_end_matches('/').to_owned(),
            within: WITHIN,
        })
    }

    /// With another patience.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Sends a letter. Returns once the server has taken it upon itself; a server that dies just
    /// before it says so may have, and gets the letter again under the same `Message-ID`
    /// (RFC 5321, 4.2.5 and 6.1, knows no better).
    pub(crate) async fn send(&self, letter: &Written) -> Result<(), Failure> {
        let message = self.message(letter)?;
        match tokio::time::timeout(self.within, self.server.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::retryable(
                "mail_silent",
                format!(
                    "The mail server did not answer within {} s.",
                    self.within.as_secs()
                ),
            )),
        }
    }

    fn message(&self, letter: &Written) -> Result<Message, Failure> {
        let unwritable = |e: &dyn std::fmt::Display| {
            Failure::fatal(
                "mail_unwritable",
                format!("No letter can be made of it: {e}."),
            )
        };
        let to: Address = letter.to.parse().map_err(|e| unwritable(&e))?;
        let since = u64::try_from(letter.at.0).unwrap_or_default();
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(in_one_line(&letter.subject))
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(since))
            .message_id(Some(format!(
                "<{}@{}>",
                letter.id,
                self.from.email.domain()
            )))
            // So that no absence notice answers it (RFC 3834, 5).
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(letter.text.clone()))
            .map_err(|e| unwritable(&e))
    }
}

/// What stands in a header: nothing in it begins another one.
fn in_one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect();
    line.trim().to_owned()
}

/// What is refused for good stays refused, unless it is about our own sign-in at the mail server
/// (RFC 4954, 6): that whoever keeps this server mends.
fn failure(error: &SmtpError) -> Failure {
    let mut words = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(this) = source {
        let part = this.to_string();
        if !words.contains(&part) {
            let _ = write!(words, "{}{part}", if words.is_empty() { "" } else { ": " });
        }
        source = this.source();
    }
    let status = error.status().map(|code| code.to_string());
    let ours = matches!(status.as_deref(), Some("530" | "534" | "535" | "538"));
    let words = in_one_line(&words);
    match error.is_permanent() && !ours {
        true => Failure::fatal(
            "mail_refused",
            format!("The mail server refused it: {words}"),
        ),
        false => Failure::retryable("mail_trouble", format!("The mail server: {words}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Rostrum <rostrum@hut.example>";

    #[tokio::test]
    async fn a_password_never_travels_without_tls() {
        assert_eq!(
            dialled("smtp://olga:a%20b@mail.example").unwrap(),
            "smtp://olga:a%20b@mail.example?tls=required"
        );
        assert_eq!(
            dialled("smtps://olga:secret@mail.example:465").unwrap(),
            "smtps://olga:secret@mail.example:465"
        );
        assert_eq!(dialled("smtp+plain://relay:25").unwrap(), "smtp://relay:25");
        for wrong in [
            "smtp+plain://olga:secret@mail.example",
            "smtp://olga:secret@mail.example?tls=opportunistic",
            "http://olga:secret@mail.example",
            "smtps://",
            "mail.example",
        ] {
            let problem = Post::new(wrong, FROM, "https://rostrum.example").unwrap_err();
            assert!(!problem.message.contains("secret@"), "{problem}");
        }
        Post::new("smtps://olga:secret@mail.example", FROM, "x").unwrap();
        assert!(Post::new("smtps://mail.example", "nobody", "x").is_err());
    }

    #[test]
    fn what_people_wrote_begins_no_header() {
        let post = Post::new("smtp+plain://relay", FROM, "https://rostrum.example").unwrap();
        let letter = Written {
            id: Uuid::nil(),
            at: Instant(1_795_424_400_000),
            to: "mara@hut.example".to_owned(),
            subject: "Snow\r\nBcc: eve@x.example\r\n\r\nRead this. Grüße".to_owned(),
            text: "Line\n.\nBcc: eve@x.example\n".to_owned(),
        };
        let written = String::from_utf8(post.message(&letter).unwrap().formatted()).unwrap();
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        for line in [
            "From: Rostrum <rostrum@hut.example>",
            "To: mara@hut.example",
            "Message-ID: <00000000-0000-0000-0000-000000000000@hut.example>",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(head.lines().any(|l| l == line), "{line} in {head}");
        }
    }
}
