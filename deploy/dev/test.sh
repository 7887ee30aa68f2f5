# Every test there is. A failing suite does not keep the next one from running.

run_tests() {
  ground_for_tests
  LOGS=$(mktemp -d)
  build_ui || count "window build" 0 1 0
  rust_tests
  doc_tests
  unit_tests
  browser_tests
  server_tests
  fuzz_tests
  installed_tests
}

# with_peers COMMAND...: beside a private PostgreSQL and Redis for the Bluesky AppView, where there are such.
with_peers() {
  if [ -e tests/peers/bluesky/node_modules/.rostrum-installed ] && have redis-server; then
    tests/peers/bluesky/with-appview "$@"
  else
    "$@"
  fi
}

rust_tests() {
  local status passed failed ignored said log="$LOGS/rust"
  if have cargo-nextest; then
    with_peers cargo nextest run --locked --workspace --features custom-protocol --no-fail-fast 2>&1 | tee "$log" >&2
    status=${PIPESTATUS[0]}
    # "Summary [  12.3s] 40 tests run: 39 passed (1 slow), 1 failed, 2 skipped"
    passed=$(of_summary "$log" passed)
    failed=$(( $(of_summary "$log" failed) + $(of_summary "$log" 'timed out') ))
    ignored=$(of_summary "$log" skipped)
    said=$TARGET/nextest/default/junit.xml
  else
    with_peers cargo test --locked --workspace --features custom-protocol --lib --bins --tests --no-fail-fast -- --show-output 2>&1 | tee "$log" >&2
    status=${PIPESTATUS[0]}
    passed=$(sum_of_results "$log" passed)
    failed=$(sum_of_results "$log" failed)
    ignored=$(sum_of_results "$log" ignored)
    said=$log
  fi
  # What a test leaves out (no PostgreSQL, no peer) it prints; it is counted beside the rest of the test.
  local left_out
  left_out=$(grep -oE '(^|>)skipped[ :].*' "$said" 2>/dev/null | sed 's/^>//')
  if [ -n "$left_out" ]; then
    say "Left out here:"
    printf '%s\n' "$left_out" | sort | uniq -c | sort -rn >&2
    ignored=$((ignored + $(printf '%s\n' "$left_out" | wc -l)))
  fi
  count_result "Rust" "$status" "$passed" "$failed" "$ignored"
}

# of_summary LOG WORD: the number before WORD in nextest's last summary line, else 0.
of_summary() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E 'Summary \[' | tail -1 | grep -oE "[0-9]+ $2" | grep -oE '^[0-9]+' || echo 0
}

# sum_of_results LOG WORD: adds up the "test result:" lines of cargo test.
sum_of_results() {
  grep -E '^test result:' "$1" | grep -oE "[0-9]+ $2" | awk '{ n += $1 } END { print n + 0 }'
}

doc_tests() {
  local status log="$LOGS/doc"
  cargo test --locked --workspace --features custom-protocol --doc --no-fail-fast > "$log" 2>&1
  status=$?
  [ "$status" = 0 ] || cat "$log" >&2
  count_result "Examples in the docs" "$status" "$(sum_of_results "$log" passed)" "$(sum_of_results "$log" failed)" "$(sum_of_results "$log" ignored)"
}

unit_tests() {
  local status json="$LOGS/vitest.json"
  (cd ui && npx --no-install vitest run --passWithNoTests --reporter=default --reporter=json --outputFile.json="$json") >&2
  status=$?
  # shellcheck disable=SC2046
  count_result "Window (units)" "$status" $(numbers "$json" 'j => [j.numPassedTests, j.numFailedTests, j.numPendingTests + j.numTodoTests]')
}

browser_tests() {
  local status json="$LOGS/playwright.json"
  ls ui/playwright.config.* >/dev/null 2>&1 || return 0
  (cd ui && PLAYWRIGHT_JSON_OUTPUT_NAME="$json" npx --no-install playwright test --reporter=list,json) >&2
  status=$?
  # shellcheck disable=SC2046
  count_result "Window (browser)" "$status" $(numbers "$json" 'j => [j.stats.expected + j.stats.flaky, j.stats.unexpected, j.stats.skipped]')
}

# The window as a page of a real server.
server_tests() {
  local status json="$LOGS/served.json"
  ls ui/playwright.server.config.* >/dev/null 2>&1 || return 0
  cargo build --locked --workspace --features custom-protocol --bin rostrum-server >&2 || { count "Window (served)" 0 1 0; return; }
  (cd ui && CARGO_TARGET_DIR="$TARGET" PLAYWRIGHT_JSON_OUTPUT_NAME="$json" npx --no-install playwright test -c playwright.server.config.ts --reporter=list,json) >&2
  status=$?
  # shellcheck disable=SC2046
  count_result "Window (served)" "$status" $(numbers "$json" 'j => [j.stats.expected + j.stats.flaky, j.stats.unexpected, j.stats.skipped]')
}

# numbers JSON FUNCTION: three numbers out of a report, zeros when there is none.
numbers() {
  node -e "let j; try { j = JSON.parse(require('fs').readFileSync(process.argv[1])) } catch { console.log('0 0 0'); process.exit() }
    console.log(($2)(j).map(n => n || 0).join(' '))" "$1"
}
