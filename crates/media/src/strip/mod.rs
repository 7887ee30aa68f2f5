//! Taking metadata out of a file without touching its pixels.
//!
//! Each format is walked part by part and only the parts that are known to be needed are written
//! again; what is not known is left behind. So is everything after the picture's end: films of
//! "motion photos", depth maps, second pictures.

mod gif;
mod jpeg;
mod png;
mod webp;

use crate::error::Error;
use crate::kind::Kind;
use crate::meta::Facts;

/// A file of which only the picture is left.
#[derive(Debug)]
pub(crate) struct Stripped {
    /// The clean file, still turned as it was.
    pub(crate) bytes: Vec<u8>,
    /// What the metadata said.
    pub(crate) facts: Facts,
    /// Number of frames, at least 1.
    pub(crate) frames: u32,
}

pub(crate) use jpeg::has_scattered_scans;

/// Walks `bytes`.
pub(crate) fn strip(kind: Kind, bytes: &[u8]) -> Result<Stripped, Error> {
    match kind {
        Kind::Jpeg => jpeg::strip(bytes),
        Kind::Png => png::strip(bytes),
        Kind::Gif => gif::strip(bytes),
        Kind::Webp => webp::strip(bytes),
    }
}

/// Reads forward through bytes; running out means that the file ends too early.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(n).ok_or(Error::Truncated)?;
        let part = self.bytes.get(self.at..end).ok_or(Error::Truncated)?;
        self.at = end;
        Ok(part)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    fn be16(&mut self) -> Result<u16, Error> {
        let b = self.take(2)?;
        Ok(u16::from_be_bytes([b[0], b[1]]))
    }

    fn be32(&mut self) -> Result<u32, Error> {
        let b = self.take(4)?;
        Ok(u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn le32(&mut self) -> Result<u32, Error> {
        Ok(self.be32()?.swap_bytes())
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }
}

/// Whether `profile` is a colour profile at all, and not a message in a profile's place.
pub(crate) fn is_profile(profile: &[u8]) -> bool {
    profile.len() >= 128 && profile.get(36..40) == Some(b"acsp")
}
