#!/bin/sh
# gofmt, vet for every platform we build for, and staticcheck from tools/go.mod.
set -eu
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { echo "not gofmt-clean: $unformatted"; exit 1; }
go vet ./...
for arch in arm64 amd64; do
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go vet ./...
	CGO_ENABLED=0 GOOS=darwin GOARCH=$arch go build -o /dev/null ./host/cmd/hrhost
done
(cd tools && go build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck)
bin/staticcheck ./...
echo "lint: clean (gofmt, vet linux and darwin, staticcheck)"
