# Building and opening the app.

# The window is embedded into the program, so it is built first and only when something in it changed.
build_ui() {
  local built=ui/dist/index.html
  if [ -e "$built" ] && [ -z "$(find ui/src ui/index.html ui/package-lock.json ui/vite.config.ts ui/tsconfig.json -newer "$built" -print -quit)" ]; then
    return 0
  fi
  say "Building the window"
  npm --prefix ui run --silent build >&2
}

run() {
  ground_for_build
  build_ui || stop "The window does not build; see above."
  say "Building the program (the first time takes about ten minutes)"
  cargo build --locked --features custom-protocol || exit 1
  exec "$TARGET/debug/rostrum" "$@"
}

bench() {
  ground_for_build
  build_ui || stop "The window does not build; see above."
  cargo bench --locked --workspace --benches --features custom-protocol "$@"
}

bindings() {
  ROSTRUM_WRITE_BINDINGS=1 cargo test --locked --quiet -p protocol --test bindings
}
