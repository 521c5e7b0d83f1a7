package bus

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
)

// TestNoBus: a gateway whose bus has ended is an error and leaves nothing open.
func TestNoBus(t *testing.T) {
	discard := func(*lane.WitnessRow) {}
	live := startBuses(t)
	dead := filepath.Join(t.TempDir(), "bus")
	for name, sockets := range map[string][2]string{
		"session": {dead, live.Socket(System)},
		"system":  {live.Socket(Session), dead},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := New(enforce.Config{Name: "test", Emit: discard}, &Buses{sockets: sockets})
			if g != nil || err == nil || !strings.Contains(err.Error(), "connecting test to the "+name+"-like bus: ") {
				t.Errorf("%v, %v", g, err)
			}
		})
	}
}

// TestNoDescriptors: so is one that runs out of open files, at whichever of them.
func TestNoDescriptors(t *testing.T) {
	b := startBuses(t)
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	restore := func() { unix.Setrlimit(unix.RLIMIT_NOFILE, &was) }
	defer restore()
	failed := 0
	for more := range uint64(40) {
		limit := was
		limit.Cur = lowestFree(t) + more
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		g, err := New(enforce.Config{Name: "test", Emit: func(*lane.WitnessRow) {}}, b)
		restore()
		if err == nil {
			g.Close()
			if failed == 0 {
				t.Error("no limit was low enough")
			}
			return
		}
		failed++
	}
	t.Error("40 descriptors are too few for a gateway")
}

// lowestFree returns the number that the next open file gets.
func lowestFree(t *testing.T) uint64 {
	t.Helper()
	fd, err := unix.Open("/", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	return uint64(fd)
}

// TestDirectionPanics: a panic while one direction is carried ends that connection,
// and is counted.
func TestDirectionPanics(t *testing.T) {
	g := serveRaw(t, startBuses(t))
	l := g.lines[Session]
	l.carry(func() error { panic("at sea") })
	if _, err := l.client.Write([]byte{0}); err == nil {
		t.Error("the plugin's connection is open")
	}
	stats, err := g.Close()
	if err != nil || stats.Faults != 1 || len(stats.Closed) != 1 || !errors.Is(stats.Closed[0], ErrFault) {
		t.Errorf("%+v, %v", stats, err)
	}
}
