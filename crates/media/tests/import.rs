//! Taking pictures in.
#![expect(clippy::unwrap_used, reason = "a test")]

use image::Rgb;
use media::testing::{self, PLANTED, Photo};
use media::{Bounds, Code, Imported, Job, Library};

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

async fn refusal(library: &Library, bytes: Vec<u8>) -> Code {
    import(library, bytes).await.unwrap_err().code()
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}

/// R, G, B or Y: which of the scene's quadrants a corner shows.
fn corner(image: &image::DynamicImage, right: bool, bottom: bool) -> char {
    let x = image.width() / 4 + if right { image.width() / 2 } else { 0 };
    let y = image.height() / 4 + if bottom { image.height() / 2 } else { 0 };
    let Rgb([r, g, b]) = image.to_rgb8()[(x, y)];
    match (r > 120, g > 120, b > 120) {
        (true, false, false) => 'R',
        (false, true, false) => 'G',
        (false, false, true) => 'B',
        (true, true, false) => 'Y',
        other => panic!("{other:?}"),
    }
}

fn corners(bytes: &[u8]) -> String {
    let image = image::load_from_memory(bytes).unwrap();
    [(false, false), (true, false), (false, true), (true, true)]
        .map(|(right, bottom)| corner(&image, right, bottom))
        .iter()
        .collect()
}

#[tokio::test]
async fn every_orientation_comes_in_the_right_way_up() {
    let (_folder, library) = library();
    // Stored: red green / blue yellow. What each orientation shows, by rows.
    for (orientation, shown) in [
        (1, "RGBY"),
        (2, "GRYB"),
        (3, "YBGR"),
        (4, "BYRG"),
        (5, "RBGY"),
        (6, "BRYG"),
        (7, "YGBR"),
        (8, "GYRB"),
    ] {
        let photo = Photo {
            width: 320,
            height: 200,
            orientation,
            ..Photo::default()
        };
        let (imported, kept) = import(&library, photo.jpeg()).await.unwrap();
        assert_eq!(corners(&kept), shown, "orientation {orientation}");
        let upright = if orientation < 5 {
            (320, 200)
        } else {
            (200, 320)
        };
        let facts = &imported.facts;
        assert_eq!((facts.width, facts.height), upright);
        assert!(facts.location_removed);
        assert_eq!(facts.bytes, kept.len() as u64);
        let (again, _) = import(&library, kept).await.unwrap();
        assert_eq!(again.facts.hash, facts.hash, "clean stays as it is");
        assert!(!again.facts.location_removed);
    }
}

#[tokio::test]
async fn a_photo_with_a_scan_per_colour_keeps_its_colours() {
    let (_folder, library) = library();
    let photo = Photo {
        scattered: true,
        ..Photo::default()
    };
    let (imported, kept) = import(&library, photo.jpeg()).await.unwrap();
    assert_eq!(corners(&kept), "BRYG");
    let thumbnail = library.read(imported.thumbnail).await.unwrap();
    assert_eq!(corners(&thumbnail), "BRYG");
}

#[tokio::test]
async fn nothing_that_a_camera_wrote_survives_but_the_colour_profile() {
    let (_folder, library) = library();
    for orientation in [1, 6] {
        let original = Photo {
            orientation,
            ..Photo::default()
        }
        .jpeg();
        assert!(holds(&original, PLANTED.as_bytes()));
        let (imported, kept) = import(&library, original).await.unwrap();
        let thumbnail = library.read(imported.thumbnail).await.unwrap();
        for bytes in [&kept, &thumbnail] {
            for trace in [
                PLANTED.as_bytes(),
                b"Exif",
                b"xmpmeta",
                b"8BIM",
                b"ftyp",
                b"\xff\xe1",
            ] {
                assert!(!holds(bytes, trace), "{}", String::from_utf8_lossy(trace));
            }
            assert!(holds(bytes, &testing::profile()));
        }
    }
}

#[tokio::test]
async fn a_photo_that_is_upright_already_is_not_packed_anew() {
    let (_folder, library) = library();
    let original = Photo {
        orientation: 1,
        ..Photo::default()
    }
    .jpeg();
    let (_, kept) = import(&library, original.clone()).await.unwrap();
    assert_eq!(
        image::load_from_memory(&original).unwrap(),
        image::load_from_memory(&kept).unwrap()
    );
    let scan = kept.windows(2).position(|w| w == [0xff, 0xda]).unwrap();
    assert!(holds(&original, &kept[scan..]), "the very same scan");
}

#[tokio::test]
async fn a_photo_without_a_place_says_so() {
    let (_folder, library) = library();
    let photo = Photo {
        gps: false,
        chatty: false,
        ..Photo::default()
    };
    let (imported, _) = import(&library, photo.jpeg()).await.unwrap();
    assert!(!imported.facts.location_removed);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_its_bytes_whatever_its_name() {
    let (_folder, library) = library();
    for (bytes, code) in [
        (
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
            Code::HeicUnsupported,
        ),
        (
            b"\0\0\0\x18ftypavif\0\0\0\0mif1avif".to_vec(),
            Code::HeicUnsupported,
        ),
        (
            b"\0\0\0\x14ftypqt  \0\0\0\0qt  ".to_vec(),
            Code::VideoUnsupported,
        ),
        (b"%PDF-1.7 ...".to_vec(), Code::NotAPicture),
        (b"just words".to_vec(), Code::NotAPicture),
        (Vec::new(), Code::Empty),
    ] {
        let error = library
            .import(bytes, "photo.jpg", &Job::default())
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(library.list().unwrap(), vec![], "nothing was kept");
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_refused() {
    let (_folder, library) = library();
    for whole in [
        Photo {
            chatty: false,
            ..Photo::default()
        }
        .jpeg(),
        testing::transparent_png(200, 100),
        testing::animated_gif(64, 64, 4),
        testing::webp(1),
    ] {
        // Beyond the last quarter a GIF may happen to end between two frames.
        for part in [2, 3, 4] {
            let cut = whole[..whole.len() / part].to_vec();
            let code = refusal(&library, cut).await;
            assert_eq!(code, Code::Truncated, "1/{part} of {} bytes", whole.len());
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let (_folder, library) = library();
    let mut png = testing::transparent_png(200, 100);
    let middle = png.len() / 2;
    png[middle] ^= 0x55;
    assert_eq!(refusal(&library, png).await, Code::Corrupt);
    let empty = [&b"\xff\xd8\xff\xd9"[..], &[0; 64]].concat();
    assert_eq!(refusal(&library, empty).await, Code::Corrupt);
}

#[tokio::test]
async fn a_bomb_is_refused_before_it_is_unpacked() {
    let (_folder, library) = library();
    // 60,000 x 60,000 white pixels say their size in the first bytes.
    let mut png = testing::transparent_png(1, 1);
    let mut header = [0_u8; 13];
    header.copy_from_slice(&png[16..29]);
    header[..4].copy_from_slice(&60_000_u32.to_be_bytes());
    header[4..8].copy_from_slice(&60_000_u32.to_be_bytes());
    png.splice(8..33, testing::png_chunk(b"IHDR", &header));
    assert_eq!(refusal(&library, png).await, Code::TooManyPixels);
    let mut gif = testing::animated_gif(8, 8, 1);
    gif[6..10].fill(0xff);
    assert_eq!(refusal(&library, gif).await, Code::TooManyPixels);
}

#[tokio::test]
async fn a_file_over_the_bounds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds {
        max_file_bytes: 10_000,
        max_pixels: 1_000,
        ..Bounds::default()
    };
    let library = Library::open_with(folder.path(), bounds).unwrap();
    let photo = testing::phone_photo();
    assert_eq!(refusal(&library, photo.clone()).await, Code::FileTooLarge);
    assert_eq!(
        refusal(&library, testing::transparent_png(100, 50)).await,
        Code::TooManyPixels
    );
    let path = folder.path().join("big.jpg");
    std::fs::write(&path, &photo).unwrap();
    let error = library
        .import_file(&path, &Job::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::FileTooLarge);
    let film = [&b"\0\0\0\x14ftypqt  \0\0\0\0qt  "[..], &[0; 20_000]].concat();
    std::fs::write(&path, film).unwrap();
    let error = library
        .import_file(&path, &Job::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::VideoUnsupported);
}

#[tokio::test]
async fn a_name_is_only_a_name() {
    let (_folder, library) = library();
    let imported = library
        .import(
            testing::transparent_png(4, 4),
            "../../etc/\u{0}pass\nwd.png",
            &Job::default(),
        )
        .await
        .unwrap();
    assert_eq!(imported.facts.name, "passwd.png");
}
