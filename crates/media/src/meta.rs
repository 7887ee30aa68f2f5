//! What metadata said, before it is thrown away: which way is up, and whether it told a place.

use exif::{In, Tag};

/// What was learnt from a file's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// EXIF orientation, 1 to 8.
    pub(crate) orientation: u8,
    /// A place was told.
    pub(crate) location: bool,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            orientation: 1,
            location: false,
        }
    }
}

impl Facts {
    /// Takes in a TIFF block as it stands in EXIF.
    pub(crate) fn read_exif(&mut self, tiff: &[u8]) {
        let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff);
        let mut reader = exif::Reader::new();
        reader.continue_on_error(true);
        let found = match reader.read_raw(tiff.to_vec()) {
            Ok(found) => found,
            Err(exif::Error::PartialResult(partial)) => partial.into_inner().0,
            Err(_) => return,
        };
        if let Some(up) = found
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|f| f.value.get_uint(0))
            .and_then(|v| u8::try_from(v).ok())
            .filter(|v| (1..=8).contains(v))
        {
            self.orientation = up;
        }
        // Cameras without a fix write an empty GPS block with its version only.
        self.location |= found.fields().any(|f| {
            matches!(
                f.tag,
                Tag::GPSLatitude
                    | Tag::GPSLongitude
                    | Tag::GPSDestLatitude
                    | Tag::GPSAreaInformation
            )
        });
    }

    /// Takes in XMP. Orientation is EXIF's alone: that is what viewers obey.
    pub(crate) fn read_xmp(&mut self, xmp: &[u8]) {
        const PLACES: [&[u8]; 6] = [
            b"GPSLatitude",
            b"GPSLongitude",
            b"photoshop:City",
            b"Iptc4xmpCore:Location",
            b"LocationCreated",
            b"LocationShown",
        ];
        self.location |= PLACES.iter().any(|place| holds(xmp, place));
    }

    /// Takes in a Photoshop block with IPTC: city, sublocation, province, country.
    pub(crate) fn read_iptc(&mut self, block: &[u8]) {
        self.location |= [90, 92, 95, 101]
            .iter()
            .any(|data_set| holds(block, &[0x1c, 2, *data_set]));
    }
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}
