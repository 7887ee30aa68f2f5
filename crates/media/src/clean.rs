//! Taking a picture in: recognise, check, turn, clean.

use domain::hash::Hash;
use domain::media::AssetFacts;

use crate::encode::{self, Colors};
use crate::error::Error;
use crate::job::{Job, Stage};
use crate::kind::Kind;
use crate::library::Bounds;
use crate::pixels::Pixels;
use crate::strip;

/// Of pictures that had to be turned: hardly to be told from the original.
const TURNED_QUALITY: u8 = 93;

/// A clean picture, and its pixels for whoever wants a thumbnail next.
pub(crate) struct Clean {
    pub(crate) facts: AssetFacts,
    pub(crate) bytes: Vec<u8>,
    pub(crate) pixels: Pixels,
}

/// Cleans `bytes`. Pixels are left exactly as they are unless the picture has to be turned.
pub(crate) fn clean(bytes: &[u8], name: &str, bounds: &Bounds, job: &Job) -> Result<Clean, Error> {
    let size = bytes.len() as u64;
    let kind = Kind::sniff(bytes)?;
    if size > bounds.max_file_bytes {
        return Err(Error::FileTooLarge {
            bytes: size,
            max: bounds.max_file_bytes,
        });
    }
    job.step(Stage::Cleaning, 5)?;
    let stripped = strip::strip(kind, bytes)?;
    job.step(Stage::Decoding, 15)?;
    let mut kind = kind;
    let mut pixels = Pixels::decode(kind, &stripped.bytes, bounds)?;
    let mut bytes = stripped.bytes;
    // Nobody turns animations: no viewer does.
    if stripped.facts.orientation != 1 && stripped.frames == 1 {
        job.step(Stage::Encoding, 40)?;
        pixels = pixels.turned(stripped.facts.orientation);
        (kind, bytes) = turned(&pixels, kind, &bytes)?;
        // What is kept is what people see and approve, so facts come from it.
        pixels = Pixels::decode(kind, &bytes, bounds)?;
    }
    job.step(Stage::Storing, 60)?;
    Ok(Clean {
        facts: AssetFacts {
            hash: Hash::of(&bytes),
            name: plain_name(name),
            mime: kind.mime().to_owned(),
            width: pixels.width(),
            height: pixels.height(),
            bytes: bytes.len() as u64,
            animated: stripped.frames > 1,
            location_removed: stripped.facts.location,
        },
        bytes,
        pixels,
    })
}

fn turned(pixels: &Pixels, kind: Kind, before: &[u8]) -> Result<(Kind, Vec<u8>), Error> {
    let opaque = !pixels.is_transparent();
    match kind {
        Kind::Jpeg => Ok((kind, encode::jpeg(pixels, TURNED_QUALITY, Colors::Full)?)),
        // WebP can only be packed without loss here; a photo would grow several times.
        Kind::Webp if opaque && !before.windows(4).take(64).any(|w| w == b"VP8L") => Ok((
            Kind::Jpeg,
            encode::jpeg(pixels, TURNED_QUALITY, Colors::Full)?,
        )),
        Kind::Webp => Ok((kind, encode::lossless(pixels, kind)?)),
        _ => Ok((Kind::Png, encode::lossless(pixels, Kind::Png)?)),
    }
}

/// The last part of a path, without what terminals and databases choke on, and not endless.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect::<String>()
        .trim()
        .to_owned()
}
