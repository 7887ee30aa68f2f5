//! Pictures for tests, made like a phone makes them.
#![expect(clippy::expect_used, reason = "test material is made from constants")]

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Every planted text begins with it, so that a test can look for it anywhere.
pub const PLANTED: &str = "PLANTED-";

/// A photo to be made.
#[derive(Clone, Debug)]
pub struct Photo {
    /// Pixels across as stored, before turning.
    pub width: u32,
    /// Pixels down as stored, before turning.
    pub height: u32,
    /// EXIF orientation.
    pub orientation: u16,
    /// Whether EXIF tells a place.
    pub gps: bool,
    /// Whether XMP, IPTC, comments, an embedded thumbnail and a trailing film are there too.
    pub chatty: bool,
    /// Whether it carries a (made-up) colour profile.
    pub profile: bool,
    /// Whether each colour component has a scan of its own, as some programs write.
    pub scattered: bool,
    /// Changes the pixels.
    pub seed: u32,
}

impl Default for Photo {
    fn default() -> Self {
        Self {
            width: 1024,
            height: 768,
            orientation: 6,
            gps: true,
            chatty: true,
            profile: true,
            scattered: false,
            seed: 1,
        }
    }
}

/// A photo as a phone held upright makes it: JPEG, 1024 x 768 stored and to be turned to 768 x
/// 1024, with a place and a good deal of chatter in its metadata.
#[must_use]
pub fn phone_photo() -> Vec<u8> {
    Photo::default().jpeg()
}

/// A photo like [`phone_photo`], but with other pixels for each seed.
#[must_use]
pub fn phone_photo_of(seed: u32) -> Vec<u8> {
    Photo {
        seed,
        ..Photo::default()
    }
    .jpeg()
}

impl Photo {
    /// The pixels as stored: a soft scene with some grain; the corner quadrants differ (red,
    /// green, blue, yellow from the top left, by rows), so that a test sees which way is up.
    #[must_use]
    pub fn scene(&self) -> RgbImage {
        let mut state = self.seed.wrapping_mul(2_654_435_761) | 1;
        RgbImage::from_fn(self.width, self.height, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = u8::try_from(state >> 28).unwrap_or_default();
            let soft = u8::try_from((x * 40 / self.width) + (y * 40 / self.height)).unwrap_or(80);
            let low = soft / 2 + grain;
            let high = 150 + soft / 2 + grain;
            match (x < self.width / 2, y < self.height / 2) {
                (true, true) => Rgb([high, low, low]),
                (false, true) => Rgb([low, high, low]),
                (true, false) => Rgb([low, low, high]),
                (false, false) => Rgb([high, high, low]),
            }
        })
    }

    /// The file.
    #[must_use]
    pub fn jpeg(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 88);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_optimized_huffman_tables(self.scattered);
        let exif = [b"Exif\0\0".to_vec(), self.exif()].concat();
        encoder.add_app_segment(1, exif).expect("fits");
        if self.chatty {
            encoder.add_app_segment(1, xmp()).expect("fits");
            encoder.add_app_segment(13, iptc()).expect("fits");
            encoder
                .add_app_segment(7, format!("{PLANTED}maker").into_bytes())
                .expect("fits");
        }
        if self.profile {
            encoder.add_icc_profile(&profile()).expect("fits");
        }
        encoder
            .encode(
                self.scene().as_raw(),
                u16::try_from(self.width).expect("a test photo is small"),
                u16::try_from(self.height).expect("a test photo is small"),
                ColorType::Rgb,
            )
            .expect("it can be packed");
        if self.chatty {
            let comment = format!("{PLANTED}comment");
            let mut segment = vec![0xff, 0xfe];
            let length = u16::try_from(comment.len() + 2).expect("short");
            segment.extend(length.to_be_bytes());
            segment.extend(comment.bytes());
            out.splice(2..2, segment);
            // As "motion photos" do.
            out.extend(format!("\0\0\0\x18ftypmp42{PLANTED}film").bytes());
        }
        out
    }

    /// A TIFF block as EXIF has it.
    #[must_use]
    pub fn exif(&self) -> Vec<u8> {
        let text = |tag, ifd, value: &str| Field {
            tag,
            ifd_num: ifd,
            value: Value::Ascii(vec![format!("{PLANTED}{value}").into_bytes()]),
        };
        let degrees = |tag, d| Field {
            tag,
            ifd_num: In::PRIMARY,
            value: Value::Rational([d, 30, 15].map(|num| Rational { num, denom: 1 }).to_vec()),
        };
        let letter = |tag, letter: &[u8]| Field {
            tag,
            ifd_num: In::PRIMARY,
            value: Value::Ascii(vec![letter.to_vec()]),
        };
        let mut fields = vec![
            Field {
                tag: Tag::Orientation,
                ifd_num: In::PRIMARY,
                value: Value::Short(vec![self.orientation]),
            },
            text(Tag::Make, In::PRIMARY, "make"),
            text(Tag::Model, In::PRIMARY, "model"),
            text(Tag::Artist, In::PRIMARY, "artist"),
            text(Tag::BodySerialNumber, In::PRIMARY, "serial"),
        ];
        if self.gps {
            fields.extend([
                letter(Tag::GPSLatitudeRef, b"N"),
                degrees(Tag::GPSLatitude, 52),
                letter(Tag::GPSLongitudeRef, b"E"),
                degrees(Tag::GPSLongitude, 13),
            ]);
        }
        let small = format!("\u{0}{PLANTED}thumbnail");
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        if self.chatty {
            writer.set_jpeg(small.as_bytes(), In::THUMBNAIL);
        }
        let mut out = std::io::Cursor::new(Vec::new());
        writer.write(&mut out, false).expect("it can be written");
        out.into_inner()
    }
}

/// XMP with a place.
#[must_use]
pub fn xmp() -> Vec<u8> {
    format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>{PLANTED}52N</exif:GPSLatitude></x:xmpmeta>"
    )
    .into_bytes()
}

fn iptc() -> Vec<u8> {
    let city = format!("{PLANTED}city");
    let mut out = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x5a\0".to_vec();
    out.push(u8::try_from(city.len()).expect("short"));
    out.extend(city.bytes());
    out
}

/// Bytes that are recognised as an RGB colour profile.
#[must_use]
pub fn profile() -> Vec<u8> {
    let mut profile = vec![0_u8; 512];
    profile[..4].copy_from_slice(&512_u32.to_be_bytes());
    profile[12..16].copy_from_slice(b"mntr");
    profile[16..20].copy_from_slice(b"RGB ");
    profile[20..24].copy_from_slice(b"XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

/// A PNG of `width` x `height` with transparency.
#[must_use]
pub fn transparent_png(width: u32, height: u32) -> Vec<u8> {
    let image = image::RgbaImage::from_fn(width, height, |x, y| {
        let part = u8::try_from(x * 255 / width.max(1)).unwrap_or(255);
        image::Rgba([200, part, u8::try_from(y % 256).unwrap_or(0), part])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(image)
        .write_to(&mut out, image::ImageFormat::Png)
        .expect("it can be packed");
    out.into_inner()
}

/// An animated GIF with `frames` frames.
#[must_use]
pub fn animated_gif(width: u16, height: u16, frames: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
    for n in 0..frames {
        let shade = u8::try_from(n * 40 % 256).unwrap_or(0);
        let frame = image::RgbaImage::from_pixel(
            u32::from(width),
            u32::from(height),
            image::Rgba([shade, 80, 120, 255]),
        );
        encoder
            .encode_frame(image::Frame::new(frame))
            .expect("it can be packed");
    }
    drop(encoder);
    out
}

/// A chunk of a PNG with its checksum.
#[must_use]
pub fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = u32::MAX;
    for byte in name.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    let mut out = u32::try_from(data.len())
        .expect("short")
        .to_be_bytes()
        .to_vec();
    out.extend(name);
    out.extend(data);
    out.extend((!sum).to_be_bytes());
    out
}

/// A WebP of 64 x 48 with a place and chatter in its metadata.
#[must_use]
pub fn webp(orientation: u16) -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    Photo {
        width: 64,
        height: 48,
        ..Photo::default()
    }
    .scene()
    .write_to(&mut plain, image::ImageFormat::WebP)
    .expect("short");
    let plain = plain.into_inner();
    let chunk = |name: &[u8; 4], data: &[u8]| {
        let mut out = name.to_vec();
        out.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
        out.extend(data);
        if data.len() % 2 == 1 {
            out.push(0);
        }
        out
    };
    let exif = Photo {
        orientation,
        ..Photo::default()
    }
    .exif();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[0x0c, 0, 0, 0, 63, 0, 0, 47, 0, 0]));
    body.extend(&plain[12..]);
    body.extend(chunk(b"EXIF", &exif));
    body.extend(chunk(b"XMP ", &xmp()));
    body.extend(chunk(b"ODD ", PLANTED.as_bytes()));
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(body.len()).expect("short").to_le_bytes());
    out.extend(body);
    out.extend(PLANTED.bytes());
    out
}
