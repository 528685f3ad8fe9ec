# Sourced by the scripts beside it: plain progress lines, and a beat while something long runs.

say() {
  printf '==> %s\n' "$*"
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# slowly "what it does" command…: says what is done, keeps the command's output back, prints
# a line every ten seconds, and shows the output only when the command fails.
slowly() {
  local what=$1 started=$SECONDS log status=0 beat
  shift
  log=$(mktemp)
  say "$what"
  (while sleep 10; do say "$what ($((SECONDS - started)) s)"; done) &
  beat=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  if ((status != 0)); then
    cat "$log" >&2
  elif ((SECONDS - started > 1)); then
    say "$what: done ($((SECONDS - started)) s)"
  fi
  rm -f "$log"
  return "$status"
}
