package clean

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// fileKept in a root says that its results are kept there.
const fileKept = "kept"

// keep leaves a job's results, which could not be moved, to a person, and says
// where they are. Their root gets another name, under which no later run removes
// it. Where that cannot be, it stays where it is, and its request is renamed to
// be the mark: that needs no room, and says where the results belong.
func (s *Stage) keep() (results string) {
	root := s.root()
	s.kept = true
	kept := filepath.Join(filepath.Dir(root), "kept-"+filepath.Base(root))
	if os.Rename(root, kept) == nil {
		return filepath.Join(kept, dirResults)
	}
	os.Rename(filepath.Join(root, fileRequest), filepath.Join(root, fileKept))
	return filepath.Join(root, dirResults)
}

// root is the directory that all of the run is in.
func (s *Stage) root() string {
	if s.above != "" {
		return s.above
	}
	return s.Dir
}

// wanted is where the results of a root's job belong, "" for nowhere: there was no
// job, or they are thrown away.
func wanted(root string) string {
	f, err := os.Open(filepath.Join(root, fileRequest))
	if err != nil {
		return ""
	}
	defer f.Close()
	e, err := decode(f, new(json.RawMessage))
	if err != nil {
		return ""
	}
	return e.Out
}

// isKept tells a root that was kept where it is.
func isKept(root string) bool {
	_, err := os.Lstat(filepath.Join(root, fileKept))
	return err == nil
}
