package bus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"unix:path=/run/user/1/bus":                        "/run/user/1/bus",
		"unix:path=/a,guid=00":                             "/a",
		"unix:guid=00,abstract=/tmp/x":                     "@/tmp/x",
		"tcp:host=localhost,port=1;unix:path=/run/with%20": "/run/with ",
		"autolaunch:":                                      "",
		"unix:path=":                                       "",
		"unix:path=/%zz":                                   "",
		"":                                                 "",
	} {
		if got, err := socketOf(address); got != want || (err != nil) != (want == "") {
			t.Errorf("socketOf(%q) = %q, %v, want %q", address, got, err, want)
		}
	}
}

// TestUserBuses: the fixtures live on the user's own buses, which are left as
// they were.
func TestUserBuses(t *testing.T) {
	theirs := startBuses(t)
	for i := len(theirs.processes) - 1; i >= 2; i-- { // only the two buses stay
		theirs.processes[i].end()
		theirs.processes = theirs.processes[:i]
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+theirs.Socket(Session))
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+theirs.Socket(System))
	b, err := Start(t.Context(), Options{User: true, Fixture: os.Args[0], Posts: [2][]string{nil, {posted}}})
	if err != nil {
		t.Fatal(err)
	}
	c := newBehind(t, b).seal(t, "(version 1)(allow default)")
	if _, err := c.conns[Session].CallBus("GetNameOwner", NameTwo); err != nil {
		t.Error(err)
	}
	post(t, c.conns[System], posted, "u/0")
	if got, err := b.Delivered(t.Context(), System, "u/"); err != nil || len(got[posted]) != 1 {
		t.Errorf("delivered %v, %v", got, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := newBehind(t, theirs).conns[Session].CallBus("GetId"); err != nil {
		t.Errorf("the user's bus: %v", err)
	}
}

// TestNotStarted: what is wrong is said, and nothing is left behind.
func TestNotStarted(t *testing.T) {
	startBuses(t) // or skip
	dir := t.TempDir()
	if _, err := Start(t.Context(), Options{Dir: dir, Fixture: filepath.Join(dir, "nosuch")}); err == nil || !strings.Contains(err.Error(), "who owns names") {
		t.Errorf("no fixture program: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "nosuch"))
	if _, err := Start(t.Context(), Options{User: true, Fixture: os.Args[0]}); err == nil || !strings.Contains(err.Error(), "the user's session bus") {
		t.Errorf("no user's bus: %v", err)
	}
	long := filepath.Join(dir, strings.Repeat("x", 100))
	os.Mkdir(long, 0o700)
	if _, err := Start(t.Context(), Options{Dir: long, Fixture: os.Args[0]}); err == nil || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("a long path: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*/hr.bus.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
