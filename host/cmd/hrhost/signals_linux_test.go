package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/run"
)

// TestReadingVerbStops: a verb that has nothing to put in order ends on a signal
// at any point, here in the middle of printing.
func TestReadingVerbStops(t *testing.T) {
	bin := buildPrograms(t)
	for _, s := range []syscall.Signal{unix.SIGINT, unix.SIGQUIT} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil { // less than the page
			t.Fatal(err)
		}
		var said strings.Builder
		cmd := exec.Command(filepath.Join(bin, "hrhost"), "man")
		cmd.Stdout, cmd.Stderr = w, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		if _, err := r.Read(make([]byte, 1)); err != nil { // it prints, and the pipe stays full
			t.Fatal(err)
		}
		cmd.Process.Signal(s)
		stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		cmd.Wait()
		stuck.Stop()
		code := cmd.ProcessState.ExitCode()
		if code != run.ExitIncomplete || said.String() != "hrhost: error: interrupted\n" {
			t.Errorf("%v: %v, %q", s, cmd.ProcessState, said.String())
		}
	}
}
