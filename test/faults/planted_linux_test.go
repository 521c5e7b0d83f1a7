package faults

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// planted is what a hostile plugin would like to read: beside the real private
// directories, which come and go, one that stays as long as the run, and an
// earlier run's bundles. The plugin is told all names that there are.
type planted struct {
	t     *testing.T
	dir   string // of the run
	known string // the file with the names
	stop  chan struct{}
}

var secrets = []string{
	"t/hr.planted/scratch/secret", "t/hr.planted/s/plugin-dir1/plugin1",
	"out/runs/earlier/runtime_results.json", "out/runs/earlier.partial/run_manifest.json",
}

// plant puts the secrets into the run's directory.
func (p *planted) plant(dir string) {
	p.dir, p.stop = dir, make(chan struct{})
	for _, name := range secrets {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			p.t.Fatal(err)
		}
		write(p.t, filepath.Dir(path), filepath.Base(path), "a secret")
	}
	if err := copyFile("/bin/true", filepath.Join(dir, "t/hr.planted/scratch/true.run"), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

// tell writes down the names that there are, now and until the end.
func (p *planted) tell() {
	p.write()
	go func() {
		for {
			select {
			case <-p.stop:
				return
			case <-time.After(5 * time.Millisecond):
				p.write()
			}
		}
	}()
}

func (p *planted) write() {
	var names strings.Builder
	for _, top := range []string{"t", "out/runs"} {
		filepath.WalkDir(filepath.Join(p.dir, top), func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				names.WriteString(path + "\n")
			}
			return nil // it comes and goes
		})
	}
	if os.WriteFile(p.known+".new", []byte(names.String()), 0o644) == nil {
		os.Rename(p.known+".new", p.known)
	}
}

// remove takes away what the run itself would have left.
func (p *planted) remove() {
	close(p.stop)
	os.RemoveAll(filepath.Join(p.dir, "t/hr.planted"))
}
