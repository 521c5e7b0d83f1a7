#!/bin/sh
# Runs every fuzz target of the module, one after another, for FUZZTIME each
# (60s by default). FUZZ may name a package pattern, FUZZPARALLEL the workers.
set -eu
time=${FUZZTIME:-60s}
workers=${FUZZPARALLEL:-$(nproc 2>/dev/null || echo 2)}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
found=0
for pkg in $(go list "${FUZZ:-./...}"); do
	for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
		found=$((found + 1))
		go test "$pkg" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x -parallel "$workers" >"$log" 2>&1 ||
			{ cat "$log"; echo "fuzz: $pkg $target failed"; exit 1; }
		echo "$pkg $target: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1), no failure"
	done
done
[ "$found" -gt 0 ] || { echo "fuzz: no target found"; exit 1; }
echo "fuzz: $found targets, $time each, no failure"
