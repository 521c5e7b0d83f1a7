package main

// The contract of the terminal:
//
//   - Results go to stdout: the table and the bundle's path, or one JSON object
//     with --json.
//   - With --quiet, what went well is not told: stdout has the path of what was
//     written and kept, or, of a verb that writes nothing, what was found wrong.
//     What run, try, sweep and selftest found wrong goes to stderr then. A verb
//     that only answers a question (explain, sb decide, world...) answers.
//   - Progress, errors and hints go to stderr. An error is one line that starts
//     with "hrhost: error:", lower case, without a full stop; "hrhost: hint:"
//     lines say what to try.
//   - No output error ends a measurement; docs/failures.md has the exit codes.
//   - Text that came from a plugin, a profile or a file is escaped: it cannot
//     move the cursor or colour the screen.
//   - Nothing is said by colour alone, and lines are never rewritten.
//   - The exit code says it all: 0 as expected, 1 mismatches, differences or
//     findings, 2 usage, plan or profile refused, 3 incomplete, 4 internal.

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/host/clean"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/internal/text"
)

// exitError carries an exit code. Its message is printed unless it is empty.
type exitError struct {
	code  int
	err   error
	hints []string
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exit makes an error that only sets the exit code; what was wrong has been
// printed already.
func exit(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

func refuse(err error, hints ...string) error {
	return &exitError{code: run.ExitRefused, err: err, hints: hints}
}

// errInterrupted is Ctrl-C where nothing is kept of what was done.
var errInterrupted error = &exitError{code: run.ExitIncomplete, err: errors.New("interrupted")}

type ui struct {
	out      *printed
	err      io.Writer
	quiet    bool
	json     bool
	lines    []run.Line
	shown    string // the command line, without its flags
	channel  string
	sweep    bool      // the verb is sweep
	progress time.Time // when a sweep last said how far it is
	kept     string    // the directory of the measurement, "" when all of it goes to out
	stop     interruption
}

func newUI(out, err io.Writer) *ui { return &ui{out: &printed{to: out}, err: err} }

// printed is where results go. It remembers the first error and drops the output
// after it: no verb stops in the middle because its output is lost.
type printed struct {
	to io.Writer

	mu  sync.Mutex
	err error
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		_, p.err = p.to.Write(b)
	}
	return len(b), nil
}

// lost notes that a worker's results could not be passed on.
func (p *printed) lost(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = cmp.Or(p.err, err)
}

// unprinted reports results that could not be written, and returns the exit code.
// It is the verb's own, but for an answer that is lost and was to be a success. A
// reader that closed its pipe, as head(1) does, has read enough.
func (u *ui) unprinted(code int) int {
	err := u.out.err
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return code
	}
	err = fmt.Errorf("printing the result: %w", err)
	if u.kept != "" {
		u.complain(err, "the measurement is in "+short(u.kept))
		return code
	}
	if lost := u.exit(err); code == run.ExitOK {
		return lost
	}
	return code
}

// exit prints an error and returns the process's exit code.
func (u *ui) exit(err error) int {
	if err == nil {
		return 0
	}
	var ee *exitError
	if !errors.As(err, &ee) {
		var cf *clean.Failure
		if errors.As(err, &cf) {
			u.complain(err, cf.Hints()...)
			return run.ExitIncomplete
		}
		if hint := exhausted(err); hint != "" {
			first, _, _ := strings.Cut(err.Error(), "\n") // the others are about the same
			u.complain(errors.New(first), hint)
			return run.ExitIncomplete
		}
		u.complain(err)
		var le *launch.Error
		if errors.As(err, &le) {
			return run.ExitIncomplete
		}
		return run.ExitInternal
	}
	if ee.err != nil {
		u.complain(ee.err, ee.hints...)
	}
	return ee.code
}

// exhausted says what to do where the machine ran out of something, which is no
// mistake of hrhost's; "" where it did not.
func exhausted(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "free some space on that file system"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "allow more open files: ulimit -n"
	}
	return ""
}

func (u *ui) complain(err error, hints ...string) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(u.err, "hrhost: error: %s\n", text.Terminal(strings.TrimRight(line, "\n")))
	}
	var le *launch.Error
	if errors.As(err, &le) && le.Hint != "" {
		hints = append(hints, le.Hint)
	}
	for _, h := range hints {
		if h == "" {
			continue
		}
		fmt.Fprintf(u.err, "hrhost: hint: %s\n", text.Terminal(h))
	}
}

// printf writes a result line that --quiet leaves out: what went well.
func (u *ui) printf(format string, args ...any) {
	if !u.json && !u.quiet {
		fmt.Fprintf(u.out, format, args...)
	}
}

// tell writes a result line that is printed with --quiet too: an answer that was
// asked for, or what was found wrong.
func (u *ui) tell(format string, args ...any) {
	if !u.json {
		fmt.Fprintf(u.out, format, args...)
	}
}

// warn is tell of a verb whose stdout is a path with --quiet.
func (u *ui) warn(format string, args ...any) {
	if !u.json {
		fmt.Fprintf(u.besidePath(), format, args...)
	}
}

// besidePath is where what was found goes when a path is printed.
func (u *ui) besidePath() io.Writer {
	if u.quiet {
		return u.err
	}
	return u.out
}

// path writes the path of what was written, all that --quiet leaves on stdout.
func (u *ui) path(path string) {
	if u.quiet && !u.json {
		fmt.Fprintln(u.out, path)
	}
}

// object writes the one JSON object of --json, in one piece, with hidden characters
// escaped: a terminal shows it too.
func (u *ui) object(v any) error {
	var encoded bytes.Buffer
	enc := json.NewEncoder(&encoded)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	u.out.Write(text.JSON(encoded.Bytes()))
	return nil
}
