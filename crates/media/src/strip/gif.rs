//! GIF: blocks.

use super::{Cursor, Stripped};
use crate::error::Error;
use crate::meta::Facts;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, Error> {
    let mut cursor = Cursor::new(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(cursor.take(6)?);
    let screen = cursor.take(7)?;
    out.extend_from_slice(screen);
    out.extend_from_slice(cursor.take(color_table(screen[4]))?);
    let mut facts = Facts::default();
    let mut frames = 0_u32;
    // Belongs to the picture that follows it.
    let mut control: Option<Vec<u8>> = None;
    // Many programs leave the trailer out: a file may also end between two blocks.
    while !cursor.is_at_end() {
        match cursor.byte()? {
            TRAILER => break,
            EXTENSION => match cursor.byte()? {
                CONTROL => {
                    let from = cursor.at;
                    skip_blocks(&mut cursor)?;
                    let mut whole = vec![EXTENSION, CONTROL];
                    whole.extend_from_slice(&bytes[from..cursor.at]);
                    control = (whole.len() == 8).then_some(whole);
                }
                APPLICATION => application(&mut cursor, &mut out, &mut facts)?,
                // Comments and plain text, which nothing draws.
                _ => {
                    skip_blocks(&mut cursor)?;
                    control = None;
                }
            },
            IMAGE => {
                if let Some(control) = control.take() {
                    out.extend(control);
                }
                let from = cursor.at - 1;
                let descriptor = cursor.take(9)?;
                cursor.take(color_table(descriptor[8]))?;
                cursor.byte()?;
                skip_blocks(&mut cursor)?;
                out.extend_from_slice(&bytes[from..cursor.at]);
                frames += 1;
            }
            // Some encoders pad between blocks.
            0 => {}
            _ => return Err(Error::Corrupt("an unknown block".to_owned())),
        }
    }
    if frames == 0 {
        return Err(Error::Truncated);
    }
    out.push(TRAILER);
    Ok(Stripped {
        bytes: out,
        facts,
        frames,
    })
}

fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn skip_blocks(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    loop {
        match cursor.byte()? {
            0 => return Ok(()),
            n => cursor.take(usize::from(n))?,
        };
    }
}

/// Keeps only how often the animation repeats.
fn application(cursor: &mut Cursor<'_>, out: &mut Vec<u8>, facts: &mut Facts) -> Result<(), Error> {
    let length = usize::from(cursor.byte()?);
    let name = cursor.take(length)?;
    let from = cursor.at;
    skip_blocks(cursor)?;
    let data = &cursor.bytes[from..cursor.at];
    match name {
        b"NETSCAPE2.0" | b"ANIMEXTS1.0" => {
            if let [3, 1, low, high, ..] = data {
                out.extend([EXTENSION, APPLICATION, 11]);
                out.extend_from_slice(b"NETSCAPE2.0");
                out.extend([3, 1, *low, *high, 0]);
            }
        }
        b"XMP DataXMP" => facts.read_xmp(data),
        _ => {}
    }
    Ok(())
}
