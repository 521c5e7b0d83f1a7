package release

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/internal/families"
	"github.com/hrhost/hrhost/release/archive"
)

// host is the one program that knows the release's version.
const host = "./host/cmd/hrhost"

// trampoline is linked with an entry of its own: see its package.
const (
	trampoline = "./host/launch/hrhost-trampoline"
	entry      = "-E=hrhost_trampoline"
)

// others are what stands beside it. They are built as `make build` does, so that
// a plugin whose code did not change keeps its digest from release to release.
var others = append([]string{"./host/enforce/bus/hrhost-fixture"}, plugins()...)

func plugins() (packages []string) {
	for _, p := range families.Programs() {
		packages = append(packages, "./"+p)
	}
	return packages
}

// build makes a target's programs in dir and returns them as bin/NAME.
func (o Options) build(t Target, dir string) ([]archive.File, error) {
	if err := o.compile(t, dir, "-s -w -X main.version="+o.Version, host); err != nil {
		return nil, err
	}
	if err := o.compile(t, dir, "-s -w", others...); err != nil {
		return nil, err
	}
	if err := o.compile(t, dir, "-s -w "+entry, trampoline); err != nil {
		return nil, err
	}
	var files []archive.File
	for _, p := range append([]string{host, trampoline}, others...) {
		b, err := os.ReadFile(filepath.Join(dir, path.Base(p)))
		if err != nil {
			return nil, err
		}
		files = append(files, archive.File{Name: "bin/" + path.Base(p), Program: true, Data: b})
	}
	return files, nil
}

func (o Options) compile(t Target, dir, ldflags string, programs ...string) error {
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-tags=grpcnotrace", "-ldflags=" + ldflags, "-o", dir + "/"}, programs...)
	cmd := exec.Command("go", args...)
	cmd.Dir = o.Root
	// Nothing of the caller's environment may change a byte.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.OS, "GOARCH="+t.Arch,
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
