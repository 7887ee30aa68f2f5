//! The local site, with real folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use domain::content::Poll;
use domain::version::{Card, PreparedTarget};
use networks::site::SiteAdapter;
use networks::{
    Adapter, ConnectInput, FindInput, Found, JournalInput, NetworkError, Outcome, Presence,
    SubmitInput, ThreadContext,
};
use tempfile::TempDir;

use crate::common::{
    Connection, HandLease, Memory, NOW, Written, attempt, confirmed, delivery, png, rendition,
    submit,
};

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn adapter() -> SiteAdapter {
    SiteAdapter::new().unwrap()
}

fn input(folder: &Path, more: &[(&str, &str)]) -> ConnectInput {
    let mut fields = BTreeMap::from([
        ("folder".to_owned(), folder.display().to_string()),
        ("title".to_owned(), "Notes & <more>".to_owned()),
        ("author".to_owned(), "Mara \"M\" Lind".to_owned()),
    ]);
    for (name, value) in more {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    ConnectInput {
        method: "folder".into(),
        fields,
        secrets: BTreeMap::new(),
        grant: None,
        now: NOW,
    }
}

async fn connect(folder: &Path, more: &[(&str, &str)]) -> Connection {
    let connected = adapter().connect(input(folder, more)).await.unwrap();
    assert!(connected.secret.is_none());
    Connection {
        facts: connected.facts,
        secret: None,
    }
}

async fn send(connection: &mut Connection, target: &PreparedTarget, media: &Memory) -> Outcome {
    let adapter = adapter();
    let keys = attempt(&adapter, delivery(), 0);
    submit(
        &adapter,
        connection,
        &keys,
        target,
        &ThreadContext::default(),
        media,
    )
    .await
}

/// Checks what RFC 4287 demands of every feed, and gives the entries as (id, title, content).
#[track_caller]
fn valid_feed(folder: &Path) -> Vec<(String, String, String)> {
    let xml = fs::read_to_string(folder.join("feed.xml")).unwrap();
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")));
    let all = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.children()
            .filter(|c| c.has_tag_name((ATOM, name)))
            .filter_map(|c| {
                Some(c.text().unwrap_or_default().to_owned()).filter(|_| c.is_element())
            })
            .collect::<Vec<_>>()
    };
    let one = |node: roxmltree::Node<'_, '_>, name: &str| {
        let found = all(node, name);
        assert_eq!(found.len(), 1, "exactly one {name}");
        found[0].clone()
    };
    let is_time = |text: String| text.parse::<domain::Instant>().expect("RFC 3339");
    assert!(one(feed, "id").starts_with("urn:uuid:"));
    assert!(!one(feed, "title").is_empty());
    is_time(one(feed, "updated"));
    let author = feed
        .children()
        .find(|c| c.has_tag_name((ATOM, "author")))
        .unwrap();
    assert!(!one(author, "name").is_empty());
    let mut entries = Vec::new();
    for entry in feed.children().filter(|c| c.has_tag_name((ATOM, "entry"))) {
        is_time(one(entry, "updated"));
        is_time(one(entry, "published"));
        let alternate = entry
            .children()
            .filter(|c| c.has_tag_name((ATOM, "link")) && c.attribute("rel") == Some("alternate"))
            .count();
        assert_eq!(alternate, 1);
        entries.push((one(entry, "id"), one(entry, "title"), one(entry, "content")));
    }
    let mut ids: Vec<&String> = entries.iter().map(|e| &e.0).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), entries.len(), "ids are unique");
    entries
}

fn page_of(folder: &Path, id: &str) -> String {
    let entry = id.strip_prefix("urn:uuid:").unwrap();
    fs::read_to_string(folder.join(format!("entries/{entry}.html"))).unwrap()
}

#[tokio::test]
async fn an_entry_is_a_page_and_in_the_index_and_in_a_valid_feed() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[("address", "https://example.org/notes")]).await;
    assert!(
        valid_feed(dir.path()).is_empty(),
        "an empty site has a valid feed"
    );
    let file = png();
    let mut written = Written::text(
        "Snow & <ice>\u{1}\nSee https://example.org/?a=1&b=2.\n\n“Next” ]]> paragraph",
    )
    .picture(&file, "A \"red\" <square>")
    .card(Card {
        url: "https://example.org/?a=1&b=2".into(),
        title: "A <page>".into(),
        description: "D & d".into(),
        image: Some(rendition(&file, "image/png")),
    });
    written.title = "Late <b>snow</b> & more".into();
    let target = written.target(&adapter());
    let remote = confirmed(
        send(
            &mut site,
            &target,
            &Memory::with(std::slice::from_ref(&file)),
        )
        .await,
    );
    let entry = remote.id.strip_prefix("urn:uuid:").unwrap();
    assert_eq!(
        remote.url,
        Some(format!("https://example.org/notes/entries/{entry}.html"))
    );

    let page = page_of(dir.path(), &remote.id);
    assert!(
        page.contains("<h1>Late &lt;b&gt;snow&lt;/b&gt; &amp; more</h1>"),
        "{page}"
    );
    assert!(page.contains(
        "<a href=\"https://example.org/?a=1&amp;b=2\">https://example.org/?a=1&amp;b=2</a>"
    ));
    assert!(page.contains("Snow &amp; &lt;ice&gt;<br/>"));
    assert!(page.contains("alt=\"A &quot;red&quot; &lt;square&gt;\""));
    assert!(page.contains("<html lang=\"en\">"));
    let hash = domain::Hash::of(&file);
    assert_eq!(
        fs::read(dir.path().join(format!("media/{hash}.png"))).unwrap(),
        file
    );

    let feed = valid_feed(dir.path());
    assert_eq!(feed.len(), 1);
    assert_eq!(feed[0].0, remote.id);
    assert_eq!(feed[0].1, "Late <b>snow</b> & more");
    assert!(
        feed[0]
            .2
            .contains("<img src=\"https://example.org/notes/media/")
    );
    let index = fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert!(index.contains(&format!("entries/{entry}.html")));
    assert!(index.contains("Notes &amp; &lt;more&gt;"));
}

/// What is folded, as (summary, what is below it). Parsing shows that every element is closed.
#[track_caller]
fn folds(html: &str) -> Vec<(String, String)> {
    let xml = format!("<root>{html}</root>");
    let document = roxmltree::Document::parse(&xml).expect("well-formed");
    document
        .descendants()
        .filter(|node| node.has_tag_name("details"))
        .map(|details| {
            let mut inside = details.children().filter(roxmltree::Node::is_element);
            let summary = inside.next().unwrap();
            assert!(summary.has_tag_name("summary"), "the first child");
            let rest: String = inside
                .flat_map(|node| node.descendants())
                .filter_map(|node| match node.is_text() {
                    true => node.text(),
                    false => node.attribute("alt"),
                })
                .collect();
            (summary.text().unwrap().to_owned(), rest)
        })
        .collect()
}

#[tokio::test]
async fn a_warning_folds_the_text_everywhere() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let mut written = Written::text("The slab broke.\n\nNobody was hurt.");
    written.variant.options.content_warning = "Avalanche <north face>".into();
    let target = written.target(&adapter());
    let remote = confirmed(send(&mut site, &target, &Memory::default()).await);

    let page = page_of(dir.path(), &remote.id);
    assert!(page.contains("<h1>Avalanche &lt;north face&gt;</h1>"));
    let article = page.split("<section id=\"part-1\">").nth(1).unwrap();
    let article = article.split("</section>").next().unwrap();
    let expected = [(
        "Avalanche <north face>".to_owned(),
        "The slab broke.Nobody was hurt.".to_owned(),
    )];
    assert_eq!(folds(article), expected);
    let feed = valid_feed(dir.path());
    assert_eq!(feed[0].1, "Avalanche <north face>");
    assert_eq!(folds(&feed[0].2), expected);
    let index = fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert!(index.contains("Avalanche &lt;north face&gt;") && !index.contains("slab"));
}

#[tokio::test]
async fn a_sensitive_picture_is_folded_below_its_words() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let file = png();
    let mut written = Written::text("After the fall.").picture(&file, "A torn rope");
    written.variant.options.sensitive = true;
    let target = written.target(&adapter());
    let media = Memory::with(std::slice::from_ref(&file));
    let remote = confirmed(send(&mut site, &target, &media).await);
    let feed = valid_feed(dir.path());
    assert_eq!(
        folds(&feed[0].2),
        [("A torn rope".to_owned(), "A torn rope".to_owned())]
    );
    assert!(page_of(dir.path(), &remote.id).contains("<p>After the fall.</p>\n<details>"));
}

#[test]
fn a_poll_stops_an_entry() {
    let mut written = Written::text("Which pass?");
    written.variant.options.poll = Some(Poll {
        choices: vec!["North".into(), "South".into()],
        minutes: 60,
        ..Poll::default()
    });
    let prepared = written.prepare(&adapter());
    assert!(!prepared.is_sendable());
    assert_eq!(prepared.issues[0].code, "poll_unsupported");
}

#[tokio::test]
async fn a_thread_is_one_entry_with_parts_and_each_part_can_go() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let adapter = adapter();
    let target = Written::thread(&["One.", "Two.", "Three."]).target(&adapter);
    let delivery = delivery();
    let mut remotes = Vec::new();
    for segment in 0..3 {
        let keys = attempt(&adapter, delivery, segment);
        let nowhere = ThreadContext::default();
        let media = Memory::default();
        let sent = submit(&adapter, &mut site, &keys, &target, &nowhere, &media).await;
        remotes.push(confirmed(sent));
    }
    assert!(remotes[0].url.as_deref().unwrap().starts_with("file://"));
    assert!(remotes[2].id.ends_with("#part-3"));
    let page = page_of(dir.path(), &remotes[0].id);
    assert!(page.contains("id=\"part-1\"") && page.contains("id=\"part-3\""));
    let feed = valid_feed(dir.path());
    assert_eq!(feed.len(), 1);
    assert!(feed[0].2.contains("One.") && feed[0].2.contains("Three."));

    let gone = adapter
        .delete(site.account(), &remotes[1])
        .await
        .value
        .unwrap();
    assert_eq!(gone, Presence::Gone);
    assert!(!page_of(dir.path(), &remotes[0].id).contains("Two."));
    for remote in [&remotes[0], &remotes[2]] {
        adapter.delete(site.account(), remote).await.value.unwrap();
    }
    assert!(valid_feed(dir.path()).is_empty());
    let left = fs::read_dir(dir.path().join("entries")).unwrap().count();
    assert_eq!(left, 0, "no page is left");
}

#[tokio::test]
async fn a_repeat_is_the_same_entry_and_other_words_are_refused() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let adapter = adapter();
    let target = Written::text("Once.").target(&adapter);
    let delivery = delivery();
    let keys = attempt(&adapter, delivery, 0);
    let nowhere = ThreadContext::default();
    let media = Memory::default();
    let find = async |site: &Connection| {
        let input = FindInput {
            account: site.account(),
            attempt: &keys,
            target: &target,
            thread: &nowhere,
            since: NOW,
        };
        adapter.find(input).await.value.unwrap()
    };
    assert_eq!(find(&site).await, Found::None);
    let first = confirmed(submit(&adapter, &mut site, &keys, &target, &nowhere, &media).await);
    let again = confirmed(submit(&adapter, &mut site, &keys, &target, &nowhere, &media).await);
    assert_eq!(first, again);
    assert_eq!(valid_feed(dir.path()).len(), 1);
    assert_eq!(find(&site).await, Found::One(first.clone()));
    // Whoever was killed half way has left the feed without it: what is found is made whole.
    let feed = fs::read_to_string(dir.path().join("feed.xml")).unwrap();
    fs::write(dir.path().join("feed.xml"), "").unwrap();
    assert_eq!(find(&site).await, Found::One(first.clone()));
    assert_eq!(
        fs::read_to_string(dir.path().join("feed.xml")).unwrap(),
        feed
    );
    let other = Written::text("Twice?").target(&adapter);
    let refused = submit(&adapter, &mut site, &keys, &other, &nowhere, &media).await;
    assert!(matches!(
        refused,
        Outcome::Rejected {
            code: "already_there",
            ..
        }
    ));

    // A page that somebody deleted by hand is found missing, and made again from its entry.
    let entry = first.id.strip_prefix("urn:uuid:").unwrap();
    fs::remove_file(dir.path().join(format!("entries/{entry}.html"))).unwrap();
    assert_eq!(
        adapter.look(site.account(), &first).await.value.unwrap(),
        Presence::Gone
    );
    adapter.check(site.account()).await.value.unwrap();
    assert_eq!(
        adapter.look(site.account(), &first).await.value.unwrap(),
        Presence::There(first)
    );
    // A new attempt of the same segment keeps the place.
    let next = adapter.journal_keys(&JournalInput {
        attempt: domain::ids::AttemptId(uuid::Uuid::new_v4()),
        delivery,
        segment: 0,
        now: NOW.plus(5000),
        earlier: Some(&keys.keys),
    });
    assert_eq!(next, keys.keys);
}

#[tokio::test]
async fn pictures_that_nothing_shows_are_removed_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let target = Written::text("A square")
        .picture(&file, "Red")
        .target(&adapter());
    let first = confirmed(send(&mut site, &target, &media).await);
    let second = confirmed(send(&mut site, &target, &media).await);
    fs::write(dir.path().join("media/mine.txt"), "by hand").unwrap();
    let picture = dir
        .path()
        .join(format!("media/{}.png", domain::Hash::of(&file)));
    let adapter = adapter();
    adapter.delete(site.account(), &first).await.value.unwrap();
    assert!(picture.exists(), "the other entry shows it");
    adapter.delete(site.account(), &second).await.value.unwrap();
    assert!(!picture.exists());
    assert!(dir.path().join("media/mine.txt").exists());
}

#[tokio::test]
async fn a_folder_that_is_not_ours_is_left_alone() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("index.html"), "somebody's page").unwrap();
    let refused = adapter().connect(input(dir.path(), &[])).await.unwrap_err();
    assert!(
        matches!(
            &refused,
            NetworkError::Field {
                field: "folder",
                code: "not_empty",
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(
        fs::read_to_string(dir.path().join("index.html")).unwrap(),
        "somebody's page"
    );
    let relative = adapter()
        .connect(input(Path::new("here"), &[]))
        .await
        .unwrap_err();
    assert!(matches!(
        relative,
        NetworkError::Field {
            code: "not_a_folder",
            ..
        }
    ));
    let new = dir.path().join("new/site");
    let first = connect(&new, &[]).await;
    let again = connect(&new, &[("title", "Renamed")]).await;
    assert_eq!(
        first.facts.remote_id, again.facts.remote_id,
        "the same folder is the same site"
    );
}

#[tokio::test]
async fn a_folder_that_went_away_sends_nothing_and_says_so() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("site");
    let mut site = connect(&folder, &[]).await;
    fs::rename(&folder, dir.path().join("elsewhere")).unwrap();
    let target = Written::text("x").target(&adapter());
    let outcome = send(&mut site, &target, &Memory::default()).await;
    assert!(
        matches!(&outcome, Outcome::NotSent { why } if why.contains("not there")),
        "{outcome:?}"
    );
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    let outcome = send(&mut site, &target, &Memory::default()).await;
    assert!(
        matches!(&outcome, Outcome::NotSent { why } if why.contains("another site")),
        "{outcome:?}"
    );
    let checked = adapter().check(site.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
}

#[tokio::test]
async fn a_changed_picture_or_an_ended_lease_sends_nothing() {
    let dir = TempDir::new().unwrap();
    let mut site = connect(dir.path(), &[]).await;
    let adapter = adapter();
    let file = png();
    let target = Written::text("A square")
        .picture(&file, "Red")
        .target(&adapter);
    let damaged = Memory([(domain::Hash::of(&file), b"other".to_vec())].into());
    let outcome = send(&mut site, &target, &damaged).await;
    assert!(
        matches!(&outcome, Outcome::NotSent { why } if why.contains("damaged")),
        "{outcome:?}"
    );
    let keys = attempt(&adapter, delivery(), 0);
    let outcome = adapter
        .submit(SubmitInput {
            account: site.account(),
            attempt: &keys,
            target: &Written::text("late").target(&adapter),
            thread: &ThreadContext::default(),
            media: &Memory::default(),
            lease: &HandLease::of(Duration::ZERO),
        })
        .await
        .value;
    assert!(matches!(outcome, Outcome::NotSent { .. }));
    assert!(valid_feed(dir.path()).is_empty());
}

#[tokio::test]
async fn two_programs_write_one_after_the_other() {
    let dir = TempDir::new().unwrap();
    let site = connect(dir.path(), &[]).await;
    let target = Written::text("Together").target(&adapter());
    let mut all = Vec::new();
    for _ in 0..8 {
        let mut site = site.clone();
        let target = target.clone();
        all.push(async move { send(&mut site, &target, &Memory::default()).await });
    }
    let [a, b, c, d, e, f, g, h]: [_; 8] = all.try_into().unwrap_or_else(|_| panic!("eight"));
    let outcomes = tokio::join!(a, b, c, d, e, f, g, h);
    for outcome in [
        outcomes.0, outcomes.1, outcomes.2, outcomes.3, outcomes.4, outcomes.5, outcomes.6,
        outcomes.7,
    ] {
        confirmed(outcome);
    }
    assert_eq!(valid_feed(dir.path()).len(), 8);
}

/// A small file system of its own; unmounted when dropped.
struct Mount(TempDir);

impl Mount {
    fn tmpfs(options: &str) -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(dir.path())
            .status();
        if done.is_ok_and(|s| s.success()) {
            Some(Self(dir))
        } else {
            eprintln!("skipped: this test needs the right to mount a file system");
            None
        }
    }

    fn remount(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0.path())
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_sends_nothing_and_says_so() {
    let Some(mount) = Mount::tmpfs("size=256k") else {
        return;
    };
    let folder = mount.0.path().join("site");
    let mut site = connect(&folder, &[]).await;
    let before = confirmed(
        send(
            &mut site,
            &Written::text("Before").target(&adapter()),
            &Memory::default(),
        )
        .await,
    );
    let filler = mount.0.path().join("filler");
    let _ = fs::write(&filler, vec![0_u8; 256 << 10]);
    let target = Written::text("Does not fit").target(&adapter());
    let outcome = send(&mut site, &target, &Memory::default()).await;
    assert!(
        matches!(&outcome, Outcome::NotSent { why } if why.contains("disk is full")),
        "{outcome:?}"
    );
    assert_eq!(valid_feed(&folder).len(), 1, "what was there is whole");
    fs::remove_file(filler).unwrap();
    confirmed(send(&mut site, &target, &Memory::default()).await);
    assert_eq!(valid_feed(&folder).len(), 2);
    assert!(page_of(&folder, &before.id).contains("Before"));
}

#[tokio::test]
async fn a_read_only_folder_sends_nothing_and_says_so() {
    let Some(mount) = Mount::tmpfs("size=1m") else {
        return;
    };
    let folder = mount.0.path().join("site");
    let mut site = connect(&folder, &[]).await;
    mount.remount("ro");
    let target = Written::text("Not allowed").target(&adapter());
    let outcome = send(&mut site, &target, &Memory::default()).await;
    assert!(
        matches!(&outcome, Outcome::NotSent { why } if why.contains("read-only")),
        "{outcome:?}"
    );
    mount.remount("rw");
    confirmed(send(&mut site, &target, &Memory::default()).await);
}

#[tokio::test]
async fn on_a_server_a_site_lies_below_its_own_folder_and_nowhere_else() {
    let home = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    let confined = SiteAdapter::within(home.path()).unwrap();
    let connected = confined
        .connect(input(Path::new("notes"), &[]))
        .await
        .unwrap();
    assert!(home.path().join("notes/.rostrum/site.json").is_file());
    assert_eq!(connected.facts.settings["folder"], "notes");
    for named in [
        "../elsewhere",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        &outside.path().display().to_string(),
    ] {
        let refused = confined.connect(input(Path::new(named), &[])).await;
        assert!(
            matches!(
                refused,
                Err(NetworkError::Field {
                    field: "folder",
                    ..
                })
            ),
            "{named}"
        );
    }
    // What is stored of an account is looked at again before each use.
    let free = connect(outside.path(), &[]).await;
    let account = networks::Account {
        facts: &free.facts,
        secret: None,
    };
    let checked = confined.check(account).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
}
