package seatbelt

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// playedLog plays log(1): its arguments are those of log(1), its predicate is $7. An
// event type that log(1) does not list, the list being that of its manual page, ends
// it with status 64 (sysexits.h EX_USAGE).
func playedLog(script string) logSource {
	const usage = `case "$7" in *eventType*lossEvent*)
	echo "log: Bad predicate ($7)" >&2; exit 64;; esac
`
	return logSource{
		command: func(args ...string) *exec.Cmd {
			return exec.Command("/bin/sh", append([]string{"-c", usage + script, "log"}, args...)...)
		},
		listens: time.Minute,
	}
}

const (
	saysListening = `echo 'Filtering the log data using "p"'
`
	saysReport = `echo '{"eventType":"logEvent","eventMessage":"Sandbox: probe(42) deny(1) mach-lookup com.example.x",` +
		`"processImagePath":"/kernel","processID":0,"timestamp":"2026-03-06 12:00:00.000000+0000",` +
		`"senderImagePath":"/System/Library/Extensions/Sandbox.kext/Contents/MacOS/Sandbox"}'
`
	lives = `exec sleep 3600
`
)

// TestLog: what the witness says of the log, as log(1) behaves.
func TestLog(t *testing.T) {
	for _, c := range []struct {
		name, script string
		reports      int
		why          string // begins so, "" where the log is read
	}{
		{"listens", saysListening + saysReport + lives, 1, ""},
		{"ends", saysListening + "exit 3", 0, "log(1) ended: exit status 3"},
		{"refuses its arguments", "exit 64", 0, "log(1) refused its arguments"},
		{"is not for this user", `echo "log: Must be admin to run 'stream' command" >&2; exit 77`, 0, "log(1) streams for administrators"},
		{"is confined", `echo "log: Cannot run while sandboxed" >&2; exit 64`, 0, "log(1) refuses inside any sandbox"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := startLog(playedLog(c.script))
			if c.reports > 0 { // the report comes after the banner
				for len(l.since(time.Time{})) == 0 && !ended(l) {
					time.Sleep(time.Millisecond)
				}
			}
			if c.why != "" {
				<-l.done
			}
			records, why := l.records(time.Time{})
			if len(records) != c.reports || !strings.HasPrefix(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%d reports, %q; want %d, %q", len(records), why, c.reports, c.why)
			}
			if err := l.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func ended(l *logStream) bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// TestLogThatDoesNotStart and one that says nothing: each has its own reason.
func TestLogThatDoesNotStart(t *testing.T) {
	gone := playedLog("")
	gone.command = func(...string) *exec.Cmd { return exec.Command("/no/such/log") }
	l := startLog(gone)
	if _, why := l.records(time.Time{}); !strings.HasPrefix(why, "starting log(1)") {
		t.Errorf("no program: %q", why)
	}
	l.close()
	mute := playedLog(lives)
	mute.listens = 0
	l = startLog(mute)
	defer l.close()
	if _, why := l.records(time.Time{}); why != "log(1) did not say within 0s that it listens" {
		t.Errorf("no banner: %q", why)
	}
}
