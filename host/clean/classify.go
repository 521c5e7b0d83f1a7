package clean

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// kindOfBootstrap says what a failed `launchctl bootstrap` means. launchctl exits
// with launchd's error number, whose words `launchctl error N` tells.
// fact:launch.error-codes
func kindOfBootstrap(code int) Kind {
	switch code {
	case 107, 109, 110, 111, 140:
		return PlistInvalid
	case 112, 124, 125, 134, 146, 156:
		return DomainMismatch
	case 1, 122, 144, 150:
		return NotPermitted
	case 155:
		return Quarantined
	}
	return BootstrapFailed
}

// gone says whether launchctl's answer about a job means that there is none:
// no such process, domain or service. fact:launch.error-codes
func gone(code int) bool { return code == 3 || code == 112 || code == 113 || code == 125 }

// printed is what `launchctl print` tells about a job. fact:launch.print
type printed struct {
	state  string // "running", "not running", "spawn failed"
	exit   string // "78: EX_CONFIG"; "" if it has not exited
	signal string // "Killed: 9"
	reason string // "OS_REASON_CODESIGNING"
}

// readPrint reads the first of each line: what is indented further is about
// other things.
func readPrint(text string) printed {
	var p printed
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "\t\t") {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		switch key {
		case "state":
			p.state = value
		case "job state":
			if value == "spawn failed" {
				p.state = value
			}
		case "last exit code":
			p.exit = value
		case "last terminating signal":
			p.signal = value
		case "last exit reason":
			p.reason = value
		}
	}
	if p.exit == "(never exited)" {
		p.exit = ""
	}
	return p
}

// over says whether the job has ended, or never will begin.
func (p printed) over() bool { return p.exit != "" || p.signal != "" || p.state == "spawn failed" }

func (p printed) String() string {
	var s []string
	for _, f := range []struct{ name, value string }{
		{"state", p.state}, {"exit code", p.exit}, {"signal", p.signal}, {"reason", p.reason},
	} {
		if f.value != "" {
			s = append(s, f.name+" "+f.value)
		}
	}
	return strings.Join(s, ", ")
}

// leftovers are what a job that has ended left in its root.
type leftovers struct {
	status      string // the file with the exit status
	hasStatus   bool
	begun       bool   // hrhost ran
	stderr      string // the end of what it printed
	full        bool   // the file system has no room left
	quarantined bool   // hrhost has the attribute
}

// Exit codes of a POSIX shell for a command that was found and can't be
// executed, that wasn't found, and what it adds to a signal's number.
const (
	shellCannotExecute = 126
	shellNotFound      = 127
	shellSignal        = 128
)

// judge reads how a job ended.
func (l leftovers) judge() ending {
	code, err := strconv.Atoi(strings.TrimSpace(l.status))
	whole := l.hasStatus && err == nil && code >= 0 && code <= 255
	switch {
	case !whole && l.full:
		return failed(StageFull, "the exit status could not be written")
	case !whole && l.hasStatus:
		return failed(NoResult, fmt.Sprintf("its exit status reads %.40q", l.status))
	case !whole && l.begun:
		return failed(NoResult, "its shell ended before it wrote the exit status")
	case !whole:
		return failed(SpawnFailed, "its shell ended before hrhost began")
	case !l.begun && l.quarantined && code >= shellCannotExecute:
		return failed(Quarantined, lastLine(l.stderr))
	case !l.begun && (code == shellCannotExecute || code == shellNotFound):
		if strings.Contains(l.stderr, "Operation not permitted") {
			return failed(Protected, lastLine(l.stderr))
		}
		return failed(NotStarted, lastLine(l.stderr))
	case !l.begun && code == shellSignal+int(syscall.SIGKILL): // fact:launch.signature-kill
		return failed(BadSignature, "")
	case code > shellSignal:
		return failed(Died, "signal: "+syscall.Signal(code-shellSignal).String())
	}
	return ending{code: code}
}

func failed(kind Kind, cause string) ending {
	return ending{failure: &Failure{Kind: kind, Cause: cause}}
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
