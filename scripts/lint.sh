#!/bin/sh
# gofmt, vet and staticcheck for every system we build for, buf (both tools from
# tools/go.mod), and whether the generated code is what would be generated now.
set -eu
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "not gofmt-clean: $unformatted"; exit 1; }
go vet ./...
for arch in arm64 amd64; do
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go vet ./...
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go build -o /dev/null ./host/cmd/hrhost
done
(cd tools && go build -o ../bin/ honnef.co/go/tools/cmd/staticcheck)
bin/staticcheck ./...
CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 bin/staticcheck ./...

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
(cd tools && go tool buf lint ../proto && go tool buf generate ../proto --template ../proto/buf.gen.yaml -o "$fresh")
diff -r "$fresh/internal/wire/probev1" internal/wire/probev1 || { echo "internal/wire/probev1 is stale: make generate"; exit 1; }
echo "lint: clean (gofmt, vet and staticcheck on linux and darwin, generated code)"
