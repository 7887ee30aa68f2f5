//! A bad line before a server: what passes, and how, is decided request by request.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use super::wire::{self, Answer, Fault, Request, Site};

/// Decides what happens to a request.
pub type Weather = Box<dyn Fn(&Request) -> Option<Fault> + Send + Sync>;
/// How the network behind it says no.
pub type Refusal = fn(Fault) -> Answer;

struct Gate {
    to: String,
    weather: Weather,
    refusal: Refusal,
}

/// Opens a gate to the HTTP server at `url`, and says under which address.
#[must_use]
pub fn open(url: &str, weather: Weather, refusal: Refusal) -> String {
    let to = url.trim_start_matches("http://").trim_end_matches('/');
    let gate = Gate {
        to: to.to_owned(),
        weather,
        refusal,
    };
    format!("http://{}", wire::serve(Arc::new(gate)))
}

impl Site for Gate {
    fn fault(&self, request: &Request) -> Option<Fault> {
        (self.weather)(request)
    }

    fn answer(&self, request: &Request) -> Answer {
        self.pass(request).unwrap_or_else(|_| Answer {
            status: 502,
            headers: Vec::new(),
            body: String::new(),
        })
    }

    fn refusal(&self, fault: Fault) -> Answer {
        (self.refusal)(fault)
    }
}

impl Gate {
    fn pass(&self, request: &Request) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.to)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut target = request.path.clone();
        if !request.query.is_empty() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&request.query);
            target = format!("{target}?{}", query.finish());
        }
        let mut head = format!("{} {target} HTTP/1.0\r\n", request.method);
        for (name, value) in &request.headers {
            // The answer is read to the end of the connection, as it is.
            if !["connection", "accept-encoding"].contains(&name.as_str()) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(&request.body)?;
        let mut seen = Vec::new();
        stream.read_to_end(&mut seen)?;
        let text = String::from_utf8_lossy(&seen);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| {
                let name = name.to_ascii_lowercase();
                !["content-length", "connection", "transfer-encoding"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Answer {
            status: status.and_then(|s| s.parse().ok()).unwrap_or(502),
            headers: headers.collect(),
            body: body.to_owned(),
        })
    }
}
