package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hrhost/hrhost/internal/text"
)

// joinBuffer is how much of a spool, and of each document, is in memory while they
// are joined. Rows may be longer.
const joinBuffer = 64 << 10

// Join writes the documents of rows from the spools, part after part, and removes
// each spool once its rows are in their documents: on disk there is at most one
// spool more than the bundle will have. It keeps no row in memory. Without spools,
// and a second time, it does nothing. The parts must have come to their end.
func (w *Writer) Join() error {
	w.mu.Lock()
	spools, header := w.spools, w.header
	w.spools, w.header = nil, nil
	w.mu.Unlock()
	if spools == nil {
		return nil
	}
	docs := map[string]*joining{}
	var failed error
	for _, name := range spooled {
		d, err := w.joining(name, header)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		docs[name] = d
	}
	for _, s := range spools {
		if err := s.join(docs); err != nil && failed == nil {
			failed = err
		}
	}
	for _, d := range docs {
		failed = errors.Join(failed, d.close())
	}
	if failed != nil {
		return failed
	}
	return os.Remove(filepath.Join(w.Dir(), SpoolDir))
}

// joining is a document on its way.
type joining struct {
	f     *file
	out   *bufio.Writer
	array bool
	rows  int
}

func (w *Writer) joining(name string, header any) (*joining, error) {
	if byName[name].Shape == Array {
		a, err := w.Array(name, header)
		if err != nil {
			return nil, err
		}
		return &joining{f: a.f, out: bufio.NewWriterSize(a.f, joinBuffer), array: true}, nil
	}
	l, err := w.Lines(name)
	if err != nil {
		return nil, err
	}
	return &joining{f: l.f, out: bufio.NewWriterSize(l.f, joinBuffer)}, nil
}

func (d *joining) close() error { return errors.Join(d.out.Flush(), d.f.Close()) }

// begin puts in front of a row what separates it from the one before.
func (d *joining) begin() {
	if !d.array {
		return
	}
	if d.rows > 0 {
		d.out.WriteByte(',')
	}
	d.out.WriteByte('\n')
	d.rows++
}

// join moves a spool's rows into their documents. What was not written whole, by a
// disk that is full, is left out.
func (s *Spool) join(docs map[string]*joining) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined = true
	s.rest()
	if s.size == 0 {
		return s.err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("joining rows: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.LimitReader(f, s.size), joinBuffer)
	for err == nil {
		err = joinRow(in, docs)
	}
	if err == io.EOF {
		err = nil
	}
	for _, d := range docs { // before the spool goes: a process that is killed loses no row
		err = errors.Join(err, d.out.Flush())
	}
	if err = errors.Join(s.err, err); err != nil {
		return fmt.Errorf("joining rows: %w", err)
	}
	return os.Remove(s.path)
}

// joinRow moves the next line to its document, in pieces when it is long. A row's
// text has no line end: JSON escapes it.
func joinRow(in *bufio.Reader, docs map[string]*joining) error {
	piece, err := in.ReadSlice('\n')
	if len(piece) == 0 {
		return err
	}
	name, rest, _ := bytes.Cut(piece, []byte(" "))
	d := docs[string(name)]
	if d == nil {
		return fmt.Errorf("no document for a row of %q", text.Brief(string(name)))
	}
	d.begin()
	for piece = rest; ; piece, err = in.ReadSlice('\n') {
		if d.array && err == nil {
			piece = piece[:len(piece)-1]
		}
		if _, failed := d.out.Write(piece); failed != nil {
			return failed
		}
		if err == nil {
			return nil
		}
		if err != bufio.ErrBufferFull {
			return io.ErrUnexpectedEOF // of whole lines only
		}
	}
}
