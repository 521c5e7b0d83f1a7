package launch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wrapped runs a command around the test binary and returns what it printed.
func wrapped(t *testing.T, command ...string) (*Process, *Dir, error) {
	t.Helper()
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bin.Close() })
	dir, err := NewDir("/tmp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Remove() })
	p, err := l.StartWrapped(Spec{Name: "test", Binary: bin, Dir: dir, Env: []string{"MARK=1"}}, command)
	if err == nil {
		t.Cleanup(func() { p.Kill(); p.WaitFor(0) })
	}
	return p, dir, err
}

// TestWrapped: the variables are filled in, the copy is the plugin and may not be
// written, the environment is ours alone, and the limits stand.
func TestWrapped(t *testing.T) {
	p, dir, err := wrapped(t, "sh", "-c", "echo {socket_dir}; {plugin} plugin env; {plugin} plugin hang")
	if err != nil {
		t.Fatal(err)
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", p.PID))
	if err != nil || !strings.Contains(string(limits), "Max open files            1024                 1024") {
		t.Errorf("%v\n%s", err, limits)
	}
	copied := filepath.Join(dir.Root, "plugin")
	info, err := os.Stat(copied)
	if err != nil || info.Mode().Perm() != 0o500 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	got := ""
	for lines := bufio.NewScanner(p.Stdout()); !strings.HasSuffix(got, "up\n") && lines.Scan(); {
		got += lines.Text() + "\n"
	}
	if !strings.HasPrefix(got, dir.Sockets+"\n") || !strings.Contains(got, "MARK=1") || strings.Contains(got, "HOME=") {
		t.Errorf("%q", got)
	}
}

func TestWrapperMissing(t *testing.T) {
	_, _, err := wrapped(t, "no-such-wrapper", "{plugin}")
	var le *Error
	if !errors.As(err, &le) || le.Step != "exec" || le.Hint == "" {
		t.Errorf("%v", err)
	}
}

// TestView: a process of ours sees what we see.
func TestView(t *testing.T) {
	p, _, err := wrapped(t, "sh", "-c", "{plugin} plugin hang; :")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 3)
	if _, err := io.ReadFull(p.Stdout(), buf); err != nil || string(buf) != "up\n" {
		t.Fatalf("%q, %v", buf, err)
	}
	if got, want := p.View(), (View{Known: true, HostsProc: true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if pid := innermost(p.PID); pid == p.PID {
		t.Error("the plugin under the wrapper was not found")
	}
}

// TestLimitsFromTheStart: the limits stand before the command's first
// instruction. A limit that is set after its start wins the race now and then.
func TestLimitsFromTheStart(t *testing.T) {
	for range 50 {
		p, _, err := wrapped(t, "sh", "-c", "ulimit -Hn; ulimit -Hf; ulimit -n; : {plugin} {socket_dir}")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(p.Stdout())
		if want := "1024\n131072\n1024\n"; err != nil || string(got) != want {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	}
}
