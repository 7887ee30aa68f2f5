# Counting: every suite reports here, and the total is the last line.

PASSED=0
FAILED=0
SKIPPED=0
FAILURES=""

# count NAME PASSED FAILED SKIPPED
count() {
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
  SKIPPED=$((SKIPPED + $4))
  [ "$3" -eq 0 ] || FAILURES="$FAILURES
  $1: $3 failed"
}

# count_result NAME EXIT_STATUS PASSED FAILED SKIPPED: a suite that stopped without naming a failure is one.
count_result() {
  local failed=$4
  [ "$2" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  say "$1: $3 passed, $failed failed, $5 skipped"
  count "$1" "$3" "$failed" "$5"
}

total() {
  [ -z "$FAILURES" ] || printf '\nNot passing:%s\n' "$FAILURES"
  printf '%s passed, %s failed, %s skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
  [ "$FAILED" -eq 0 ]
}
