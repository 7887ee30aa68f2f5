//! JPEG: markers, segments, scans.

use super::{Cursor, Stripped, is_profile};
use crate::error::Error;
use crate::meta::Facts;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const COM: u8 = 0xfe;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP13: u8 = 0xed;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;

const ICC: &[u8] = b"ICC_PROFILE\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const XMP_MORE: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// Of a profile in one segment: 65,535 less the length and the 14 bytes in front.
const ICC_PART: usize = 65_535 - 2 - 14;

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, Error> {
    let mut cursor = Cursor::new(bytes);
    cursor.take(2)?;
    let mut found = Found::default();
    // Everything from the first table on; what belongs before it is written at the end.
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        let marker = next_marker(&mut cursor)?;
        match marker {
            EOI => break,
            // No length: stray restart markers and the like.
            0x00 | 0x01 | SOI | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let length = usize::from(cursor.be16()?);
        let payload = cursor.take(length.checked_sub(2).ok_or_else(odd_segment)?)?;
        match marker {
            APP0..=APP15 | COM => found.application(marker, payload),
            // Frames and tables: SOF, DHT, DAC, DQT, DNL, DRI.
            0xc0..=0xcf | 0xdb..=0xdd => push(&mut body, marker, payload)?,
            SOS => {
                push(&mut body, marker, payload)?;
                scan(&mut cursor, &mut body)?;
                found.scans += 1;
            }
            // Hierarchical frames, reserved and private markers.
            _ => {}
        }
    }
    if found.scans == 0 {
        return Err(Error::Corrupt("no picture in it".to_owned()));
    }
    let mut out = vec![0xff, SOI];
    found.write_head(&mut out)?;
    out.append(&mut body);
    out.extend([0xff, EOI]);
    Ok(Stripped {
        bytes: out,
        facts: found.facts,
        frames: 1,
    })
}

/// Whether a sequential JPEG keeps each component in a scan of its own.
pub(crate) fn has_scattered_scans(bytes: &[u8]) -> bool {
    fn look(bytes: &[u8]) -> Result<bool, Error> {
        let mut cursor = Cursor::new(bytes);
        cursor.take(2)?;
        let mut components = 0;
        loop {
            let marker = next_marker(&mut cursor)?;
            let length = usize::from(cursor.be16()?);
            let payload = cursor.take(length.checked_sub(2).ok_or_else(odd_segment)?)?;
            match marker {
                0xc0 | 0xc1 => components = payload.get(5).copied().unwrap_or_default(),
                SOS => return Ok(payload.first().is_some_and(|n| *n < components)),
                _ => {}
            }
        }
    }
    look(bytes).unwrap_or(false)
}

fn odd_segment() -> Error {
    Error::Corrupt("a segment without length".to_owned())
}

/// The next marker, skipping fill bytes and what lies between segments.
fn next_marker(cursor: &mut Cursor<'_>) -> Result<u8, Error> {
    loop {
        while cursor.byte()? != 0xff {}
        let mut marker = cursor.byte()?;
        while marker == 0xff {
            marker = cursor.byte()?;
        }
        if marker != 0 {
            return Ok(marker);
        }
    }
}

/// Copies entropy-coded bytes up to the next marker that is not a restart.
fn scan(cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let from = cursor.at;
    let data = cursor.bytes;
    let mut at = from;
    loop {
        let Some(skip) = data[at..].iter().position(|b| *b == 0xff) else {
            return Err(Error::Truncated);
        };
        at += skip;
        match data.get(at + 1) {
            None => return Err(Error::Truncated),
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(_) => break,
        }
    }
    out.extend_from_slice(&data[from..at]);
    cursor.at = at;
    Ok(())
}

fn push(out: &mut Vec<u8>, marker: u8, payload: &[u8]) -> Result<(), Error> {
    let length = u16::try_from(payload.len() + 2).map_err(|_| odd_segment())?;
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(payload);
    Ok(())
}

#[derive(Default)]
struct Found {
    facts: Facts,
    has_exif: bool,
    jfif: Option<[u8; 7]>,
    adobe: Option<[u8; 7]>,
    profile: Vec<(u8, u8, Vec<u8>)>,
    scans: u32,
}

impl Found {
    fn application(&mut self, marker: u8, payload: &[u8]) {
        match marker {
            APP0 => {
                if let Some(rest) = payload.strip_prefix(b"JFIF\0") {
                    // Version, unit and density; the embedded thumbnail behind them goes.
                    self.jfif = self.jfif.or(rest.get(..7).and_then(|r| r.try_into().ok()));
                }
            }
            APP1 => {
                if let Some(tiff) = payload.strip_prefix(b"Exif\0") {
                    // The first one is the one that viewers obey.
                    if !self.has_exif {
                        self.facts.read_exif(tiff.get(1..).unwrap_or_default());
                        self.has_exif = true;
                    }
                } else if let Some(xmp) = payload
                    .strip_prefix(XMP)
                    .or_else(|| payload.strip_prefix(XMP_MORE))
                {
                    self.facts.read_xmp(xmp);
                }
            }
            APP2 => {
                if let Some([number, count, part @ ..]) = payload.strip_prefix(ICC) {
                    self.profile.push((*number, *count, part.to_vec()));
                }
            }
            APP13 => self.facts.read_iptc(payload),
            APP14 => {
                if let Some(rest) = payload.strip_prefix(b"Adobe") {
                    // Says how colours were turned; without it some pictures go wrong.
                    self.adobe = self.adobe.or(rest.get(..7).and_then(|r| r.try_into().ok()));
                }
            }
            _ => {}
        }
    }

    fn write_head(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Some(jfif) = self.jfif {
            let mut payload = b"JFIF\0".to_vec();
            payload.extend(jfif);
            payload.extend([0, 0]);
            push(out, APP0, &payload)?;
        }
        if let Some(adobe) = self.adobe {
            let mut payload = b"Adobe".to_vec();
            payload.extend(adobe);
            push(out, APP14, &payload)?;
        }
        if let Some(profile) = self.whole_profile() {
            for (number, count, part) in profile_parts(&profile) {
                let mut payload = ICC.to_vec();
                payload.extend([number, count]);
                payload.extend_from_slice(part);
                push(out, APP2, &payload)?;
            }
        }
        Ok(())
    }

    /// The colour profile when all of its parts are there and it is one.
    fn whole_profile(&mut self) -> Option<Vec<u8>> {
        self.profile.sort_by_key(|(number, _, _)| *number);
        let count = self.profile.len();
        let complete =
            self.profile.iter().enumerate().all(|(i, (number, of, _))| {
                usize::from(*number) == i + 1 && usize::from(*of) == count
            });
        let profile: Vec<u8> = self
            .profile
            .iter()
            .flat_map(|(_, _, part)| part.iter().copied())
            .collect();
        (count > 0 && complete && is_profile(&profile)).then_some(profile)
    }
}

/// Splits a profile into numbered parts that fit a segment each.
fn profile_parts(profile: &[u8]) -> impl Iterator<Item = (u8, u8, &[u8])> {
    let count = u8::try_from(profile.len().div_ceil(ICC_PART)).unwrap_or(u8::MAX);
    profile
        .chunks(ICC_PART)
        .take(usize::from(count))
        .zip(1_u8..=count)
        .map(move |(part, number)| (number, count, part))
}
