# What must hold before the tests: each check runs, all are reported.

# one NAME COMMAND...: runs a check; only a failing one counts in the total.
one() {
  local name=$1
  shift
  if "$@"; then say "$name: ok"; else count "$name" 0 1 0; say "$name: FAILED"; fi
}

check() {
  ground_for_build
  build_ui || count "window build" 0 1 0
  one "rustfmt" cargo fmt --all -- --check
  one "rustfmt of the opponents" cargo fmt --manifest-path tests/opponents/Cargo.toml -- --check
  one "clippy" cargo clippy --workspace --all-targets --locked --features custom-protocol -- -D warnings
  one "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --locked --no-deps --quiet
  one "biome and tsc" npm --prefix ui run --silent check
  one "generated types" cargo test --locked --quiet -p protocol --test bindings
  one "licences and bans" dependencies_are_allowed
  one "unused dependencies" no_unused_dependencies
  one "manifests for Kubernetes" manifests_are_sound
}

# Against the schemas that a package brings along; where it cannot be had it is said, and nothing claimed.
manifests_are_sound() {
  if ! python_ground "$CACHE/manifests" deploy/server/requirements.txt; then
    say "The manifests are not checked: that needs python3 with venv, and a package index that answers."
    return 0
  fi
  "$CACHE/manifests/bin/python" deploy/server/check >&2
}

dependencies_are_allowed() {
  install_tool cargo-deny || return 1
  if timeout 20 git ls-remote --quiet https://github.com/RustSec/advisory-db HEAD >/dev/null 2>&1; then
    cargo deny --locked check
  else
    say "The advisory database cannot be reached: checking bans, licences and sources only."
    cargo deny --locked check bans licenses sources
  fi
}

no_unused_dependencies() {
  install_tool cargo-machete || return 1
  cargo machete --skip-target-dir
}
