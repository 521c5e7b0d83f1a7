package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// file is one artifact on its way to disk. What is written is hashed on the
// way, so a file changed behind the writer's back no longer fits the index.
type file struct {
	name string

	path string // of the file below the .partial directory

	mu   sync.Mutex
	f    *os.File // nil once closed, and while it rests
	rest bool     // Rest was called: a write opens the file again
	sum  hash.Hash
	size int64
	err  error  // the first error, which sticks
	end  string // what Close appends
}

// Artifact is a file on its way to disk. Its methods may be called by several
// goroutines.
type Artifact interface {
	io.WriteCloser
	// Rest gives the descriptor back when no write is to be expected soon. A write
	// that comes all the same takes it again.
	Rest() error
}

// File creates an artifact that is not JSON: a log, a profile, plan.toml, a
// report. name is relative with slashes; directories are made. A file left open
// is closed by Commit.
func (w *Writer) File(name string) (Artifact, error) {
	return w.create(name)
}

// create opens a new artifact and puts it on the list.
func (w *Writer) create(name string) (*file, error) {
	if !CleanPath(name) || name == ArtifactIndex || name == RunStatusJSON {
		return nil, fmt.Errorf("writing %q: not a name for an artifact", name)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, fmt.Errorf("writing %s: %w", name, ErrClosed)
	}
	if w.files[name] != nil {
		return nil, fmt.Errorf("writing %s: written before", name)
	}
	full := filepath.Join(w.partial, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	f, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	art := &file{name: name, path: full, f: f, sum: sha256.New()}
	w.files[name] = art
	return art, nil
}

// Write appends p.
func (a *file) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.write(p)
}

// write is Write with the lock held.
func (a *file) write(p []byte) (int, error) {
	if a.err != nil {
		return 0, a.err
	}
	if err := a.open(); err != nil {
		return 0, fmt.Errorf("writing %s: %w", a.name, err)
	}
	n, err := a.f.Write(p)
	a.sum.Write(p[:n])
	a.size += int64(n)
	if err != nil {
		a.err = fmt.Errorf("writing %s: %w", a.name, err)
	}
	return n, a.err
}

// open takes the descriptor again that Rest gave back.
func (a *file) open() (err error) {
	switch {
	case a.f != nil:
		return nil
	case !a.rest:
		return os.ErrClosed
	}
	a.rest = false
	a.f, err = os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND, 0)
	a.err = err
	return err
}

// Rest implements Artifact.
func (a *file) Rest() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		return a.err
	}
	a.rest = true
	return a.close()
}

// close closes the descriptor, with the lock held.
func (a *file) close() error {
	if err := a.f.Close(); err != nil && a.err == nil {
		a.err = fmt.Errorf("closing %s: %w", a.name, err)
	}
	a.f = nil
	return a.err
}

// Close finishes the artifact. Closing twice is harmless.
func (a *file) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rest = false
	if a.f == nil {
		return a.err
	}
	if a.end != "" {
		a.write([]byte(a.end))
	}
	return a.close()
}

// entry describes the artifact for the index.
func (a *file) entry() IndexEntry {
	e := IndexEntry{
		Path: a.name, Size: a.size, MediaType: MediaType(a.name),
		SHA256: hex.EncodeToString(a.sum.Sum(nil)),
	}
	if schema := SchemaOf(a.name); schema != "" {
		e.SchemaVersion = &schema
	}
	return e
}

// wholeFile describes a file that was written at once.
func wholeFile(name string, text []byte) *file {
	a := &file{name: name, sum: sha256.New(), size: int64(len(text))}
	a.sum.Write(text)
	return a
}

// replaceFile writes a file beside path and renames it over path.
func replaceFile(path string, text []byte) error {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
