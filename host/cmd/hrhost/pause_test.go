package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var pausedPID = regexp.MustCompile(`pid (\d+) is sealed`)

// pauses runs a command that must stop with a sealed process before its attempt,
// looks at that process, and lets it go on.
func pauses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pauses COMMAND [ARG]...")
	}
	path, err := exec.LookPath(ts.Getenv("BIN") + "/" + args[0])
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	var out bytes.Buffer
	cmd.Stdout = &out
	enter, err := cmd.StdinPipe()
	ts.Check(err)
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	said := ""
	for buf := make([]byte, 4096); !pausedPID.MatchString(said); {
		n, err := stderr.Read(buf)
		said += string(buf[:n])
		if err != nil {
			ts.Fatalf("it did not pause: %s", said)
		}
	}
	status, err := os.ReadFile("/proc/" + pausedPID.FindStringSubmatch(said)[1] + "/status")
	ts.Check(err)
	if !strings.Contains(string(status), "Seccomp:\t2") {
		ts.Fatalf("the paused process is not sealed:\n%s", status)
	}
	before := out.Len() // stdout is only copied here, never read by the command
	io.WriteString(enter, "\n")
	io.Copy(io.Discard, stderr)
	ts.Check(cmd.Wait())
	if all := out.String(); strings.Contains(all[:before], "outcome") || !strings.Contains(all[before:], "outcome") {
		ts.Fatalf("before Enter it printed %q, after %q", all[:before], all[before:])
	}
}
