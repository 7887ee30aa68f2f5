//! An app password goes in once and is found nowhere: no file, no answer, no log.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::home::Home;

const PASSWORD: &str = "plnt-ed0p-assw-ord7";
const TOKENS: [&str; 2] = ["planted-access-token", "planted-refresh-token"];

/// A service that signs everybody in and then breaks, saying what it got.
struct Service {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let list = Arc::clone(&list);
                std::thread::spawn(move || serve(stream, &list));
            }
        });
        Self { address, heard }
    }
}

fn serve(stream: TcpStream, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut head = String::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let lower = line.to_lowercase();
            if let Some(n) = lower.strip_prefix("content-length:") {
                length = n.trim().parse().ok()?;
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        heard
            .lock()
            .unwrap()
            .push(format!("{path} {}", String::from_utf8_lossy(&body)));
        let (status, answer) = if path.contains("describeServer") {
            (
                "200 OK",
                r#"{"did":"did:web:fake.test","availableUserDomains":[".test"]}"#.to_owned(),
            )
        } else if path.contains("createSession") {
            (
                "200 OK",
                format!(
                    r#"{{"did":"did:plc:planted","handle":"mara.test","accessJwt":"{}","refreshJwt":"{}"}}"#,
                    TOKENS[0], TOKENS[1]
                ),
            )
        } else {
            (
                "500 Internal Server Error",
                r#"{"error":"Broken","message":"It is broken."}"#.to_owned(),
            )
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .ok()?;
    }
}

fn search(folder: &Path, needle: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, needle, found);
        } else if std::fs::read(&path)
            .unwrap()
            .windows(needle.len())
            .any(|w| w == needle)
        {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn a_planted_password_is_found_nowhere() {
    let home = Home::new();
    let service = Service::start();
    let mut said = Vec::new();
    let args = [
        "account",
        "add",
        "--persona",
        "Hut",
        "--network",
        "bluesky",
        "--service",
        &service.address,
        "--handle",
        "mara.test",
        "--app-password-stdin",
    ];
    let added = home.run_with(&args, &format!("{PASSWORD}\n"));
    assert_eq!(added.code, 0, "{added:?}");
    let again = home.run_with(&args, &format!("{PASSWORD}\n"));
    assert_eq!(again.code, 1, "it is connected already: {again:?}");
    said.extend([added, again]);
    assert!(
        service
            .heard
            .lock()
            .unwrap()
            .iter()
            .any(|h| h.contains(PASSWORD)),
        "the service got it"
    );
    assert!(
        home.data().join("vault.sealed").exists(),
        "there is no keychain here"
    );

    said.push(home.run(&["post", "--persona", "Hut", "--text", "Out", "--now"]));
    let mut worker = home.command(&["work"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    for args in [
        &["account", "list", "--json"][..],
        &["runs", "--json"],
        &["list", "--json"],
    ] {
        said.push(home.run(args));
    }
    for query in ["accounts", "settings", "diagnostics", "overview"] {
        said.push(home.run_with(&["query", "-"], &format!("{{\"type\":\"{query}\"}}")));
    }
    worker.kill().unwrap();
    let out = worker.wait_with_output().unwrap();
    let logged = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(
        service.heard.lock().unwrap().len() > 3,
        "the worker tried to send: {:?}",
        service.heard.lock().unwrap()
    );
    let backup = home.at("b.tar");
    said.push(home.run(&["backup", backup.to_str().unwrap()]));

    for secret in [PASSWORD, TOKENS[0], TOKENS[1]] {
        let mut found = Vec::new();
        // Everything: data folder, configuration, site, backup.
        search(home.data().parent().unwrap(), secret.as_bytes(), &mut found);
        assert!(found.is_empty(), "{secret} lies in {found:?}");
        for said in &said {
            assert!(
                !said.out.contains(secret) && !said.err.contains(secret),
                "{secret}: {said:?}"
            );
        }
        assert!(!logged.contains(secret), "{secret} was logged: {logged}");
    }
}
