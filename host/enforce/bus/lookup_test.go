package bus

import (
	"fmt"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// lookups are all forms of asking for a name.
var lookups = map[string]func(*dbuswire.Conn, string) ([]any, error){
	"GetNameOwner":       func(c *dbuswire.Conn, n string) ([]any, error) { return c.CallBus("GetNameOwner", n) },
	"NameHasOwner":       func(c *dbuswire.Conn, n string) ([]any, error) { return c.CallBus("NameHasOwner", n) },
	"ListQueuedOwners":   func(c *dbuswire.Conn, n string) ([]any, error) { return c.CallBus("ListQueuedOwners", n) },
	"StartServiceByName": func(c *dbuswire.Conn, n string) ([]any, error) { return c.CallBus("StartServiceByName", n, uint32(0)) },
	"call": func(c *dbuswire.Conn, n string) ([]any, error) {
		return c.Call(n, "/", "org.hrhost.fixture", "Echo", "text")
	},
}

// TestLookups is the table of docs/linux-bus.md: for each form, what an allowed,
// a missing and a denied name look like, and what the row says.
func TestLookups(t *testing.T) {
	b := startBuses(t)
	for _, c := range []struct{ form, name, allowed, object string }{
		{"GetNameOwner", NameOne, "", "owned"},
		{"GetNameOwner", NameLazy, "NameHasNoOwner", "activatable"},
		{"GetNameOwner", nobody, "NameHasNoOwner", "absent"},
		{"NameHasOwner", NameOne, "true", "owned"},
		{"NameHasOwner", NameLazy, "false", "activatable"},
		{"NameHasOwner", nobody, "false", "absent"},
		{"ListQueuedOwners", NameOne, "", "owned"},
		{"ListQueuedOwners", nobody, "NameHasNoOwner", "absent"},
		{"StartServiceByName", NameOne, "ServiceUnknown", "owned"}, // no file tells the bus how to start it
		{"StartServiceByName", nobody, "ServiceUnknown", "absent"},
		{"StartServiceByName", NameLazy, "1", "activatable"}, // owned from here on
		{"StartServiceByName", NameLazy, "2", "owned"},
		{"call", NameOne, "text", "owned"},
		{"call", nobody, "ServiceUnknown", "absent"},
	} {
		t.Run(c.form+" "+c.name, func(t *testing.T) {
			free := newBehind(t, b).seal(t, "(version 1)(deny default)(allow mach-lookup)")
			got, err := lookups[c.form](free.conns[Session], c.name)
			if answer := errorName(err); c.allowed != "" && answer != c.allowed && fmt.Sprint(got...) != c.allowed {
				t.Errorf("allowed: got %v, %v, want %s", got, err, c.allowed)
			}
			want(t, free, lane.Allow, "forward", c.name, c.object)
		})
	}
	for form, lookup := range lookups {
		for name, object := range map[string]string{NameOne: "owned", NameLazy: "owned", nobody: "absent"} {
			sealed := newBehind(t, b).seal(t, "(version 1)(deny default)")
			if got, err := lookup(sealed.conns[Session], name); errorName(err) != "AccessDenied" {
				t.Errorf("%s %s denied: got %v, %v", form, name, got, err)
			}
			want(t, sealed, lane.Deny, "deny", name, object)
		}
	}
}

func want(t *testing.T, c *behind, verdict lane.Verdict, how, name, object string) {
	t.Helper()
	row, _ := c.last()
	if row.Verdict != verdict || row.By != lane.ByPolicy || row.Rule == nil || row.How != how || row.Object != object ||
		row.Filter.Value != name || row.Operation != OpLookup || row.Epoch != 1 || row.PID != testPID {
		t.Errorf("row %+v, want %s %s of %s, %s", row, verdict, how, name, object)
	}
}

// TestUniqueNames: a unique name stands for all names of its connection.
func TestUniqueNames(t *testing.T) {
	b := startBuses(t)
	open := newBehind(t, b)
	owner := func(name string) string {
		got, err := open.conns[Session].CallBus("GetNameOwner", name)
		if err != nil {
			t.Fatal(err)
		}
		return got[0].(string)
	}
	one, two, own := owner(NameOne), owner(NameTwo), open.conns[Session].Unique()
	for profile, denied := range map[string]map[string]bool{
		`(allow mach-lookup)`: {one: false, two: false, own: true},
		`(allow mach-lookup (global-name "` + NameOne + `"))`:                                      {one: true, two: true},
		`(allow mach-lookup (global-name "` + NameOne + `") (global-name "` + NameAlso + `"))`:     {one: false, two: true},
		`(allow mach-lookup (global-name "` + NameTwo + `"))(allow mach-lookup (global-name "x"))`: {one: true, two: false},
	} {
		c := newBehind(t, b).seal(t, "(version 1)(deny default)"+profile)
		for name, want := range denied {
			_, err := lookups["call"](c.conns[Session], name)
			if (errorName(err) == "AccessDenied") != want {
				t.Errorf("%s: %s got %v", profile, name, err)
			}
			_, err = lookups["NameHasOwner"](c.conns[Session], name)
			if (errorName(err) == "AccessDenied") != want {
				t.Errorf("%s: %s NameHasOwner got %v", profile, name, err)
			}
		}
		if _, err := lookups["NameHasOwner"](c.conns[Session], c.conns[Session].Unique()); err != nil {
			t.Errorf("%s: one's own name: %v", profile, err)
		}
		if _, err := lookups["call"](c.conns[Session], ":1.99999"); errorName(err) != "AccessDenied" {
			t.Errorf("%s: a unique name of nobody: %v", profile, err)
		}
		if row, _ := c.last(); row.By != lane.ByContainment {
			t.Errorf("%s: row %+v", profile, row)
		}
	}
}

func TestRegister(t *testing.T) {
	b := startBuses(t)
	mine := Prefix + "Mine"
	c := newBehind(t, b).seal(t, `(version 1)(deny default)(allow mach-register (global-name "`+mine+`"))`)
	conn := c.conns[Session]
	if got, err := conn.CallBus("RequestName", mine, uint32(4)); err != nil || got[0] != uint32(1) {
		t.Errorf("allowed: %v, %v", got, err)
	}
	if row, _ := c.last(); row.Operation != OpRegister || row.Verdict != lane.Allow || row.Object != "absent" {
		t.Errorf("row %+v", row)
	}
	if got, err := conn.CallBus("ReleaseName", mine); err != nil || got[0] != uint32(1) {
		t.Errorf("release: %v, %v", got, err)
	}
	for _, name := range []string{NameTwo, nobody} { // no answer tells which one exists
		for _, err := range []error{second(conn.CallBus("RequestName", name, uint32(4))), second(conn.CallBus("ReleaseName", name))} {
			if errorName(err) != "AccessDenied" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if row, _ := c.last(); row.Operation != OpRegister || row.Verdict != lane.Deny || row.By != lane.ByPolicy {
		t.Errorf("row %+v", row)
	}
}

func second(_ []any, err error) error { return err }

func TestPreludeAndSeal(t *testing.T) {
	b := startBuses(t)
	c := newBehind(t, b)
	if _, err := lookups["GetNameOwner"](c.conns[Session], NameOne); err != nil {
		t.Error(err)
	}
	if row, _ := c.last(); row.By != lane.ByPrelude || row.Epoch != 0 || row.Rule != nil || row.Verdict != lane.Allow {
		t.Errorf("row %+v", row)
	}
	c.seal(t, "(version 1)(deny default)")
	if _, err := lookups["GetNameOwner"](c.conns[Session], NameOne); errorName(err) != "AccessDenied" {
		t.Error(err)
	}
	if _, err := c.Seal(nil); err == nil {
		t.Error("sealed without a policy")
	}
	p, _ := sbpl.Compile([]byte("(version 1)(allow default)"), sbpl.Options{})
	if _, err := c.Seal(p); err == nil {
		t.Error("sealed twice")
	}
}

func TestAsk(t *testing.T) {
	c := newBehind(t, startBuses(t))
	ask := func(pid int, op, value string) string {
		return c.Ask(pid, sbpl.Query{Operation: op, Filters: []sbpl.Filter{{Name: filterName, Value: value}}}).Prediction
	}
	if got := ask(testPID, OpLookup, NameTwo); got != "allow" {
		t.Errorf("before sealing: %s", got)
	}
	c.seal(t, `(version 1)(deny default)(allow mach-lookup (global-name "`+NameOne+`"))`)
	_, rows := c.last()
	for _, q := range []struct {
		pid             int
		op, value, want string
	}{
		{testPID, OpLookup, NameOne, "allow"}, {testPID, OpLookup, NameTwo, "deny"},
		{testPID + 1, OpLookup, NameOne, "unknown"}, {testPID, "sysctl-read", "x", "unknown"},
	} {
		if got := ask(q.pid, q.op, q.value); got != q.want {
			t.Errorf("%+v: %s", q, got)
		}
	}
	if _, n := c.last(); n != rows {
		t.Error("asking left rows")
	}
	c.Close()
	if got := ask(testPID, OpLookup, NameOne); got != "unknown" {
		t.Errorf("closed: %s", got)
	}
}

// TestActivation: a call starts the owner of an activatable name, and a denied
// one does not.
func TestActivation(t *testing.T) {
	b := startBuses(t)
	sealed := newBehind(t, b).seal(t, "(version 1)(deny default)")
	for form, lookup := range lookups {
		if _, err := lookup(sealed.conns[Session], NameLazy); errorName(err) != "AccessDenied" {
			t.Errorf("%s denied: %v", form, err)
		}
		want(t, sealed, lane.Deny, "deny", NameLazy, "activatable")
	}
	free := newBehind(t, b).seal(t, "(version 1)(allow default)")
	if _, err := lookups["ListQueuedOwners"](free.conns[Session], NameLazy); errorName(err) != "NameHasNoOwner" {
		t.Errorf("ListQueuedOwners: %v", err)
	}
	if got, err := lookups["call"](free.conns[Session], NameLazy); err != nil || got[0] != "text" {
		t.Errorf("call: %v, %v", got, err)
	}
	want(t, free, lane.Allow, "forward", NameLazy, "activatable")
	if got, err := lookups["NameHasOwner"](free.conns[Session], NameLazy); err != nil || got[0] != true {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

// TestDirect is what the table says of the bus itself.
func TestDirect(t *testing.T) {
	b := startBuses(t)
	c, err := dbuswire.Connect(b.Socket(Session))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := lookups["call"](c, ":1.99999"); errorName(err) != "ServiceUnknown" {
		t.Errorf("a unique name of nobody: %v", err)
	}
	if got, err := c.CallBus("RequestName", NameTwo, uint32(4)); err != nil || got[0] != uint32(3) {
		t.Errorf("a name of somebody else: %v, %v", got, err)
	}
	if got, err := c.CallBus("RequestName", NameLazy, uint32(4)); err != nil || got[0] != uint32(1) {
		t.Errorf("an activatable name: %v, %v", got, err)
	}
}
