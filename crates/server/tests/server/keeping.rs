//! What whoever keeps a server does, as the guide says.

use std::path::Path;

use serde_json::json;
use server::ground::{self, Choices, Place};

use crate::world::World;

/// The commands of the guide's part of this name.
fn commands(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/server.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let (_, rest) = guide.split_once(&format!("```sh {name}\n")).unwrap();
    rest.split("```").next().unwrap().to_owned()
}

fn run(commands: &str, variables: &[(&str, &str)]) {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-eu", "-c", commands]);
    shell
        .env_remove("PGOPTIONS")
        .envs(variables.iter().copied());
    let done = shell.output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words}");
}

fn has_tools() -> bool {
    let there = |tool: &str| {
        let asked = std::process::Command::new(tool).arg("--version").output();
        asked.is_ok_and(|o| o.status.success())
    };
    there("pg_dump") && there("pg_restore")
}

#[tokio::test]
async fn a_server_that_was_backed_up_by_the_guide_is_whole_when_it_is_restored() {
    let (Some(url), Some(empty)) = (
        db::testing::postgres_url().await,
        db::testing::postgres_empty_url().await,
    ) else {
        return;
    };
    if !has_tools() {
        println!("skipped: pg_dump and pg_restore are not installed");
        return;
    }
    let safe = tempfile::tempdir().unwrap();
    let at = |name: &str| safe.path().join(name).to_str().unwrap().to_owned();
    for folder in ["backup", "elsewhere"] {
        std::fs::create_dir(safe.path().join(folder)).unwrap();
    }
    let keys = at("keys.json");
    let world = World::open(Some(url.clone()), Some(keys.clone().into())).await;
    let owner = world.owner().await;
    let fred = world.founder("Fred", "fred@x.example").await;
    let (persona, account) = crate::resources::voice(&world, &owner).await;
    let content = crate::resources::draft(&world, &owner, &persona, "Snow came late.").await;
    let aim = json!({"targets": [{"identity": account, "at": "2036-12-24T08:00:00Z"}]});
    let path = format!("/content/{content}/publish");
    owner.post(&world, &path, aim).await.ok();
    let organizations = [
        owner.organization(&world).await,
        fred.organization(&world).await,
    ];
    let secret = networks::AccountSecret::new("a secret".to_owned());
    let core = world
        .server
        .organizations()
        .core(organizations[0].parse().unwrap());
    core.secrets()
        .set(account.parse().unwrap(), &secret)
        .await
        .unwrap();
    let data = world.data();
    let here = [
        ("ROSTRUM_DATABASE_URL", url.as_str()),
        ("ROSTRUM_SERVER_DATA", data.to_str().unwrap()),
        ("ROSTRUM_SERVER_KEY_FILE", &keys),
        ("BACKUP", &at("backup")),
        ("ELSEWHERE", &at("elsewhere")),
    ];
    // While it serves.
    run(&commands("backup"), &here);
    world.close().await;
    let there = [
        ("NEW_DATABASE_URL", empty.as_str()),
        ("NEW_SERVER_DATA", &at("restored")),
        ("BACKUP", &at("backup")),
    ];
    run(&commands("restore"), &there);

    let place = |keys: String| Place {
        data: safe.path().join("restored"),
        config: safe.path().join("config"),
        keys: Some(Path::new(&keys).to_owned()),
        database: Some(empty.clone()),
        local_services: false,
    };
    let other = ground::open(&place(at("another.json")), Choices::default()).await;
    let refused = other.err().unwrap();
    assert_eq!(
        refused.code,
        protocol::Code::NoSecretStore,
        "another ring is told"
    );
    let kept = at("elsewhere/server-keys.json");
    let ground = ground::open(&place(kept), Choices::default())
        .await
        .unwrap();
    for organization in &organizations {
        let core = ground.organizations.core(organization.parse().unwrap());
        let check = core.check_audit().await.unwrap();
        assert_eq!(
            (check.broken, check.entries > 0),
            (None, true),
            "{organization}"
        );
    }
    let core = ground.organizations.core(organizations[0].parse().unwrap());
    let found = core.secrets().get(account.parse().unwrap()).await.unwrap();
    let found = found.map(|kept| kept.expose().clone());
    assert_eq!(found.as_deref(), Some("a secret"), "what is sealed opens");
    let seen = store_content(&ground, &organizations[0], &content).await;
    assert_eq!(seen, json!("Snow came late."));
    // What went out after the backup is not sent again by itself.
    assert!(ground.is_held(), "the tables lie elsewhere");
    assert_eq!(
        status(&ground, &organizations[0], &content).await,
        "planned"
    );
    ground.release().await.unwrap();
    assert_eq!(status(&ground, &organizations[0], &content).await, "missed");
    ground.close().await;
    let kept = at("elsewhere/server-keys.json");
    let ground = ground::open(&place(kept), Choices::default())
        .await
        .unwrap();
    assert!(!ground.is_held(), "it was said once");
    ground.close().await;
}

/// Where the one delivery of a content stands.
async fn status(ground: &ground::Ground, organization: &str, content: &str) -> String {
    let (organization, content) = (organization.parse().unwrap(), content.parse().unwrap());
    let read = ground.organizations.db().read(move |tx| {
        Box::pin(async move {
            let all = store::delivery::of_content(tx, organization, content).await?;
            Ok::<_, app::Error>(all.first().map(|d| d.status.as_str().to_owned()))
        })
    });
    read.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_copied_folder_sends_nothing_until_its_keeper_says_so() {
    let home = tempfile::tempdir().unwrap();
    let place = |name: &str| Place {
        data: home.path().join(name),
        config: home.path().join("config"),
        keys: None,
        database: None,
        local_services: false,
    };
    let first = ground::open(&place("first"), Choices::default())
        .await
        .unwrap();
    assert!(!first.is_held());
    first.first_invitation("The hut").await.unwrap();
    first.close().await;
    let (from, to) = (home.path().join("first"), home.path().join("second"));
    run(
        "cp -r \"$FROM\" \"$TO\"",
        &[
            ("FROM", from.to_str().unwrap()),
            ("TO", to.to_str().unwrap()),
        ],
    );
    let copy = ground::open(&place("second"), Choices::default())
        .await
        .unwrap();
    assert!(copy.is_held());
    copy.release().await.unwrap();
    copy.close().await;
    let copy = ground::open(&place("second"), Choices::default())
        .await
        .unwrap();
    assert!(!copy.is_held());
    copy.close().await;
}

/// The first line of a content in the tables of a ground.
async fn store_content(
    ground: &ground::Ground,
    organization: &str,
    content: &str,
) -> serde_json::Value {
    let (organization, content) = (organization.parse().unwrap(), content.parse().unwrap());
    let read = ground.organizations.db().read(move |tx| {
        Box::pin(async move {
            let found = store::content::get(tx, organization, content).await?;
            Ok::<_, app::Error>(found.map(|c| c.headline))
        })
    });
    json!(read.await.unwrap())
}

/// All of our Rust sources, as one text.
fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_checklist_of_security_names_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let checklist = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut code = String::new();
    sources(&root.join("crates"), &mut code);
    let named = checklist.split('`').skip(1).step_by(2);
    let tests: Vec<&str> = named.filter(|name| name.matches('_').count() > 3).collect();
    assert!(tests.len() > 30, "{}", tests.len());
    for test in tests {
        assert!(code.contains(&format!("fn {test}()")), "{test}");
    }
}
