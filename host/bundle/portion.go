package bundle

import (
	"bytes"
	"encoding/json"
	"runtime"
	"sync"
)

// portion holds rows until there are enough to keep every processor busy, checks
// them side by side and then takes them in the order of the file. Checking a row
// against its schema costs several times what reading it does.
type portion[T any] struct {
	stem string
	take func(*checkedRow[T])
	rows []*checkedRow[T]
	size int
}

// checkedRow is a row with what is wrong with it.
type checkedRow[T any] struct {
	n    int
	text []byte
	row  T
	err  error
}

// Bounds of a portion. Rows of a hostile bundle may be long.
const (
	portionRows  = 256
	portionBytes = 4 << 20
)

func (p *portion[T]) add(n int, text []byte) error {
	p.rows = append(p.rows, &checkedRow[T]{n: n, text: bytes.Clone(text)})
	if p.size += len(text); len(p.rows) == portionRows || p.size > portionBytes {
		p.flush()
	}
	return nil
}

func (p *portion[T]) flush() {
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range min(workers, len(p.rows)) {
		all.Go(func() {
			for i := w; i < len(p.rows); i += workers {
				p.rows[i].check(p.stem + ".row")
			}
		})
	}
	all.Wait()
	for _, r := range p.rows {
		p.take(r)
	}
	p.rows, p.size = p.rows[:0], 0
}

func (r *checkedRow[T]) check(stem string) {
	decode := json.Unmarshal
	if stem == stemOf(MismatchPackets)+".row" { // the one kind of row that may have other members
		decode = unmarshal
	}
	if r.err = validate(stem, r.text); r.err == nil {
		r.err = decode(r.text, &r.row)
	}
}
