//! Tells tauri where this package keeps its capabilities.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=tauri.conf.json");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    #[expect(clippy::expect_used, reason = "a build script reports by stopping")]
    tauri_build::try_build(attributes).expect("the shell's configuration must be complete");
}
