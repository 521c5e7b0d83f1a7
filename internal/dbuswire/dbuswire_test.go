package dbuswire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func call(t *testing.T, args ...any) *Message {
	t.Helper()
	m := &Message{Type: dbus.TypeMethodCall, Destination: Bus, Path: BusPath, Interface: Bus, Member: "RequestName"}
	if err := m.SetArgs(args...); err != nil {
		t.Fatal(err)
	}
	return m
}

func bytesOf(t *testing.T, m *Message) []byte {
	t.Helper()
	b, err := m.Bytes(7)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	raw := bytesOf(t, call(t, "org.example.A", uint32(4)))
	// godbus itself must read what this package wrote.
	if _, err := dbus.DecodeMessage(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(append(slices.Clone(raw), raw...))
	for range 2 {
		m, err := Read(r, 4096)
		if err != nil {
			t.Fatal(err)
		}
		args, err := m.Args()
		if err != nil || len(args) != 2 || args[0] != "org.example.A" || args[1] != uint32(4) {
			t.Errorf("args %v, %v", args, err)
		}
		if m.Serial != 7 || m.Member != "RequestName" || m.Destination != Bus || m.Signature != "su" {
			t.Errorf("got %+v", m)
		}
	}
	if _, err := Read(r, 4096); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestBigEndian(t *testing.T) {
	h := map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/a")), dbus.FieldInterface: dbus.MakeVariant("a.b"),
		dbus.FieldMember: dbus.MakeVariant("C"), dbus.FieldSignature: dbus.MakeVariant(dbus.ParseSignatureMust("s")),
	}
	var b bytes.Buffer
	if err := (&dbus.Message{Type: dbus.TypeSignal, Headers: h, Body: []any{"text"}}).EncodeTo(&b, binary.BigEndian); err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint32(b.Bytes()[8:], 9)
	m, err := Read(&b, 4096)
	if err != nil {
		t.Fatal(err)
	}
	if args, err := m.Args(); err != nil || args[0] != "text" || m.Serial != 9 {
		t.Errorf("got %v, %v, %+v", args, err, m)
	}
}

// TestRefused holds what a bus or godbus would choke on.
func TestRefused(t *testing.T) {
	good := bytesOf(t, call(t, "org.example.A", uint32(4)))
	edit := func(f func(b []byte)) []byte {
		b := slices.Clone(good)
		f(b)
		return b
	}
	// The signature "su" of the header becomes "()": two bytes for two.
	empty := edit(func(b []byte) { copy(b[bytes.Index(b, []byte("\x02su\x00"))+1:], "()") })
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"byte order":    {edit(func(b []byte) { b[0] = 'x' }), ErrMalformed},
		"version":       {edit(func(b []byte) { b[3] = 2 }), ErrMalformed},
		"type":          {edit(func(b []byte) { b[1] = 9 }), ErrMalformed},
		"serial":        {edit(func(b []byte) { binary.LittleEndian.PutUint32(b[8:], 0) }), ErrMalformed},
		"huge body":     {edit(func(b []byte) { binary.LittleEndian.PutUint32(b[4:], 1<<31) }), ErrTooLarge},
		"huge header":   {edit(func(b []byte) { binary.LittleEndian.PutUint32(b[12:], 1<<31) }), ErrTooLarge},
		"sum overflows": {edit(func(b []byte) { b[4], b[5], b[6], b[7] = 0xff, 0xff, 0xff, 0xff }), ErrTooLarge},
		"empty struct":  {empty, ErrMalformed},
		"cut short":     {good[:len(good)-3], io.ErrUnexpectedEOF},
	} {
		if _, err := Read(bytes.NewReader(c.raw), 1<<16); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestReadOn: what can't be taken is read past, as long as it says where it ends.
func TestReadOn(t *testing.T) {
	good := bytesOf(t, call(t, "org.example.A", uint32(4)))
	empty := slices.Clone(good)
	copy(empty[bytes.Index(empty, []byte("\x02su\x00"))+1:], "()")
	longPath := call(t, "org.example.A")
	longPath.Path = dbus.ObjectPath("/" + strings.Repeat("x", MaxHeader))
	const limit = 1 << 16
	stream := slices.Concat(bytesOf(t, call(t, "org.example.A", strings.Repeat("x", limit))), empty, bytesOf(t, longPath), good)
	for name, c := range map[string]struct {
		tail []byte
		want error
	}{
		"whole":     {nil, io.EOF},
		"cut short": {empty[:len(empty)-1], io.ErrUnexpectedEOF},
		"no head":   {good[:fixed-1], io.ErrUnexpectedEOF},
		"garbage":   {[]byte("GET / HTTP/1.1\r\n\r\n"), ErrMalformed},
	} {
		r := bufio.NewReader(bytes.NewReader(slices.Concat(stream, c.tail)))
		if m, err := ReadOn(r, limit); err != nil || m.Member != "RequestName" || m.Path != BusPath || len(m.Body) != 24 {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
		if m, err := ReadOn(r, limit); !errors.Is(err, c.want) {
			t.Errorf("%s: then %+v, %v, want %v", name, m, err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"org.example.A": true, "a.b": true, ":1.42": true, "_a.b-c": true, "org.1a": false,
		"org": false, "": false, ":": false, ".a.b": false, "a..b": false, "a.b\x00": false, "a.b c": false,
		"a." + strings.Repeat("b", 254): false,
	} {
		if ValidName(name) != want {
			t.Errorf("ValidName(%q) = %t", name, !want)
		}
	}
}

// FuzzRead checks that no input hangs or panics, and that what was read is
// written and read again unchanged.
func FuzzRead(f *testing.F) {
	m := &Message{Type: dbus.TypeSignal, Path: "/a", Interface: "a.b", Member: "C"}
	m.SetArgs("text", []string{"a"}, dbus.MakeVariant(uint32(1)))
	raw, _ := m.Bytes(3)
	f.Add(raw)
	f.Add(raw[:20])
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Read(bytes.NewReader(raw), 1<<16)
		if err != nil {
			return
		}
		m.Args()
		again, err := m.Bytes(m.Serial)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := Read(bytes.NewReader(again), 1<<17)
		if err != nil {
			t.Fatalf("reading what was written: %v", err)
		}
		m2.order, m.order = nil, nil
		if !bytes.Equal(m.Body, m2.Body) || m.Destination != m2.Destination || m.Signature != m2.Signature {
			t.Errorf("%+v became %+v", m, m2)
		}
	})
}

// TestCallTimeout: a bus that does not answer ends the call and the connection, so that
// the next call does not wait either.
func TestCallTimeout(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	go io.Copy(io.Discard, there)
	c := NewConn(here)
	c.Timeout = time.Millisecond
	if _, err := c.CallBus("GetNameOwner", "x.y"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the first call: %v, want a timeout", err)
	}
	c.Timeout = 0
	if _, err := c.CallBus("GetNameOwner", "x.y"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the second call: %v, want a closed connection", err)
	}
}
