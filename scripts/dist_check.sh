#!/bin/sh
# Makes the release twice and compares the digests. The second time everything
# that must not matter is another: the directory, the build cache, which is
# empty, the time zone, the umask and the user's Go settings.
set -eu
version=${VERSION:-0.0.0-check}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
copy="$work/another place/hrhost"

go run ./release/hrhost-release -version "$version" -out "$work/first"
mkdir -p "$copy"
git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$copy"
(cd "$copy" && umask 077 && GOCACHE="$work/cache" TZ=Pacific/Auckland GOAMD64=v3 \
	go run ./release/hrhost-release -version "$version" -out "$work/second" >/dev/null)
diff "$work/first/SHA256SUMS" "$work/second/SHA256SUMS" || { echo "dist-check: two builds differ"; exit 1; }
(cd "$work/second" && sha256sum -c SHA256SUMS 2>/dev/null || shasum -a 256 -c SHA256SUMS) >/dev/null
echo "dist-check: two builds, the same digests"
