//! Pictures unpacked: decoding within bounds, turning, resampling.

use std::io;

use fast_image_resize::images::Image;
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, create_srgb_mapper,
};
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{
    DynamicImage, GenericImageView as _, ImageDecoder as _, ImageError, ImageFormat, ImageReader,
};

use crate::error::Error;
use crate::kind::Kind;
use crate::library::Bounds;
use crate::strip::{has_scattered_scans, is_profile};

/// Above this many pixels resampling stays in 8 bits: linear light would need four times the
/// picture's memory, and such pictures shrink so much that nobody sees the difference.
const LINEAR_PIXELS: u64 = 40_000_000;

/// A still picture in 8 bits: grey, RGB, or RGBA when anything in it is transparent.
#[derive(Clone)]
pub(crate) struct Pixels {
    pub(crate) image: DynamicImage,
    /// Only when it describes these colours.
    pub(crate) profile: Option<Vec<u8>>,
}

impl Pixels {
    /// Unpacks a still picture, or the first frame of an animation.
    pub(crate) fn decode(kind: Kind, bytes: &[u8], bounds: &Bounds) -> Result<Self, Error> {
        let mut reader = ImageReader::with_format(
            io::Cursor::new(bytes),
            match kind {
                Kind::Jpeg => ImageFormat::Jpeg,
                Kind::Png => ImageFormat::Png,
                Kind::Gif => ImageFormat::Gif,
                Kind::Webp => ImageFormat::WebP,
            },
        );
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(bounds.max_pixels.saturating_mul(4) + (64 << 20));
        reader.limits(limits);
        let mut decoder = reader
            .into_decoder()
            .map_err(|e| refused(e, (0, 0), bounds))?;
        let size = decoder.dimensions();
        if size.0 == 0 || size.1 == 0 {
            return Err(Error::Corrupt("it has no pixels".to_owned()));
        }
        if u64::from(size.0) * u64::from(size.1) > bounds.max_pixels {
            return Err(Error::TooManyPixels {
                width: size.0,
                height: size.1,
                max: bounds.max_pixels,
            });
        }
        let profile = decoder.icc_profile().ok().flatten();
        let image = if kind == Kind::Jpeg && has_scattered_scans(bytes) {
            scattered(bytes, bounds)?
        } else {
            DynamicImage::from_decoder(decoder).map_err(|e| refused(e, size, bounds))?
        };
        let image = in_eight_bits(image);
        let space: &[u8] = match &image {
            DynamicImage::ImageLuma8(_) => b"GRAY",
            _ => b"RGB ",
        };
        let profile = profile.filter(|p| is_profile(p) && p.get(16..20) == Some(space));
        Ok(Self { image, profile })
    }

    pub(crate) fn width(&self) -> u32 {
        self.image.width()
    }

    pub(crate) fn height(&self) -> u32 {
        self.image.height()
    }

    pub(crate) fn longer_side(&self) -> u32 {
        self.width().max(self.height())
    }

    pub(crate) fn is_transparent(&self) -> bool {
        self.image.color().has_alpha()
    }

    /// Turns it as EXIF orientation 1 to 8 says.
    pub(crate) fn turned(mut self, orientation: u8) -> Self {
        if let Some(turn) = Orientation::from_exif(orientation) {
            self.image.apply_orientation(turn);
        }
        self
    }

    /// On white, for types that know no transparency.
    pub(crate) fn flattened(self) -> Self {
        if !self.is_transparent() {
            return self;
        }
        let rgba = self.image.into_rgba8();
        let flat = image::RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
            let image::Rgba([r, g, b, a]) = *rgba.get_pixel(x, y);
            let on_white = |c: u8| {
                let a = u32::from(a);
                ((u32::from(c) * a + 255 * (255 - a) + 127) / 255) as u8
            };
            image::Rgb([on_white(r), on_white(g), on_white(b)])
        });
        Self {
            image: DynamicImage::ImageRgb8(flat),
            profile: self.profile,
        }
    }

    /// Resampled (Lanczos, in linear light) so that the longer side has `side` pixels; never
    /// enlarged.
    pub(crate) fn shrunk(&self, side: u32) -> Result<Self, Error> {
        let longer = self.longer_side();
        if side >= longer {
            return Ok(self.clone());
        }
        let scaled = |n: u32| {
            let exact =
                (u64::from(n) * u64::from(side) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(exact).unwrap_or(u32::MAX).max(1)
        };
        let (width, height) = (scaled(self.width()), scaled(self.height()));
        let image = resample(&self.image, width, height)
            .map_err(|e| Error::Corrupt(format!("it cannot be resampled: {e}")))?;
        Ok(Self {
            image,
            profile: self.profile.clone(),
        })
    }
}

/// Another decoder for the rare JPEGs that the usual one gets wrong without saying so
/// (zune-image #422: green stripes).
fn scattered(bytes: &[u8], bounds: &Bounds) -> Result<DynamicImage, Error> {
    let odd = |e: &dyn std::fmt::Display| Error::Corrupt(e.to_string());
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let most = usize::try_from(bounds.max_pixels.saturating_mul(4)).unwrap_or(usize::MAX);
    decoder.set_max_decoding_buffer_size(most);
    let data = decoder.decode().map_err(|e| odd(&e))?;
    let info = decoder.info().ok_or_else(|| odd(&"no header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let image = match info.pixel_format {
        jpeg_decoder::PixelFormat::L8 => {
            image::GrayImage::from_raw(width, height, data).map(DynamicImage::ImageLuma8)
        }
        jpeg_decoder::PixelFormat::RGB24 => {
            image::RgbImage::from_raw(width, height, data).map(DynamicImage::ImageRgb8)
        }
        other => return Err(odd(&format!("unusual pixels: {other:?}"))),
    };
    image.ok_or_else(|| odd(&"the sizes do not agree"))
}

fn in_eight_bits(image: DynamicImage) -> DynamicImage {
    if image.color().has_alpha() {
        let rgba = image.into_rgba8();
        if rgba.pixels().all(|p| p.0[3] == 255) {
            return DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8());
        }
        return DynamicImage::ImageRgba8(rgba);
    }
    if image.color().channel_count() == 1 {
        return DynamicImage::ImageLuma8(image.into_luma8());
    }
    DynamicImage::ImageRgb8(image.into_rgb8())
}

fn resample(
    image: &DynamicImage,
    width: u32,
    height: u32,
) -> Result<DynamicImage, Box<dyn std::error::Error>> {
    let (from_width, from_height) = image.dimensions();
    let (eight, sixteen) = match image.color().channel_count() {
        1 => (PixelType::U8, PixelType::U16),
        4 => (PixelType::U8x4, PixelType::U16x4),
        _ => (PixelType::U8x3, PixelType::U16x3),
    };
    let source = Image::from_vec_u8(from_width, from_height, image.as_bytes().to_vec(), eight)?;
    let mut target = Image::new(width, height, eight);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let mut resizer = Resizer::new();
    if u64::from(from_width) * u64::from(from_height) > LINEAR_PIXELS {
        resizer.resize(&source, &mut target, &options)?;
    } else {
        let light = create_srgb_mapper();
        let mut linear = Image::new(from_width, from_height, sixteen);
        light.forward_map(&source, &mut linear)?;
        drop(source);
        let mut small = Image::new(width, height, sixteen);
        resizer.resize(&linear, &mut small, &options)?;
        light.backward_map(&small, &mut target)?;
    }
    let bytes = target.into_vec();
    let image = match eight {
        PixelType::U8 => {
            image::GrayImage::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8)
        }
        PixelType::U8x4 => {
            image::RgbaImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8)
        }
        _ => image::RgbImage::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8),
    };
    image.ok_or_else(|| "the sizes do not agree".into())
}

fn refused(error: ImageError, (width, height): (u32, u32), bounds: &Bounds) -> Error {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                Error::TooManyPixels {
                    width,
                    height,
                    max: bounds.max_pixels,
                }
            }
            _ => Error::Corrupt(limit.to_string()),
        },
        ImageError::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => Error::Truncated,
        other => Error::Corrupt(other.to_string()),
    }
}
