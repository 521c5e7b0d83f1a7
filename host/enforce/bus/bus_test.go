package bus

import (
	"errors"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus/fixture"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/needs"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestMain lets the test binary stand in for hrhost-fixture.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{fixture.Serve, fixture.Activated, fixture.Subscribe}, os.Args[1]) {
		os.Exit(fixture.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// The notifications of the tests, and a name that no profile here allows.
const (
	posted = "org.hrhost.test.Posted"
	secret = "org.hrhost.test.Secret"
	nobody = Prefix + "Nobody"
)

// startBuses starts private buses for one test.
func startBuses(t testing.TB) *Buses {
	t.Helper()
	b, err := Start(t.Context(), Options{Dir: "/tmp", Fixture: os.Args[0], Posts: [2][]string{{posted, secret}, {posted, secret}}})
	var missing *MissingError
	if errors.As(err, &missing) {
		needs.Missing(t, needs.DBus, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// behind is a client behind a gateway: what a sealed plugin is.
type behind struct {
	*Gateway
	conns [2]*dbuswire.Conn
	mu    sync.Mutex
	rows  []lane.WitnessRow
}

const testPID = 4242

// newBehind starts a gateway and says Hello on both lines.
func newBehind(t testing.TB, b *Buses) *behind {
	t.Helper()
	c := serveRaw(t, b)
	for _, k := range []Kind{Session, System} {
		c.conns[k] = dbuswire.NewConn(c.raw(t, k))
		if err := c.conns[k].Hello(); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// serveRaw starts a gateway that nobody has spoken to.
func serveRaw(t testing.TB, b *Buses) *behind {
	t.Helper()
	c := &behind{}
	g, err := New(enforce.Config{Name: "test", Emit: func(r *lane.WitnessRow) {
		c.decideAnew(t, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rows = append(c.rows, *r)
	}}, b)
	if err != nil {
		t.Fatal(err)
	}
	c.Gateway = g
	g.Serve(testPID)
	t.Cleanup(func() { g.Close() })
	return c
}

// decideAnew holds every row of the tests to what verification does with it: a row
// says by itself what its policy was asked. The gateway holds its lock.
func (c *behind) decideAnew(t testing.TB, r *lane.WitnessRow) {
	said := enforce.Claimed(r)
	if said == "" {
		return
	}
	d := c.inForce.Policy.Decide(enforce.Asked(r))
	got, rule := enforce.Predicted(&d)
	if got != said || r.By == lane.ByPolicy && !reflect.DeepEqual(r.Rule, rule) {
		t.Errorf("%+v: the policy says %s, by %+v", *r, got, rule)
	}
}

// raw is the plugin's end of a line.
func (c *behind) raw(t testing.TB, k Kind) net.Conn {
	t.Helper()
	conn, err := net.FileConn(c.Files()[k])
	if err != nil {
		t.Fatal(err)
	}
	c.lines[k].theirs.Close()
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (c *behind) seal(t testing.TB, profile string) *behind {
	t.Helper()
	p, err := sbpl.Compile([]byte(profile), sbpl.Options{Name: "test.sb"})
	if err != nil {
		t.Fatal(err)
	}
	if epoch, err := c.Seal(p); err != nil || epoch != 1 {
		t.Fatalf("epoch %d, %v", epoch, err)
	}
	return c
}

// last is the newest row, with the number of rows so far.
func (c *behind) last() (lane.WitnessRow, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rows) == 0 {
		return lane.WitnessRow{}, 0
	}
	return c.rows[len(c.rows)-1], len(c.rows)
}

func errorName(err error) string {
	var e *dbuswire.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Name[strings.LastIndexByte(e.Name, '.')+1:]
	}
	return err.Error()
}
