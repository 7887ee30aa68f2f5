//! The system's keychain, with a real Secret Service on a bus of the test's own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

use app::secrets::{Keychain, Kind, SecretError, SecretStore, Secrets};
use domain::ids::IdentityId;
use networks::AccountSecret;
use uuid::Uuid;

const INSIDE: &str = "ROSTRUM_TEST_INSIDE_SESSION";
const ACCOUNT: IdentityId = IdentityId(Uuid::from_u128(11));
const FOLDER: Uuid = Uuid::from_u128(12);

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|p| p.join(program).exists())
}

/// Runs the ignored test `name` of this file on a fresh bus, after `first` in its shell.
fn in_a_session(name: &str, first: &str) {
    let needed = ["dbus-run-session", "gnome-keyring-daemon"];
    if let Some(absent) = needed.iter().find(|p| !has(p)) {
        assert!(
            std::env::var("ROSTRUM_DEMAND_PEERS").as_deref() != Ok("1"),
            "{absent} is demanded and not there"
        );
        println!("skipped: {absent} is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = format!("{first}\nexec \"$0\" --exact {name} --ignored --nocapture");
    let done = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env(INSIDE, "1")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{complained}");
    assert!(said.contains("1 passed"), "{said}\n{complained}");
}

const UNLOCKED: &str =
    "printf 'pw' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null";

#[test]
fn a_secret_is_kept_in_the_keychain() {
    in_a_session("inside_an_open_keychain", UNLOCKED);
}

#[test]
fn a_locked_keychain_is_told_and_the_vault_steps_in() {
    // Started without its password: everything asks, and nobody is there to answer.
    let first = "gnome-keyring-daemon --start --components=secrets --daemonize >/dev/null";
    in_a_session("inside_a_locked_keychain", first);
}

#[test]
fn without_a_keychain_the_vault_steps_in() {
    // No bus at all: an activated service would answer on a fresh one.
    let first = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere";
    in_a_session("inside_nothing", first);
}

fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

fn secret(text: &str) -> AccountSecret {
    AccountSecret::new(text.to_owned())
}

async fn open(home: &Path) -> Secrets {
    Secrets::open(
        FOLDER,
        &home.join("vault.sealed"),
        &home.join("config"),
        None,
    )
    .await
}

#[tokio::test]
#[ignore = "runs in a session that another test makes"]
async fn inside_an_open_keychain() {
    if !is_inside() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let secrets = open(home.path()).await;
    assert_eq!((secrets.kind(), secrets.note()), (Kind::Keychain, None));
    assert!(secrets.get(ACCOUNT).await.unwrap().is_none());
    secrets.set(ACCOUNT, &secret("ünïcode pass")).await.unwrap();
    secrets.set(ACCOUNT, &secret("newer")).await.unwrap();
    let again = open(home.path()).await;
    let found = again.get(ACCOUNT).await.unwrap().unwrap();
    assert_eq!(found.expose(), "newer");
    assert!(!home.path().join("vault.sealed").exists());
    // Another data folder does not see it.
    let other = Keychain::new(Uuid::from_u128(99));
    assert!(other.get(ACCOUNT).await.unwrap().is_none());
    secrets.delete(ACCOUNT).await.unwrap();
    secrets.delete(ACCOUNT).await.unwrap();
    assert!(again.get(ACCOUNT).await.unwrap().is_none());
}

#[tokio::test]
#[ignore = "runs in a session that another test makes"]
async fn inside_a_locked_keychain() {
    if !is_inside() {
        return;
    }
    vault_steps_in(&["locked", "keychain failed"]).await;
}

#[tokio::test]
#[ignore = "runs in a session that another test makes"]
async fn inside_nothing() {
    if !is_inside() {
        return;
    }
    let error = Keychain::new(FOLDER).probe().await.unwrap_err();
    assert!(matches!(error, SecretError::NoKeychain(_)), "{error}");
    vault_steps_in(&["no keychain"]).await;
}

async fn vault_steps_in(told: &[&str]) {
    let home = tempfile::tempdir().unwrap();
    let secrets = open(home.path()).await;
    assert_eq!(secrets.kind(), Kind::Vault);
    let note = secrets.note().unwrap();
    println!("{note}");
    assert!(told.iter().any(|t| note.contains(t)), "{note}");
    secrets.set(ACCOUNT, &secret("s")).await.unwrap();
    let found = open(home.path()).await.get(ACCOUNT).await.unwrap();
    assert_eq!(found.unwrap().expose(), "s");
}
