#!/bin/sh
# go test with these arguments. Where something fails, the names of what failed are
# said again at the very end, below what passed meanwhile; the output of a failed
# test stands above.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ go test "$@" 2>&1 || echo "exit $?" >>"$log.exit"; } | tee "$log"
[ -e "$log.exit" ] || exit 0
rm -f "$log.exit"
echo "test: failed: go test $*"
grep -E '^ *--- FAIL|^(FAIL|panic:|fatal error:|signal:|WARNING: DATA RACE)|\[build failed\]' "$log"
exit 1
