//! Passwords: Argon2id, and no weak ones.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use protocol::{Code, Problem};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// The shortest one that is taken (OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends 15).
const LEAST: usize = 10;
/// The longest one (ASVS 6.2.9 asks for at least 64).
const MOST: usize = 256;
/// How many guesses it must stand, as a power of ten: zxcvbn's "safely unguessable" begins at 10,
/// "somewhat guessable" at 8.
const GUESSES: f64 = 8.0;

/// How many are hashed at a time: each takes 19 MiB.
static AT_ONCE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(4)));
/// How many more may wait for their turn.
const WAITING: usize = 64;
static QUEUE: Semaphore = Semaphore::const_new(WAITING);

/// Argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet).
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Refuses what is too short, too long, or among the first that anybody would try. `about` are
/// words that an attacker knows: the address, the name.
///
/// # Errors
/// `invalid_input` on `password`.
pub fn check(password: &str, about: &[&str]) -> Result<(), Problem> {
    let no = |why: &str| {
        Problem::new(Code::InvalidInput, "Choose another password.").with_field("password", why)
    };
    if password.chars().count() < LEAST {
        return Err(no("It has fewer than 10 characters."));
    }
    if password.len() > MOST {
        return Err(no("It has more than 256 characters."));
    }
    if zxcvbn::zxcvbn(password, about).guesses_log10() < GUESSES {
        return Err(no("It is easy to guess. Add a word or two."));
    }
    Ok(())
}

async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let busy = || Problem::new(Code::Busy, "The server is busy. Try again in a moment.");
    let _waiting = QUEUE.try_acquire().map_err(|_| busy())?;
    let turn = Arc::clone(&AT_ONCE)
        .acquire_owned()
        .await
        .map_err(|e| app::error::internal(&e))?;
    // It goes on whatever becomes of who asked: its turn ends with the work.
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    })
    .await
    .map_err(|e| app::error::internal(&e))
}

/// The PHC string of a password.
///
/// # Errors
/// When it cannot be hashed.
pub async fn hash(password: &str) -> Result<String, Problem> {
    let password = Zeroizing::new(password.to_owned());
    hashing(move || {
        hasher()
            .hash_password(password.as_bytes())
            .map(|h| h.to_string())
    })
    .await?
    .map_err(|e| app::error::internal(&e))
}

/// Of nobody's password: whether somebody is known must not show in how long the answer takes.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$cm9zdHJ1bS1ub2JvZHk$\
                       0000000000000000000000000000000000000000000";

/// Whether it is the password. Takes as long where there is none.
///
/// # Errors
/// When it cannot be looked at.
pub async fn is_right(password: &str, kept: Option<&str>) -> Result<bool, Problem> {
    let known = kept.is_some();
    let kept = kept.unwrap_or(NOBODYS).to_owned();
    let password = Zeroizing::new(password.to_owned());
    let right = hashing(move || {
        // Its parameters are those with which it was made.
        PasswordHash::new(&kept)
            .is_ok_and(|kept| hasher().verify_password(password.as_bytes(), &kept).is_ok())
    })
    .await?;
    Ok(right && known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let kept = hash("winter hut with two stoves").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            is_right("winter hut with two stoves", Some(&kept))
                .await
                .unwrap()
        );
        assert!(
            !is_right("winter hut with two stove", Some(&kept))
                .await
                .unwrap()
        );
        assert!(!is_right("winter hut with two stoves", None).await.unwrap());
        assert!(PasswordHash::new(NOBODYS).is_ok(), "it takes as long");
    }

    #[test]
    fn what_anybody_would_try_is_refused() {
        for weak in [
            "short",
            "password123",
            "aaaaaaaaaaaaaaaa",
            "mara.lind@hut.example",
            &"x".repeat(300),
        ] {
            assert!(
                check(weak, &["mara.lind@hut.example", "Mara Lind"]).is_err(),
                "{weak}"
            );
        }
        assert!(check("winter hut with two stoves", &["Mara"]).is_ok());
    }
}
