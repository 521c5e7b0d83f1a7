package launch

import (
	"io"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/internal/text"
)

// tailSize is how much of a log Diagnose quotes from.
const tailSize = 4096

// logTail copies a process's stderr to the bundle, up to MaxLog bytes, and
// remembers the end of it.
type logTail struct {
	mu   sync.Mutex
	w    io.Writer
	left int
	cut  bool // more came than is kept
	end  []byte
}

func newLogTail(w io.Writer) *logTail {
	if w == nil {
		w = io.Discard
	}
	return &logTail{w: w, left: MaxLog}
}

// Write never fails, so that a process is not blocked by a full disk.
func (l *logTail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, b...)
	if n := len(l.end) - tailSize; n > 0 {
		l.end = append(l.end[:0], l.end[n:]...)
	}
	if l.left == 0 {
		return len(b), nil
	}
	if len(b) >= l.left {
		l.w.Write(b[:l.left])
		io.WriteString(l.w, "\n[hrhost: the rest of this log was dropped, the limit is 8 MiB]\n")
		l.left, l.cut = 0, true
		return len(b), nil
	}
	l.w.Write(b)
	l.left -= len(b)
	return len(b), nil
}

func (l *logTail) wasCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// stop drops what still comes: the log's file may be closed now.
func (l *logTail) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = 0
}

// last is the line that says most: a panic's message, or else the last line.
func (l *logTail) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.end)), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return text.Clip(line, 200)
		}
	}
	return text.Clip(lines[len(lines)-1], 200)
}
