package bus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second // a virtual machine may stand still for 10 s
	endTimeout   = 5 * time.Second
)

// process is a bus or a fixture: it has printed one line, and ends at the end of
// its stdin or, at the latest, by a signal.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr *tail
	first  string // the line that it printed

	mu   sync.Mutex // one question at a time
	once sync.Once  // ends it
	bad  error      // from ending it
}

// run starts a program and waits for its first line.
func (b *Buses) run(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, stderr: new(tail)}
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stderr = p.stderr
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = bufio.NewReader(out)
	if err := b.start(cmd); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.processes = append(b.processes, p)
	b.mu.Unlock()
	line, err := p.line(ctx, startTimeout)
	if err != nil {
		p.end() // all its words are here only then
		return nil, fmt.Errorf("%s did not get ready: %w%s", cmd.Path, err, p.complaint())
	}
	p.first = line
	return p, nil
}

// line reads a line, up to a deadline at which the process is ended.
func (p *process) line(ctx context.Context, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	defer stop()
	s, err := p.stdout.ReadString('\n')
	if err == nil {
		return strings.TrimSuffix(s, "\n"), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", errors.New("it ended")
}

// complaint is what a process that has ended wrote to stderr, as the end of a sentence.
func (p *process) complaint() string {
	if s := strings.TrimSpace(p.stderr.String()); s != "" {
		return ": " + s
	}
	return ""
}

// end closes stdin, which ends a fixture; a bus is told by SIGTERM. What does
// not listen is killed.
func (p *process) end() error {
	p.once.Do(func() { p.bad = p.reap() })
	return p.bad
}

func (p *process) reap() error {
	p.stdin.Close()
	p.cmd.Process.Signal(syscall.SIGTERM)
	stop := time.AfterFunc(endTimeout, func() { p.cmd.Process.Kill() })
	defer stop.Stop()
	io.Copy(io.Discard, p.stdout)
	var ended *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &ended) {
		return fmt.Errorf("ending %s: %w", p.cmd.Path, err)
	}
	return nil
}

// tail keeps the beginning of what is written to it.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(b[:min(len(b), max(0, 2048-t.b.Len()))])
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
