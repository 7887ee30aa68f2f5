//! Metadata of PNG, GIF and WebP.
#![expect(clippy::unwrap_used, reason = "a test")]

use image::GenericImageView as _;
use media::testing::{self, PLANTED, Photo};
use media::{Imported, Job, Library};

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("media")).unwrap();
    (folder, library)
}

async fn import(library: &Library, bytes: Vec<u8>) -> Result<(Imported, Vec<u8>), media::Error> {
    let imported = library.import(bytes, "photo", &Job::default()).await?;
    let kept = library.read(imported.facts.hash).await?;
    Ok((imported, kept))
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}

#[tokio::test]
async fn a_png_loses_its_texts_and_keeps_its_pixels() {
    let (_folder, library) = library();
    let plain = testing::transparent_png(60, 40);
    let exif = Photo {
        orientation: 1,
        ..Photo::default()
    }
    .exif();
    let planted = |rest: &str| format!("{PLANTED}{rest}").into_bytes();
    let mut chatty = plain[..33].to_vec();
    chatty.extend(testing::png_chunk(b"tEXt", &planted("a\0b")));
    chatty.extend(testing::png_chunk(
        b"iTXt",
        &[b"XML:com.adobe.xmp\0".to_vec(), planted("x")].concat(),
    ));
    chatty.extend(testing::png_chunk(b"zTXt", &planted("z\0\0")));
    chatty.extend(testing::png_chunk(b"tIME", &[7, 0xe8, 1, 1, 1, 1, 1]));
    chatty.extend(testing::png_chunk(b"prVt", &planted("private")));
    chatty.extend(testing::png_chunk(b"eXIf", &exif));
    chatty.extend(&plain[33..]);
    chatty.extend(planted("behind the end"));
    let (imported, kept) = import(&library, chatty).await.unwrap();
    assert_eq!(kept, plain);
    assert!(imported.facts.location_removed);
    assert_eq!(imported.facts.mime, "image/png");
}

#[tokio::test]
async fn a_png_with_an_orientation_is_turned() {
    let (_folder, library) = library();
    let plain = testing::transparent_png(60, 40);
    let mut turned = plain[..33].to_vec();
    turned.extend(testing::png_chunk(b"eXIf", &Photo::default().exif()));
    turned.extend(&plain[33..]);
    let (imported, _) = import(&library, turned).await.unwrap();
    assert_eq!((imported.facts.width, imported.facts.height), (40, 60));
    assert_eq!(imported.facts.mime, "image/png");
}

#[tokio::test]
async fn an_animation_stays_one_and_loses_its_comments() {
    let (_folder, library) = library();
    let plain = testing::animated_gif(32, 24, 3);
    let mut chatty = plain[..plain.len() - 1].to_vec();
    let comment = format!("{PLANTED}comment");
    chatty.extend([0x21, 0xfe, u8::try_from(comment.len()).unwrap()]);
    chatty.extend(comment.bytes());
    chatty.extend([0, 0x3b]);
    chatty.extend(comment.bytes());
    let (imported, kept) = import(&library, chatty).await.unwrap();
    assert!(imported.facts.animated);
    assert!(!holds(&kept, PLANTED.as_bytes()));
    assert_eq!(kept, plain);
    assert_ne!(imported.thumbnail, imported.facts.hash);
}

#[tokio::test]
async fn a_webp_loses_its_metadata_and_is_turned() {
    let (_folder, library) = library();
    for orientation in [1, 6] {
        let (imported, kept) = import(&library, testing::webp(orientation)).await.unwrap();
        let facts = &imported.facts;
        assert!(facts.location_removed);
        assert_eq!(facts.mime, "image/webp");
        assert!(!holds(&kept, PLANTED.as_bytes()));
        assert!(!holds(&kept, b"EXIF") && !holds(&kept, b"XMP "));
        let upright = if orientation == 1 { (64, 48) } else { (48, 64) };
        assert_eq!((facts.width, facts.height), upright);
        assert_eq!(
            image::load_from_memory(&kept).unwrap().dimensions(),
            upright
        );
    }
}
