package faults

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// TestNothingIsHandedOver: an orphan of a process without a policy tries to reach a
// sealed process of another family, which listens on an abstract socket, and to
// pass it a descriptor of a parameter that the profile denies. Neither the socket
// nor the orphan is there.
func TestNothingIsHandedOver(t *testing.T) {
	f := runHere(t, hostilePlan(t, []hostile{{name: "gives"}, {name: "takes"}}), &setup{})
	f.sealedHere()
	f.whole(9)
	if log := f.log("takes"); !strings.Contains(log, "took nothing: no connection came") {
		t.Errorf("the sealed process says %q", log)
	}
	if blamed := f.plugins()["gives"].Faults; len(blamed) == 0 {
		t.Error("the orphan is not named")
	}
}

// TestLastingIsNoPolicy: shared memory that would outlive its process is refused in
// every lane. The baseline is marked as contained, and there is no decision.
func TestLastingIsNoPolicy(t *testing.T) {
	text := planOf("lasting", "", `{ id = "a", op = "ipc-sysv-shm", filter = "uid", target = "0", expect = "any" }`)
	f := runHere(t, text+pluginFile(t, "lasting"), &setup{})
	f.sealedHere()
	f.whole(1)
	if b := f.baseline[0]; !b.Contained || b.Result.ErrnoName != "EACCES" {
		t.Errorf("baseline: contained %t, %+v", b.Contained, b.Result)
	}
	if r := f.rows[0]; r.Decision.Verdict != nil || r.Result.ErrnoName != "EACCES" {
		t.Errorf("%+v by %s", r.Result, r.Decision.Reason)
	}
	for _, w := range f.witness {
		if w.Syscall == "shmget" && w.By == lane.ByContainment {
			return
		}
	}
	t.Error("the monitor did not refuse the call")
}
