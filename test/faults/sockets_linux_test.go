package faults

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/run"
)

// TestSocketsOfOneName: a plugin makes a socket that the profile denies, then in its
// attempt another of the same family, which it allows. The bundle is valid and says the
// one that the attempt was about: the target states the type, since the profile decides
// by it.
func TestSocketsOfOneName(t *testing.T) {
	w := &setup{files: map[string]string{"sockets.sb": `(version 1) (deny default)
(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-type SOCK_DGRAM)))`}}
	text := planOf("sockets", "", `{ id = "a", op = "system-socket", target = "AF_NETLINK/SOCK_DGRAM", expect = "allow" }`)
	f := runHere(t, strings.Replace(text, "strict.sb", "sockets.sb", 1)+pluginFile(t, "sockets"), w)
	f.sealedHere()
	denied := 0
	for _, row := range f.witness {
		if row.Operation == "system-socket" && row.ExpectationID != "" && row.Verdict == lane.Deny {
			denied++
		}
	}
	if !f.Verify.Valid || f.Exit != run.ExitOK || denied != 1 {
		t.Errorf("exit %d, %d denials, %+v", f.Exit, denied, f.Verify.Findings)
	}
	if !f.holds(borneOut) {
		t.Errorf("condition %s does not hold", borneOut)
	}
}

// TestIPSocketContained: containment refuses a UDP socket that the profile allows. The
// row has no decision and says why, and no claim of the plugin's is in doubt.
func TestIPSocketContained(t *testing.T) {
	w := &setup{files: map[string]string{"sockets.sb": `(version 1) (deny default) (allow system-socket)`}}
	text := planOf("sockets", "", `{ id = "a", op = "system-socket", target = "AF_INET/SOCK_DGRAM/0", expect = "allow" }`)
	f := runHere(t, strings.Replace(text, "strict.sb", "sockets.sb", 1)+pluginFile(t, "sockets"), w)
	f.sealedHere()
	for _, row := range f.rows {
		if row.Operation != "system-socket" {
			continue
		}
		if d := row.Decision; d.Verdict != nil || d.Reason != lane.ContainmentDenied || row.Result.ErrnoName != "EACCES" {
			t.Errorf("%s after %s: %+v", row.ExpectationID, row.Result.ErrnoName, d)
		}
	}
	if !f.Verify.Valid || !f.holds(borneOut) {
		t.Errorf("condition %s holds: %t; findings %+v", borneOut, f.holds(borneOut), f.Verify.Findings)
	}
}
