//! Who may use whom: the layers of the house, read from `cargo metadata`.
#![expect(clippy::expect_used, reason = "a test reports by stopping")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What each of our packages may use of the others at run time.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("db", &[]),
    ("protocol", &["domain"]),
    ("engine", &["db"]),
    ("store", &["db", "domain"]),
    ("networks", &["domain"]),
    ("media", &["domain"]),
    ("models", &["domain", "networks"]),
    ("assistant", &["domain"]),
    (
        "app",
        &[
            "assistant",
            "db",
            "domain",
            "engine",
            "media",
            "models",
            "networks",
            "protocol",
            "store",
        ],
    ),
    ("agents", &["app", "domain", "protocol"]),
    (
        "ctl",
        &[
            "agents",
            "app",
            "assistant",
            "domain",
            "networks",
            "protocol",
        ],
    ),
    (
        "server",
        &[
            "agents", "app", "db", "domain", "engine", "media", "networks", "protocol", "store",
        ],
    ),
    ("rostrum", &["app", "domain", "protocol"]),
    (
        "testkit",
        &[
            "app", "db", "domain", "engine", "media", "networks", "protocol", "store",
        ],
    ),
];

/// Third-party packages that only some of ours may name, also in tests.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("sqlx", &["db", "store", "engine"]),
    ("libsqlite3-sys", &["db"]),
    ("tauri", &["rostrum"]),
    ("tauri-build", &["rostrum"]),
    ("zbus", &["rostrum"]),
    ("keyring", &["app"]),
    // What we are measured beside, in a workspace of its own: tests/opponents.
    ("dbos", &[]),
    ("durare", &[]),
    ("duroxide", &[]),
];

#[derive(Debug)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

fn packages() -> BTreeMap<String, Vec<Dependency>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .map(|dependency| Dependency {
                    name: text(&dependency["name"]).expect("name"),
                    kind: text(&dependency["kind"]),
                })
                .collect();
            (text(&package["name"]).expect("name"), dependencies)
        })
        .collect()
}

#[test]
fn every_package_uses_only_the_layers_below_it() {
    let packages = packages();
    let layers: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    for (package, dependencies) in &packages {
        let allowed = layers
            .get(package.as_str())
            .unwrap_or_else(|| panic!("{package} has no place in the house: name it in LAYERS"));
        for dependency in dependencies {
            let ours = packages.contains_key(&dependency.name) && dependency.name != *package;
            if ours && dependency.kind.is_none() {
                assert!(
                    allowed.contains(&dependency.name.as_str()),
                    "{package} may not use {}",
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn only_their_owners_name_sqlx_tauri_and_the_keychain() {
    for (package, dependencies) in packages() {
        for dependency in dependencies {
            for (name, owners) in KEPT_TO {
                let named = dependency.name == *name
                    || (*name == "tauri" && dependency.name.starts_with("tauri-plugin-"));
                assert!(
                    !named || owners.contains(&package.as_str()),
                    "{package} may not name {}",
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn the_testkit_and_web_servers_stay_out_of_what_ships() {
    for (package, dependencies) in packages() {
        if package == "testkit" || package == "server" {
            continue;
        }
        for dependency in dependencies {
            let for_tests = matches!(dependency.name.as_str(), "testkit" | "axum" | "wiremock");
            assert!(
                !for_tests || dependency.kind.as_deref() == Some("dev"),
                "{package} may use {} in its tests only",
                dependency.name
            );
        }
    }
}

#[test]
fn every_package_takes_the_lints_of_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for package in packages().keys() {
        let folder = if package == "rostrum" {
            root.to_owned()
        } else {
            root.join("crates").join(package)
        };
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("manifest");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{package} has its own lints"
        );
    }
}

/// npm leaves the packages of other systems out of a lock that it writes beside an installed
/// `node_modules`, and `npm ci` then refuses the lock everywhere.
#[test]
fn the_locks_of_the_window_and_the_peers_name_the_packages_of_every_system() {
    for folder in ["ui", "tests/peers/bluesky"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join("package-lock.json");
        let text = std::fs::read_to_string(&file).expect("a lock file");
        let lock: Value = serde_json::from_str(&text).expect("a lock file is JSON");
        let packages = lock["packages"].as_object().expect("packages");
        for (at, package) in packages {
            for optional in package["optionalDependencies"]
                .as_object()
                .into_iter()
                .flatten()
            {
                assert!(
                    found_from(at, optional.0, |place| packages.contains_key(place)),
                    "{folder}: {at} names {}, which the lock does not have: remove the lock and \
                     node_modules, then npm install --package-lock-only",
                    optional.0
                );
            }
        }
    }
}

/// Whether Node would find `name` from the package at `at`: beside it, or in a folder above.
fn found_from(at: &str, name: &str, has: impl Fn(&str) -> bool) -> bool {
    let mut base = Some(at);
    while let Some(folder) = base {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        if has(&format!("{prefix}node_modules/{name}")) {
            return true;
        }
        base = (!folder.is_empty()).then(|| {
            folder
                .rsplit_once("/node_modules/")
                .map_or("", |(up, _)| up)
        });
    }
    false
}

/// The log's own words are shown to strangers in a report of trouble; values go into fields, which
/// are looked through there.
#[test]
fn the_words_of_the_log_hold_no_values() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in ["src-tauri/src", "crates"] {
        for path in sources(&root.join(folder)) {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            for level in ["trace", "debug", "info", "warn", "error"] {
                for call in text.split(&format!("tracing::{level}!(")).skip(1) {
                    seen += 1;
                    for literal in literals_of_call(call) {
                        assert!(
                            !literal.contains('{'),
                            "{}: put the value of “{literal}” into a field",
                            path.display()
                        );
                    }
                }
            }
        }
    }
    assert!(seen > 20, "the search has found only {seen} calls");
}

/// The texts in quotation marks up to the parenthesis that ends the call.
fn literals_of_call(rest: &str) -> Vec<String> {
    let (mut depth, mut found) = (1, Vec::new());
    let mut signs = rest.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' => found.push(signs.by_ref().take_while(|sign| *sign != '"').collect()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// Every Rust file under `folder`.
fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of sources");
    entries
        .flatten()
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                sources(&path)
            } else if path.extension().is_some_and(|end| end == "rs") {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}
