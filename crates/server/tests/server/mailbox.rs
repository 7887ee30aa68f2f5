//! A mail server (RFC 5321, with TLS by RFC 3207 and 8314, with passwords by RFC 4954) that does as it
//! is told: it takes letters, or does not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use server::mail::Post;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::io::{BufReader, split};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// Who vouches for it.
pub(crate) const ROOT: &[u8] = include_bytes!("house/root.pem");
/// Where links in letters lead.
pub(crate) const PUBLIC: &str = "https://rostrum.example";
const FROM: &str = "Rostrum <rostrum@hut.example>";
/// `olga` and `a b`, with a NUL before each (RFC 4616).
const PASSWORD: &str = "\0olga\0a b";

/// What it does with who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes every letter.
    Takes,
    /// Has no time now.
    TurnsAway,
    /// Knows nobody of that name, and never will.
    KnowsNobody,
    /// Says nothing.
    Silent,
    /// Takes a letter, and dies before it says so.
    Dies,
    /// Takes a letter, and does not say so yet.
    Waits,
}

/// How one speaks with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Without TLS and passwords.
    Plain,
    /// TLS once it is asked for; a password before a letter.
    StartTls,
    /// TLS from the start; a password before a letter.
    Tls,
}

/// A letter as it came.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: String,
    raw: String,
}

#[derive(Debug)]
struct Inner {
    mood: Mood,
    calls: usize,
    taken: Vec<Letter>,
    lost: Vec<Letter>,
    passwords: usize,
}

/// The mail server.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    /// Its host and port.
    pub(crate) at: String,
    way: Way,
    inner: Arc<Mutex<Inner>>,
}

impl Letter {
    pub(crate) fn header(&self, name: &str) -> String {
        let (head, _) = self.raw.split_once("\r\n\r\n").unwrap();
        let unfolded = head.replace("\r\n ", " ");
        let line = unfolded
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }

    /// The subject as people read it (RFC 2047, in Base64 or in quoted letters).
    pub(crate) fn subject(&self) -> String {
        let subject = self.header("Subject");
        let words = subject.split("=?utf-8?b?").enumerate().map(|(n, part)| {
            let Some((coded, rest)) = part.split_once("?=").filter(|_| n > 0) else {
                return part.to_owned();
            };
            let bytes = STANDARD.decode(coded).unwrap();
            // What stands between two coded words is no space of the text.
            let rest = if rest.trim().is_empty() { "" } else { rest };
            String::from_utf8(bytes).unwrap() + rest
        });
        words.collect()
    }

    /// The text as people read it.
    pub(crate) fn text(&self) -> String {
        let (_, body) = self.raw.split_once("\r\n\r\n").unwrap();
        match self.header("Content-Transfer-Encoding").as_str() {
            "base64" => {
                let coded: String = body.split_whitespace().collect();
                String::from_utf8(STANDARD.decode(coded).unwrap()).unwrap()
            }
            "quoted-printable" => quoted(body),
            _ => body.to_owned(),
        }
    }

    /// What follows `way` in the link that it brings.
    pub(crate) fn token(&self, way: &str) -> String {
        let text = self.text();
        let (_, rest) = text
            .split_once(&format!("/#/{way}/"))
            .unwrap_or_else(|| panic!("no link to {way}: {text}"));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

/// RFC 2045, 6.7.
fn quoted(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'='
            && let [high, low, after @ ..] = after
        {
            let hex = [*high, *low];
            let hex = std::str::from_utf8(&hex).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl Mailbox {
    pub(crate) async fn open(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Mutex::new(Inner {
            mood: Mood::Takes,
            calls: 0,
            taken: vec![],
            lost: vec![],
            passwords: 0,
        }));
        let mailbox = Self { at, way, inner };
        let (tracker, serving) = (TaskTracker::new(), mailbox.clone());
        let each = tracker.clone();
        tracker.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                each.spawn(async move {
                    // Whoever calls may hang up at any time.
                    let _ = serving.talk(stream).await;
                });
            }
        });
        mailbox
    }

    /// As `--mail` names it.
    pub(crate) fn address(&self) -> String {
        match self.way {
            Way::Plain => format!("smtp+plain://{}", self.at),
            Way::StartTls => format!("smtp://olga:a%20b@{}", self.at),
            Way::Tls => format!("smtps://olga:a%20b@{}", self.at),
        }
    }

    /// What hands letters in here.
    pub(crate) fn post(&self) -> Post {
        let post = Post::new(&self.address(), FROM, PUBLIC).unwrap();
        post.trusting(ROOT).unwrap()
    }

    /// The same, that trusts the system alone.
    pub(crate) fn stranger(&self) -> Post {
        Post::new(&self.address(), FROM, PUBLIC).unwrap()
    }

    /// The same, without much patience.
    pub(crate) fn hurried(&self) -> Post {
        self.post().within(Duration::from_secs(5))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.inner.lock().unwrap())
    }

    pub(crate) fn is(&self, mood: Mood) {
        self.with(|inner| inner.mood = mood);
    }

    /// How often somebody called.
    pub(crate) fn calls(&self) -> usize {
        self.with(|inner| inner.calls)
    }

    pub(crate) fn taken(&self) -> Vec<Letter> {
        self.with(|inner| inner.taken.clone())
    }

    pub(crate) fn lost(&self) -> Vec<Letter> {
        self.with(|inner| inner.lost.clone())
    }

    /// How often a password came.
    pub(crate) fn passwords(&self) -> usize {
        self.with(|inner| inner.passwords)
    }

    async fn talk(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mood = self.with(|inner| {
            inner.calls += 1;
            inner.mood
        });
        match self.way {
            Way::Plain => self.speak(stream, mood, false).await.map(drop),
            Way::StartTls => {
                if !self.speak(&mut stream, mood, false).await? {
                    return Ok(());
                }
                let stream = acceptor().accept(stream).await?;
                self.speak(stream, mood, true).await.map(drop)
            }
            Way::Tls => {
                let stream = acceptor().accept(stream).await?;
                self.speak(stream, mood, true).await.map(drop)
            }
        }
    }

    /// Speaks until whoever calls hangs up, or wants to go on with TLS.
    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite,
        mood: Mood,
        safe: bool,
    ) -> std::io::Result<bool> {
        let (read, mut write) = split(stream);
        let mut read = BufReader::new(read);
        match mood {
            Mood::Silent => {
                let mut nothing = String::new();
                read.read_line(&mut nothing).await?;
                return Ok(false);
            }
            Mood::TurnsAway => {
                write.write_all(b"421 come back later\r\n").await?;
                return Ok(false);
            }
            Mood::Takes | Mood::KnowsNobody | Mood::Dies | Mood::Waits => {}
        }
        if !(safe && self.way == Way::StartTls) {
            write.write_all(b"220 mail.hut.example ESMTP\r\n").await?;
        }
        let (mut line, mut to) = (String::new(), String::new());
        loop {
            line.clear();
            if read.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let verb = line.trim_end().to_ascii_uppercase();
            if verb.starts_with("DATA") {
                write.write_all(b"354 go on\r\n").await?;
                let letter = Letter {
                    to: to.clone(),
                    raw: letter_of(&mut read).await?,
                };
                if matches!(mood, Mood::Dies | Mood::Waits) {
                    self.with(|inner| inner.lost.push(letter));
                    while self.with(|inner| inner.mood == Mood::Waits) {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    return Ok(false);
                }
                self.with(|inner| inner.taken.push(letter));
                write.write_all(b"250 taken\r\n").await?;
                continue;
            }
            if verb == "STARTTLS" && self.way == Way::StartTls && !safe {
                write.write_all(b"220 go on\r\n").await?;
                return Ok(true);
            }
            let answer: &[u8] = match verb.get(..4) {
                Some("EHLO") if safe => b"250-mail.hut.example\r\n250 AUTH PLAIN\r\n",
                Some("EHLO") if self.way == Way::StartTls => {
                    b"250-mail.hut.example\r\n250 STARTTLS\r\n"
                }
                Some("EHLO") => b"250-mail.hut.example\r\n250 8BITMIME\r\n",
                Some("AUTH") => {
                    self.with(|inner| inner.passwords += 1);
                    let given = line.trim_end().rsplit(' ').next().unwrap_or_default();
                    match STANDARD.encode(PASSWORD) == given {
                        true => b"235 welcome\r\n",
                        false => b"535 5.7.8 not you\r\n",
                    }
                }
                Some("RCPT") if mood == Mood::KnowsNobody => b"550 5.1.1 nobody of that name\r\n",
                Some("RCPT") => {
                    let (_, rest) = line.split_once('<').unwrap_or_default();
                    to = rest.split('>').next().unwrap_or_default().to_owned();
                    b"250 yes\r\n"
                }
                Some("QUIT") => b"221 bye\r\n",
                _ => b"250 yes\r\n",
            };
            write.write_all(answer).await?;
        }
    }
}

/// Shows the certificate that [`ROOT`] vouches for, of 127.0.0.1.
fn acceptor() -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("house/server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("house/server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Up to the line with nothing but a dot; the dots that were put before others go (RFC 5321, 4.5.2).
async fn letter_of(read: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<String> {
    let (mut raw, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if read.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(raw);
        }
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
