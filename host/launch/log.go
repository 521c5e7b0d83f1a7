package launch

import (
	"io"
	"strings"
	"sync"
)

// tailSize is how much of a log Diagnose quotes from.
const tailSize = 4096

// logTail copies a process's stderr to the bundle, up to MaxLog bytes, and
// remembers the end of it.
type logTail struct {
	mu   sync.Mutex
	w    io.Writer
	left int
	end  []byte
}

func newLogTail(w io.Writer) *logTail {
	if w == nil {
		w = io.Discard
	}
	return &logTail{w: w, left: MaxLog}
}

func (l *logTail) write(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, b...)
	if n := len(l.end) - tailSize; n > 0 {
		l.end = append(l.end[:0], l.end[n:]...)
	}
	if l.left == 0 {
		return
	}
	if len(b) >= l.left {
		l.w.Write(b[:l.left])
		io.WriteString(l.w, "\n[hrhost: the rest of this log was dropped, the limit is 8 MiB]\n")
		l.left = 0
		return
	}
	l.w.Write(b)
	l.left -= len(b)
}

// tail is the last lines, at most five.
func (l *logTail) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.end)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
