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

# serve [ARGS]: an organization server. Its data lasts: it lies where a user's programs keep theirs.
serve() {
  ground_for_build
  build_ui || stop "The window does not build; see above."
  cargo build --locked --workspace --features custom-protocol --bin rostrum-server || exit 1
  exec "$TARGET/debug/rostrum-server" --data "${ROSTRUM_SERVER_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/rostrum-server}" serve --ui ui/dist "$@"
}

# bench [NAME [ROW...]]: the figures of one part, or of all; the rows are words that the part knows.
bench() {
  local name=${1:-all}
  [ $# -eq 0 ] || shift
  case "$name" in
    prepare | scale | assistant | server) ground_for_build ;;
    engine)
      ground_for_build
      case " $* " in "  " | *" opponents "*) build_opponents ;; esac
      ;;
    window)
      ground_for_build
      [ "$(uname -s)" != Linux ] || linux_packages "$TEST_PACKAGES" test_programs_answer
      build_ui || stop "The window does not build; see above."
      ;;
    all)
      local status=0
      for name in prepare assistant engine scale server window; do bench "$name" || status=1; done
      return $status
      ;;
    *) usage >&2; return 2 ;;
  esac
  # With the features of the whole, so that what the parts share is built once.
  cargo bench --locked --workspace --features custom-protocol --bench "$name" -- "$@"
}

# try_model URL [MODEL]: twenty writing tasks, and what came of each.
try_model() {
  ground_for_build
  cargo run --locked --quiet -p app --example try-model -- "$@"
}

# The engines that ours is measured beside. Where they cannot be built their rows are left out.
build_opponents() {
  local log="$CACHE/opponents.log"
  say "Building the engines that ours is measured beside (the first time takes minutes)"
  mkdir -p "$CACHE"
  if cargo build --release --locked --manifest-path tests/opponents/Cargo.toml --target-dir "$CACHE/opponents" >"$log" 2>&1; then
    export ROSTRUM_BENCH_OPPONENTS="$CACHE/opponents/release/opponents"
  else
    say "The engines beside ours are left out: they could not be built (they need a network and OpenSSL's headers; see $log)."
  fi
}

bindings() {
  ROSTRUM_WRITE_BINDINGS=1 cargo test --locked --quiet -p protocol --test bindings
}
