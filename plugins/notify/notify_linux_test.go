package notify

import (
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/plugins/internal/buses/busestest"
	"github.com/hrhost/hrhost/sdk"
	"github.com/hrhost/hrhost/sdk/sdktest"
)

// heard is what the two buses got, in order.
var heard struct {
	sync.Mutex
	list []string
}

func TestMain(m *testing.M) {
	err := busestest.Serve(func(bus string, m *dbuswire.Message) ([]any, string) {
		text := bus + " " + m.Member
		if args, err := m.Args(); err == nil && m.Type == dbuswire.Signal {
			text = bus + " " + m.Interface + "." + m.Member + " " + args[0].(string)
		}
		heard.Lock()
		defer heard.Unlock()
		heard.list = append(heard.list, text)
		return []any{"id"}, ""
	})
	if err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestSpec(t *testing.T) { sdktest.SpecTest(t, Spec()) }

// TestPost: the signal is on the right bus with the host's nonce, and a round
// trip comes after it.
func TestPost(t *testing.T) {
	t.Setenv(wire.EnvNonce, "abc")
	for operation, bus := range map[string]string{"darwin-notification-post": "system", "distributed-notification-post": "session"} {
		heard.list = nil
		sdktest.ProbeTest{
			Spec: Spec(), Operation: operation, Target: "org.hrhost.test.Posted",
			Want: sdktest.Want{Class: sdk.OK, Effect: sdk.EffectUnobservable,
				Carrier: "dbus signal org.hrhost.test.Posted, " + bus + "-like bus", Filter: "org.hrhost.test.Posted"},
		}.Run(t)
		if want := []string{bus + " org.hrhost.test.Posted abc/0", bus + " GetId"}; !slices.Equal(heard.list, want) {
			t.Errorf("%s: the bus heard %q, want %q", operation, heard.list, want)
		}
	}
}

func TestNoAttemptWithoutASignal(t *testing.T) {
	for _, name := range []string{"", "Posted", "org.hrhost.", "org.hrhost.a b", "9.x"} {
		sdktest.ProbeTest{Spec: Spec(), Operation: "darwin-notification-post", Target: name, Want: sdktest.Want{Skipped: true}}.Run(t)
	}
}
