package release

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/hrhost/hrhost/release/archive"
)

// texts are the files that an archive has as they are in the checkout: the
// default plan, and what README.md links to.
var texts = []string{"config.toml", "sb/*.sb", "README.md", "CONTRIBUTING.md", "LICENSE", "docs/*.md", "docs/design/*.md", "examples/wrap/*"}

// common are the files that every target's archive has.
func (o Options) common(work string) ([]archive.File, error) {
	files, err := collect(os.DirFS(o.Root), texts)
	if err != nil {
		return nil, err
	}
	native := Target{runtime.GOOS, runtime.GOARCH}
	if err := o.compile(native, work, "-s -w -X main.version="+o.Version, host); err != nil {
		return nil, fmt.Errorf("%s, for the manual page: %w", native, err)
	}
	for _, g := range []struct {
		name string
		args []string
	}{
		{"man/man1/hrhost.1", []string{"man"}},
		{"completions/hrhost.bash", []string{"completion", "bash"}},
		{"completions/_hrhost", []string{"completion", "zsh"}},
		{"completions/hrhost.fish", []string{"completion", "fish"}},
	} {
		cmd := exec.Command(filepath.Join(work, "hrhost"), g.args...)
		cmd.Env = []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(o.Time.Unix(), 10)}
		text, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("hrhost %s: %w", g.args, err)
		}
		files = append(files, archive.File{Name: g.name, Data: text})
	}
	return files, nil
}

// collect reads the files that patterns name; a pattern without one is an error.
func collect(fsys fs.FS, patterns []string) ([]archive.File, error) {
	var files []archive.File
	for _, p := range patterns {
		names, err := fs.Glob(fsys, p)
		if err == nil && len(names) == 0 {
			err = fs.ErrNotExist
		}
		if err != nil {
			return nil, fmt.Errorf("collecting %s: %w", p, err)
		}
		for _, n := range names {
			b, err := fs.ReadFile(fsys, n)
			if err != nil {
				return nil, err
			}
			files = append(files, archive.File{Name: n, Data: b})
		}
	}
	return files, nil
}
