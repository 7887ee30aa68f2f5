//! Making pictures fit.
#![expect(clippy::unwrap_used, reason = "a test")]

use domain::limits::ImageLimits;
use domain::media::AssetFacts;
use media::testing::{self, PLANTED, Photo};
use media::{Code, Job, Library};

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("media")).unwrap();
    (folder, library)
}

async fn asset(library: &Library, bytes: Vec<u8>) -> AssetFacts {
    library
        .import(bytes, "photo", &Job::default())
        .await
        .unwrap()
        .facts
}

fn limits(max_bytes: u64, max_side: Option<u32>, mimes: &[&str]) -> ImageLimits {
    ImageLimits {
        max_count: 4,
        max_bytes,
        max_side,
        mimes: mimes.iter().map(|m| (*m).to_owned()).collect(),
        ..ImageLimits::default()
    }
}

/// Whether two pictures show the same: equal within a little when both are made tiny.
fn is_faithful(one: &image::DynamicImage, other: &image::DynamicImage) -> bool {
    let tiny =
        |i: &image::DynamicImage| i.resize_exact(12, 16, image::imageops::Triangle).to_rgb8();
    let (one, other) = (tiny(one), tiny(other));
    one.iter()
        .zip(other.iter())
        .all(|(a, b)| a.abs_diff(*b) < 12)
}

const ALL: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

#[tokio::test]
async fn what_fits_goes_out_as_it_is() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::phone_photo()).await;
    let fitted = library
        .fit(
            &asset,
            &limits(10_000_000, Some(4096), ALL),
            &Job::default(),
        )
        .await
        .unwrap();
    assert_eq!(fitted.rendition.hash, asset.hash);
    assert!(!fitted.changed());
}

#[tokio::test]
async fn a_photo_gets_under_any_sensible_limit_and_uses_most_of_it() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::phone_photo()).await;
    let original = image::load_from_memory(&library.read(asset.hash).await.unwrap()).unwrap();
    for max in [300_000, 120_000, 60_000, 20_000, 5_000] {
        let fitted = library
            .fit(&asset, &limits(max, Some(2000), ALL), &Job::default())
            .await
            .unwrap();
        let bytes = library.read(fitted.rendition.hash).await.unwrap();
        assert!(bytes.len() as u64 <= max);
        // The search does not give quality away (except where the best one is smaller anyway).
        assert!(
            bytes.len() as u64 > max / 2 || max == 300_000,
            "{max}: {}",
            bytes.len()
        );
        assert_eq!(fitted.after.bytes, bytes.len() as u64);
        let shown = image::load_from_memory(&bytes).unwrap();
        assert_eq!(
            (shown.width(), shown.height()),
            (fitted.after.width, fitted.after.height)
        );
        assert_eq!(fitted.rendition.mime, "image/jpeg");
        assert!(is_faithful(&original, &shown), "{max}");
        let shape = f64::from(shown.width()) / f64::from(shown.height());
        assert!((shape - 0.75).abs() < 0.02, "not distorted");
        assert!(
            !bytes
                .windows(PLANTED.len())
                .any(|w| w == PLANTED.as_bytes())
        );
    }
}

#[tokio::test]
async fn the_longer_side_is_kept_under_the_limit() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::phone_photo()).await;
    let fitted = library
        .fit(&asset, &limits(0, Some(500), ALL), &Job::default())
        .await
        .unwrap();
    assert_eq!((fitted.after.width, fitted.after.height), (375, 500));
    assert!(fitted.resized && !fitted.converted);
}

#[tokio::test]
async fn the_same_asset_and_limits_give_the_same_bytes() {
    let limits = limits(50_000, Some(800), ALL);
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let (_folder, library) = library();
        let asset = asset(&library, testing::phone_photo()).await;
        let first = library.fit(&asset, &limits, &Job::default()).await.unwrap();
        let cached = library.fit(&asset, &limits, &Job::default()).await.unwrap();
        assert_eq!(first, cached);
        hashes.push((asset.hash, first.rendition.hash));
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn a_damaged_or_missing_rendition_is_made_again() {
    let (_folder, library) = library();
    let limits = limits(50_000, None, ALL);
    let asset = asset(&library, testing::phone_photo()).await;
    let made = library.fit(&asset, &limits, &Job::default()).await.unwrap();
    std::fs::write(library.path(&made.rendition.hash), b"rotten").unwrap();
    let again = library.fit(&asset, &limits, &Job::default()).await.unwrap();
    assert_eq!(made, again);
    assert!(library.read(made.rendition.hash).await.is_ok());
}

#[tokio::test]
async fn transparency_is_kept_where_it_can_be_and_else_lies_on_white() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::transparent_png(600, 400)).await;
    let png = library
        .fit(&asset, &limits(0, Some(300), ALL), &Job::default())
        .await
        .unwrap();
    assert_eq!(png.rendition.mime, "image/png");
    let shown = image::load_from_memory(&library.read(png.rendition.hash).await.unwrap()).unwrap();
    assert!(shown.to_rgba8()[(0, 0)].0[3] < 10);

    let jpeg = library
        .fit(&asset, &limits(0, None, &["image/jpeg"]), &Job::default())
        .await
        .unwrap();
    assert!(jpeg.converted);
    let shown = image::load_from_memory(&library.read(jpeg.rendition.hash).await.unwrap()).unwrap();
    let first = shown.to_rgb8()[(0, 0)].0;
    assert!(first.iter().all(|c| *c > 245), "not white: {first:?}");
}

#[tokio::test]
async fn a_drawing_stays_a_png_while_it_fits() {
    let (_folder, library) = library();
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(1200, 900, |x, _| {
        image::Rgb([if x % 100 < 4 { 0 } else { 255 }; 3])
    })
    .write_to(&mut png, image::ImageFormat::Png)
    .unwrap();
    let asset = asset(&library, png.into_inner()).await;
    let fitted = library
        .fit(&asset, &limits(200_000, Some(1000), ALL), &Job::default())
        .await
        .unwrap();
    assert_eq!(fitted.rendition.mime, "image/png");
    assert_eq!(fitted.after.width, 1000);
}

#[tokio::test]
async fn a_webp_photo_becomes_the_type_that_is_taken() {
    let (_folder, library) = library();
    let mut webp = std::io::Cursor::new(Vec::new());
    Photo::default()
        .scene()
        .write_to(&mut webp, image::ImageFormat::WebP)
        .unwrap();
    let asset = asset(&library, webp.into_inner()).await;
    for (taken, becomes) in [
        (vec!["image/jpeg", "image/png"], "image/jpeg"),
        (vec!["image/png"], "image/png"),
    ] {
        let fitted = library
            .fit(&asset, &limits(0, None, &taken), &Job::default())
            .await
            .unwrap();
        assert_eq!(fitted.rendition.mime, becomes);
    }
}

#[tokio::test]
async fn an_animation_goes_out_whole_or_not_at_all() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::animated_gif(200, 100, 5)).await;
    let whole = library
        .fit(&asset, &limits(0, Some(200), ALL), &Job::default())
        .await
        .unwrap();
    assert!(!whole.changed());
    let mut tight = limits(10_000_000, None, ALL);
    tight.max_animated_bytes = Some(100);
    for refused in [
        tight,
        limits(100, None, ALL),
        limits(0, Some(100), ALL),
        limits(0, None, &["image/jpeg"]),
    ] {
        let error = library
            .fit(&asset, &refused, &Job::default())
            .await
            .unwrap_err();
        assert_eq!(error.code(), Code::AnimationDoesNotFit);
        assert!(error.to_string().contains("still picture"), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let (_folder, library) = library();
    let asset = asset(&library, testing::phone_photo()).await;
    let error = |limits: ImageLimits| {
        let (library, asset) = (library.clone(), asset.clone());
        async move {
            library
                .fit(&asset, &limits, &Job::default())
                .await
                .unwrap_err()
                .code()
        }
    };
    assert_eq!(error(limits(300, None, ALL)).await, Code::CannotFit);
    assert_eq!(
        error(limits(300, None, &["image/png"])).await,
        Code::CannotFit
    );
    assert_eq!(
        error(limits(0, None, &["image/avif"])).await,
        Code::NoAcceptedType
    );
    assert_eq!(error(limits(0, None, &[])).await, Code::NoAcceptedType);
}
