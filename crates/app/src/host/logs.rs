//! The end of the log, for a report of trouble.

use std::path::Path;

/// The last lines of the newest file in `folder`, oldest first.
#[must_use]
pub fn last_lines(folder: &Path, most: usize) -> Vec<String> {
    let newest = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .max_by_key(|entry| entry.metadata().and_then(|m| m.modified()).ok());
    let Some(text) = newest.and_then(|entry| std::fs::read_to_string(entry.path()).ok()) else {
        return Vec::new();
    };
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(most)..]
        .iter()
        .map(|l| (*l).to_owned())
        .collect()
}
