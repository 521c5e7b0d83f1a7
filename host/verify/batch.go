package verify

import (
	"bytes"
	"runtime"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
)

// batch holds rows until there are enough to keep every processor busy, checks
// them side by side while the next ones are read, and then takes them in the order
// of the file. Checking a row against its schema costs several times what reading
// it does.
type batch[T any] struct {
	name    string // of the document
	version int
	decode  func(text []byte, row any) error
	take    func(*checkedRow[T])
	rows    []*checkedRow[T]
	size    int
	checked []*checkedRow[T] // before rows, and not taken yet
	checks  sync.WaitGroup   // that are under way
}

// checkedRow is a row with what is wrong with it.
type checkedRow[T any] struct {
	n    int
	text []byte
	row  T
	err  error
}

// Bounds of a batch. Rows of a hostile bundle may be long.
const (
	batchRows  = 256
	batchBytes = 4 << 20
)

func (p *batch[T]) add(n int, text []byte) error {
	p.rows = append(p.rows, &checkedRow[T]{n: n, text: bytes.Clone(text)})
	if p.size += len(text); len(p.rows) == batchRows || p.size > batchBytes {
		p.next()
	}
	return nil
}

// next takes the rows whose checks are under way and begins those of the rows
// that came since.
func (p *batch[T]) next() {
	p.checks.Wait()
	for _, r := range p.checked {
		p.take(r)
	}
	p.checked, p.rows, p.size = p.rows, p.checked[:0], 0
	rows, workers := p.checked, runtime.GOMAXPROCS(0)
	for w := range min(workers, len(rows)) {
		p.checks.Go(func() {
			for i := w; i < len(rows); i += workers {
				rows[i].check(p)
			}
		})
	}
}

// flush takes all that is left.
func (p *batch[T]) flush() {
	p.next()
	p.next()
}

func (r *checkedRow[T]) check(p *batch[T]) {
	if r.err = bundle.ValidateRow(p.name, p.version, r.text); r.err == nil {
		r.err = p.decode(r.text, &r.row)
	}
}
