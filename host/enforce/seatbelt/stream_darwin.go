package seatbelt

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// logStream is a running log(1).
type logStream struct {
	*stream
	cmd  *exec.Cmd
	done chan struct{}
	why  string // why there is no log; read after ready or done
}

// logTimeout is how long the log may take to say that it listens.
const logTimeout = 5 * time.Second

// settleTime is how long a report may take to come through the log.
const settleTime = 700 * time.Millisecond

// predicate is what the log is asked for; who sent a record is checked again.
const predicate = `senderImagePath ENDSWITH "/Sandbox.kext/Contents/MacOS/Sandbox" OR eventType == "lossEvent"`

// startLog starts the stream and waits until it listens.
func startLog() *logStream {
	l := &logStream{stream: newStream(), done: make(chan struct{})}
	l.cmd = exec.Command("/usr/bin/log", "stream", "--style", "ndjson", "--level", "debug", "--predicate", predicate)
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
	case <-time.After(logTimeout):
	}
	return l
}

// records waits for what is under way.
func (l *logStream) records(since time.Time) ([]Record, string) {
	select {
	case <-l.done:
		return l.since(since), l.why
	case <-time.After(settleTime):
	}
	select {
	case <-l.ready:
		return l.since(since), ""
	default:
		return l.since(since), "log(1) did not say that it listens"
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
