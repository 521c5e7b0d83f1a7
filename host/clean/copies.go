package clean

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxCopies bounds what is copied to a job's root: programs, plan, profiles.
const maxCopies = 512 << 20

// stageCopies copies files below dir, those of one directory beside each other,
// and returns where each is, and each directory. The asker may read them; a
// launchd job might not. Attributes are not copied: the asker itself is allowed
// to run. A file that is not there is left out: whoever needs it says so.
func stageCopies(files []string, dir string) (map[string]string, error) {
	if err := enoughRoom(files, filepath.Dir(dir)); err != nil {
		return nil, err
	}
	staged := map[string]string{}
	for _, f := range files {
		from := filepath.Dir(f)
		if staged[from] == "" {
			staged[from] = filepath.Join(dir, fmt.Sprint(len(staged)))
			if err := os.MkdirAll(staged[from], 0o700); err != nil {
				return nil, stageFailure(err)
			}
		}
		to := filepath.Join(staged[from], filepath.Base(f))
		if staged[f] == to {
			continue
		}
		if err := copyFile(f, to); os.IsNotExist(err) {
			continue
		} else if err != nil {
			return nil, stageFailure(err)
		}
		staged[f] = to
	}
	return staged, nil
}

// enoughRoom looks at sizes before anything is written.
func enoughRoom(files []string, parent string) error {
	var size uint64
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			size += uint64(info.Size())
		}
	}
	if size > maxCopies {
		return &Failure{Kind: NoStage, Cause: fmt.Sprintf("programs, plan and profiles have %d MiB together, and the root takes %d", size>>20, maxCopies>>20)}
	}
	if free, ok := room(parent); ok && free < size+minFree {
		return &Failure{Kind: StageFull, Cause: fmt.Sprintf("%d KiB are free in %s, and this run needs %d", free>>10, parent, (size+minFree)>>10)}
	}
	return nil
}

// copyFile makes a new file with the bytes and the permissions of another.
func copyFile(from, to string) error {
	src, err := os.OpenFile(from, os.O_RDONLY|unix.O_NONBLOCK, 0) // nobody may ever write to a FIFO
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("copying %s: it is not a regular file", from)
	}
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, io.LimitReader(src, maxCopies))
	if cerr := dst.Close(); err == nil {
		err = cerr
	}
	return err
}

// Staged is where the process finds a file or directory that its asker named.
func (s *Stage) Staged(path string) string {
	if to := s.staged[path]; to != "" {
		return to
	}
	return path
}

// Results is where the process writes what belongs in its asker's Out, to which
// the asker moves it. A child writes there itself.
func (s *Stage) Results() string {
	if s.above == "" || s.out == "" {
		return s.out
	}
	return filepath.Join(s.above, dirResults)
}

// Final is where a file below Results will be in the end.
func (s *Stage) Final(path string) string {
	if rel, err := filepath.Rel(s.Results(), path); err == nil && filepath.IsLocal(rel) {
		return filepath.Join(s.out, rel)
	}
	return path
}
