package seatbelt

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"

	"github.com/hrhost/hrhost/internal/seatbelt"
)

// logStream is a running log(1).
type logStream struct {
	*stream
	source logSource
	cmd    *exec.Cmd
	done   chan struct{}
	why    string // why there is no log; read after ready or done
}

// logSource is how log(1) is started and how long it is waited for. The tests play it.
type logSource struct {
	command func(args ...string) *exec.Cmd
	listens time.Duration // until it says that it listens
	settle  time.Duration // until a report has come through it
}

// systemLog is this Mac's own. log(1) is a program of the system's, which macOS does not
// assess before its first execution.
var systemLog = logSource{
	command: func(args ...string) *exec.Cmd { return exec.Command("/usr/bin/log", args...) },
	listens: 5 * time.Second,
	settle:  700 * time.Millisecond,
}

// startLog starts the stream and waits until it listens.
func startLog(source logSource) *logStream {
	l := &logStream{stream: newStream(), source: source, done: make(chan struct{})}
	l.cmd = source.command("stream", "--style", "ndjson", "--level", "debug", "--predicate", seatbelt.LogPredicate)
	var words bytes.Buffer
	l.cmd.Stderr = &words
	out, err := l.cmd.StdoutPipe()
	if err == nil {
		err = l.cmd.Start()
	}
	if err != nil {
		l.why = fmt.Sprintf("starting log(1): %v", err)
		close(l.done)
		return l
	}
	go func() {
		defer close(l.done)
		l.read(out)
		l.cmd.Wait()
		l.why = ExplainLog(words.String(), l.cmd.ProcessState.ExitCode())
		if l.why == "" {
			l.why = fmt.Sprintf("log(1) ended: %s: %s", l.cmd.ProcessState, bytes.TrimSpace(words.Bytes()))
		}
	}()
	select {
	case <-l.ready:
	case <-l.done:
	case <-time.After(source.listens):
	}
	return l
}

// records waits for what is under way.
func (l *logStream) records(since time.Time) ([]Record, string) {
	select {
	case <-l.done:
	case <-time.After(l.source.settle):
	}
	select {
	case <-l.done:
		return l.since(since), l.why
	default:
	}
	select {
	case <-l.ready:
		return l.since(since), ""
	default:
		return l.since(since), fmt.Sprintf("log(1) did not say within %s that it listens", l.source.listens)
	}
}

func (l *logStream) close() error {
	if l.cmd.Process == nil {
		return nil
	}
	l.cmd.Process.Kill()
	<-l.done
	return nil
}
