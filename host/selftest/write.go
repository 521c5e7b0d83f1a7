package selftest

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/hrhost/hrhost/host/bundle"
)

// Write makes a directory of d below outDir as a bundle is made: selftest.json,
// selftest.txt and world.json, with an index of their digests, committed as a
// whole. shown escapes text for people. It returns the directory.
func Write(outDir string, d *Document, shown func(string) string) (string, error) {
	w, err := bundle.Create(outDir, d.RunID)
	if err != nil {
		return "", err
	}
	if err := fill(w, d, shown); err != nil {
		return "", errors.Join(err, w.Abort(bundle.Failed, err.Error()))
	}
	return w.Commit()
}

func fill(w *bundle.Writer, d *Document, shown func(string) string) error {
	if err := w.Document(bundle.World, d.World); err != nil {
		return err
	}
	if err := w.Document(bundle.SelfTestJSON, d); err != nil {
		return err
	}
	f, err := w.File(bundle.SelfTestText)
	if err != nil {
		return err
	}
	d.Text(f, shown)
	if err := f.Close(); err != nil {
		return err
	}
	if d.interrupted() {
		return w.Status(bundle.Interrupted, "interrupted")
	}
	return nil
}

// Read reads a self test's document and world out of a directory that [Write]
// made. It does not verify: see [verify.Bundle].
func Read(dir string) (*Document, error) {
	real, err := bundle.Resolve(dir)
	if err != nil {
		return nil, err
	}
	d := new(Document)
	if err := bundle.ReadDocument(real, bundle.SelfTestJSON, d); err != nil {
		return nil, fmt.Errorf("reading the self test of %q: %w", filepath.Base(real), err)
	}
	if err := bundle.ReadDocument(real, bundle.World, &d.World); err != nil {
		return nil, fmt.Errorf("reading the self test of %q: %w", filepath.Base(real), err)
	}
	return d, nil
}
