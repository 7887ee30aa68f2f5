//! Whatever a file contains, the answer is a picture or an error: never a panic, never a leak.
#![expect(clippy::unwrap_used, reason = "a test")]

use media::testing::{self, PLANTED, Photo};
use media::{Bounds, Code, Job, Library};
use proptest::prelude::*;

const SMALL: Bounds = Bounds {
    max_file_bytes: 1 << 20,
    max_pixels: 1 << 20,
    max_unfinished_bytes: 1 << 20,
};

fn seeds() -> Vec<Vec<u8>> {
    let mut webp = std::io::Cursor::new(Vec::new());
    let photo = Photo {
        width: 64,
        height: 48,
        ..Photo::default()
    };
    photo
        .scene()
        .write_to(&mut webp, image::ImageFormat::WebP)
        .unwrap();
    vec![
        photo.jpeg(),
        testing::transparent_png(40, 30),
        testing::animated_gif(20, 20, 3),
        webp.into_inner(),
    ]
}

fn run(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open_with(folder.path(), SMALL).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        match library.import(bytes, "x", &Job::default()).await {
            Ok(imported) => {
                let kept = library.read(imported.facts.hash).await.unwrap();
                let planted = PLANTED.as_bytes();
                prop_assert!(!kept.windows(planted.len()).any(|w| w == planted));
                let again = library.import(kept, "x", &Job::default()).await;
                prop_assert!(
                    again.is_ok(),
                    "what was taken in is taken in again: {again:?}"
                );
            }
            Err(error) => {
                prop_assert!(!matches!(error.code(), Code::Io | Code::DiskFull));
                prop_assert!(
                    !error.to_string().contains("make no sense"),
                    "a decoder panicked"
                );
            }
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_behind_any_signature(
        signature in prop::sample::select(vec![
            &b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBP", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        run([signature, &rest].concat())?;
    }

    #[test]
    fn any_truncation(which in 0..4_usize, part in 0.0..1.0_f64) {
        let whole = &seeds()[which];
        let end = (whole.len() as f64 * part) as usize;
        run(whole[..end].to_vec())?;
    }

    #[test]
    fn any_damage(
        which in 0..4_usize,
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = seeds()[which].clone();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        // Damage may spell anything; what is planted must not come from the camera's own words.
        run(bytes)?;
    }
}
