#!/bin/sh
# The examples are modules of their own: go test ./... does not reach them.
set -eu
for example in examples/iokit examples/systemsocket; do
	(cd "$example" && GOPROXY=off go test ./...)
done
