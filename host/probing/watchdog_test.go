package probing

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestWatched: a sign of life starts the limit again, and silence kills once.
func TestWatched(t *testing.T) {
	const limit = time.Minute
	late := errors.New("too late")
	for _, c := range []struct {
		name  string
		waits []time.Duration // before each sign of life
		last  time.Duration   // after the last
		hung  bool
	}{
		{"no sign in time", nil, limit - 1, false},
		{"no sign", nil, limit + 1, true},
		{"signs", []time.Duration{limit - 1, limit - 1}, limit - 1, false},
		{"signs, then silence", []time.Duration{limit - 1, limit - 1}, limit + 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			killed := 0
			hung, err := watched(t.Context(), limit, func() { killed++ }, func(ctx context.Context, alive func()) error {
				for _, d := range c.waits {
					time.Sleep(d)
					alive()
				}
				time.Sleep(c.last)
				synctest.Wait()
				if errors.Is(context.Cause(ctx), errHung) != c.hung {
					t.Errorf("%s: the context ended with %v", c.name, context.Cause(ctx))
				}
				return late
			})
			if hung != c.hung || (killed == 1) != c.hung || killed > 1 || err != late {
				t.Errorf("%s: hung %t, killed %d times, %v", c.name, hung, killed, err)
			}
		})
	}
}
