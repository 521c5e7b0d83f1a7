package seatbelt

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/hrhost/hrhost/host/lane"
)

func TestArrivals(t *testing.T) {
	r, w := io.Pipe()
	a := &arrivals{names: map[string]bool{}}
	done := make(chan struct{})
	go func() {
		a.read(r)
		close(done)
	}()
	const long = time.Minute
	if got := a.arrived("x", 0); got != lane.EffectUnobservable {
		t.Errorf("before it listens: %s", got)
	}
	io.WriteString(w, arrivalLine("early"))
	fmt.Fprintln(w, Listening)
	if !a.listens(long) {
		t.Fatal("it does not listen")
	}
	for _, name := range []string{"com.example.a", "two\nlines", Listening, "--x"} {
		io.WriteString(w, arrivalLine(name))
		if got := a.arrived(name, long); got != lane.EffectSeen {
			t.Errorf("posted %q: %s", name, got)
		}
	}
	for _, name := range []string{"early", "com.example.b"} {
		if got := a.arrived(name, 0); got != lane.EffectAbsent {
			t.Errorf("%s: %s", name, got)
		}
	}
	w.Close()
	<-done
	if got := a.arrived("com.example.b", long); got != lane.EffectUnobservable {
		t.Errorf("after its end: %s", got)
	}
	var none *arrivals
	if got := none.arrived("x", 0); got != lane.EffectUnobservable {
		t.Errorf("no receiver: %s", got)
	}
}
