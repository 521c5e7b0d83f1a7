package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrClosed is returned by writers after Commit or Abort.
var ErrClosed = errors.New("bundle is finished")

// Writer fills one bundle. Its methods may be called by several goroutines.
type Writer struct {
	out, runID   string
	partial, dir string

	mu      sync.Mutex
	worldID string
	status  RunStatus
	files   map[string]*file
	spools  []*Spool // until they are joined
	header  any      // of the documents that they are joined into
	closed  bool
}

// MakeOut makes outDir/runs, where runs' directories go, and refuses an outDir in
// which none could be made, before there is anything to put there.
func MakeOut(outDir string) error {
	runs := filepath.Join(outDir, "runs")
	err := os.MkdirAll(runs, 0o755)
	if err == nil {
		err = os.NewSyscallError("writing to "+runs, unix.Access(runs, unix.W_OK|unix.X_OK))
	}
	if err == nil && !replaceable(filepath.Join(outDir, "LATEST")) {
		err = fmt.Errorf("LATEST in %s is no symbolic link", outDir)
	}
	if err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	return nil
}

// Create makes outDir/runs/<runID>.partial, with a run_status.json that says
// in_progress, and returns its writer. It refuses a run id that was used
// before, whether that run finished or not.
func Create(outDir, runID string) (*Writer, error) {
	if !plainName(runID) {
		return nil, fmt.Errorf("creating bundle: run id %q is not a plain name", runID)
	}
	runs := filepath.Join(outDir, "runs")
	w := &Writer{
		out: outDir, runID: runID, files: map[string]*file{},
		dir:     filepath.Join(runs, runID),
		partial: filepath.Join(runs, runID+".partial"),
	}
	if err := MakeOut(outDir); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(w.dir); err == nil {
		return nil, fmt.Errorf("creating bundle %q: this run has one already", runID)
	}
	if err := os.Mkdir(w.partial, 0o755); err != nil {
		return nil, fmt.Errorf("creating bundle: %w", err)
	}
	if err := w.Status(InProgress, ""); err != nil {
		return nil, err
	}
	go schemaSet() // what is written is verified at the end, when nothing else could go on meanwhile
	return w, nil
}

// Dir is the directory being written. After Commit it is the finished bundle.
func (w *Writer) Dir() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.partial
}

// RunID is the run that the bundle belongs to.
func (w *Writer) RunID() string { return w.runID }

// Document writes a whole JSON document, indented. v marshals to an object; its
// schema_version and run_id are put in when they are absent or empty, and must
// be right otherwise. Each document is written once.
func (w *Writer) Document(name string, v any) error {
	text, err := encode(v)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if text, err = w.stamped(name, text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if name == RunManifest || name == SelfTestJSON {
		w.learnWorld(text)
	}
	if text, err = indent(text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	f, err := w.create(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// Status replaces run_status.json. Commit keeps a state set here, and turns
// in_progress into complete.
func (w *Writer) Status(state RunState, reason string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return fmt.Errorf("writing %s: %w", RunStatusJSON, ErrClosed)
	}
	return w.writeStatus(state, reason)
}

// writeStatus is Status with the lock held.
func (w *Writer) writeStatus(state RunState, reason string) error {
	w.status = RunStatus{
		SchemaVersion: SchemaOf(RunStatusJSON), RunID: w.runID,
		State: state, Reason: reason, UpdatedAt: Time(time.Now()),
	}
	text, err := encode(w.status)
	if err != nil {
		return fmt.Errorf("writing %s: %w", RunStatusJSON, err)
	}
	if text, err = indent(text); err != nil {
		return fmt.Errorf("writing %s: %w", RunStatusJSON, err)
	}
	if err := replaceFile(filepath.Join(w.partial, RunStatusJSON), text); err != nil {
		return fmt.Errorf("writing %s: %w", RunStatusJSON, err)
	}
	w.files[RunStatusJSON] = wholeFile(RunStatusJSON, text)
	return nil
}

// stamped puts a document's schema version and run id in.
func (w *Writer) stamped(name string, text []byte) ([]byte, error) {
	if byName[name].Version == 0 {
		return nil, errors.New("not a JSON document of a bundle")
	}
	return stamp(text, field{"schema_version", SchemaOf(name)}, field{"run_id", w.runID})
}

// learnWorld remembers the run's world for the index.
func (w *Writer) learnWorld(text []byte) {
	var head struct {
		WorldID string `json:"world_id"`
	}
	if json.Unmarshal(text, &head) == nil {
		w.mu.Lock()
		w.worldID = head.WorldID
		w.mu.Unlock()
	}
}

// Time formats t as every time in a bundle: RFC 3339, UTC, nanoseconds at a
// fixed width.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// plainName reports whether s can name one directory entry without surprises.
func plainName(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return s != "" && len(s) <= 200 && s[0] != '.' && strings.Trim(s, allowed) == "" &&
		!strings.HasSuffix(s, ".partial")
}

// CleanPath reports whether name is a path that may stand in a bundle:
// relative, slash-separated, clean, printable.
func CleanPath(name string) bool {
	if name == "" || len(name) > 1024 || name != path.Clean(name) || !filepath.IsLocal(name) || name == "." {
		return false
	}
	for _, r := range name {
		if r < 0x20 || r == 0x7f || r == '\\' || r == 0xfffd {
			return false
		}
	}
	return true
}
