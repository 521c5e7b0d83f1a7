package bus

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/internal/dbuswire"
)

// TestLargeMessages: a baseline's plugin, which nothing stands before, can't end
// the fixtures by more than they take at once.
func TestLargeMessages(t *testing.T) {
	b := startBuses(t)
	large := strings.Repeat("x", dbuswire.MaxMessage)
	for _, m := range []*dbuswire.Message{
		{Type: dbus.TypeMethodCall, Destination: NameOne, Path: "/", Interface: "a.b", Member: "C"},
		{Type: dbus.TypeSignal, Path: "/", Interface: "org.hrhost.test", Member: "Posted"},
	} {
		c, err := dbuswire.Connect(b.Socket(Session))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.SetArgs(large); err != nil {
			t.Fatal(err)
		}
		c.Send(m) // the bus may hang up in the middle
		c.CallBus("GetId")
		c.Close()
	}
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
