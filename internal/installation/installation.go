// Package installation gives tests the programs of this project, the real ones.
package installation

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/hrhost/hrhost/internal/families"
)

// EnvBuilt names the directory of programs that were built just now: `make test`
// sets it, so that not every package links all of them again. What is in it is
// believed to be of this source.
const EnvBuilt = "HRHOST_PROGRAMS"

// names are the programs of an installation, below the module's root.
var names = append([]string{
	"host/cmd/hrhost", "host/launch/hrhost-trampoline", "host/enforce/bus/hrhost-fixture",
}, families.Programs()...)

// Into puts the programs into dir, as copies or built as `make build` does it.
func Into(dir string) error {
	built := os.Getenv(EnvBuilt)
	if built == "" {
		return Build(dir, names...)
	}
	for _, name := range names {
		name = filepath.Base(name)
		if err := copyFile(filepath.Join(dir, name), filepath.Join(built, name)); err != nil {
			return fmt.Errorf("copying the programs of %s: %w", EnvBuilt, err)
		}
	}
	return nil
}

// Built is the path of a program that was built just now, "" where none was.
func Built(name string) string {
	dir := os.Getenv(EnvBuilt)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// Build builds main packages, named from the module's root, into dir.
func Build(dir string, mains ...string) error {
	args := []string{"build", "-trimpath", "-ldflags=-s -w",
		"-ldflags=./host/launch/hrhost-trampoline=-s -w -E=hrhost_trampoline", "-o", dir + "/"}
	for _, m := range mains {
		args = append(args, "./"+m)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root(), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the programs: %w\n%s", err, out)
	}
	return nil
}

// root is the module's directory, as this file was compiled.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../..")
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
