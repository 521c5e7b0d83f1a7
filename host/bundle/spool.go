package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// SpoolDir is where a bundle that is being written keeps the rows of each part of
// the run. A finished bundle has none.
const SpoolDir = "spool"

// spooled are the documents whose rows come from parts that run side by side.
var spooled = []string{BaselineResults, RuntimeResults, RuntimeEvents, WitnessEvents, OracleResults, MismatchPackets}

// Spool keeps the rows of one part of the run, a profile of the plan, until all
// parts are there: the documents have them in the order of the parts, not in the
// order in which the parts end. The rows are in one file, a line "<document> <row>" each, and not in
// memory: a row was handed to the kernel when Append returns, so that it survives
// the process. Its methods may be called by several goroutines.
type Spool struct {
	path string

	mu     sync.Mutex
	f      *os.File // nil before the first row and while the part rests
	size   int64    // of the rows that were written whole
	err    error    // the first error, which sticks
	joined bool
}

// Spools makes a spool for each of so many parts, in their order. header is that of
// [Writer.Array]. No spool has a file before its first row.
func (w *Writer) Spools(parts int, header any) ([]*Spool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.spools != nil {
		return nil, fmt.Errorf("making spools: %w", ErrClosed)
	}
	dir := filepath.Join(w.partial, SpoolDir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making spools: %w", err)
	}
	w.spools, w.header = make([]*Spool, parts), header
	for i := range w.spools {
		w.spools[i] = &Spool{path: filepath.Join(dir, fmt.Sprintf("%06d", i+1))}
	}
	return w.spools, nil
}

// Append adds one row to what the document has of this part.
func (s *Spool) Append(document string, row any) error {
	text, err := rowText(document, row)
	if err != nil {
		return err
	}
	line := make([]byte, 0, len(document)+len(text)+2)
	line = append(append(append(append(line, document...), ' '), text...), '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return fmt.Errorf("writing a row of %s: %w", document, err)
	}
	if _, err := s.f.Write(line); err != nil {
		s.err = err
		return fmt.Errorf("writing a row of %s: %w", document, err)
	}
	s.size += int64(len(line))
	return nil
}

// open opens the file for a row. The lock is held.
func (s *Spool) open() (err error) {
	switch {
	case s.joined:
		return ErrClosed
	case s.err != nil || s.f != nil:
		return s.err
	}
	s.f, err = os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	return err
}

// Rest gives the descriptor back when no row is to be expected soon. A row that
// comes all the same takes it again.
func (s *Spool) Rest() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rest()
}

// rest is Rest with the lock held.
func (s *Spool) rest() error {
	if s.f == nil {
		return nil
	}
	err := s.f.Close()
	s.f = nil
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("closing a spool: %w", err)
	}
	return err
}
