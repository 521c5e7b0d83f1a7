#!/bin/sh
# gofmt, vet and staticcheck for every system we build for, buf and actionlint (all
# tools from tools/go.mod), and whether the generated code is what would be generated now.
set -eu
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "not gofmt-clean: $unformatted"; exit 1; }
export CGO_ENABLED=0 # nothing of ours has a C part, and so one build is enough for all
go vet ./...
for arch in arm64 amd64; do
	GOOS=darwin GOARCH=$arch go vet ./...
	GOOS=darwin GOARCH=$arch go build -o /dev/null ./host/cmd/hrhost
done
# The examples are modules of their own, which need nothing that ours does not.
for example in examples/iokit examples/systemsocket; do
	(
		cd "$example"
		export GOPROXY=off GOFLAGS=-mod=readonly
		go vet ./...
		for arch in arm64 amd64; do GOOS=darwin GOARCH=$arch go vet ./...; done
		# What is outside of hrhost's module cannot import what is internal to it;
		# of the rest they take the SDK only.
		beside=$(go list -f '{{join .Imports "\n"}}{{"\n"}}{{join .TestImports "\n"}}' ./... | grep '^github.com/hrhost/hrhost' | grep -v -x -e 'github.com/hrhost/hrhost/sdk' -e 'github.com/hrhost/hrhost/sdk/sdktest' || true)
		[ -z "$beside" ] || { echo "$example imports $beside"; exit 1; }
	)
done
(cd tools && go build -o ../bin/ honnef.co/go/tools/cmd/staticcheck github.com/rhysd/actionlint/cmd/actionlint)
bin/staticcheck ./...
GOOS=darwin GOARCH=arm64 bin/staticcheck ./...
for example in examples/iokit examples/systemsocket; do (cd "$example" && GOPROXY=off ../../bin/staticcheck ./...); done
bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml # what else is installed must not matter

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
(cd tools && go tool buf lint ../proto && go tool buf generate ../proto --template ../proto/buf.gen.yaml -o "$fresh")
diff -r "$fresh/internal/wire/probev1" internal/wire/probev1 || { echo "internal/wire/probev1 is stale: make generate"; exit 1; }
echo "lint: clean (gofmt, vet and staticcheck on linux and darwin, workflow, generated code)"
go run ./scripts/words || echo "lint: make words failed" # for a person to read: it fails nothing
