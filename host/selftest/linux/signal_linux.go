package linux

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var signalExperiments = []*selftest.Experiment{
	{Fact: "signal.pending", Run: signalPending, Roles: map[string]func(*selftest.Part){"wait": signalWaiter}},
	{Fact: "signal.init", Run: signalInit, Roles: map[string]func(*selftest.Part){"ask": askInit}},
}

var usr1 = unix.Sigset_t{Val: [16]uint64{1 << (unix.SIGUSR1 - 1)}}

// signalWaiter makes its signalfd only after it was told that the signal was
// sent.
func signalWaiter(p *selftest.Part) {
	p.Say("ready")
	p.Await()
	fd, err := unix.Signalfd(-1, &usr1, unix.SFD_NONBLOCK)
	p.Must(err, "making a signalfd")
	var info unix.SignalfdSiginfo
	n, err := unix.Read(fd, unsafe.Slice((*byte)(unsafe.Pointer(&info)), int(unsafe.Sizeof(info))))
	p.Say("%d bytes, signal %d, from %d, %v", n, info.Signo, info.Pid, err)
}

func signalPending(t *selftest.Trial) selftest.Verdict {
	runtime.LockOSThread()
	var old unix.Sigset_t
	t.Must(unix.PthreadSigmask(unix.SIG_BLOCK, &usr1, &old), "blocking SIGUSR1")
	h := t.Part("wait")
	t.Must(unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil), "unblocking SIGUSR1")
	h.Line()
	t.Must(unix.Kill(h.Process.Pid, unix.SIGUSR1), "sending SIGUSR1")
	h.Say("sent")
	line := h.Line()
	return selftest.Check(line,
		selftest.Finding{What: "what was read", Got: line, Want: fmt.Sprintf("128 bytes, signal %d, from %d, <nil>", unix.SIGUSR1, os.Getpid())},
		selftest.Finding{What: "exit status", Got: h.End(), Want: 0},
	)
}

func askInit(p *selftest.Part) {
	name := "success"
	if err := unix.Kill(1, 0); err != nil {
		name = unix.ErrnoName(err.(unix.Errno))
	}
	p.Say("%s", name)
}

func signalInit(t *selftest.Trial) selftest.Verdict {
	if os.Geteuid() != 0 {
		got := unix.Kill(1, 0)
		var st unix.Stat_t
		if unix.Stat("/proc/1", &st) == nil && int(st.Uid) == os.Geteuid() {
			return selftest.Check("success: process 1 is this user's", selftest.Finding{What: "kill", Got: got, Want: nil})
		}
		return selftest.Check("EPERM", selftest.Finding{What: "kill", Got: got, Want: error(unix.EPERM)})
	}
	h := t.Start(asOrdinary(t.Command("ask")))
	return selftest.Check("success for root, EPERM for another user",
		selftest.Finding{What: "as root", Got: unix.Kill(1, 0), Want: nil},
		selftest.Finding{What: "as another user", Got: h.Line(), Want: "EPERM"},
	)
}
