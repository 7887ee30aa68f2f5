//! Mail: how letters leave the server. What they say is in `words`, when they go in `letters`.

pub mod letters;
mod trouble;
mod words;

use std::time::{Duration, SystemTime};

use domain::Instant;
use engine::Failure;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use protocol::{Code, Problem};
use url::Url;
use uuid::Uuid;

pub use trouble::{NotTaken, Trouble};

/// How long one letter may take.
const WITHIN: Duration = Duration::from_secs(60);

/// A mail server that takes our letters (SMTP, RFC 5321), and what they need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Post {
    /// As the library reads it.
    address: Url,
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
fn dialled(address: &str) -> Result<Url, Problem> {
    let read = |address: &str| Url::parse(address).map_err(|_| wrong("its address cannot be read"));
    let mut url = read(address)?;
    if url.host_str().is_none_or(str::is_empty) || url.query().is_some() {
        return Err(wrong("its address cannot be read"));
    }
    match url.scheme() {
        "smtps" => Ok(url),
        "smtp" => {
            url.set_query(Some("tls=required"));
            Ok(url)
        }
        "smtp+plain" if url.username().is_empty() && url.password().is_none() => {
            read(&address.replacen("+plain", "", 1))
        }
        "smtp+plain" => Err(wrong("no password travels without TLS")),
        _ => Err(wrong("its address begins with something else")),
    }
}

/// What speaks with the server, trusting these certificates beside the system's.
fn dial(
    address: &Url,
    roots: Vec<Certificate>,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Problem> {
    let odd = |_| wrong("its address cannot be read");
    let mut server =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(address.as_str()).map_err(odd)?;
    let starts_with_tls = address.scheme() == "smtps";
    if starts_with_tls || address.query().is_some() {
        let host = address.host_str().unwrap_or_default();
        // An IPv6 address stands in brackets in an address, and in none in a certificate.
        let host = host.trim_matches(['[', ']']).to_owned();
        let mut tls = TlsParameters::builder(host);
        for root in roots {
            tls = tls.add_root_certificate(root);
        }
        let tls = tls.build().map_err(|_| wrong("TLS is not to be had"))?;
        server = server.tls(match starts_with_tls {
            true => Tls::Wrapper(tls),
            false => Tls::Required(tls),
        });
    }
    Ok(server.timeout(Some(WITHIN)).build())
}

impl Post {
    /// The mail server at `address`, for letters of `from` with links that begin with `public`.
    /// Nothing is asked of it yet.
    ///
    /// # Errors
    /// `invalid_input`, which says how it is written; never the address, which may hold a password.
    pub fn new(address: &str, from: &str, public: &str) -> Result<Self, Problem> {
        let address = dialled(address)?;
        let server = dial(&address, Vec::new())?;
        let from = from
            .parse()
            .map_err(|_| wrong("the sender is written like Rostrum <rostrum@example.org>"))?;
        Ok(Self {
            address,
            server,
            from,
            public: public.trim_end_matches('/').to_owned(),
            within: WITHIN,
        })
    }

    /// Trusts the certificates of a file (PEM) beside the system's.
    ///
    /// # Errors
    /// `invalid_input` when it holds none.
    pub fn trusting(self, pem: &[u8]) -> Result<Self, Problem> {
        let odd = || wrong("the file of certificates to trust holds none");
        let root = Certificate::from_pem(pem).map_err(|_| odd())?;
        let server = dial(&self.address, vec![root])?;
        Ok(Self { server, ..self })
    }

    /// With another patience.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// Sends a letter. Returns once the server has taken it upon itself; a server that dies just
    /// before it says so may have, and gets the letter again under the same `Message-ID`
    /// (RFC 5321, 4.2.5 and 6.1, knows no better).
    pub(crate) async fn send(&self, letter: &Written) -> Result<(), NotTaken> {
        let message = self.message(letter)?;
        match tokio::time::timeout(self.within, self.server.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(NotTaken::of(&error)),
            Err(_) => Err(NotTaken::silent(self.within)),
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

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "Rostrum <rostrum@hut.example>";

    #[tokio::test]
    async fn a_password_never_travels_without_tls() {
        let dialled = |address: &str| String::from(dialled(address).unwrap());
        assert_eq!(
            dialled("smtp://olga:a%20b@mail.example"),
            "smtp://olga:a%20b@mail.example?tls=required"
        );
        assert_eq!(
            dialled("smtps://olga:secret@mail.example:465"),
            "smtps://olga:secret@mail.example:465"
        );
        assert_eq!(dialled("smtp+plain://relay:25"), "smtp://relay:25");
        for wrong in [
            "smtp+plain://olga:secret@mail.example",
            "smtp+plain://:secret@mail.example",
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
