//! Who is at this computer, and who says so.

use app::act::Way;
use app::host::{self, Door, Knock, Options};
use domain::ids::PersonId;
use domain::person::Role;
use protocol::act::{Act, Sensitive};
use protocol::views::Overview;
use protocol::{Code, Mutation, Query};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio_util::sync::CancellationToken;

use crate::world::id;

fn way() -> Way {
    Way::quiet(None, CancellationToken::new())
}

struct Desk {
    host: app::Host,
    mara: PersonId,
    jo: PersonId,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// Two owners, the first one at the computer.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, config) = (folder.path().join("data"), folder.path().join("config"));
        let host = host::init(&data, &config, Options::default())
            .await
            .unwrap();
        let (mara, jo) = (id(), id());
        host.app
            .add_first_person(mara, "Mara".into())
            .await
            .unwrap();
        let add = Mutation::AddPerson {
            id: jo,
            name: "Jo".into(),
            role: Role::Owner,
        };
        host.app.apply_all(None, vec![add]).await.unwrap();
        Self {
            host,
            mara,
            jo,
            _folder: folder,
        }
    }

    async fn overview(&self) -> Overview {
        let answer = self.host.app.query(Query::Overview {}, None).await.unwrap();
        serde_json::from_value(answer).unwrap()
    }

    /// Actions of the history, oldest first, each with who did it.
    async fn history(&self) -> Vec<(String, Option<PersonId>)> {
        let org = self.host.app.organization();
        let read: Result<_, app::Error> = self
            .host
            .app
            .db()
            .read(move |tx| Box::pin(async move { Ok(store::audit::from(tx, org, 1, 100).await?) }))
            .await;
        let all = read.unwrap().into_iter();
        all.map(|(e, _)| (e.entry.action, e.entry.actor.person()))
            .collect()
    }
}

#[tokio::test]
async fn nobody_takes_the_place_of_one_who_has_left() {
    for chosen in [false, true] {
        let desk = Desk::new().await;
        let app = &desk.host.app;
        if chosen {
            let here = Act::ChoosePerson { id: desk.mara };
            app.act(here, &way()).await.unwrap();
        }
        assert_eq!(app.me().await.unwrap().unwrap().id, desk.mara);
        let leaves = Mutation::DeactivatePerson { id: desk.mara };
        app.apply_all(None, vec![leaves]).await.unwrap();
        // Jo is an owner, and yet not the one who sits here.
        assert!(app.me().await.unwrap().is_none());
        let overview = desk.overview().await;
        assert!(overview.me.is_none() && !overview.first_run);
        let pause = Mutation::SetPaused {
            persona: None,
            paused: true,
        };
        let said = app.apply_all(None, vec![pause.clone()]).await.unwrap_err();
        assert_eq!(said.code, Code::NobodyHere);
        let asked = app.query(Query::People {}, None).await.unwrap_err();
        assert_eq!(asked.code, Code::NobodyHere);
        let card = Act::FetchCard {
            url: "no address".into(),
        };
        let acted = app.act(card, &way()).await.unwrap_err();
        assert_eq!(acted.code, Code::NobodyHere);

        let gone = Act::ChoosePerson { id: desk.mara };
        assert_eq!(
            app.act(gone, &way()).await.unwrap_err().code,
            Code::NotFound
        );
        let here = Act::ChoosePerson { id: desk.jo };
        app.act(here, &way()).await.unwrap();
        assert_eq!(desk.overview().await.me.unwrap().id, desk.jo);
        app.apply_all(None, vec![pause]).await.unwrap();
        let history = desk.history().await;
        let [.., (switched, by), _] = history.as_slice() else {
            panic!("{history:?}")
        };
        assert_eq!((switched.as_str(), *by), ("person_switched", Some(desk.jo)));
        desk.host.stop().await;
    }
}

#[tokio::test]
async fn whoever_says_at_a_terminal_to_be_somebody_else_is_in_the_history() {
    let desk = Desk::new().await;
    let pause = |paused| {
        let pause = Mutation::SetPaused {
            persona: None,
            paused,
        };
        app::core::call(pause, None)
    };
    let usual = desk.host.app.used_by(Some(desk.mara));
    usual.mutate(pause(true)).await.unwrap();
    let before = desk.history().await.len();
    let other = desk.host.app.used_by(Some(desk.jo));
    other.mutate(pause(false)).await.unwrap();
    let history = desk.history().await;
    let [(named, by), (_, did)] = &history[before..] else {
        panic!("{history:?}")
    };
    assert_eq!((named.as_str(), *by), ("person_named", Some(desk.mara)));
    assert_eq!(*did, Some(desk.jo));
    other.act(Act::TestNotification {}, &way()).await.unwrap();
    assert_eq!(desk.history().await.len(), before + 3);
    desk.host.stop().await;
}

#[tokio::test]
async fn whoever_comes_to_a_terminal_whose_person_has_left_is_in_the_history() {
    let desk = Desk::new().await;
    let leaves = Mutation::DeactivatePerson { id: desk.mara };
    desk.host.app.apply_all(None, vec![leaves]).await.unwrap();
    let before = desk.history().await.len();
    let jo = desk.host.app.used_by(Some(desk.jo));
    let pause = Mutation::SetPaused {
        persona: None,
        paused: true,
    };
    jo.mutate(app::core::call(pause, None)).await.unwrap();
    let history = desk.history().await;
    let [(came, by), (_, did)] = &history[before..] else {
        panic!("{history:?}")
    };
    assert_eq!((came.as_str(), *by), ("person_came", Some(desk.jo)));
    assert_eq!(*did, Some(desk.jo));
    desk.host.stop().await;
}

/// Another user of this computer took the port of an owner that has gone.
#[tokio::test]
async fn who_took_the_port_of_the_door_learns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let key: Vec<u8> = (0..32).collect();
    let sign = serde_json::json!({"port": port, "key": key});
    std::fs::write(folder.path().join("owner.sock"), sign.to_string()).unwrap();
    let squatter = async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        let mut heard = String::new();
        read.read_line(&mut heard).await.unwrap();
        // It answers as well as it can: with what it was told.
        let word = heard.trim_end().to_owned();
        let answer = format!("{word} {word}\n");
        write.write_all(answer.as_bytes()).await.unwrap();
        read.read_to_string(&mut heard).await.unwrap();
        heard
    };
    let connect = Act::Connect {
        id: id(),
        persona: id(),
        network: domain::identity::NetworkId::new("bluesky"),
        method: None,
        fields: [(
            "app_password".to_owned(),
            Sensitive("planted-secret".into()),
        )]
        .into(),
    };
    let knock = Knock::Act {
        act: connect,
        acting: None,
    };
    let door = Door::of(folder.path());
    let (said, heard) = tokio::join!(door.knock(knock), squatter);
    assert_eq!(said.unwrap_err().code, Code::FolderInUse);
    assert_eq!(heard.len(), 65, "a random number and nothing else: {heard}");
    assert!(!heard.contains("000102030405"), "not the key");
}
