package faults

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/internal/installation"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Environment of a test binary that this one starts again.
const (
	envRole     = "HRHOST_FAULTS_ROLE"     // act as something else than a test
	envPrograms = "HRHOST_FAULTS_PROGRAMS" // where the programs are built already
	envAll      = "HRHOST_FAULTS_ALL"      // not empty: every value where a test tries some
)

// TestMain is also the outer sandbox that some tests put around hrhost.
func TestMain(m *testing.M) {
	if role := os.Getenv(envRole); role != "" {
		confine(role)
	}
	code := m.Run()
	if dir, err := programs(); err == nil && os.Getenv(envPrograms) == "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// programs are those of a real installation and the plugin that misbehaves, once,
// where every user may run them.
var programs = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv(envPrograms); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("/tmp", "hrhost-programs.")
	if err != nil {
		return "", err
	}
	if err := installation.Into(dir); err != nil {
		return dir, err
	}
	if err := installation.Build(dir, "test/faults/hrhost-probe-fault"); err != nil {
		return dir, err
	}
	profiles, _ := filepath.Glob("../../sb/*.sb")
	for _, path := range append(profiles, "../../config.toml") { // the sources may not be readable for everybody
		if err := copyFile(path, filepath.Join(dir, strings.TrimPrefix(path, "../../")), 0o644); err != nil {
			return dir, err
		}
	}
	for _, name := range []string{"slow"} { // no fault, but slow
		if err := os.Symlink("hrhost-probe-fault", filepath.Join(dir, "hrhost-probe-"+name)); err != nil {
			return dir, err
		}
	}
	return dir, os.Chmod(dir, 0o755)
})

// bin is the directory of the programs.
func bin(t *testing.T) string {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// tempDir is a short, private directory: sockets live below it.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hrf.")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// write makes a file in dir.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func copyFile(from, to string, mode os.FileMode) error {
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, mode)
}
