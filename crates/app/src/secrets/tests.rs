use std::sync::Mutex;

use super::*;

const ACCOUNT: IdentityId = IdentityId(Uuid::from_u128(1));
const OTHER: IdentityId = IdentityId(Uuid::from_u128(2));
const FOLDER: Uuid = Uuid::from_u128(7);

struct Place {
    data: tempfile::TempDir,
    config: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            data: tempfile::tempdir().unwrap(),
            config: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.data.path().join("vault.sealed")
    }

    fn vault(&self, passphrase: Option<&str>) -> Vault {
        Vault::new(
            &self.file(),
            self.config.path(),
            FOLDER,
            passphrase.map(|p| Passphrase::new(p.to_owned())),
        )
    }
}

fn secret(text: &str) -> AccountSecret {
    AccountSecret::new(text.to_owned())
}

async fn text(store: &impl SecretStore, account: IdentityId) -> Option<String> {
    let found = store.get(account).await.unwrap();
    found.map(|s| s.expose().clone())
}

#[tokio::test]
async fn the_vault_gives_back_what_it_was_given_and_shows_none_of_it() {
    let place = Place::new();
    let vault = place.vault(None);
    assert_eq!(text(&vault, ACCOUNT).await, None);
    vault
        .set(ACCOUNT, &secret("hunter2-app-password"))
        .await
        .unwrap();
    vault.set(OTHER, &secret("another")).await.unwrap();
    vault.set(OTHER, &secret("newer")).await.unwrap();

    let again = place.vault(None);
    assert_eq!(text(&again, ACCOUNT).await.unwrap(), "hunter2-app-password");
    assert_eq!(text(&again, OTHER).await.unwrap(), "newer");
    again.delete(ACCOUNT).await.unwrap();
    again.delete(ACCOUNT).await.unwrap();
    assert_eq!(text(&vault, ACCOUNT).await, None);

    let bytes = std::fs::read(place.file()).unwrap();
    for plain in ["hunter2", "newer", &OTHER.to_string()] {
        let plain = plain.as_bytes();
        assert!(!bytes.windows(plain.len()).any(|w| w == plain));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_this_user_may_read_vault_and_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.vault(None).set(ACCOUNT, &secret("s")).await.unwrap();
    let mode = |p: &Path| p.metadata().unwrap().permissions().mode() & 0o777;
    let keys = place.config.path().join("vault-keys");
    assert_eq!(mode(&place.file()), 0o600);
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(mode(&keys.join(format!("{FOLDER}.key"))), 0o600);
}

#[tokio::test]
async fn the_data_folder_alone_opens_nothing() {
    let place = Place::new();
    place.vault(None).set(ACCOUNT, &secret("s")).await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = Vault::new(&place.file(), elsewhere.path(), FOLDER, None);
    assert!(matches!(
        copy.get(ACCOUNT).await,
        Err(SecretError::KeyFileMissing(_))
    ));
    // And nothing is written over what may still be opened.
    let before = std::fs::read(place.file()).unwrap();
    assert!(copy.set(OTHER, &secret("t")).await.is_err());
    assert_eq!(std::fs::read(place.file()).unwrap(), before);
}

#[tokio::test]
async fn any_changed_byte_is_noticed() {
    let place = Place::new();
    place.vault(None).set(ACCOUNT, &secret("s")).await.unwrap();
    let sealed = std::fs::read(place.file()).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        std::fs::write(place.file(), &changed).unwrap();
        assert!(place.vault(None).get(ACCOUNT).await.is_err(), "byte {at}");
    }
    for length in [0, 10, 57, sealed.len() - 1] {
        std::fs::write(place.file(), &sealed[..length]).unwrap();
        let error = place.vault(None).get(ACCOUNT).await.unwrap_err();
        assert_eq!(error, SecretError::SealBroken, "{length} bytes");
    }
}

#[tokio::test]
async fn a_passphrase_takes_the_place_of_the_key_file() {
    let place = Place::new();
    place.vault(None).set(ACCOUNT, &secret("s")).await.unwrap();
    // The next write seals it anew.
    let with = place.vault(Some("correct horse"));
    with.set(OTHER, &secret("t")).await.unwrap();
    assert_eq!(
        text(&place.vault(Some("correct horse")), ACCOUNT)
            .await
            .unwrap(),
        "s"
    );
    assert_eq!(
        place.vault(None).get(ACCOUNT).await.unwrap_err(),
        SecretError::PassphraseNeeded
    );
    assert_eq!(
        place.vault(Some("wrong")).get(ACCOUNT).await.unwrap_err(),
        SecretError::SealBroken
    );
}

#[tokio::test]
async fn writers_side_by_side_lose_nothing() {
    let place = Place::new();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24_u128 {
        let vault = place.vault(None);
        tasks.spawn(async move {
            let account = IdentityId(Uuid::from_u128(100 + n));
            vault.set(account, &secret(&n.to_string())).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    for n in 0..24_u128 {
        let account = IdentityId(Uuid::from_u128(100 + n));
        assert_eq!(
            text(&place.vault(None), account).await.unwrap(),
            n.to_string()
        );
    }
}

/// A keychain in memory, with room for so many bytes a secret.
struct Memory(Mutex<std::collections::HashMap<IdentityId, String>>, usize);

impl Default for Memory {
    fn default() -> Self {
        Self(Mutex::default(), usize::MAX)
    }
}

#[async_trait]
impl SecretStore for Memory {
    async fn get(&self, account: IdentityId) -> Result<Option<AccountSecret>, SecretError> {
        let found = self.0.lock().unwrap().get(&account).cloned();
        Ok(found.map(AccountSecret::new))
    }

    async fn set(&self, account: IdentityId, secret: &AccountSecret) -> Result<(), SecretError> {
        if secret.expose().len() > self.1 {
            return Err(SecretError::TooLarge(self.1.try_into().unwrap()));
        }
        self.0
            .lock()
            .unwrap()
            .insert(account, secret.expose().clone());
        Ok(())
    }

    async fn delete(&self, account: IdentityId) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(&account);
        Ok(())
    }

    fn kind(&self) -> Kind {
        Kind::Keychain
    }
}

#[tokio::test]
async fn a_secret_comes_home_when_the_keychain_is_back() {
    let place = Place::new();
    let away = Err(SecretError::NoKeychain("none".into()));
    let without = Secrets::of(away, place.vault(None));
    assert_eq!(without.kind(), Kind::Vault);
    assert!(without.note().unwrap().contains("sealed file"));
    without.set(ACCOUNT, &secret("s")).await.unwrap();

    let keychain = Arc::new(Memory::default());
    let with = Secrets::of(Ok(keychain.clone()), place.vault(None));
    assert_eq!(with.kind(), Kind::Keychain);
    assert_eq!(with.note(), None);
    assert_eq!(text(&with, ACCOUNT).await.unwrap(), "s");
    assert_eq!(text(&*keychain, ACCOUNT).await.unwrap(), "s");
    assert_eq!(text(&place.vault(None), ACCOUNT).await, None);
    with.delete(ACCOUNT).await.unwrap();
    assert_eq!(text(&with, ACCOUNT).await, None);
}

#[tokio::test]
async fn what_may_lie_in_an_absent_keychain_is_not_called_missing() {
    let place = Place::new();
    let away = SecretError::Locked("no answer".into());
    let without = Secrets::of(Err(away.clone()), place.vault(None));
    assert_eq!(without.get(ACCOUNT).await.unwrap_err(), away);
    let problem = Problem::from(away);
    assert_eq!(problem.code, Code::NoSecretStore);
    assert!(problem.retryable);
}

#[tokio::test]
async fn a_secret_that_is_too_large_for_the_keychain_goes_to_the_vault_and_comes_back() {
    let place = Place::new();
    let keychain = Arc::new(Memory(Mutex::default(), 2_560));
    let secrets = Secrets::of(Ok(keychain.clone()), place.vault(None));
    let (small, large) = ("s".repeat(2_560), "l".repeat(2_561));
    secrets.set(ACCOUNT, &secret(&small)).await.unwrap();
    assert_eq!(text(&*keychain, ACCOUNT).await, Some(small.clone()));
    secrets.set(ACCOUNT, &secret(&large)).await.unwrap();
    assert_eq!(text(&secrets, ACCOUNT).await, Some(large.clone()));
    assert_eq!(
        text(&*keychain, ACCOUNT).await,
        None,
        "the older one is gone"
    );
    assert_eq!(text(&place.vault(None), ACCOUNT).await, Some(large.clone()));
    assert_eq!(
        text(&secrets, ACCOUNT).await,
        Some(large),
        "also asked again"
    );
    secrets.set(ACCOUNT, &secret(&small)).await.unwrap();
    assert_eq!(text(&secrets, ACCOUNT).await, Some(small));
    assert_eq!(text(&place.vault(None), ACCOUNT).await, None);
    secrets
        .set(OTHER, &secret(&"x".repeat(9_000)))
        .await
        .unwrap();
    secrets.delete(OTHER).await.unwrap();
    assert_eq!(text(&secrets, OTHER).await, None);
}
