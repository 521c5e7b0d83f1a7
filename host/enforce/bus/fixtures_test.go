package bus

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/internal/dbuswire"
)

// TestLargeMessages: a baseline's plugin, which nothing stands before, can't end
// the fixtures by more than they take at once, nor by what they can't read.
func TestLargeMessages(t *testing.T) {
	b := startBuses(t)
	large, path := strings.Repeat("x", dbuswire.MaxMessage), dbus.ObjectPath("/"+strings.Repeat("x", dbuswire.MaxHeader))
	for _, c := range []struct {
		dbuswire.Message
		arg string
	}{
		{call(NameOne, "/"), large},
		{dbuswire.Message{Type: dbus.TypeSignal, Path: "/", Interface: "org.hrhost.test", Member: "Posted"}, large},
		{call(NameOne, path), ""},
		{call(NameTwo, path), ""},
		{dbuswire.Message{Type: dbus.TypeSignal, Path: path, Interface: "org.hrhost.test", Member: "Posted"}, ""},
	} {
		if err := c.SetArgs(c.arg); err != nil {
			t.Fatal(err)
		}
		sendAlone(t, b, &c.Message)
	}
	stillThere(t, b)
}

func call(destination string, path dbus.ObjectPath) dbuswire.Message {
	return dbuswire.Message{Type: dbus.TypeMethodCall, Destination: destination, Path: path, Interface: "a.b", Member: "C"}
}

// sendAlone sends over a connection of its own, which the bus may end for it.
func sendAlone(t *testing.T, b *Buses, m *dbuswire.Message) {
	t.Helper()
	c, err := dbuswire.Connect(b.Socket(Session))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Send(m) // the bus may hang up in the middle
	c.CallBus("GetId")
}

// stillThere: the fixtures answer as ever.
func stillThere(t *testing.T, b *Buses) {
	t.Helper()
	c, err := dbuswire.Connect(b.Socket(Session))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, name := range []string{NameOne, NameTwo} {
		if got, err := c.Call(name, "/", "a.b", "Echo", "still here"); err != nil || got[0] != "still here" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := b.Delivered(t.Context(), Session, "n"); err != nil {
		t.Error(err)
	}
}

// TestHugeMessages: on a user's own bus, which takes them, they end nobody.
func TestHugeMessages(t *testing.T) {
	startBuses(t) // or skip
	const size = 32 << 20
	socket := theirBus(t, size+1<<20)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+socket)
	b, err := Start(t.Context(), Options{User: true, Fixture: os.Args[0], Posts: [2][]string{{posted}, nil}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, m := range []dbuswire.Message{
		call(NameOne, "/"), call(NameTwo, "/"), {Type: dbus.TypeSignal, Path: "/", Interface: "org.hrhost.test", Member: "Posted"},
	} {
		if err := m.SetArgs(strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
		sendAlone(t, b, &m)
	}
	stillThere(t, b)
	if err := b.Attended(); err != nil {
		t.Error(err)
	}
}

// theirBus starts a bus that is not ours, and takes messages of so many bytes.
func theirBus(t *testing.T, most int) (socket string) {
	t.Helper()
	dir := t.TempDir()
	socket = filepath.Join(dir, "bus")
	conf := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, busConfig, Session, socket, dir, most), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := findDaemon()
	if err != nil {
		t.Fatal(err)
	}
	theirs := &Buses{start: (*exec.Cmd).Start}
	t.Cleanup(func() { theirs.Close() })
	if _, err := theirs.run(t.Context(), exec.Command(program, "--config-file="+conf, "--nofork", "--nopidfile", "--nosyslog", "--print-address=1")); err != nil {
		t.Fatal(err)
	}
	return socket
}

// TestEnded: that the fixtures, or a bus, are no more is noticed, and told with
// how they ended.
func TestEnded(t *testing.T) {
	for name, end := range map[string]func(b *Buses){
		"fixtures": func(b *Buses) { b.peers.cmd.Process.Kill() },
		"buses": func(b *Buses) {
			for _, p := range b.processes[:2] {
				p.cmd.Process.Kill()
			}
		},
	} {
		b := startBuses(t)
		if err := b.Attended(); err != nil {
			t.Errorf("%s: before: %v", name, err)
		}
		end(b)
		_, err := b.Delivered(t.Context(), Session, "n")
		for _, err := range []error{err, b.Attended(), b.Attended()} {
			if err == nil || errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "has ended (") || strings.Contains(err.Error(), "<nil>") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestReplaced: another owner of a fixture's name is not the fixture.
func TestReplaced(t *testing.T) {
	b := startBuses(t)
	b.peers.owner[NameAlso] = ":1.99999"
	if err := b.Attended(); err == nil || !strings.Contains(err.Error(), NameAlso) {
		t.Errorf("%v", err)
	}
}

// TestManyPosts: a plan may post more notifications than a bus lets anybody
// subscribe to unasked.
func TestManyPosts(t *testing.T) {
	startBuses(t) // or skip
	var names []string
	for i := range 600 {
		names = append(names, fmt.Sprintf("org.hrhost.test.Posted%d", i))
	}
	b, err := Start(t.Context(), Options{Dir: "/tmp", Fixture: os.Args[0], Posts: [2][]string{names, nil}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	c := newBehind(t, b).seal(t, "(version 1)(allow default)")
	last := names[len(names)-1]
	post(t, c.conns[Session], last, "n/0")
	if got, err := b.Delivered(t.Context(), Session, "n/"); err != nil || len(got[last]) != 1 {
		t.Errorf("delivered %v, %v", got, err)
	}
}
