package seatbelt

import (
	"bufio"
	"bytes"
	"io"
	"sync"
	"time"
)

// maxLine is far more than a record of the kernel's has.
const maxLine = 1 << 20

// maxRecords is how many reports of a run are kept.
const maxRecords = 100_000

// stream gathers what a log stream says. Its zero value is ready.
type stream struct {
	mu      sync.Mutex
	reports []Record
	lost    int           // loss events, and reports beyond maxRecords
	forged  int           // lines that only looked like reports
	last    time.Time     // when the last line came
	ready   chan struct{} // closed at the banner
	once    sync.Once
}

func newStream() *stream { return &stream{ready: make(chan struct{})} }

// read takes lines until the log ends. A line that is not in the log's format is
// skipped: log(1) writes warnings among its records.
func (s *stream) read(r io.Reader) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(lines)
		if len(bytes.TrimSpace(line)) > 0 {
			s.take(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine is one line; of a line that is too long nothing is kept.
func readLine(r *bufio.Reader) (line []byte, err error) {
	for tooLong := false; ; {
		part, more, err := r.ReadLine()
		if tooLong = tooLong || len(line)+len(part) > maxLine; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if err != nil || !more {
			return line, err
		}
	}
}

func (s *stream) take(line []byte) {
	rec, err := ParseRecord(line)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	switch {
	case err != nil:
	case rec.Kind == KindBanner:
		s.once.Do(func() { close(s.ready) })
	case rec.Kind == KindLoss:
		s.lost++
	case rec.Kind == KindForged:
		s.forged++
	case rec.Kind == KindReport && len(s.reports) < maxRecords:
		s.reports = append(s.reports, rec)
	case rec.Kind == KindReport:
		s.lost++
	}
}

// since lists the reports from a moment on.
func (s *stream) since(t time.Time) (out []Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.reports {
		if !r.Time.Before(t) {
			out = append(out, r)
		}
	}
	return out
}
