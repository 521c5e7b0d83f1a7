package bus

import (
	"os"
	"testing"

	"github.com/hrhost/hrhost/internal/dbuswire"
)

// BenchmarkLookup compares a look-up straight at the bus with the same through
// a gateway, allowed and denied.
func BenchmarkLookup(b *testing.B) {
	buses := startBuses(b)
	direct, err := dbuswire.Connect(buses.Socket(Session))
	if err != nil {
		b.Fatal(err)
	}
	defer direct.Close()
	for name, c := range map[string]*dbuswire.Conn{
		"direct":  direct,
		"allowed": newBehind(b, buses).seal(b, "(version 1)(deny default)(allow mach-lookup)").conns[Session],
		"denied":  newBehind(b, buses).seal(b, "(version 1)(deny default)").conns[Session],
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.CallBus("GetNameOwner", NameOne)
			}
		})
	}
}

// BenchmarkStart is what the buses and their fixtures add to a run.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		buses, err := Start(b.Context(), Options{Dir: "/tmp", Fixture: os.Args[0], Posts: [2][]string{{posted}, {posted}}})
		if err != nil {
			b.Fatal(err)
		}
		if err := buses.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
