package sdk

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// TestBeforeSeal: it runs once, before the policy is put in force, or where there is
// none before the first attempt. Its error leaves no attempt.
func TestBeforeSeal(t *testing.T) {
	for _, c := range []struct {
		name   string
		sealed bool
		fault  error
		want   []string
	}{
		{"sealed", true, nil, []string{"ready", "seal", "attempt", "attempt"}},
		{"without a policy", false, nil, []string{"ready", "attempt", "attempt"}},
		{"not ready", true, errors.New("no such symbol"), []string{"ready", "seal"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var made []string
			note := func(what string) { made = append(made, what) }
			seal = func(wire.SealRequest) wire.SealReport { note("seal"); return wire.SealReport{} }
			defer func() { seal = sealView }()
			s := newServer(&Spec{
				Family:     "test",
				BeforeSeal: func() error { note("ready"); return c.fault },
				Probes: []*Probe{{Operation: "op", Platforms: []Platform{platform()}, Run: func(rec *Recorder) error {
					return rec.Attempt(Call{API: "test"}, func() (string, error) { note("attempt"); return "", nil })
				}}},
			}, "", nil)
			if c.sealed {
				if _, err := s.Seal(t.Context(), wire.SealRequest{}); err != nil {
					t.Fatal(err)
				}
			}
			items := []wire.RunItem{{Operation: "op", Arm: terms.After, Attempt: 1}, {Operation: "op", Arm: terms.After, Attempt: 2}}
			skipped := ""
			if err := s.Run(t.Context(), items, func(e wire.Event) error {
				if o, ok := e.(wire.Outcome); ok {
					skipped += o.SkipReason
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(made, c.want) {
				t.Errorf("made %q, want %q", made, c.want)
			}
			if c.fault != nil && !strings.Contains(skipped, c.fault.Error()) {
				t.Errorf("the events do not say why there was no attempt: %q", skipped)
			}
		})
	}
}
