//! The port to which the browser comes back.

use std::collections::HashMap;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use networks::{CALLBACK_PATH, Secret};
use protocol::{Code, Problem};
use subtle::ConstantTimeEq as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Browser, Page, PageWords, holder};

/// The longest request that is read.
const MAX_HEAD: usize = 16 << 10;

/// How long a request may take. Browsers open connections ahead on which they say nothing.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// A listener on the loopback address; nobody else on the network can reach it.
pub(crate) struct Callback {
    listener: TcpListener,
    port: u16,
}

/// What the browser brought.
pub(crate) struct Brought {
    pub(crate) code: Secret<String>,
    pub(crate) issuer: Option<String>,
}

impl Callback {
    /// Listens on `port`, or on any free one.
    pub(crate) async fn open(port: Option<u16>) -> Result<Self, Problem> {
        let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0)))
            .await
            .map_err(|error| taken(port, &error))?;
        let port = listener
            .local_addr()
            .map_err(|e| crate::error::internal(&e))?
            .port();
        Ok(Self { listener, port })
    }

    /// The address to come back to.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }

    /// Waits for the answer to the sign-in with this state, and tells the person in the browser
    /// to go back. Answers to other sign-ins are turned away.
    pub(crate) async fn wait(
        &self,
        state: &Secret<String>,
        browser: &dyn Browser,
    ) -> Result<Brought, Problem> {
        let mut guests = FuturesUnordered::new();
        loop {
            tokio::select! {
                guest = self.listener.accept() => match guest {
                    Ok((stream, _)) => guests.push(serve(stream, state, browser)),
                    Err(error) => {
                        tracing::warn!(%error, "the port for the browser is stuck");
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                },
                Some(ended) = guests.next() => if let Some(ended) = ended {
                    return ended;
                },
            }
        }
    }
}

fn taken(port: Option<u16>, error: &std::io::Error) -> Problem {
    let Some(port) = port.filter(|_| error.kind() == std::io::ErrorKind::AddrInUse) else {
        return crate::error::internal(error);
    };
    let by = holder::of(port).unwrap_or_else(|| "another program".to_owned());
    Problem::new(
        Code::PortTaken,
        format!(
            "The network answers to port {port} of this computer, and {by} uses it. Quit that \
             program, then try again."
        ),
    )
}

/// `Some` when the sign-in is over.
async fn serve(
    mut stream: TcpStream,
    state: &Secret<String>,
    browser: &dyn Browser,
) -> Option<Result<Brought, Problem>> {
    let head = tokio::time::timeout(HEAD_WITHIN, head(&mut stream))
        .await
        .ok()??;
    let Some(params) = params(&head) else {
        say(&mut stream, "404 Not Found", browser.words(Page::Stray)).await;
        return None;
    };
    let is_ours = params
        .get("state")
        .is_some_and(|given| given.as_bytes().ct_eq(state.expose().as_bytes()).into());
    if !is_ours {
        say(&mut stream, "400 Bad Request", browser.words(Page::Stray)).await;
        return None;
    }
    if let Some(error) = params.get("error") {
        say(&mut stream, "200 OK", browser.words(Page::Denied)).await;
        return Some(Err(denied(error, params.get("error_description"))));
    }
    let Some(code) = params.get("code").filter(|code| !code.is_empty()) else {
        say(&mut stream, "400 Bad Request", browser.words(Page::Stray)).await;
        return None;
    };
    say(&mut stream, "200 OK", browser.words(Page::Agreed)).await;
    Some(Ok(Brought {
        code: Secret::new(code.clone()),
        issuer: params.get("iss").cloned(),
    }))
}

/// The network's no, by RFC 6749's names (4.1.2.1).
fn denied(error: &str, description: Option<&String>) -> Problem {
    let said = description.map_or(error, String::as_str);
    match error {
        "access_denied" => Problem::new(
            Code::SignInDenied,
            "It was not allowed in the browser. Nothing was connected.",
        ),
        "unauthorized_client" => Problem::new(Code::WrongApp, format!("The network says: {said}")),
        "invalid_scope" => Problem::new(Code::MissingScope, format!("The network says: {said}")),
        "temporarily_unavailable" | "server_error" => {
            Problem::new(Code::Unreachable, format!("The network says: {said}"))
        }
        _ => Problem::new(Code::Refused, format!("The network says: {said}")),
    }
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0_u8; 4 << 10];
    while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
        let n = stream.read(&mut buffer).await.ok()?;
        if n == 0 || seen.len() + n > MAX_HEAD {
            return None;
        }
        seen.extend_from_slice(&buffer[..n]);
    }
    String::from_utf8(seen).ok()
}

/// The parameters of a request for our page; `None` for any other request.
fn params(head: &str) -> Option<HashMap<String, String>> {
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let url = Url::parse("http://127.0.0.1/").ok()?.join(target).ok()?;
    if method != "GET" || url.path() != CALLBACK_PATH {
        return None;
    }
    Some(url.query_pairs().into_owned().collect())
}

async fn say(stream: &mut TcpStream, status: &str, words: PageWords) {
    let page = page(&words);
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    );
    // A browser that went away changes nothing.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn page(words: &PageWords) -> String {
    let plain = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>{title}</title><style>\
         :root{{color-scheme:light dark}}\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:20vh auto;padding:0 1rem}}\
         h1{{font-size:1.4rem}}</style></head>\
         <body><h1>{title}</h1><p>{body}</p></body></html>",
        title = plain(&words.title),
        body = plain(&words.body),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::ByHand;

    async fn visit(address: &str, query: &str) -> String {
        let url = Url::parse(&format!("{address}{query}")).unwrap();
        let host = format!("127.0.0.1:{}", url.port().unwrap());
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let target = &url[url::Position::BeforePath..];
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn an_answer_with_another_state_is_turned_away_and_the_right_one_still_counts() {
        let callback = Callback::open(None).await.unwrap();
        let address = callback.address();
        let state = Secret::new("right".to_owned());
        let guest = async {
            // A browser that connects ahead and says nothing must not stand in the way.
            let silent = TcpStream::connect(&address[7..address.len() - 9]).await;
            let wrong = visit(&address, "?state=wrong&code=stolen").await;
            let none = visit(&address, "?code=stolen").await;
            let elsewhere = visit(&address.replace("callback", "favicon.ico"), "").await;
            let right = visit(
                &address,
                "?state=right&code=abc&iss=https%3A%2F%2Fa.example",
            )
            .await;
            drop(silent);
            (wrong, none, elsewhere, right)
        };
        let (brought, (wrong, none, elsewhere, right)) =
            tokio::join!(callback.wait(&state, &ByHand), guest);
        let brought = brought.unwrap();
        assert_eq!(brought.code.expose(), "abc");
        assert_eq!(brought.issuer.as_deref(), Some("https://a.example"));
        assert!(wrong.starts_with("HTTP/1.1 400"), "{wrong}");
        assert!(none.starts_with("HTTP/1.1 400"), "{none}");
        assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
        assert!(right.starts_with("HTTP/1.1 200"), "{right}");
        assert!(right.contains("Go back to Rostrum"), "{right}");
        assert!(!right.contains("abc"), "the page repeats no code: {right}");
    }

    #[tokio::test]
    async fn a_no_in_the_browser_ends_the_sign_in_by_its_name() {
        for (error, code) in [
            ("access_denied", Code::SignInDenied),
            ("invalid_scope", Code::MissingScope),
            ("unauthorized_client", Code::WrongApp),
            ("server_error", Code::Unreachable),
            ("something_new", Code::Refused),
        ] {
            let callback = Callback::open(None).await.unwrap();
            let address = callback.address();
            let state = Secret::new("s".to_owned());
            let query = format!("?state=s&error={error}");
            let (ended, _) = tokio::join!(callback.wait(&state, &ByHand), visit(&address, &query));
            assert_eq!(ended.err().unwrap().code, code, "{error}");
        }
    }

    #[tokio::test]
    async fn a_port_that_somebody_holds_is_named_with_its_holder() {
        let held = Callback::open(None).await.unwrap();
        let problem = Callback::open(Some(held.port)).await.err().unwrap();
        assert_eq!(problem.code, Code::PortTaken);
        assert!(problem.message.contains(&held.port.to_string()));
        if cfg!(target_os = "linux") {
            let me = std::process::id().to_string();
            assert!(problem.message.contains(&me), "{}", problem.message);
        }
    }
}
