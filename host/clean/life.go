package clean

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// life is a FIFO that a job's processes hold open as long as they live, so that
// the kernel tells of their end, however they came to it. Each writes a line with
// its name and pid when it begins.
type life struct {
	mu    sync.Mutex
	fd    int
	text  []byte
	begun bool // somebody held it
	ended bool // and nobody does any more
}

func newLife(path string) (*life, error) {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, &os.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return &life{fd: fd}, nil
}

// maxLife bounds what is kept of the lines.
const maxLife = 4 << 10

// look reads what was written, and reports that all who held the FIFO are gone.
// fact:launch.fifo
func (f *life) look() (ended bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	buf := make([]byte, 512)
	for range 16 {
		n, err := unix.Read(f.fd, buf)
		switch {
		case n > 0:
			f.begun, f.ended = true, false
			f.text = append(f.text, buf[:min(n, maxLife-len(f.text))]...)
			continue
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			f.begun, f.ended = true, false
		case err == nil: // nobody has it open for writing
			f.ended = f.begun
		}
		break
	}
	return f.ended
}

// pid is who wrote a line of that name, 0 if nobody has.
func (f *life) pid(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for line := range bytes.Lines(f.text) {
		if who, number, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" ")); ok && string(who) == name {
			pid, _ := strconv.ParseUint(string(number), 10, 31)
			return int(pid)
		}
	}
	return 0
}

// waitEnd waits until nobody holds the FIFO, which may be at once.
func (f *life) waitEnd(limit time.Duration) bool {
	for end := time.Now().Add(limit); ; time.Sleep(pollTime / 5) {
		f.look()
		f.mu.Lock()
		held := f.begun && !f.ended
		f.mu.Unlock()
		if !held || time.Now().After(end) {
			return !held
		}
	}
}

func (f *life) close() { unix.Close(f.fd) }
