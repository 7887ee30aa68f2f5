# Fuzzing a server of its own by the document that it serves.

FUZZ_GROUND="$CACHE/fuzz"

# fuzz_is_here: schemathesis in an environment of its own, as tests/fuzz/requirements.txt pins it.
fuzz_is_here() {
  have python3 || return 1
  local wanted="$FUZZ_GROUND/requirements.txt"
  cmp -s tests/fuzz/requirements.txt "$wanted" && return 0
  rm -rf "$FUZZ_GROUND"
  mkdir -p "$CACHE"
  python3 -m venv "$FUZZ_GROUND" >/dev/null 2>&1 || return 1
  "$FUZZ_GROUND/bin/pip" install --quiet --requirement tests/fuzz/requirements.txt >&2 || { rm -rf "$FUZZ_GROUND"; return 1; }
  cp tests/fuzz/requirements.txt "$wanted"
}

# fuzz [EXAMPLES [SEED]]: many examples for each operation take long; the default is a minute or two.
fuzz() {
  ground_for_build
  fuzz_is_here || stop "It needs python3 with venv, and a package index that answers."
  cargo build --locked --workspace --features custom-protocol --bin rostrum-server || exit 1
  "$FUZZ_GROUND/bin/python" tests/fuzz/fuzz.py "$TARGET/debug/rostrum-server" "$@"
}

# As a suite: one that passes or fails; without Python, or a network to install from, it is left out.
fuzz_tests() {
  if ! fuzz_is_here; then
    say "Fuzzing the server: left out (it needs python3 with venv, and a package index that answers)"
    count "Fuzzing the server" 0 0 1
    return
  fi
  cargo build --locked --workspace --features custom-protocol --bin rostrum-server >&2 || { count "Fuzzing the server" 0 1 0; return; }
  "$FUZZ_GROUND/bin/python" tests/fuzz/fuzz.py "$TARGET/debug/rostrum-server" 10 > "$LOGS/fuzz" 2>&1
  local status=$?
  [ "$status" = 0 ] || cat "$LOGS/fuzz" >&2
  count_result "Fuzzing the server" "$status" $((status == 0)) 0 0
}
