//! WebP: RIFF chunks.

use super::{Cursor, Stripped, is_profile};
use crate::error::Error;
use crate::meta::Facts;

/// Flags of VP8X.
const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;
const PROFILE: u8 = 0x20;

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, Error> {
    let mut cursor = Cursor::new(bytes);
    cursor.take(4)?;
    let size = cursor.le32()? as usize;
    // The size counts from after itself; a file may be longer, and that rest is left behind.
    let end = size.checked_add(8).ok_or(Error::Truncated)?;
    let inside = bytes.get(..end).ok_or(Error::Truncated)?;
    let mut cursor = Cursor {
        bytes: inside,
        at: 12,
    };
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    out.reserve(bytes.len());
    let mut facts = Facts::default();
    let mut frames = 0_u32;
    let mut pictures = 0_u32;
    let mut extended: Option<usize> = None;
    let mut has_profile = false;
    while !cursor.is_at_end() {
        let (name, data) = chunk(&mut cursor)?;
        match &name {
            b"VP8X" if extended.is_none() => {
                extended = Some(out.len() + 8);
                let mut head = [0_u8; 10];
                head.copy_from_slice(data.get(..10).ok_or(Error::Truncated)?);
                head[0] &= ANIMATION | ALPHA;
                head[1..4].fill(0);
                push(&mut out, &name, &head);
            }
            b"VP8 " | b"VP8L" => {
                pictures += 1;
                push(&mut out, &name, data);
            }
            b"ALPH" | b"ANIM" => push(&mut out, &name, data),
            b"ANMF" => {
                frames += 1;
                push(&mut out, &name, &frame(data)?);
            }
            b"ICCP" if !has_profile && is_profile(data) => {
                has_profile = true;
                push(&mut out, &name, data);
            }
            b"EXIF" => facts.read_exif(data),
            b"XMP " => facts.read_xmp(data),
            _ => {}
        }
    }
    if frames == 0 && pictures == 0 {
        return Err(Error::Truncated);
    }
    if let (Some(at), true) = (extended, has_profile) {
        out[at] |= PROFILE;
    }
    let size = u32::try_from(out.len() - 8).map_err(|_| Error::Truncated)?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(Stripped {
        bytes: out,
        facts,
        frames: frames.max(1),
    })
}

/// A frame of an animation: its place and time, then chunks of its own.
fn frame(data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut cursor = Cursor::new(data);
    let mut out = cursor.take(16)?.to_vec();
    while !cursor.is_at_end() {
        let (name, part) = chunk(&mut cursor)?;
        if matches!(&name, b"ALPH" | b"VP8 " | b"VP8L") {
            push(&mut out, &name, part);
        }
    }
    Ok(out)
}

fn chunk<'a>(cursor: &mut Cursor<'a>) -> Result<([u8; 4], &'a [u8]), Error> {
    let name = cursor.take(4)?;
    let name = [name[0], name[1], name[2], name[3]];
    let size = cursor.le32()? as usize;
    let data = cursor.take(size)?;
    // Padded to even length; the very last byte is left out by some encoders.
    if size % 2 == 1 && !cursor.is_at_end() {
        cursor.byte()?;
    }
    Ok((name, data))
}

fn push(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let Ok(size) = u32::try_from(data.len()) else {
        return;
    };
    out.extend_from_slice(name);
    out.extend(size.to_le_bytes());
    out.extend_from_slice(data);
    if size % 2 == 1 {
        out.push(0);
    }
}
