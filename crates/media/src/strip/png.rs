//! PNG: chunks.

use super::{Cursor, Stripped};
use crate::error::Error;
use crate::meta::Facts;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, Error> {
    let mut cursor = Cursor::new(bytes);
    cursor.take(SIGNATURE.len())?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(SIGNATURE);
    let mut facts = Facts::default();
    let mut frames = 1;
    loop {
        let length = cursor.be32()? as usize;
        let name = cursor.take(4)?;
        let data = cursor.take(length)?;
        let sum = cursor.take(4)?;
        match name {
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"cHRM" | b"gAMA" | b"sRGB" | b"sBIT"
            | b"bKGD" | b"pHYs" | b"cICP" | b"mDCV" | b"cLLI" | b"fcTL" | b"fdAT" => {
                out.extend_from_slice(&bytes[cursor.at - length - 12..cursor.at - 4]);
                out.extend_from_slice(sum);
            }
            b"acTL" => {
                frames = data
                    .get(..4)
                    .map_or(1, |n| u32::from_be_bytes([n[0], n[1], n[2], n[3]]).max(1));
                out.extend_from_slice(&bytes[cursor.at - length - 12..cursor.at]);
            }
            b"iCCP" => profile(data, &mut out),
            b"eXIf" => facts.read_exif(data),
            b"iTXt" if data.starts_with(b"XML:com.adobe.xmp\0") => facts.read_xmp(data),
            b"IEND" => {
                push(&mut out, b"IEND", &[]);
                break;
            }
            _ => {}
        }
    }
    Ok(Stripped {
        bytes: out,
        facts,
        frames,
    })
}

/// Keeps a colour profile, but not its name: that is free text.
fn profile(data: &[u8], out: &mut Vec<u8>) {
    let Some(end) = data.iter().take(80).position(|b| *b == 0) else {
        return;
    };
    let mut chunk = b"icc".to_vec();
    chunk.extend_from_slice(&data[end..]);
    push(out, b"iCCP", &chunk);
}

fn push(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let Ok(length) = u32::try_from(data.len()) else {
        return;
    };
    out.extend(length.to_be_bytes());
    let from = out.len();
    out.extend_from_slice(name);
    out.extend_from_slice(data);
    let sum = crc32(&out[from..]);
    out.extend(sum.to_be_bytes());
}

/// The checksum of PNG (and zlib): polynomial 0xEDB88320, bit by bit since chunks made here are
/// small.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| {
            (s >> 1) ^ (0xedb8_8320 & (s & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_the_one_of_png() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(super::crc32(b"IEND"), 0xae42_6082);
    }
}
