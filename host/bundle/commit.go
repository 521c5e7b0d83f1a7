package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"sync"
)

// Commit finishes the bundle: joins the spools, closes what is open, writes run_status.json and
// then artifact_index.json, syncs everything, renames the directory to its
// final name and points outDir/LATEST and outDir/<document> at it. It returns
// the final directory. On an error before the rename the directory keeps its
// .partial name; when only the links fail, the bundle is whole and returned
// beside the error.
func (w *Writer) Commit() (string, error) {
	if err := w.Join(); err != nil {
		return "", fmt.Errorf("committing bundle: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return "", fmt.Errorf("committing bundle: %w", ErrClosed)
	}
	w.closed = true
	index, err := w.finish()
	if err != nil {
		return "", fmt.Errorf("committing bundle: %w", err)
	}
	if err := w.seal(index); err != nil {
		return "", fmt.Errorf("committing bundle: %w", err)
	}
	w.partial = w.dir
	if err := w.link(index); err != nil {
		return w.dir, fmt.Errorf("linking bundle: %w", err)
	}
	return w.dir, nil
}

// Abort ends a run that has no bundle: .partial stays for people to look at,
// and its run_status.json says failed or interrupted and why. The status is written
// first: joining the rows may take longer than the process has left. After Commit
// Abort does nothing, so it can be deferred.
func (w *Writer) Abort(state RunState, reason string) error {
	err := w.Status(state, reason)
	if errors.Is(err, ErrClosed) {
		return nil
	}
	err = errors.Join(err, w.Join())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	errs := []error{err}
	for _, f := range w.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// finish closes every file, settles the status and draws the index up.
func (w *Writer) finish() (*Index, error) {
	for _, f := range w.files {
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	state := w.status.State
	if state == InProgress {
		state = Complete
	}
	if err := w.writeStatus(state, w.status.Reason); err != nil {
		return nil, err
	}
	if err := w.noStrangers(); err != nil {
		return nil, err
	}
	index := &Index{SchemaVersion: SchemaOf(ArtifactIndex), RunID: w.runID, WorldID: w.worldID}
	for _, f := range w.files {
		index.Artifacts = append(index.Artifacts, f.entry())
	}
	sort.Slice(index.Artifacts, func(i, j int) bool {
		return index.Artifacts[i].Path < index.Artifacts[j].Path
	})
	return index, nil
}

// noStrangers refuses files that did not go through the writer.
func (w *Writer) noStrangers() error {
	return filepath.WalkDir(w.partial, func(full string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(w.partial, full)
		if err != nil {
			return err
		}
		if w.files[filepath.ToSlash(rel)] == nil {
			return fmt.Errorf("%s was not written by this run's writer", rel)
		}
		return nil
	})
}

// seal syncs the files, writes the index and gives the directory its name.
func (w *Writer) seal(index *Index) error {
	text, err := encode(index)
	if err != nil {
		return err
	}
	if text, err = indent(text); err != nil {
		return err
	}
	if err := syncTree(w.partial); err != nil {
		return err
	}
	name := filepath.Join(w.partial, ArtifactIndex)
	if err := replaceFile(name, text); err != nil {
		return err
	}
	if err := syncAll(name, w.partial); err != nil {
		return err
	}
	if _, err := os.Lstat(w.dir); err == nil {
		return fmt.Errorf("%s exists", w.dir)
	}
	if err := os.Rename(w.partial, w.dir); err != nil {
		return err
	}
	return syncAll(filepath.Dir(w.dir))
}

// syncTree syncs every file and directory under dir, a few at once: each waits
// for the disk.
func syncTree(dir string) error {
	var names []string
	err := filepath.WalkDir(dir, func(full string, _ fs.DirEntry, err error) error {
		names = append(names, full)
		return err
	})
	if err != nil {
		return err
	}
	const atOnce = 8
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for w := range min(atOnce, len(names)) {
		all.Go(func() {
			for i := w; i < len(names); i += atOnce {
				errs[i] = syncAll(names[i])
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// syncAll syncs each path, file or directory.
func syncAll(paths ...string) error {
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return fmt.Errorf("syncing %s: %w", p, err)
		}
	}
	return nil
}

// link switches LATEST to this run and makes sure that every document at the
// top of the bundle has a link through it. A file of the user's with the same
// name is left alone.
func (w *Writer) link(index *Index) error {
	if err := w.switchLink("LATEST", filepath.Join("runs", w.runID)); err != nil {
		return err
	}
	names := []string{ArtifactIndex}
	for _, e := range index.Artifacts {
		if byName[e.Path].Link {
			names = append(names, e.Path)
		}
	}
	for _, name := range names {
		err := w.switchLink(name, filepath.Join("LATEST", name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// replaceable says that nothing is there, or a symbolic link.
func replaceable(link string) bool {
	st, err := os.Lstat(link)
	return err != nil || st.Mode()&fs.ModeSymlink != 0
}

// switchLink points out/<name> at target in one step. Only symbolic links are
// replaced.
func (w *Writer) switchLink(name, target string) error {
	link := filepath.Join(w.out, name)
	if !replaceable(link) {
		return fmt.Errorf("%s is not a symbolic link: %w", link, fs.ErrExist)
	}
	if old, err := os.Readlink(link); err == nil && old == target {
		return nil
	}
	tmp := filepath.Join(w.out, "."+name+"."+w.runID)
	if err := os.Symlink(target, tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, link); err != nil {
		os.Remove(tmp)
		return err
	}
	return nil
}
