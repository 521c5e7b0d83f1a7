#!/bin/sh
# diff_worlds.sh WORLDS OUT compares the bundles WORLDS/*/results/bundle two by
# two. OUT gets a text and a JSON file for each pair, and summary.md. Exit 0
# whether they differ or not; 1 when fewer than two are there or one cannot be
# compared.
set -eu
worlds=$1 out=$2
hrhost=${HRHOST:-bin/hrhost}
mkdir -p "$out"
set -- "$worlds"/*/results/bundle
[ $# -ge 2 ] || { echo "diff_worlds: fewer than two bundles in $worlds" >&2; exit 1; }

name() { basename "$(dirname "$(dirname "$1")")"; }
summary="$out/summary.md"
printf '| world | another | what differs |\n|---|---|---|\n' >"$summary"
failed=0
while [ $# -ge 2 ]; do
	a=$1
	shift
	for b in "$@"; do
		pair="$(name "$a")..$(name "$b")"
		code=0
		"$hrhost" diff "$a" "$b" >"$out/$pair.txt" || code=$?
		"$hrhost" diff --json "$a" "$b" >"$out/$pair.json" || true
		case $code in
		0) what=nothing ;;
		1) what="$(grep -c '^\(changed\|added\|removed\|unstable\)' "$out/$pair.txt" || true) expectations, and the world" ;;
		*) what="could not be compared: exit $code" failed=1 ;;
		esac
		echo "| $(name "$a") | $(name "$b") | $what |" >>"$summary"
	done
done
cat "$summary"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$summary" >>"$GITHUB_STEP_SUMMARY"
exit $failed
