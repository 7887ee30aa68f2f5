//! How two processes of one user know each other on a port that anybody on this computer may use.
//!
//! Both know a key that lies in a file only the user can read. Each names a fresh random number and
//! answers the other's with a keyed hash (BLAKE3) over both and its own part: the key never
//! travels, an answer fits no other meeting, and one side's answer cannot be played back as the
//! other's. The guest speaks first but says nothing of what it wants before the owner has answered.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};

/// How long the two may take.
pub(super) const WITHIN: Duration = Duration::from_secs(10);

/// The longest line of the two: two hashes in hexadecimal digits, and room.
const LINE: u64 = 256;

/// What both know.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// A new one.
    pub(super) fn fresh() -> Self {
        Self(random())
    }

    fn of(&self, part: Part, guest: &[u8; 32], owner: &[u8; 32]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(match part {
            Part::Owner => b"owner",
            Part::Guest => b"guest",
        });
        hasher.update(guest).update(owner);
        hasher.finalize()
    }
}

#[derive(Clone, Copy)]
enum Part {
    Owner,
    Guest,
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    bytes[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    bytes
}

/// The guest's half; an error where the other side does not know the key.
pub(super) async fn say(
    read: &mut (impl AsyncBufRead + Unpin),
    write: &mut (impl AsyncWrite + Unpin),
    key: &Key,
) -> Result<(), Error> {
    let mine = random();
    put(write, &[&mine]).await?;
    let [theirs, answer] = take(read).await?;
    check(key.of(Part::Owner, &mine, &theirs), answer)?;
    put(write, &[key.of(Part::Guest, &mine, &theirs).as_bytes()]).await
}

/// The owner's half.
pub(super) async fn answer(
    read: &mut (impl AsyncBufRead + Unpin),
    write: &mut (impl AsyncWrite + Unpin),
    key: &Key,
) -> Result<(), Error> {
    let [theirs] = take(read).await?;
    let mine = random();
    put(
        write,
        &[&mine, key.of(Part::Owner, &theirs, &mine).as_bytes()],
    )
    .await?;
    let [answer] = take(read).await?;
    check(key.of(Part::Guest, &theirs, &mine), answer)
}

/// `blake3::Hash` compares in constant time.
fn check(expected: blake3::Hash, said: [u8; 32]) -> Result<(), Error> {
    match expected == blake3::Hash::from_bytes(said) {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::PermissionDenied,
            "the other side does not know the key",
        )),
    }
}

async fn put(write: &mut (impl AsyncWrite + Unpin), parts: &[&[u8; 32]]) -> Result<(), Error> {
    let words: Vec<String> = parts
        .iter()
        .map(|part| blake3::Hash::from_bytes(**part).to_hex().to_string())
        .collect();
    write
        .write_all(format!("{}\n", words.join(" ")).as_bytes())
        .await?;
    write.flush().await
}

async fn take<const N: usize>(
    read: &mut (impl AsyncBufRead + Unpin),
) -> Result<[[u8; 32]; N], Error> {
    let mut line = Vec::new();
    read.take(LINE).read_until(b'\n', &mut line).await?;
    let strange = || Error::new(ErrorKind::InvalidData, "the other side speaks otherwise");
    let text = std::str::from_utf8(&line).map_err(|_| strange())?;
    let mut words = text.trim_end().split(' ');
    let mut parts = [[0; 32]; N];
    for part in &mut parts {
        let word = words.next().ok_or_else(strange)?;
        *part = *blake3::Hash::from_hex(word)
            .map_err(|_| strange())?
            .as_bytes();
    }
    match words.next() {
        None => Ok(parts),
        Some(_) => Err(strange()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{BufReader, duplex, split};

    async fn meet(guest: Key, owner: Key) -> (Result<(), Error>, Result<(), Error>) {
        let (here, there) = duplex(1024);
        let guest = async move {
            let (read, mut write) = split(here);
            say(&mut BufReader::new(read), &mut write, &guest).await
        };
        let owner = async move {
            let (read, mut write) = split(there);
            answer(&mut BufReader::new(read), &mut write, &owner).await
        };
        tokio::join!(guest, owner)
    }

    #[tokio::test]
    async fn who_knows_the_key_is_known() {
        let key = Key::fresh();
        let (guest, owner) = meet(key.clone(), key).await;
        guest.unwrap();
        owner.unwrap();
    }

    #[tokio::test]
    async fn who_does_not_know_the_key_is_not_spoken_to() {
        let (guest, owner) = meet(Key::fresh(), Key::fresh()).await;
        assert_eq!(guest.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert!(owner.is_err());
    }

    #[tokio::test]
    async fn an_echo_proves_nothing() {
        let (here, mut there) = duplex(1024);
        let echo = async move {
            let mut said = [0; 65];
            there.read_exact(&mut said).await.unwrap();
            let word = std::str::from_utf8(&said[..64]).unwrap();
            let line = format!("{word} {word}\n");
            there.write_all(line.as_bytes()).await.unwrap();
            let mut rest = Vec::new();
            there.read_to_end(&mut rest).await.unwrap();
            rest
        };
        let guest = async move {
            let (read, mut write) = split(here);
            let key = Key::fresh();
            say(&mut BufReader::new(read), &mut write, &key).await
        };
        let (rest, guest) = tokio::join!(echo, guest);
        assert!(guest.is_err());
        assert!(rest.is_empty(), "nothing more is said");
    }
}
