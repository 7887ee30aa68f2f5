//! Packing pixels. The same pixels always give the same bytes.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::error::Error;
use crate::kind::Kind;
use crate::pixels::Pixels;

/// How finely colours are kept beside brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colors {
    /// Each pixel its own: for files that are worked on further.
    Full,
    /// One for four pixels: what cameras do, and a third smaller.
    Quarter,
}

/// The most pixels on a side that a kind can hold.
pub(crate) const fn longest_side(kind: Kind) -> u32 {
    match kind {
        Kind::Jpeg => 65_500,
        Kind::Webp => 16_383,
        Kind::Png => i32::MAX as u32,
        Kind::Gif => 65_535,
    }
}

/// Packs as JPEG; transparency must be gone by now.
pub(crate) fn jpeg(pixels: &Pixels, quality: u8, colors: Colors) -> Result<Vec<u8>, Error> {
    let (Ok(width), Ok(height)) = (
        u16::try_from(pixels.width()),
        u16::try_from(pixels.height()),
    ) else {
        return Err(failed("too wide or too high for JPEG"));
    };
    let color = match &pixels.image {
        DynamicImage::ImageLuma8(_) => ColorType::Luma,
        DynamicImage::ImageRgb8(_) => ColorType::Rgb,
        _ => return Err(failed("JPEG knows no transparency")),
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    // Fitted Huffman tables would save a twentieth, but come with one scan per component, which
    // decoders in the field get wrong (zune-image #422).
    encoder.set_optimized_huffman_tables(false);
    encoder.set_sampling_factor(match colors {
        Colors::Full => SamplingFactor::F_1_1,
        Colors::Quarter => SamplingFactor::F_2_2,
    });
    if let Some(profile) = &pixels.profile {
        encoder.add_icc_profile(profile).map_err(failed)?;
    }
    encoder
        .encode(pixels.image.as_bytes(), width, height, color)
        .map_err(failed)?;
    Ok(out)
}

/// Packs without loss, as PNG or WebP.
pub(crate) fn lossless(pixels: &Pixels, kind: Kind) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    match kind {
        Kind::Webp => write(pixels, WebPEncoder::new_lossless(&mut out))?,
        _ => write(
            pixels,
            PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive),
        )?,
    }
    Ok(out)
}

fn write(pixels: &Pixels, mut encoder: impl ImageEncoder) -> Result<(), Error> {
    if let Some(profile) = &pixels.profile {
        encoder.set_icc_profile(profile.clone()).map_err(failed)?;
    }
    encoder
        .write_image(
            pixels.image.as_bytes(),
            pixels.width(),
            pixels.height(),
            pixels.image.color().into(),
        )
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Corrupt(format!("it cannot be packed: {error}"))
}
