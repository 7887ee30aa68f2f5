//! Making a picture fit a network's limits.

use domain::limits::ImageLimits;
use domain::media::{AssetFacts, Rendition};

use crate::encode::{self, Colors};
use crate::error::{AnimationProblem, Error};
use crate::job::{Job, Stage};
use crate::kind::Kind;
use crate::library::Bounds;
use crate::pixels::Pixels;

/// Raised when the same input would give other bytes, so that cached renditions are made anew.
pub(crate) const REVISION: u32 = 1;

/// The best quality that is tried: above it files grow and nobody sees why.
const BEST: u8 = 90;
/// Lossless pictures are not made smaller than this before they become JPEG or are given up.
const SMALLEST_LOSSLESS: u32 = 320;
/// Below this a picture says nothing any more.
const SMALLEST: u32 = 64;

/// Size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Bytes of the file.
    pub bytes: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// What became of a picture for one set of limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// What goes out; its hash equals the asset's when nothing had to change.
    pub rendition: Rendition,
    /// The asset.
    pub before: Measure,
    /// The rendition.
    pub after: Measure,
    /// It has fewer pixels.
    pub resized: bool,
    /// It has another type.
    pub converted: bool,
    /// Its pixels were packed anew, so a photo lost a little.
    pub recompressed: bool,
}

impl Fitted {
    pub(crate) fn new(asset: &AssetFacts, rendition: Rendition) -> Self {
        let before = Measure {
            bytes: asset.bytes,
            width: asset.width,
            height: asset.height,
        };
        let after = Measure {
            bytes: rendition.bytes,
            width: rendition.width,
            height: rendition.height,
        };
        Self {
            resized: (before.width, before.height) != (after.width, after.height),
            converted: rendition.mime != asset.mime,
            recompressed: rendition.hash != asset.hash,
            rendition,
            before,
            after,
        }
    }

    /// Whether anything had to change.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.recompressed
    }
}

/// The limits that decide about one picture, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) max_bytes: u64,
    pub(crate) max_animated_bytes: u64,
    pub(crate) max_side: u32,
    pub(crate) kinds: Vec<Kind>,
}

impl Target {
    /// A limit of 0 bytes stands for none.
    pub(crate) fn of(limits: &ImageLimits) -> Self {
        let or_endless = |n: u64| if n == 0 { u64::MAX } else { n };
        let max_bytes = or_endless(limits.max_bytes);
        let mut kinds = Vec::new();
        for kind in limits.mimes.iter().filter_map(|m| Kind::of_mime(m)) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Self {
            max_bytes,
            max_animated_bytes: limits.max_animated_bytes.map_or(max_bytes, or_endless),
            max_side: limits.max_side.filter(|s| *s > 0).unwrap_or(u32::MAX),
            kinds,
        }
    }

    fn accepts(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    fn accepted(&self) -> String {
        self.kinds
            .iter()
            .map(|k| k.mime())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Whether the asset can go out as it is; an animation that cannot is refused.
    pub(crate) fn admits(&self, asset: &AssetFacts) -> Result<bool, Error> {
        let side = asset.width.max(asset.height);
        let known = Kind::of_mime(&asset.mime).is_some_and(|k| self.accepts(k));
        let max = if asset.animated {
            self.max_animated_bytes
        } else {
            self.max_bytes
        };
        if asset.animated {
            let problem = if !known {
                AnimationProblem::Mime {
                    mime: asset.mime.clone(),
                }
            } else if asset.bytes > max {
                AnimationProblem::Bytes {
                    bytes: asset.bytes,
                    max,
                }
            } else if side > self.max_side {
                AnimationProblem::Side {
                    side,
                    max: self.max_side,
                }
            } else {
                return Ok(true);
            };
            return Err(Error::AnimationDoesNotFit(problem));
        }
        Ok(known && asset.bytes <= max && side <= self.max_side)
    }
}

/// A packed picture.
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Unpacks a still picture and packs it so that it fits.
pub(crate) fn repack(
    kind: Kind,
    bytes: &[u8],
    target: &Target,
    bounds: &Bounds,
    job: &Job,
) -> Result<Packed, Error> {
    job.step(Stage::Decoding, 10)?;
    let pixels = Pixels::decode(kind, bytes, bounds)?;
    pack(pixels, kind, target, job)
}

/// Packs `pixels`, which came from a file of `kind`, so that they fit.
pub(crate) fn pack(
    pixels: Pixels,
    kind: Kind,
    target: &Target,
    job: &Job,
) -> Result<Packed, Error> {
    let lossless = |k: &&Kind| matches!(k, Kind::Png | Kind::Webp);
    let jpeg = target.accepts(Kind::Jpeg);
    if pixels.is_transparent() {
        // Kept transparent while that leaves a picture worth looking at.
        for kind in target.kinds.iter().filter(lossless) {
            if let Some(packed) = squeeze_lossless(&pixels, *kind, target, jpeg, job)? {
                return Ok(packed);
            }
        }
    } else {
        // Drawings and screenshots stay sharp if they fit at full size.
        let drawn = matches!(kind, Kind::Png | Kind::Gif) && target.accepts(Kind::Png);
        if drawn && jpeg {
            job.step(Stage::Encoding, 20)?;
            let sized = pixels.shrunk(target.max_side)?;
            let bytes = encode::lossless(&sized, Kind::Png)?;
            if bytes.len() as u64 <= target.max_bytes {
                return Ok(packed(bytes, Kind::Png, &sized));
            }
        }
    }
    if jpeg {
        return squeeze_jpeg(pixels.flattened(), target, job);
    }
    let mut found_any = false;
    for kind in target.kinds.iter().filter(lossless) {
        found_any = true;
        if let Some(packed) = squeeze_lossless(&pixels, *kind, target, false, job)? {
            return Ok(packed);
        }
    }
    if found_any {
        return Err(Error::CannotFit {
            max: target.max_bytes,
        });
    }
    Err(Error::NoAcceptedType {
        accepted: target.accepted(),
    })
}

fn packed(bytes: Vec<u8>, kind: Kind, pixels: &Pixels) -> Packed {
    Packed {
        bytes,
        kind,
        width: pixels.width(),
        height: pixels.height(),
    }
}

/// Only the number of pixels can give way. With `modest` the search ends early, since JPEG would
/// show more.
fn squeeze_lossless(
    pixels: &Pixels,
    kind: Kind,
    target: &Target,
    modest: bool,
    job: &Job,
) -> Result<Option<Packed>, Error> {
    let mut side = pixels
        .longer_side()
        .min(target.max_side)
        .min(encode::longest_side(kind));
    let floor = if modest {
        SMALLEST_LOSSLESS.max(side / 3)
    } else {
        SMALLEST
    };
    let mut percent = 20;
    loop {
        job.step(Stage::Encoding, percent)?;
        percent = (percent + 8).min(85);
        let sized = pixels.shrunk(side)?;
        let bytes = encode::lossless(&sized, kind)?;
        if bytes.len() as u64 <= target.max_bytes {
            return Ok(Some(packed(bytes, kind, &sized)));
        }
        side = smaller(side, bytes.len() as u64, target.max_bytes);
        if side < floor {
            return Ok(None);
        }
    }
}

/// Looks for the best quality that fits; where even a fair one is too large, takes fewer pixels.
fn squeeze_jpeg(pixels: Pixels, target: &Target, job: &Job) -> Result<Packed, Error> {
    let mut side = pixels
        .longer_side()
        .min(target.max_side)
        .min(encode::longest_side(Kind::Jpeg));
    let mut percent = 20;
    loop {
        job.step(Stage::Resizing, percent)?;
        let sized = pixels.shrunk(side)?;
        let mut tried = |quality: u8| -> Result<Vec<u8>, Error> {
            percent = (percent + 4).min(90);
            job.step(Stage::Encoding, percent)?;
            encode::jpeg(&sized, quality, Colors::Quarter)
        };
        let fits = |bytes: &[u8]| bytes.len() as u64 <= target.max_bytes;
        let best = tried(BEST)?;
        if fits(&best) {
            return Ok(packed(best, Kind::Jpeg, &sized));
        }
        let fair = fair_quality(side);
        let mut found = tried(fair)?;
        if fits(&found) {
            let (mut low, mut high) = (fair, BEST);
            while high - low > 1 {
                let middle = low.midpoint(high);
                let bytes = tried(middle)?;
                if fits(&bytes) {
                    (low, found) = (middle, bytes);
                } else {
                    high = middle;
                }
            }
            return Ok(packed(found, Kind::Jpeg, &sized));
        }
        side = smaller(side, found.len() as u64, target.max_bytes);
        if side < SMALLEST.min(pixels.longer_side()) || side == 0 {
            return Err(Error::CannotFit {
                max: target.max_bytes,
            });
        }
    }
}

/// Large pictures look better with fewer pixels than with worse ones; small ones have none to
/// give.
const fn fair_quality(side: u32) -> u8 {
    match side {
        2049.. => 80,
        1281..=2048 => 72,
        641..=1280 => 62,
        _ => 50,
    }
}

/// The next side to try: bytes go roughly with the area.
fn smaller(side: u32, bytes: u64, max: u64) -> u32 {
    let ratio = (max as f64 / bytes.max(1) as f64).sqrt() * 0.98;
    (f64::from(side) * ratio.clamp(0.3, 0.95)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_is_no_limit() {
        let target = Target::of(&ImageLimits {
            mimes: vec!["image/jpg".into(), "IMAGE/JPEG".into(), "image/x".into()],
            ..ImageLimits::default()
        });
        assert_eq!(target.max_bytes, u64::MAX);
        assert_eq!(target.kinds, vec![Kind::Jpeg]);
    }

    #[test]
    fn each_try_is_smaller() {
        assert!(smaller(100, 1001, 1000) < 100);
        assert!(smaller(100, 1_000_000, 1) >= 29);
    }
}
