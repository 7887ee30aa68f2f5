//! Edits in place: the local site with a real folder, Mastodon with a server of our own.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use domain::content::{Poll, Visibility};
use domain::edit::EditTrouble;
use domain::version::PreparedTarget;
use networks::mastodon::MastodonAdapter;
use networks::site::SiteAdapter;
use networks::{
    Adapter, ConnectInput, EditInput, Http, HttpOptions, NetworkError, Outcome, Remote, Said,
    Secret, ThreadContext,
};
use rstest::rstest;
use tempfile::TempDir;
use testkit::standin::mastodon::{Habits, Mastodon};
use testkit::standin::wire::Fault;

use crate::common::{
    Connection, HandLease, Memory, NOW, Written, attempt, confirmed, delivery, png, submit,
};

const EDIT: &str = "PUT /api/v1/statuses";
const UPLOAD: &str = "POST /api/v2/media";

/// An account with a post that is out.
struct Stage {
    adapter: Arc<dyn Adapter>,
    connection: Connection,
    media: Memory,
    before: PreparedTarget,
    remote: Remote,
}

impl Stage {
    async fn of(adapter: Arc<dyn Adapter>, connect: ConnectInput, written: &Written) -> Self {
        let connected = adapter.connect(connect).await.unwrap();
        let mut connection = Connection {
            facts: connected.facts,
            secret: connected.secret,
        };
        let media = Memory::with(&[png(), other()]);
        let before = written.target(&*adapter);
        let keys = attempt(&*adapter, delivery(), 0);
        let thread = ThreadContext::default();
        let sent = submit(&*adapter, &mut connection, &keys, &before, &thread, &media).await;
        Self {
            adapter,
            connection,
            media,
            before,
            remote: confirmed(sent),
        }
    }

    async fn with<T>(
        &self,
        written: &Written,
        lease: Duration,
        call: impl AsyncFn(&dyn Adapter, EditInput<'_>) -> T,
    ) -> T {
        let target = written.target(&*self.adapter);
        let mut keys = attempt(&*self.adapter, delivery(), 0);
        keys.keys = serde_json::json!({});
        keys.started_at = NOW.plus(60_000);
        let lease = HandLease::of(lease);
        let input = EditInput {
            account: self.connection.account(),
            attempt: &keys,
            remote: &self.remote,
            before: &self.before,
            target: &target,
            media: &self.media,
            lease: &lease,
        };
        call(&*self.adapter, input).await
    }

    async fn edit(&self, written: &Written) -> Outcome {
        let lease = Duration::from_millis(900);
        self.with(written, lease, async |adapter, input| {
            adapter.edit(input).await.value
        })
        .await
    }

    async fn says(&self, written: &Written) -> Result<Said, NetworkError> {
        let lease = Duration::from_secs(20);
        self.with(written, lease, async |adapter, input| {
            adapter.says(input).await.value
        })
        .await
    }
}

/// Another picture.
fn other() -> Vec<u8> {
    let mut file = png();
    file.push(0);
    file
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed(_) => "confirmed",
        Outcome::Rejected { code, .. } => code,
        Outcome::Throttled { .. } => "throttled",
        Outcome::NotSent { .. } => "not_sent",
        Outcome::NeedsReconnect { .. } => "needs_reconnect",
        Outcome::Ambiguous { .. } => "ambiguous",
        Outcome::Pending(_) => "pending",
    }
}

fn server(change: impl FnOnce(&mut Habits)) -> Mastodon {
    let server = Mastodon::start(Arc::new(|| NOW.0 + 1000));
    server.habits(change);
    server
}

async fn mastodon(server: &Mastodon, written: &Written) -> Stage {
    let options = HttpOptions {
        allow_private: true,
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(1500),
        ..HttpOptions::default()
    };
    let adapter = MastodonAdapter::new(Http::new(options).unwrap()).unwrap();
    let connect = ConnectInput {
        method: "token".into(),
        fields: BTreeMap::from([("service".to_owned(), server.url())]),
        secrets: BTreeMap::from([("token".to_owned(), Secret::new(server.token()))]),
        grant: None,
        now: NOW,
    };
    Stage::of(Arc::new(adapter), connect, written).await
}

/// Whatever happens to the edit, the outcome tells no lie, what the post says can be read back, and
/// the same edit again ends in one post that was changed once.
#[rstest]
#[case(Fault::Refuse, "invalid", 0)]
#[case(Fault::Throttle, "throttled", 0)]
#[case(Fault::Expired, "needs_reconnect", 0)]
#[case(Fault::DropBefore, "ambiguous", 0)]
#[case(Fault::DropAfter, "ambiguous", 1)]
#[case(Fault::CutAfter, "ambiguous", 1)]
#[case(Fault::HangBefore, "ambiguous", 0)]
#[case(Fault::HangAfter, "ambiguous", 1)]
#[case(Fault::GarbageBefore, "ambiguous", 0)]
#[case(Fault::GarbageAfter, "ambiguous", 1)]
#[case(Fault::BrokenBefore, "ambiguous", 0)]
#[case(Fault::BrokenAfter, "ambiguous", 1)]
#[case(Fault::GatewayAfter, "ambiguous", 1)]
#[case(Fault::Redirect, "ambiguous", 0)]
#[tokio::test]
async fn an_edit_tells_no_lie(#[case] fault: Fault, #[case] wanted: &str, #[case] edits: usize) {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow on the pass.")).await;
    let after = Written::text("Late snow on the pass.");
    server.next(EDIT, fault);
    let outcome = stage.edit(&after).await;
    assert_eq!(name(&outcome), wanted, "{outcome:?}");
    assert_eq!(server.edits(), [edits]);
    let said = stage.says(&after).await.unwrap();
    let written = Said::This(stage.remote.clone());
    assert_eq!(said, if edits == 1 { written } else { Said::Other });
    assert_eq!(confirmed(stage.edit(&after).await), stage.remote);
    assert_eq!(server.texts(), ["Late snow on the pass."]);
    assert_eq!(server.edits(), [1], "the same again changes nothing more");
}

#[tokio::test]
async fn pictures_that_stay_keep_their_place_and_get_their_new_words() {
    let server = server(|_| {});
    let before = Written::text("Snow").picture(&png(), "A hut");
    let mut stage = mastodon(&server, &before).await;
    let id = server.posts()[0]["media_attachments"][0]["id"].clone();
    assert_eq!(server.calls(UPLOAD), 1);
    let after = Written::text("Snow").picture(&png(), "A hut in the snow");
    assert_eq!(stage.says(&after).await.unwrap(), Said::Other);
    confirmed(stage.edit(&after).await);
    let shown = server.posts()[0]["media_attachments"].clone();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["id"], id, "it was not uploaded again");
    assert_eq!(shown[0]["description"], "A hut in the snow");
    assert_eq!(server.calls(UPLOAD), 1);

    stage.before = after.target(&*stage.adapter);
    let two = Written::text("Snow")
        .picture(&other(), "A lake")
        .picture(&png(), "A hut");
    confirmed(stage.edit(&two).await);
    let shown = server.posts()[0]["media_attachments"].clone();
    assert_eq!(shown[0]["description"], "A lake");
    assert_eq!(shown[1]["id"], id, "the order is the new one");
    assert_eq!(server.calls(UPLOAD), 2);

    confirmed(stage.edit(&Written::text("Snow")).await);
    let shown = server.posts()[0]["media_attachments"].clone();
    assert!(shown.as_array().unwrap().is_empty(), "and none is left");
}

#[tokio::test]
async fn another_picture_under_the_same_words_is_not_taken_for_the_one_that_is_out() {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow").picture(&png(), "A hut")).await;
    let id = server.posts()[0]["media_attachments"][0]["id"].clone();
    let after = Written::text("Snow").picture(&other(), "A hut");
    // Which picture it is cannot be read back, before or after: then it is written again.
    assert_eq!(stage.says(&after).await.unwrap(), Said::Other);
    confirmed(stage.edit(&after).await);
    assert_ne!(server.posts()[0]["media_attachments"][0]["id"], id);
    assert_eq!(stage.says(&after).await.unwrap(), Said::Other);
}

#[tokio::test]
async fn a_picture_with_other_words_than_ours_is_not_kept_for_one_of_ours() {
    let server = server(|_| {});
    let mut stage = mastodon(&server, &Written::text("Snow").picture(&other(), "A lake")).await;
    // What we know of is not what is out: somebody changed it elsewhere.
    stage.before = Written::text("Snow")
        .picture(&png(), "A hut")
        .target(&*stage.adapter);
    let id = server.posts()[0]["media_attachments"][0]["id"].clone();
    let after = Written::text("Late snow").picture(&png(), "A hut");
    confirmed(stage.edit(&after).await);
    assert_ne!(server.posts()[0]["media_attachments"][0]["id"], id);
}

#[tokio::test]
async fn a_server_that_keeps_old_descriptions_is_found_out() {
    let server = server(|h| h.describes = false);
    let stage = mastodon(&server, &Written::text("Snow").picture(&png(), "A hut")).await;
    let after = Written::text("Snow").picture(&png(), "A hut in the snow");
    assert_eq!(name(&stage.edit(&after).await), "description_kept");
}

#[tokio::test]
async fn a_warning_comes_and_goes_with_what_it_hides() {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow")).await;
    let mut warned = Written::text("Snow");
    warned.variant.options.content_warning = "Weather".into();
    confirmed(stage.edit(&warned).await);
    assert_eq!(server.posts()[0]["spoiler_text"], "Weather");
    assert_eq!(
        stage.says(&Written::text("Snow")).await.unwrap(),
        Said::Other
    );
    confirmed(stage.edit(&Written::text("Snow")).await);
    assert_eq!(server.posts()[0]["spoiler_text"], "");
}

#[tokio::test]
async fn a_server_without_edits_says_so() {
    let server = server(|h| h.edits = false);
    let stage = mastodon(&server, &Written::text("Snow")).await;
    assert_eq!(
        name(&stage.edit(&Written::text("Ice")).await),
        "not_supported"
    );
    let mut facts = stage.connection.facts.clone();
    let known = |facts: &_| stage.adapter.edits(facts);
    assert!(known(&facts));
    facts.settings.insert("version".into(), "3.4.6".into());
    assert!(!known(&facts), "edits came with 3.5");
}

#[tokio::test]
async fn a_post_that_is_gone_is_said_to_be_gone() {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow")).await;
    server.remove(&stage.remote.id);
    let after = Written::text("Ice");
    assert_eq!(name(&stage.edit(&after).await), "gone");
    assert_eq!(stage.says(&after).await.unwrap(), Said::Gone);
}

#[tokio::test]
async fn an_ended_lease_writes_nothing() {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow")).await;
    let after = Written::text("Ice");
    let call = async |adapter: &dyn Adapter, input: EditInput<'_>| adapter.edit(input).await.value;
    let outcome = stage.with(&after, Duration::ZERO, call).await;
    assert_eq!(name(&outcome), "not_sent");
    assert_eq!(server.calls(EDIT), 0);
}

#[tokio::test]
async fn what_an_edit_would_damage_is_named_before() {
    let server = server(|_| {});
    let stage = mastodon(&server, &Written::text("Snow")).await;
    let trouble = |change: &dyn Fn(&mut Written)| {
        let mut after = Written::text("Ice");
        change(&mut after);
        let after = after.target(&*stage.adapter);
        stage.adapter.edit_trouble(&stage.before, &after)
    };
    assert_eq!(trouble(&|_| {}), None);
    let poll = Poll {
        choices: vec!["Yes".into(), "No".into()],
        minutes: 60,
        ..Poll::default()
    };
    assert_eq!(
        trouble(&|w| w.variant.options.poll = Some(poll.clone())),
        Some(EditTrouble::Poll)
    );
    assert_eq!(
        trouble(&|w| w.variant.options.visibility = Some(Visibility::Followers)),
        Some(EditTrouble::Visibility)
    );
    assert_eq!(
        trouble(&|w| w.variant.options.quotes_off = true),
        Some(EditTrouble::Replies)
    );
}

#[tokio::test]
async fn an_entry_is_replaced_everywhere_and_says_when() {
    let dir = TempDir::new().unwrap();
    let connect = ConnectInput {
        method: "folder".into(),
        fields: BTreeMap::from([
            ("folder".to_owned(), dir.path().display().to_string()),
            ("title".to_owned(), "Notes".to_owned()),
        ]),
        secrets: BTreeMap::new(),
        grant: None,
        now: NOW,
    };
    let before = Written::text("Snow").picture(&png(), "A hut");
    let stage = Stage::of(Arc::new(SiteAdapter::new().unwrap()), connect, &before).await;
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let page = format!(
        "entries/{}.html",
        stage.remote.id.strip_prefix("urn:uuid:").unwrap()
    );
    let after = Written::text("Late snow");
    assert_eq!(stage.says(&after).await.unwrap(), Said::Other);
    assert_eq!(confirmed(stage.edit(&after).await), stage.remote);
    for file in [page.as_str(), "index.html", "feed.xml"] {
        assert!(read(file).contains("Late snow"), "{file}");
    }
    let (published, edited) = (NOW.to_string(), NOW.plus(60_000).to_string());
    let feed = read("feed.xml");
    assert!(feed.contains(&format!("<published>{published}</published>")));
    assert!(feed.contains(&format!("<updated>{edited}</updated>")));
    let media = fs::read_dir(dir.path().join("media")).unwrap().count();
    assert_eq!(media, 0, "nothing shows the picture any more");
    assert_eq!(
        stage.says(&after).await.unwrap(),
        Said::This(stage.remote.clone())
    );
    confirmed(stage.edit(&after).await);
    assert_eq!(read("feed.xml"), feed, "the same again is the same");

    // The page could not be made: that is no edit, and the next try makes it.
    fs::write(dir.path().join(&page), read(&page).replace("Late", "Old")).unwrap();
    assert_eq!(stage.says(&after).await.unwrap(), Said::Other);
    confirmed(stage.edit(&after).await);
    assert!(read(&page).contains("Late snow"));

    // Whoever was killed half way has left the index or the feed as it was.
    for file in ["index.html", "feed.xml"] {
        fs::write(dir.path().join(file), read(file).replace("Late", "Old")).unwrap();
        assert_eq!(stage.says(&after).await.unwrap(), Said::Other, "{file}");
        confirmed(stage.edit(&after).await);
        assert!(read(file).contains("Late snow"), "{file}");
        assert_ne!(stage.says(&after).await.unwrap(), Said::Other, "{file}");
    }

    stage
        .adapter
        .delete(stage.connection.account(), &stage.remote)
        .await
        .value
        .unwrap();
    assert_eq!(stage.says(&after).await.unwrap(), Said::Gone);
    assert_eq!(name(&stage.edit(&after).await), "gone");
}
