#!/bin/sh
# gofmt, vet for every platform we build for, staticcheck, buf and
# actionlint from tools/go.mod, and whether the generated code is what would be generated now.
set -eu
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "not gofmt-clean: $unformatted"; exit 1; }
go vet ./...
for arch in arm64 amd64; do
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go vet ./...
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go build -o /dev/null ./host/cmd/hrhost
done
(cd tools && go build -o ../bin/ honnef.co/go/tools/cmd/staticcheck github.com/rhysd/actionlint/cmd/actionlint)
bin/staticcheck ./...
bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml # what else is installed must not matter

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
(cd tools && go tool buf lint ../proto && go tool buf generate ../proto --template ../proto/buf.gen.yaml -o "$fresh")
diff -r "$fresh/internal/wire/probev1" internal/wire/probev1 || { echo "internal/wire/probev1 is stale: make generate"; exit 1; }
echo "lint: clean (gofmt, vet linux and darwin, staticcheck, workflow, generated code)"
