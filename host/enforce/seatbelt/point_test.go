package seatbelt

import (
	"testing"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestCalibrated: the result belongs to the filter that sandbox_check is asked about,
// with any operation. Linux's split between calls and messages plays no part.
func TestCalibrated(t *testing.T) {
	p := NewPoint(point.Config{}, &fakeKernel{})
	for _, calibrated := range []string{enforce.Uncalibrated, enforce.Calibrated} {
		p.calibrated = calibrated
		for _, c := range []struct{ operation, filter, want string }{
			{"mach-lookup", "global-name", calibrated},
			{"mach-register", "global-name", calibrated},
			{"darwin-notification-post", "notification-name", calibrated},
			{"distributed-notification-post", "notification-name", calibrated},
			{"some-new-operation", "global-name", calibrated},
			{"sysctl-read", "sysctl-name", enforce.NotNeeded},
			{"signal", "target", enforce.NotNeeded},
			{"process-fork", "", enforce.NotNeeded},
		} {
			q := sbpl.Query{Operation: c.operation}
			if c.filter != "" {
				q.Filters = []sbpl.Filter{{Name: c.filter, Value: "x"}}
			}
			if got := p.Calibrated(q); got != c.want {
				t.Errorf("%s on %q: %s, want %s", c.operation, c.filter, got, c.want)
			}
		}
	}
}
