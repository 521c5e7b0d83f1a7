package selftest

import "sync"

// tail keeps the end of what is written to it, and calls over once when there
// was more than limit. It never refuses a write.
type tail struct {
	limit, keep int
	over        func()

	mu    sync.Mutex
	total int
	last  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.total
	t.total += len(p)
	t.last = append(t.last, p[max(0, len(p)-t.keep):]...)
	t.last = append(t.last[:0], t.last[max(0, len(t.last)-t.keep):]...)
	if before <= t.limit && t.total > t.limit {
		t.over()
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}
