//! Our counts against programs that are not ours (see `tests/vectors/README.md`).

use networks::text;

type Vector = (String, u32, u32, usize);

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../vectors/counts.json")).unwrap()
}

#[test]
fn weighted_lengths_are_those_of_twitter_text() {
    let wrong: Vec<String> = vectors()
        .into_iter()
        .filter_map(|(text, weighted, ..)| {
            let ours = text::weighted::count(&text, text::weighted::LINK);
            (ours != weighted).then(|| format!("{text:?}: {ours}, not {weighted}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn graphemes_and_bytes_are_those_of_the_unicode_segmenter() {
    let wrong: Vec<String> = vectors()
        .into_iter()
        .filter_map(|(text, _, graphemes, bytes)| {
            let ours = (text::graphemes(&text), text.len());
            (ours != (graphemes, bytes))
                .then(|| format!("{text:?}: {ours:?}, not {graphemes}, {bytes}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
