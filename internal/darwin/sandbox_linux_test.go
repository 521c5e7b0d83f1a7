package darwin

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestInit(t *testing.T) {
	fake(t)
	onThread(t)
	t.Cleanup(func() { tell(t, "forget_applied") })
	params := map[string]string{"NAME": "kern.ostype", "HOME": "/Users/someone"}
	if err := Init("(version 1)", params); err != nil {
		t.Fatal(err)
	}
	got := goText(tell(t, "what_was_applied"))
	if want := "(version 1);HOME=/Users/someone;NAME=kern.ostype"; got != want {
		t.Errorf("applied %q, want %q", got, want)
	}
	if err := Init("(version 1)", params); err != nil {
		t.Errorf("the same once more: %v", err)
	}
	already := failure(t, Init("(version 1)(deny default)", nil))
	if already.RC != -1 || already.Errno != syscall.EPERM || already.Text != "" {
		t.Errorf("already sandboxed: %#v", already)
	}
}

func TestInitSaysWhy(t *testing.T) {
	fake(t)
	onThread(t)
	before := tell(t, "errors_freed")
	err := Init("(version 1)(nonsense)", nil)
	f := failure(t, err)
	if f.Text != "unbound variable: nonsense" || f.Errno != syscall.EINVAL || f.RC != -1 {
		t.Errorf("got %#v", f)
	}
	if !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), "unbound variable") {
		t.Errorf("the error does not say why: %v", err)
	}
	if n := tell(t, "errors_freed") - before; n != 1 {
		t.Errorf("the error buffer was freed %d times", n)
	}
}

func TestCompile(t *testing.T) {
	fake(t)
	got, err := Compile("(version 1)", map[string]string{"B": "2", "A": "1"})
	if err != nil || string(got) != "(version 1);A=1;B=2" {
		t.Errorf("got %q, %v", got, err)
	}
	if f := failure(t, second(Compile("(nonsense)", nil))); f.Text != "unbound variable: nonsense" {
		t.Errorf("got %#v", f)
	}
	if f := failure(t, second(Compile("(version 1)", map[string]string{"BAD": ""}))); f.Call != "sandbox_set_param" {
		t.Errorf("got %#v", f)
	}
	for _, c := range [][2]string{{"(version 1)\x00", "1"}, {"(version 1)", "a\x00b"}} {
		if _, err := Compile(c[0], map[string]string{"A": c[1]}); err == nil || !strings.Contains(err.Error(), "NUL") {
			t.Errorf("%q: %v", c, err)
		}
	}
	if n := tell(t, "params_left"); n != 0 {
		t.Errorf("%d parameter sets were not freed", n)
	}
}

func TestCheck(t *testing.T) {
	fake(t)
	before := tell(t, "reports")
	for _, c := range []struct {
		name      string
		operation string
		filter    uint32
		values    []Value
		denied    bool
		errno     syscall.Errno
	}{
		{"allowed name", "mach-lookup", 2, []Value{Text("com.example.allowed")}, false, 0},
		{"denied name", "mach-lookup", 2, []Value{Text("com.example.denied")}, true, 0},
		{"two values, both arrive", "distributed-notification-post", 9, []Value{Text("com.example.denied"), Number(1)}, true, 0},
		{"two values, the second decides", "distributed-notification-post", 9, []Value{Text("com.example.denied"), Number(0)}, false, 0},
		{"an int", "signal", 18, []Value{Number(77)}, true, 0},
		{"another int", "signal", 18, []Value{Number(76)}, false, 0},
		{"no filter", "denied-operation", 0, nil, true, 0},
		{"unknown operation", "process-exec", 1, []Value{Text("/bin/ls")}, false, syscall.EINVAL},
		{"unknown filter", "sysctl-read", 37, []Value{Text("kern.ostype")}, false, syscall.EINVAL},
	} {
		denied, err := Check(123, c.operation, c.filter, c.values...)
		if denied != c.denied || !isErrno(err, c.errno) {
			t.Errorf("%s: denied %v, %v", c.name, denied, err)
		}
	}
	if n := tell(t, "reports") - before; n != 0 {
		t.Errorf("%d questions were reported to the log", n)
	}
	for pid, want := range map[int]bool{42: true, 43: false} {
		if got, err := Sandboxed(pid); got != want || err != nil {
			t.Errorf("process %d: sandboxed %v, %v", pid, got, err)
		}
	}
	if _, err := Sandboxed(999999); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("a dead process: %v", err)
	}
}

// TestStaleErrno: a success leaves the thread's old errno, which is nobody's.
func TestStaleErrno(t *testing.T) {
	fake(t)
	onThread(t)
	if _, err := Check(1, "process-exec", 0); err == nil {
		t.Fatal("no error to go stale")
	}
	if _, err := Check(123, "mach-lookup", 2, Text("com.example.allowed")); err != nil {
		t.Errorf("an old errno became an error: %v", err)
	}
}

// TestErrnoConcurrent: each call gets its own thread's errno, however many run.
func TestErrnoConcurrent(t *testing.T) {
	fake(t)
	var wg sync.WaitGroup
	for g := range 32 {
		wg.Go(func() {
			for i := range 200 {
				want := syscall.Errno(1 + (g*7+i)%90)
				if _, err := ProcessInfo(1000 + int(want)); !errors.Is(err, want) {
					t.Errorf("want errno %d, got %v", want, err)
				}
				if _, err := ProcessInfo(4); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestTextWithNUL(t *testing.T) {
	fake(t)
	for name, err := range map[string]error{
		"profile":   Init("(version 1)\x00(deny default)", nil),
		"parameter": Init("(version 1)", map[string]string{"K": "a\x00b"}),
		"service":   third(LookUp("com.example\x00.denied")),
		"operation": second(Check(1, "mach\x00", 0)),
	} {
		if err == nil || !strings.Contains(err.Error(), "NUL") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResolve(t *testing.T) {
	fake(t)
	fresh, gone := system.symbol("params_left"), cf.symbol("no_such_symbol")
	defer func() {
		system.symbols, cf.symbols = system.symbols[:len(system.symbols)-1], cf.symbols[:len(cf.symbols)-1]
	}()
	Resolve()
	if fresh.at == 0 || fresh.err != nil {
		t.Errorf("not resolved: %v", fresh.err)
	}
	if _, err := gone.address(); err == nil {
		t.Error("a symbol that is missing does not say so")
	}
}

func TestMissingSymbol(t *testing.T) {
	fake(t)
	_, _, err := new(frame).call(extra("sandbox_set_trace_path"))
	var missing *MissingSymbol
	if !errors.As(err, &missing) || missing.Symbol != "sandbox_set_trace_path" {
		t.Fatalf("got %v", err)
	}
	gone := &library{path: "/no/such/library.dylib"}
	_, _, err = new(frame).call(gone.symbol("anything"))
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "binding anything of /no/such/library.dylib") {
		t.Errorf("got %v", err)
	}
}

// failure is err as a Failure.
func failure(t *testing.T, err error) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("want a Failure, got %v", err)
	}
	return f
}

func isErrno(err error, want syscall.Errno) bool {
	if want == 0 {
		return err == nil
	}
	return errors.Is(err, want)
}

func second[A any](_ A, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }
