package run

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// spool keeps values from one phase of a run for a later one, so that memory
// does not grow with the plan. Its file has no name: no other process can open
// it, and none is left behind.
type spool struct {
	mu   sync.Mutex
	file *os.File
	end  int64
}

// extent is where a value lies.
type extent struct{ at, size int64 }

func newSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, "hr.spool.")
	if err != nil {
		return nil, fmt.Errorf("making a spool: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("removing the spool's name: %w", err)
	}
	return &spool{file: f}, nil
}

func (s *spool) put(v any) (extent, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return extent{}, fmt.Errorf("encoding for the spool: %w", err)
	}
	s.mu.Lock()
	e := extent{s.end, int64(len(b))}
	s.end += e.size
	s.mu.Unlock()
	if _, err := s.file.WriteAt(b, e.at); err != nil {
		return extent{}, fmt.Errorf("writing %d bytes to the spool: %w", e.size, err)
	}
	return e, nil
}

func (s *spool) get(e extent, v any) error {
	b := make([]byte, e.size)
	if _, err := s.file.ReadAt(b, e.at); err != nil {
		return fmt.Errorf("reading %d bytes of the spool: %w", e.size, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decoding from the spool: %w", err)
	}
	return nil
}

func (s *spool) close() { s.file.Close() }
