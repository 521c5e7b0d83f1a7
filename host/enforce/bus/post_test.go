package bus

import (
	"testing"

	"github.com/hrhost/hrhost/host/enforce/bus/fixture"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

func post(t *testing.T, c *dbuswire.Conn, name, nonce string) {
	t.Helper()
	iface, member, _ := fixture.Split(name)
	if err := c.Emit("/", iface, member, nonce); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CallBus("GetId"); err != nil { // the barrier
		t.Fatal(err)
	}
}

// TestPosts: delivery is what a subscriber in another process saw.
func TestPosts(t *testing.T) {
	b := startBuses(t)
	for _, k := range []Kind{Session, System} {
		c := newBehind(t, b).seal(t, `(version 1)(deny default)(deny darwin-notification-post)
			(allow darwin-notification-post distributed-notification-post (notification-name "`+posted+`"))`)
		post(t, c.conns[k], posted, "aa/0")
		if row := c.find(posted); row.Operation != k.Post() || row.Verdict != lane.Allow || row.How != "forward" {
			t.Errorf("%s: row %+v", k, row)
		}
		post(t, c.conns[k], secret, "aa/1")
		if row := c.find(secret); row.Operation != k.Post() || row.Verdict != lane.Deny || row.How != "drop" || row.By != lane.ByPolicy {
			t.Errorf("%s: row %+v", k, row)
		}
		direct, err := dbuswire.Connect(b.Socket(k))
		if err != nil {
			t.Fatal(err)
		}
		post(t, direct, secret, "aa/2")
		direct.Close()
		got, err := b.Delivered(t.Context(), k, "aa/")
		if err != nil {
			t.Fatal(err)
		}
		if len(got[posted]) != 1 || got[posted][0] != "aa/0" || len(got[secret]) != 1 || got[secret][0] != "aa/2" {
			t.Errorf("%s: delivered %v", k, got)
		}
		if got, err := b.Delivered(t.Context(), k, "bb/"); err != nil || len(got) != 0 {
			t.Errorf("%s: of another process: %v, %v", k, got, err)
		}
	}
}

// find is the row about a value.
func (c *behind) find(value string) lane.WitnessRow {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.rows {
		if r.Filter.Value == value {
			return r
		}
	}
	return lane.WitnessRow{}
}

// TestUnicastSignal: a signal to one destination needs both operations.
func TestUnicastSignal(t *testing.T) {
	b := startBuses(t)
	c := newBehind(t, b).seal(t, `(version 1)(deny default)(allow distributed-notification-post)`)
	m := &dbuswire.Message{Type: 4, Path: "/", Interface: "org.hrhost.test", Member: "Posted", Destination: NameTwo}
	if _, err := c.conns[Session].Send(m); err != nil {
		t.Fatal(err)
	}
	if _, err := c.conns[Session].CallBus("GetId"); err != nil {
		t.Fatal(err)
	}
	if row := c.find(NameTwo); row.Operation != OpLookup || row.Verdict != lane.Deny || row.How != "drop" {
		t.Errorf("row %+v", row)
	}
	if row := c.find(posted); row.Verdict != lane.Allow || row.How != "drop" || row.Reason == "" {
		t.Errorf("row %+v", row)
	}
}

// TestRefused: what tells about names whatever the profile says.
func TestRefused(t *testing.T) {
	b := startBuses(t)
	c := newBehind(t, b).seal(t, "(version 1)(allow default)")
	conn := c.conns[Session]
	for member, args := range map[string][]any{
		"ListNames": nil, "ListActivatableNames": nil, "ReloadConfig": nil, "UpdateActivationEnvironment": {map[string]string{}},
		"AddMatch":      {"type='signal'"},
		"RemoveMatch":   {"type='signal',member='NameOwnerChanged'"},
		"BecomeMonitor": {[]string{}, uint32(0)}, "GetConnectionUnixUser": {NameOne}, "GetConnectionUnixProcessID": {NameOne},
		"GetConnectionCredentials": {NameOne}, "GetAdtAuditSessionData": {NameOne}, "GetConnectionSELinuxSecurityContext": {NameOne},
		"NoSuchMethod": nil,
	} {
		if got, err := conn.CallBus(member, args...); errorName(err) != "AccessDenied" {
			t.Errorf("%s: %v, %v", member, got, err)
		}
		if row, _ := c.last(); row.By != lane.ByContainment || row.Carrier != "dbus "+member || row.Reason == "" || row.How != "deny" {
			t.Errorf("%s: row %+v", member, row)
		}
	}
	for _, err := range []error{
		second(conn.Call(dbuswire.Bus, dbuswire.BusPath, "org.freedesktop.DBus.Properties", "GetAll", dbuswire.Bus)),
		second(conn.Call(dbuswire.Bus, dbuswire.BusPath, "org.freedesktop.DBus.Debug.Stats", "GetStats")),
		second(conn.Call("", "/", "org.freedesktop.DBus.Peer", "Ping")),
		second(conn.Call("", "/", "org.freedesktop.DBus", "ListNames")),
	} {
		if errorName(err) != "AccessDenied" {
			t.Error(err)
		}
	}
	for member, args := range map[string][]any{"GetNameOwner": {uint32(1)}, "NameHasOwner": {"no name"}, "RequestName": {"a.b"}} {
		if _, err := conn.CallBus(member, args...); errorName(err) != "InvalidArgs" {
			t.Errorf("%s: %v", member, err)
		}
	}
}
