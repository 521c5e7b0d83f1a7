package bus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
)

func busCall(member string, args ...any) []byte {
	m := &dbuswire.Message{Type: dbus.TypeMethodCall, Destination: dbuswire.Bus, Path: dbuswire.BusPath, Interface: dbuswire.Bus, Member: member}
	if err := m.SetArgs(args...); err != nil {
		panic(err)
	}
	b, err := m.Bytes(3)
	if err != nil {
		panic(err)
	}
	return b
}

// TestClosed: what ends a connection, by which named error; the plugin's other
// line and other plugins live on.
func TestClosed(t *testing.T) {
	b := startBuses(t)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"garbage":       {[]byte("GET / HTTP/1.1\r\n\r\n"), dbuswire.ErrMalformed},
		"oversize":      {edit(busCall("GetId"), func(b []byte) { binary.LittleEndian.PutUint32(b[4:], MaxMessage) }), dbuswire.ErrTooLarge},
		"unknown type":  {edit(busCall("GetId"), func(b []byte) { b[1] = 77 }), dbuswire.ErrMalformed},
		"unknown flags": {edit(busCall("GetId"), func(b []byte) { b[2] = 0xf0 }), dbuswire.ErrMalformed},
		"serial 0":      {edit(busCall("GetId"), func(b []byte) { binary.LittleEndian.PutUint32(b[8:], 0) }), dbuswire.ErrMalformed},
		"empty struct":  {edit(busCall("NameHasOwner", "a.b"), func(b []byte) { copy(b[bytes.Index(b, []byte("\x01s\x00")):], "\x02()") }), dbuswire.ErrMalformed},
		"descriptors":   {withDescriptors(), ErrDescriptors},
	} {
		bad, good := serveRaw(t, b), newBehind(t, b)
		conn, system := bad.raw(t, Session), dbuswire.NewConn(bad.raw(t, System))
		if err := system.Hello(); err != nil {
			t.Fatal(err)
		}
		conn.Write(busCall("Hello"))
		conn.Write(c.raw)
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%s: the connection is still open", name)
		}
		row := waitRow(t, bad, howClose)
		if !strings.Contains(row.Reason, c.want.Error()) || row.By != "containment" || row.Operation != "" {
			t.Errorf("%s: row %+v", name, row)
		}
		for _, other := range []*dbuswire.Conn{system, good.conns[Session]} {
			if _, err := other.CallBus("GetId"); err != nil {
				t.Errorf("%s hurt another connection: %v", name, err)
			}
		}
		if st, _ := bad.Close(); len(st.Closed) != 1 || !errors.Is(st.Closed[0], c.want) {
			t.Errorf("%s: stats %+v", name, st)
		}
	}
}

func edit(b []byte, f func([]byte)) []byte { f(b); return b }

func withDescriptors() []byte {
	var b bytes.Buffer
	m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")), dbus.FieldInterface: dbus.MakeVariant("a.b"),
		dbus.FieldMember: dbus.MakeVariant("C"), dbus.FieldUnixFDs: dbus.MakeVariant(uint32(1)),
	}}
	if err := m.EncodeTo(&b, binary.LittleEndian); err != nil {
		panic(err)
	}
	binary.LittleEndian.PutUint32(b.Bytes()[8:], 5)
	return b.Bytes()
}

// waitRow waits for the row that says how.
func waitRow(t *testing.T, c *behind, how string) lane.WitnessRow {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if row, _ := c.last(); row.How == how {
			return row
		}
	}
	row, _ := c.last()
	t.Fatalf("no row says %q; the last is %+v", how, row)
	return row
}

// TestFlood: calls whose replies nobody could hold, and too many messages.
func TestFlood(t *testing.T) {
	b := startBuses(t)
	c := newBehind(t, b)
	l := c.lines[Session]
	l.mu.Lock()
	for i := range uint32(MaxPending) {
		l.pending[1<<20+i] = ""
	}
	l.mu.Unlock()
	if _, err := c.conns[Session].CallBus("GetId"); err == nil {
		t.Error("more pending calls than allowed")
	}
	if row := waitRow(t, c, howClose); !strings.Contains(row.Reason, ErrFlood.Error()) {
		t.Errorf("row %+v", row)
	}
	c = newBehind(t, b)
	c.mu.Lock()
	c.lines[System].count = MaxMessages
	c.mu.Unlock()
	if _, err := c.conns[System].CallBus("GetId"); err == nil {
		t.Error("more messages than allowed")
	}
	if row := waitRow(t, c, howClose); !strings.Contains(row.Reason, ErrFlood.Error()) {
		t.Errorf("row %+v", row)
	}
}

// hostileMessages is how many the campaign sends.
const hostileMessages = 20_000

// TestHostile sends 20,000 hostile messages through gateways: valid calls that
// fish for names, the same with bytes changed, lengths that lie, huge arrays,
// many matches. Nothing crashes, nothing leaks, and no byte that comes back
// holds a name that the profile hides.
func TestHostile(t *testing.T) {
	b := startBuses(t)
	healthy := newBehind(t, b).seal(t, "(version 1)(deny default)(allow mach-lookup)")
	runtime.GC()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	rng := rand.New(rand.NewPCG(1, 2))
	var learnt bytes.Buffer
	connections, sent := 0, 0
	messages := hostileMessages
	if testing.Short() { // with the race detector each takes ten times as long
		messages /= 5
	}
	for sent < messages {
		sent += attack(t, b, rng, &learnt, messages-sent)
		connections++
	}
	if connections < 10 {
		t.Errorf("only %d connections: hardly a message was hostile", connections)
	}
	for _, name := range []string{NameOne, NameAlso, NameTwo, NameLazy} {
		if bytes.Contains(learnt.Bytes(), []byte(name)) {
			t.Errorf("the client learnt of %s", name)
		}
	}
	if _, err := healthy.conns[Session].CallBus("GetNameOwner", NameOne); err != nil {
		t.Errorf("a healthy plugin was hurt: %v", err)
	}
	// Goroutines and sockets end a moment later.
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if runtime.NumGoroutine() <= goroutines && openDescriptors(t) <= descriptors {
			break
		}
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	if n := openDescriptors(t); n > descriptors {
		t.Errorf("%d descriptors, %d before", n, descriptors)
	}
	t.Logf("%d messages on %d connections, %d bytes of answers", sent, connections, learnt.Len())
}

// attack sends up to n messages over one connection, until it is closed, and
// returns how many.
func attack(t *testing.T, b *Buses, rng *rand.Rand, learnt *bytes.Buffer, n int) (sent int) {
	t.Helper()
	c := serveRaw(t, b).seal(t, "(version 1)(deny default)(deny darwin-notification-post)")
	defer c.Close()
	kind := Kind(rng.IntN(2))
	conn := c.raw(t, kind)
	defer conn.Close()
	c.raw(t, 1-kind).Close()
	answers := make(chan []byte)
	go func() {
		got, _ := io.ReadAll(conn)
		answers <- got
	}()
	conn.Write(busCall("Hello"))
	for sent < n {
		sent++
		if _, err := conn.Write(hostileMessage(rng)); err != nil {
			break
		}
	}
	conn.(*net.UnixConn).CloseWrite()
	learnt.Write(<-answers)
	return sent
}

// hugeArray is as large as a message may be.
var hugeArray = busCall("NoSuchMethod", make([]string, 8000))

// hostileMessage is one of: a call that fishes for names, the same with bytes
// changed, one whose lengths lie, a huge array, noise.
func hostileMessage(rng *rand.Rand) []byte {
	fishing := []func() []byte{
		func() []byte { return busCall("ListNames") },
		func() []byte { return busCall("ListActivatableNames") },
		func() []byte { return busCall("AddMatch", "type='signal',eavesdrop='true'") },
		func() []byte {
			return busCall("AddMatch", "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'")
		},
		func() []byte { return busCall("BecomeMonitor", []string{}, uint32(0)) },
		func() []byte { return busCall("GetConnectionCredentials", ":1."+string(rune('0'+rng.IntN(9)))) },
		func() []byte { return busCall("GetNameOwner", ":1."+string(rune('0'+rng.IntN(9)))) },
		func() []byte { return busCall("RequestName", "a.b", uint32(rng.IntN(8))) },
		func() []byte { return bytes.Clone(hugeArray) },
	}
	raw := fishing[rng.IntN(len(fishing))]()
	switch rng.IntN(12) {
	case 0:
		for range 1 + rng.IntN(4) {
			raw[rng.IntN(len(raw))] = byte(rng.Uint32())
		}
	case 1:
		if rng.IntN(8) == 0 { // lies about lengths mostly leave the stream waiting
			binary.LittleEndian.PutUint32(raw[4+8*rng.IntN(2):], rng.Uint32())
		}
	case 2:
		if rng.IntN(8) == 0 {
			raw = raw[:rng.IntN(len(raw))]
		}
	}
	return raw
}

func openDescriptors(t *testing.T) (n int) {
	t.Helper()
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			n++
		}
	}
	return n
}

// FuzzRequest sends anything to a gateway's judgement without a bus: it must not
// panic, and must not allow what it has not judged.
func FuzzRequest(f *testing.F) {
	f.Add(busCall("NameHasOwner", "a.b"))
	f.Add(busCall("ListNames"))
	f.Add(withDescriptors())
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := dbuswire.Read(bytes.NewReader(raw), MaxMessage)
		if err != nil {
			return
		}
		r := read(System, m, ":1.7")
		own := m.Destination == ":1.7" || strings.Contains(r.carrier, ":1.7")
		if r.refused == "" && len(r.subjects) == 0 && !harmless[m.Member] && !own {
			t.Errorf("%+v passes unjudged as %+v", m, r)
		}
	})
}
