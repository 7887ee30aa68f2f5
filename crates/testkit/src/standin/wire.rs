//! HTTP/1.1 by hand, because closing a connection at a chosen byte is the point.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A whole request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Such as `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Decoded.
    pub query: BTreeMap<String, String>,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// As sent.
    pub body: Vec<u8>,
}

impl Request {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as a form.
    #[must_use]
    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    /// The token of `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get("authorization")?.strip_prefix("Bearer ")
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Beside the usual ones.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// JSON with this status.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string(),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A documented no; nothing done.
    Refuse,
    /// Later, in 7 seconds; nothing done.
    Throttle,
    /// The token is not taken; nothing done.
    Expired,
    /// Closes without an answer; nothing done.
    DropBefore,
    /// Does it, closes without an answer.
    DropAfter,
    /// Does it, and cuts its answer in the middle.
    CutAfter,
    /// Never answers; nothing done.
    HangBefore,
    /// Does it, never answers.
    HangAfter,
    /// Answers 200 with something that is no JSON; nothing done.
    GarbageBefore,
    /// Does it, answers 200 with something that is no JSON.
    GarbageAfter,
    /// 500; nothing done.
    BrokenBefore,
    /// Does it, answers 500.
    BrokenAfter,
    /// A gateway's 504; nothing done.
    GatewayBefore,
    /// Does it; a gateway answers 504.
    GatewayAfter,
    /// A redirect to somewhere else; nothing done.
    Redirect,
}

impl Fault {
    /// Whether the request is done all the same.
    #[must_use]
    pub const fn does(self) -> bool {
        matches!(
            self,
            Self::DropAfter
                | Self::CutAfter
                | Self::HangAfter
                | Self::GarbageAfter
                | Self::BrokenAfter
                | Self::GatewayAfter
        )
    }
}

/// Answers requests on a free port of the loopback address until the process ends.
pub trait Site: Send + Sync + 'static {
    /// Which of this request goes wrong, once.
    fn fault(&self, request: &Request) -> Option<Fault>;

    /// Does what is asked.
    fn answer(&self, request: &Request) -> Answer;

    /// How the network says no, later, and that a token is not taken.
    fn refusal(&self, fault: Fault) -> Answer;
}

/// Starts a site and says where it is.
pub fn serve(site: Arc<dyn Site>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = Arc::clone(&site);
            thread::spawn(move || one(&*site, stream));
        }
    });
    address
}

fn one(site: &dyn Site, mut stream: TcpStream) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    let fault = site.fault(&request);
    let garbage = |status| Answer {
        status,
        headers: Vec::new(),
        body: "<html>It works!".to_owned(),
    };
    let done = match fault {
        Some(fault) if !fault.does() => None,
        _ => Some(site.answer(&request)),
    };
    match (fault, done) {
        (None, Some(answer)) => write(&mut stream, &answer),
        (Some(fault @ (Fault::Refuse | Fault::Throttle | Fault::Expired)), _) => {
            write(&mut stream, &site.refusal(fault));
        }
        (Some(Fault::Redirect), _) => {
            let away = garbage(307).with("location", "http://127.0.0.1:9/");
            write(&mut stream, &away);
        }
        (Some(Fault::HangBefore | Fault::HangAfter), _) => thread::sleep(Duration::from_secs(30)),
        (Some(Fault::GarbageBefore | Fault::GarbageAfter), _) => {
            write(&mut stream, &garbage(200));
        }
        (Some(Fault::BrokenBefore | Fault::BrokenAfter), _) => write(&mut stream, &garbage(500)),
        (Some(Fault::GatewayBefore | Fault::GatewayAfter), _) => write(&mut stream, &garbage(504)),
        (Some(Fault::CutAfter), _) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":";
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        }
        (Some(Fault::DropBefore | Fault::DropAfter), _) | (None, None) => {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

pub(super) fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut seen = Vec::new();
    let mut buffer = [0_u8; 16 << 10];
    let end = loop {
        if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
        }
    };
    let head = String::from_utf8_lossy(&seen[..end]).into_owned();
    let headers: BTreeMap<String, String> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    let mut body = seen[end..].to_vec();
    while body.len() < length {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => body.extend_from_slice(&buffer[..n]),
        }
    }
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let url = url::Url::parse(&format!("http://x{target}")).ok()?;
    Some(Request {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body,
    })
}

fn write(stream: &mut TcpStream, answer: &Answer) {
    let mut head = format!(
        "HTTP/1.1 {} -\r\ncontent-length: {}\r\nconnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    // Whoever asked may have gone.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(answer.body.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}
