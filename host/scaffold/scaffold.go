// Package scaffold writes the module of a new probe plugin: one probe with its
// control pair, profiles, a plan, tests, a README and a CI workflow. What it
// writes builds, passes its tests and runs at once, offline too.
//
// [Write] is all or nothing: the module is made beside its place and renamed,
// and nothing that exists is touched.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"text/template"

	"github.com/hrhost/hrhost/internal/families"
)

// Options describe the module.
type Options struct {
	Name   string // of the family: [a-z][a-z0-9-]*
	Dir    string // that is made; "" is hrhost-probe-<name>
	Module string // its path; "" is example.com/hrhost-probe-<name>
	SDK    SDK
}

var (
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	modulePattern = regexp.MustCompile(`^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$`)
)

// maxName keeps the names of files and sockets within their limits.
const maxName = 32

func (o *Options) complete() error {
	switch {
	case !namePattern.MatchString(o.Name):
		return fmt.Errorf("family name %q: want a small letter, then small letters, digits and -", o.Name)
	case len(o.Name) > maxName:
		return fmt.Errorf("family name %q: longer than %d bytes", o.Name, maxName)
	case slices.Contains(families.Names(), o.Name):
		return fmt.Errorf("family name %q: hrhost has a family of that name", o.Name)
	}
	program := "hrhost-probe-" + o.Name
	if o.Module == "" {
		o.Module = "example.com/" + program
	}
	if !modulePattern.MatchString(o.Module) {
		return fmt.Errorf("module path %q: want letters, digits and . _ ~ - between slashes", o.Module)
	}
	if o.Dir == "" {
		o.Dir = program
	}
	return nil
}

//go:embed templates
var templates embed.FS

// files are where each template goes.
var files = map[string]string{
	"go.mod": "go.mod", "main.go": "main.go", "spec.go": "spec.go", "read_linux.go": "read_linux.go",
	"read_darwin.go": "read_darwin.go", "plugin_test.go": "plugin_test.go", "strict.sb": "strict.sb", "canary.sb": "canary.sb",
	"plan.toml": "plan.toml", "README.md": "README.md", "gitignore": ".gitignore", "test.yml": ".github/workflows/test.yml",
}

// Write makes the module and returns its directory and the files in it.
func Write(o Options) (dir string, written []string, err error) {
	if err := o.complete(); err != nil {
		return "", nil, err
	}
	if _, err := os.Lstat(o.Dir); !errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("making %q: it exists already", o.Dir)
	}
	partial, err := os.MkdirTemp(filepath.Dir(o.Dir), ".hrhost-new-")
	if err != nil {
		return "", nil, fmt.Errorf("making %q: %w", o.Dir, err)
	}
	defer os.RemoveAll(partial) // nothing is there once it is renamed
	if written, err = o.fill(partial); err != nil {
		return "", nil, err
	}
	if err := os.Rename(partial, o.Dir); err != nil {
		return "", nil, fmt.Errorf("making %q: %w", o.Dir, err)
	}
	return o.Dir, written, nil
}

// fill writes every file.
func (o *Options) fill(dir string) (written []string, err error) {
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	for name, place := range files {
		text, err := render(name, o)
		if err != nil {
			return nil, err
		}
		if err := write(filepath.Join(dir, place), text); err != nil {
			return nil, err
		}
		written = append(written, place)
	}
	if len(o.SDK.Sums) > 0 {
		written = append(written, "go.sum")
		if err := write(filepath.Join(dir, "go.sum"), o.SDK.Sums); err != nil {
			return nil, err
		}
	}
	slices.Sort(written)
	return written, nil
}

func render(name string, o *Options) ([]byte, error) {
	t, err := template.ParseFS(templates, "templates/"+name+".tmpl")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, o)
	return b.Bytes(), err
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
