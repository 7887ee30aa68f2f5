//! Link cards of pages that are served here.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use networks::cards::{self, CardDraft};
use networks::{Http, HttpOptions, PageError};

use crate::common::png;

/// Serves `pages` by path: content type and body.
fn serve(pages: Vec<(&'static str, &'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0_u8; 8192];
            let n = stream.read(&mut buffer).unwrap_or(0);
            let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
            let answer = match pages.iter().find(|(p, ..)| *p == path) {
                Some((_, "redirect", to)) => format!(
                    "HTTP/1.1 302 -\r\nLocation: {}\r\nContent-Length: 0\r\n",
                    String::from_utf8_lossy(to)
                )
                .into_bytes(),
                Some((_, mime, body)) => format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {}\r\n",
                    body.len()
                )
                .into_bytes(),
                None => b"HTTP/1.1 404 -\r\nContent-Length: 0\r\n".to_vec(),
            };
            let _ = stream.write_all(&answer);
            let _ = stream.write_all(b"Connection: close\r\n\r\n");
            if let Some((_, mime, body)) = pages.iter().find(|(p, ..)| *p == path)
                && *mime != "redirect"
            {
                let _ = stream.write_all(body);
            }
        }
    });
    url
}

async fn fetch(url: &str) -> Result<CardDraft, PageError> {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    cards::fetch(&Http::new(options).unwrap(), url).await
}

#[tokio::test]
async fn a_page_says_its_title_description_and_picture() {
    let page = r#"<html><head><title>Other</title>
        <meta property="og:title" content="Snow &amp; ice
            on the pass">
        <meta property="og:description" content="Nine days late.">
        <meta property="og:image" content="/red.png"></head>"#;
    let url = serve(vec![
        ("/page", "text/html; charset=utf-8", page.into()),
        ("/moved", "redirect", b"/page".to_vec()),
        ("/red.png", "image/png", png()),
    ]);
    for path in ["/page", "/moved"] {
        let card = fetch(&format!("{url}{path}")).await.unwrap();
        assert_eq!(
            card.url,
            format!("{url}{path}"),
            "the address of the text stays"
        );
        assert_eq!(card.title, "Snow & ice on the pass");
        assert_eq!(card.description, "Nine days late.");
        assert_eq!(card.picture.unwrap().bytes, png());
    }
}

#[tokio::test]
async fn a_plain_page_has_at_least_a_title() {
    let latin = b"<title>Gr\xfc\xdfe</title><meta name=description content=' Kurz '><meta property=og:image content='/none.png'>".to_vec();
    let url = serve(vec![
        ("/latin", "text/html; charset=iso-8859-1", latin),
        ("/bare", "text/html", b"<p>nothing".to_vec()),
        ("/pdf", "application/pdf", b"%PDF".to_vec()),
        ("/huge", "text/html", {
            let mut page = b"<title>Long</title>".to_vec();
            page.resize(2 << 20, b' ');
            page
        }),
    ]);
    let card = fetch(&format!("{url}/latin")).await.unwrap();
    assert_eq!(
        (card.title.as_str(), card.description.as_str()),
        ("Grüße", "Kurz")
    );
    assert_eq!(card.picture, None);
    assert_eq!(
        fetch(&format!("{url}/bare")).await.unwrap().title,
        "127.0.0.1"
    );
    assert_eq!(fetch(&format!("{url}/huge")).await.unwrap().title, "Long");
    assert_eq!(
        fetch(&format!("{url}/pdf")).await,
        Err(PageError::NotAPage("application/pdf".into()))
    );
    assert_eq!(
        fetch(&format!("{url}/gone")).await,
        Err(PageError::Status(404))
    );
}

#[tokio::test]
async fn a_page_on_this_machine_is_refused_by_default() {
    let url = serve(vec![("/", "text/html", b"<title>Secret</title>".to_vec())]);
    let http = Http::new(HttpOptions::default()).unwrap();
    assert_eq!(cards::fetch(&http, &url).await, Err(PageError::Private));
}

async fn words(url: &str) -> Result<cards::Article, PageError> {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    cards::words(&Http::new(options).unwrap(), url).await
}

#[tokio::test]
async fn the_words_of_a_page_are_those_of_its_article_that_somebody_sees() {
    let page = r#"<title>The hut opens</title><header>Menu</header><nav>Home</nav>
        <article><h1>The hut opens</h1><p style="font-size:0.9em">On <b>Friday</b>, at noon.</p>
        <p hidden>A</p><p aria-hidden="true">B</p><p style="Display : none">C</p>
        <span style="opacity:0">D</span><i style="font-size: 0px !important">E</i>
        <div style="visibility:hidden">F</div><script>G</script><!-- H -->
        <p style="opacity:0.8">No lift until June.</p></article><footer>Imprint</footer>"#;
    let bare = "<body><p>Only a line.</p><aside>Ads</aside>";
    let url = serve(vec![
        ("/page", "text/html; charset=utf-8", page.into()),
        ("/bare", "text/html", bare.into()),
        ("/pdf", "application/pdf", b"%PDF".to_vec()),
    ]);
    let article = words(&format!("{url}/page")).await.unwrap();
    assert_eq!(article.title, "The hut opens");
    assert_eq!(
        article.text,
        "The hut opens\nOn Friday, at noon.\nNo lift until June."
    );
    let bare = words(&format!("{url}/bare")).await.unwrap();
    assert_eq!(bare.text, "Only a line.");
    let pdf = words(&format!("{url}/pdf")).await;
    assert_eq!(pdf, Err(PageError::NotAPage("application/pdf".into())));
    let http = Http::new(HttpOptions::default()).unwrap();
    assert_eq!(cards::words(&http, &url).await, Err(PageError::Private));
}

#[tokio::test]
async fn what_hostile_pages_say_is_text_and_breaks_no_page() {
    for item in testkit::hostile::ITEMS {
        let page = format!("<article><p>Before.</p><p>{item}</p></article><p>After.</p>");
        let url = serve(vec![("/", "text/html; charset=utf-8", page.into_bytes())]);
        let article = words(&format!("{url}/")).await.unwrap();
        assert!(article.text.starts_with("Before."), "{item}");
        assert!(!article.text.contains(['\0', '\r']), "{item}");
    }
}
