package recorder

import (
	"strings"
	"sync"
	"testing"
	"unsafe"
)

func pair(t *testing.T, slots int) (host, plugin *Region) {
	t.Helper()
	f, host, err := Create(slots)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plugin, err = Open(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close(); plugin.Close() })
	return host, plugin
}

func TestOneAttempt(t *testing.T) {
	host, plugin := pair(t, 3)
	if got := host.Current(); got != -1 {
		t.Errorf("current of a fresh region is %d", got)
	}
	if got := host.Read(1); got != (Slot{}) {
		t.Errorf("fresh slot is %+v", got)
	}
	plugin.Begin(1)
	if got := host.Read(1); got.State != Acquiring || host.Current() != 1 {
		t.Errorf("after Begin: %+v, current %d", got, host.Current())
	}
	start := plugin.Attempt(1, 42)
	if got := host.Read(1); got.State != Attempting || got.Start != start || got.TargetPID != 42 {
		t.Errorf("after Attempt: %+v", got)
	}
	end := plugin.Done(1, Result{Kind: KindErrno, Errno: 1, Native: -7, Value: strings.Repeat("é", MaxValue)})
	plugin.SetEffect(1, EffectAbsent)
	got := host.Read(1)
	want := Slot{State: Done, Kind: KindErrno, Errno: 1, Native: -7, Start: start, End: end, TargetPID: 42,
		Effect: EffectAbsent, Value: strings.Repeat("é", MaxValue/2)}
	if got != want || end < start {
		t.Errorf("after Done:\ngot  %+v\nwant %+v", got, want)
	}
	if host.Current() != -1 || host.Read(0).State != NotStarted || host.Read(2).State != NotStarted {
		t.Error("Done left something behind")
	}
}

func TestBeginClearsAnEarlierAttempt(t *testing.T) {
	host, plugin := pair(t, 1)
	plugin.Begin(0)
	plugin.Attempt(0, 1)
	plugin.Done(0, Result{Kind: KindErrno, Errno: 2, Value: "old"})
	plugin.Begin(0)
	if got := host.Read(0); got != (Slot{State: Acquiring}) {
		t.Errorf("got %+v", got)
	}
}

func TestSlotsOutside(t *testing.T) {
	host, plugin := pair(t, 1)
	for _, slot := range []int{-1, 1, 1 << 40} {
		plugin.Begin(slot)
		plugin.Attempt(slot, 0)
		plugin.Done(slot, Result{})
		plugin.SetEffect(slot, EffectSeen)
		if host.Read(slot).Damage == "" {
			t.Errorf("slot %d is not damaged", slot)
		}
	}
	if host.Current() != -1 || host.Read(0) != (Slot{}) {
		t.Error("a slot outside was written")
	}
}

func TestHostOnlyReads(t *testing.T) {
	host, _ := pair(t, 1)
	host.Begin(0)
	host.Done(0, Result{})
	if host.Read(0) != (Slot{}) {
		t.Error("the host's region can be written")
	}
}

func TestHostileCurrent(t *testing.T) {
	host, plugin := pair(t, 2)
	for _, v := range []uint32{2, 1 << 31, none} {
		store32(plugin.mem.bytes(), offCurrent, v)
		if got := host.Current(); got != -1 {
			t.Errorf("current %#x reads as %d", v, got)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, slots := range []int{-1, 0, MaxSlots + 1} {
		if f, _, err := Create(slots); err == nil {
			f.Close()
			t.Errorf("Create(%d) succeeded", slots)
		}
	}
	host, plugin := pair(t, MaxSlots)
	plugin.Begin(MaxSlots - 1)
	if host.Current() != MaxSlots-1 {
		t.Error("the last slot does not work")
	}
}

// TestConcurrentReader: a slot is written once, and whoever sees it done sees
// its result.
func TestConcurrentReader(t *testing.T) {
	const slots = 2000
	host, plugin := pair(t, slots)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			c := host.Current()
			if c < -1 || c >= slots {
				t.Errorf("current is %d", c)
			}
			if s := host.Read(max(c, 0)); s.State == Done && s.Value != "value" {
				t.Errorf("done without its result: %+v", s)
			}
		}
	})
	for slot := range slots {
		plugin.Begin(slot)
		plugin.Attempt(slot, 1)
		plugin.Done(slot, Result{Kind: KindErrno, Value: "value"})
	}
	close(stop)
	wg.Wait()
}

func TestDetached(t *testing.T) {
	r := Detached()
	r.Begin(0)
	if start, end := r.Attempt(0, 0), r.Done(0, Result{}); start == 0 || end < start {
		t.Errorf("window from %d to %d", start, end)
	}
	r.SetEffect(0, EffectSeen)
	r.Leave()
	if r.Current() != -1 || r.Slots() != 0 || r.Close() != nil {
		t.Error("a detached region has something in it")
	}
}

// The layout is public: another language's SDK is written against it.
func TestLayout(t *testing.T) {
	_, plugin := pair(t, 2)
	b := plugin.mem.bytes()
	plugin.Begin(1)
	plugin.Done(1, Result{Kind: KindErrno, Errno: 13, Value: "v"})
	if len(b) != 384 || string(b[:8]) != "HRFLIGHT" || b[8] != 1 || b[12] != 128 || b[16] != 2 {
		t.Errorf("header is % x", b[:24])
	}
	if s := b[256:]; s[0] != 3 || s[4] != 13 || s[36] != 1 || s[38] != 1 || s[40] != 'v' {
		t.Errorf("slot is % x", s[:48])
	}
	if uintptr(unsafe.Pointer(&b[0]))%8 != 0 {
		t.Error("the mapping is not aligned")
	}
}
