package darwin

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/needs"
)

func TestVariadicOn(t *testing.T) {
	fixed, tail := []uintptr{1, 2, 3}, []uintptr{4, 5}
	inRow := []uintptr{1, 2, 3, 4, 5}
	onStack := []uintptr{1, 2, 3, 0, 0, 0, 0, 0, 4, 5}
	for _, c := range []struct {
		goos, goarch string
		want         []uintptr
	}{
		{"darwin", "arm64", onStack}, {"darwin", "amd64", inRow},
		{"linux", "arm64", inRow}, {"linux", "amd64", inRow},
	} {
		if got := variadicOn(c.goos, c.goarch, fixed, tail); !slices.Equal(got, c.want) {
			t.Errorf("%s/%s: %v", c.goos, c.goarch, got)
		}
	}
}

// TestStackLayout calls a function whose last parameters are where darwin/arm64
// puts a variadic tail. It means something on arm64 only, where TestARM64 runs it.
func TestStackLayout(t *testing.T) {
	fake(t)
	if runtime.GOARCH != "arm64" {
		t.Skip("runs on arm64, by TestARM64")
	}
	ask := func(goos string) int {
		f := new(frame)
		defer f.Unpin()
		fixed := []uintptr{123, f.text("distributed-notification-post"), 9 | 0x40000000}
		tail := []uintptr{f.text("com.example.denied"), 1}
		r, _, err := f.call(extra("sandbox_check_on_stack"), variadicOn(goos, "arm64", fixed, tail)...)
		if err != nil {
			t.Fatal(err)
		}
		return asInt(r)
	}
	if got := ask("darwin"); got != 1 {
		t.Errorf("darwin's layout: %d, want 1", got)
	}
	if got := ask("linux"); got != 0 {
		t.Errorf("in registers the values must not be seen, got %d", got)
	}
}

// TestARM64 runs this package's tests as arm64 code.
func TestARM64(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs without the race detector")
	}
	if runtime.GOARCH == "arm64" {
		t.Skip("this is arm64")
	}
	const cc = "aarch64-linux-gnu-gcc"
	qemu, err := exec.LookPath("qemu-aarch64")
	if err != nil {
		needs.Missing(t, needs.QEMU, err.Error())
	}
	dir, library, err := compile(cc)
	defer os.RemoveAll(dir)
	if err != nil {
		needs.Missing(t, needs.QEMU, err.Error())
	}
	binary := filepath.Join(t.TempDir(), "darwin.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the tests for arm64: %v\n%s", err, out)
	}
	run := exec.Command(qemu, "-L", "/usr/aarch64-linux-gnu", binary, "-test.v", "-test.skip", "TestErrnoConcurrent")
	run.Env = append(os.Environ(), envLibrary+"="+library)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("the tests as arm64: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestStackLayout") {
		t.Errorf("the stack layout was not tested:\n%s", out)
	}
}
