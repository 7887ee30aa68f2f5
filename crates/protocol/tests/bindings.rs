//! The TypeScript types in `ui/src/bindings` are made from this crate and are up to date.
//!
//! `ROSTRUM_WRITE_BINDINGS=1` (as `./dev bindings` sets it) writes them; otherwise the test
//! compares.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot write its files has failed"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use protocol::act::{Act, ActAnswers};
use protocol::event::Told;
use protocol::mutation::{Applied, Call};
use protocol::query::{Query, QueryAnswers, TABLE};
use protocol::views::ReviewView;
use protocol::{Problem, Tag};
use ts_rs::{Config, TS};

const HEAD: &str = "// Generated from crates/protocol by `./dev bindings`. Do not edit.\n";

fn generate(into: &Path) {
    let config = Config::new().with_out_dir(into);
    Act::export_all(&config).unwrap();
    ActAnswers::export_all(&config).unwrap();
    Applied::export_all(&config).unwrap();
    Call::export_all(&config).unwrap();
    Told::export_all(&config).unwrap();
    Problem::export_all(&config).unwrap();
    Query::export_all(&config).unwrap();
    QueryAnswers::export_all(&config).unwrap();
    // What only whoever holds a link asks for.
    ReviewView::export_all(&config).unwrap();
    Tag::export_all(&config).unwrap();

    let mut index = String::from(HEAD);
    for name in files(into).keys() {
        let module = name.trim_end_matches(".ts");
        let type_name = module.rsplit('/').next().unwrap();
        writeln!(index, "export type {{ {type_name} }} from \"./{module}\";").unwrap();
    }
    std::fs::write(into.join("index.ts"), index).unwrap();

    let mut tags = String::from(HEAD);
    tags.push_str("import type { QueryAnswers } from \"./QueryAnswers\";\n");
    tags.push_str("import type { Tag } from \"./Tag\";\n\n");
    tags.push_str("/** What each query shows; a change of one of these asks for it again. */\n");
    tags.push_str("export const QUERY_TAGS: Record<keyof QueryAnswers, readonly Tag[]> = {\n");
    for (name, list) in TABLE {
        let list: Vec<String> = list
            .iter()
            .map(|t| serde_json::to_string(t).unwrap())
            .collect();
        writeln!(tags, "  {}: [{}],", snake(name), list.join(", ")).unwrap();
    }
    tags.push_str("};\n");
    std::fs::write(into.join("tags.ts"), tags).unwrap();
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Every file below `root` by its path from there.
fn files(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                found.insert(path.to_string_lossy().into_owned(), text);
            }
        }
    }
    found
}

#[test]
fn the_typescript_types_are_those_of_the_protocol() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings");
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bindings");
    let _ = std::fs::remove_dir_all(&fresh);
    std::fs::create_dir_all(&fresh).unwrap();
    generate(&fresh);
    let fresh = files(&fresh);
    if std::env::var_os("ROSTRUM_WRITE_BINDINGS").is_some() {
        let _ = std::fs::remove_dir_all(&kept);
        for (name, text) in &fresh {
            let path = kept.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        return;
    }
    let kept = files(&kept);
    let differ: Vec<&String> = fresh
        .keys()
        .chain(kept.keys())
        .filter(|name| fresh.get(*name) != kept.get(*name))
        .collect();
    assert!(
        differ.is_empty(),
        "run `./dev bindings` and commit the result: {differ:?}"
    );
}
