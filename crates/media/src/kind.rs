//! Recognising files by their first bytes. Names lie.

use crate::error::Error;

/// The pictures that are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG, also animated.
    Png,
    /// GIF, also animated.
    Gif,
    /// WebP, also animated.
    Webp,
}

impl Kind {
    /// Its media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of a media type, if it is one of ours.
    #[must_use]
    pub fn of_mime(mime: &str) -> Option<Self> {
        match mime.trim().to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::Webp),
            _ => None,
        }
    }

    /// Looks at the bytes.
    ///
    /// # Errors
    /// [`Error::Empty`], or [`Error::Foreign`] naming what it is as well as can be told.
    pub fn sniff(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::Empty);
        }
        if bytes.starts_with(&[0xff, 0xd8]) {
            return Ok(Self::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Ok(Self::Png);
        }
        if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            return Ok(Self::Gif);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Ok(Self::Webp);
        }
        Err(Error::Foreign(Foreign::sniff(bytes)))
    }
}

/// What a refused file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// HEIC or HEIF, as iPhones make them.
    Heic,
    /// AVIF.
    Avif,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// PDF.
    Pdf,
    /// A picture of a kind that is not taken in.
    OtherPicture(&'static str),
    /// An archive or office document.
    Archive,
    /// Something else.
    Unknown,
}

impl Foreign {
    fn sniff(bytes: &[u8]) -> Self {
        if bytes.get(4..8) == Some(b"ftyp") {
            return Self::of_brands(bytes);
        }
        let at8 = bytes.get(8..12).unwrap_or_default();
        match bytes {
            b if b.starts_with(b"RIFF") && at8 == b"AVI " => Self::Video,
            b if b.starts_with(b"RIFF") && at8 == b"WAVE" => Self::Audio,
            b if b.starts_with(b"%PDF") => Self::Pdf,
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Self::Video,
            b if b.starts_with(&[0, 0, 1, 0xba]) || b.starts_with(&[0, 0, 1, 0xb3]) => Self::Video,
            b if b.starts_with(b"FLV") => Self::Video,
            b if matches!(b.get(4..8), Some(b"moov" | b"mdat" | b"wide")) => Self::Video,
            b if b.starts_with(b"ID3") || b.starts_with(b"OggS") || b.starts_with(b"fLaC") => {
                Self::Audio
            }
            b if b.starts_with(b"II*\0") || b.starts_with(b"MM\0*") => Self::OtherPicture("TIFF"),
            b if b.starts_with(b"BM") => Self::OtherPicture("BMP"),
            b if b.starts_with(b"8BPS") => Self::OtherPicture("Photoshop"),
            [0, 0, 1, 0, ..] => Self::OtherPicture("icon"),
            b if b.starts_with(&[0xff, 0x0a]) || b.starts_with(b"\0\0\0\x0cJXL ") => {
                Self::OtherPicture("JPEG XL")
            }
            b if b.starts_with(b"\0\0\0\x0cjP  ") => Self::OtherPicture("JPEG 2000"),
            b if is_svg(b) => Self::OtherPicture("SVG"),
            b if b.starts_with(b"PK\x03\x04")
                || b.starts_with(b"\x1f\x8b")
                || b.starts_with(b"7z\xbc\xaf")
                || b.starts_with(b"Rar!") =>
            {
                Self::Archive
            }
            _ => Self::Unknown,
        }
    }

    /// ISO base media files say what they are in their first box: one main brand, then others.
    fn of_brands(bytes: &[u8]) -> Self {
        let size = bytes
            .get(..4)
            .map_or(0, |s| u32::from_be_bytes([s[0], s[1], s[2], s[3]]) as usize);
        let end = size.clamp(12, 256).min(bytes.len());
        let brands = || bytes.get(8..end).unwrap_or_default().chunks_exact(4);
        if brands().any(|b| matches!(b, b"avif" | b"avis")) {
            return Self::Avif;
        }
        if brands().any(|b| {
            matches!(
                b,
                b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1"
            )
        }) {
            return Self::Heic;
        }
        if brands().any(|b| matches!(b, b"M4A " | b"M4B ")) {
            return Self::Audio;
        }
        Self::Video
    }

    /// What it is and what to do about it.
    #[must_use]
    pub fn way_out(self) -> String {
        match self {
            Self::Heic => "this is a HEIC photo, which networks do not take; on the iPhone choose \
                           Settings > Camera > Formats > Most Compatible, or share the photo with \
                           Options > Most Compatible, or save it as JPEG, and add it again"
                .to_owned(),
            Self::Avif => {
                "this is an AVIF picture, which networks do not take; save it as JPEG or PNG and \
                 add it again"
                    .to_owned()
            }
            Self::Video => {
                "this is a film; only pictures (JPEG, PNG, GIF, WebP) can be added".to_owned()
            }
            Self::Audio => {
                "this is a sound; only pictures (JPEG, PNG, GIF, WebP) can be added".to_owned()
            }
            Self::Pdf => {
                "this is a PDF; save the page as PNG or JPEG and add that picture".to_owned()
            }
            Self::OtherPicture(kind) => {
                format!("this is a {kind} picture; save it as JPEG or PNG and add it again")
            }
            Self::Archive => {
                "this is an archive or document; take the pictures out of it and add those"
                    .to_owned()
            }
            Self::Unknown => {
                "this file is no picture that is known here; add JPEG, PNG, GIF or WebP".to_owned()
            }
        }
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<svg") || (head.starts_with("<?xml") && head.contains("<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(bytes: &[u8]) -> Foreign {
        match Kind::sniff(bytes) {
            Err(Error::Foreign(f)) => f,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_refused_is_named() {
        assert_eq!(
            foreign(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            Foreign::Heic
        );
        assert_eq!(
            foreign(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"),
            Foreign::Avif
        );
        assert_eq!(foreign(b"\0\0\0\x14ftypqt  \0\0\0\0qt  "), Foreign::Video);
        assert_eq!(foreign(b"\0\0\0\x18ftypisom\0\0\0\0mp42"), Foreign::Video);
        assert_eq!(foreign(b"%PDF-1.7"), Foreign::Pdf);
        assert_eq!(foreign(b"II*\0"), Foreign::OtherPicture("TIFF"));
        assert_eq!(foreign(b"<?xml?> <svg/>"), Foreign::OtherPicture("SVG"));
        assert_eq!(foreign(b"PK\x03\x04"), Foreign::Archive);
        assert_eq!(foreign(b"hello"), Foreign::Unknown);
        assert!(matches!(Kind::sniff(b""), Err(Error::Empty)));
    }

    #[test]
    fn heic_tells_the_way_out() {
        assert!(Foreign::Heic.way_out().contains("Most Compatible"));
        assert!(Foreign::Heic.way_out().contains("JPEG"));
    }
}
