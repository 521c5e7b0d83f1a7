# Two commands matter: `make run` and `make test`. Both do their own set-up.
GO        ?= go
BIN       := bin
PROGRAMS  := ./host/cmd/hrhost ./host/enforce/bus/hrhost-fixture $(addprefix ./,$(wildcard plugins/*/hrhost-probe-*))
# The trampoline is linked with an entry of its own: see its package.
TRAMPOLINE := ./host/launch/hrhost-trampoline
# The race detector is for what has threads of its own. It leaves out what only drives programs
# that are built without it, single tests by -short. All of them run without it. Many tests are
# processes of the test binary, each of which would sleep for a second when it ends. What
# runs without it is built without cgo, as the programs are and as lint looks at it.
RACE      := $(addprefix ./host/,bundle clean enforce/... lane launch probing run selftest) ./sdk/... $(addprefix ./internal/,darwin dbuswire monotonic recorder wire) ./sb/sbpl
# What takes longest begins first. Lint has vetted all packages already, by more of vet's checks.
LONG      := ./test/faults $(addprefix ./host/,run cmd/hrhost clean probing selftest/darwin)
REQUIRE   ?= $(HRHOST_REQUIRE)
# gRPC's tracing, which nobody here looks at, brings html/template into every program: a plugin
# would be 40 in 100 larger and start more slowly.
export GOFLAGS := $(strip $(shell $(GO) env GOFLAGS) -tags=grpcnotrace)

.PHONY: setup-run run test lint words generate darwin-imports bench build setup fuzz reference dist dist-check

run: setup-run build ; @$(BIN)/hrhost run config.toml
build: ; @CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -ldflags='$(TRAMPOLINE)=-s -w -E=hrhost_trampoline' -o $(BIN)/ $(PROGRAMS) $(TRAMPOLINE)
setup: ; @sh scripts/setup.sh
setup-run: ; @sh scripts/setup.sh run
test: export HRHOST = $(CURDIR)/$(BIN)/hrhost
test: export HRHOST_PROGRAMS = $(CURDIR)/$(BIN)
test: export HRHOST_REQUIRE := $(REQUIRE)
test: export GORACE = atexit_sleep_ms=20
test: setup build lint ; @CGO_ENABLED=0 sh scripts/test.sh -vet=off -p 3 $(LONG) ./... && sh scripts/test.sh -vet=off -race -short $(RACE) && CGO_ENABLED=0 sh scripts/test-examples.sh
lint: ; @sh scripts/lint.sh
# Counts that rose since they were committed. UPDATE=1 writes them, IN=PACKAGE lists each place,
# BASE=COMMIT lists the long commit subjects since then.
words: ; @$(GO) run ./scripts/words $(if $(UPDATE),-update) $(if $(BASE),-base $(BASE)) $(if $(IN),-in $(IN))
generate: ; @$(GO) generate ./... && cd tools && $(GO) tool buf generate ../proto --template ../proto/buf.gen.yaml -o ..
darwin-imports: ; @cd tools && $(GO) run ./darwinimports > imports.txt && mv imports.txt ../internal/seatbelt/imports.txt
bench: build ; $(GO) test -run '^$$' -bench . -benchtime 300ms ./host/enforce/... ./host/launch/... ./host/run/... ./sb/...
fuzz: ; @sh scripts/fuzz.sh
# Bundles for the tests of verify, by root. REFERENCE names the build that makes them,
# REFERENCE_BIN the directory of its programs.
REFERENCE     ?= step8
REFERENCE_BIN ?= $(BIN)
reference: setup build
	@$(GO) run ./host/bundle/hrhost-reference -programs $(REFERENCE_BIN) -out host/bundle/testdata/reference/$(REFERENCE)
	@$(GO) test ./host/cmd/hrhost -count=1 -run 'TestReferenceBundles/$(REFERENCE)$$' -update
dist: ; @$(GO) run ./release/hrhost-release $(if $(VERSION),-version $(VERSION))
dist-check: ; @sh scripts/dist_check.sh
