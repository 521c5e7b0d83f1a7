package seatbelt

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		operation, filter, value string
		want                     Question
	}{
		{"mach-lookup", "global-name", "com.apple.cfprefsd.daemon",
			Question{"mach-lookup", 2, []string{"com.apple.cfprefsd.daemon"}, nil}},
		{"darwin-notification-post", "notification-name", "x",
			Question{"darwin-notification-post", 9, []string{"x"}, []int{0}}},
		{"signal", "signal-number", "15", Question{"signal", 18, nil, []int{15}}},
		{"process-fork", "", "", Question{Operation: "process-fork"}},
	} {
		got, err := Ask(c.operation, c.filter, c.value)
		if err != nil {
			t.Errorf("%s %s: %v", c.operation, c.filter, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.operation, c.filter, d)
		}
	}
}

// TestAskNever: what the call can't predict is not asked about by another name.
func TestAskNever(t *testing.T) {
	for _, c := range [][3]string{
		{"sysctl-read", "sysctl-name", "kern.ostype"},
		{"process-info-pidinfo", "target", "self"},
		{"iokit-open-service", "iokit-registry-entry-class", "IOSurfaceRoot"},
		{"system-socket", "socket-domain", "32"},
		{"network-outbound", "remote", "*:80"},
		{"process-exec", "path", "/bin/ls"},
		{"iokit-open", "", ""},
		{"signal", "signal-number", "SIGTERM"},
		{"mach-lookup", "global-name", "a\x00b"},
	} {
		_, err := Ask(c[0], c[1], c[2])
		var no *Unsupported
		if !errors.As(err, &no) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// TestCheckFilters: the numbers are sandbox_check's, not those of compiled
// profiles (global-name 5, notification-name 34, sysctl-name 37), which the
// predecessor passed, and nothing is above the end of the decompiled switch.
func TestCheckFilters(t *testing.T) {
	seen := map[uint32]string{}
	for _, f := range checkFilters {
		if seen[f.number] != "" || f.number == 0 || f.number > 18 || strings.HasPrefix(f.name, "sysctl") {
			t.Errorf("%s: %d", f.name, f.number)
		}
		seen[f.number] = f.name
	}
	if seen[2] != "global-name" || seen[9] != "notification-name" {
		t.Errorf("got %v", seen)
	}
}
