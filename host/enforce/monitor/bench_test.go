//go:build linux && amd64

package monitor

import (
	"os"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

func init() {
	// time repeats a call (the first argument says how often) and answers the
	// nanoseconds; descriptors are closed again.
	programs["time"] = func(o order, regs map[string]int64) report {
		count := int(o.Args[0].N)
		var a [6]uintptr
		for i, x := range o.Args[1:] {
			if x.S != nil {
				b := append([]byte(*x.S), 0)
				defer runtime.KeepAlive(b)
				a[i] = uintptr(unsafe.Pointer(&b[0]))
			} else {
				a[i] = uintptr(x.N)
			}
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		start := time.Now()
		for range count {
			r, _, e := unix.RawSyscall6(uintptr(o.Nr), a[0], a[1], a[2], a[3], a[4], a[5])
			if o.Nr == unix.SYS_OPENAT && e == 0 {
				unix.RawSyscall(unix.SYS_CLOSE, r, 0, 0)
			}
		}
		return report{Ret: int64(time.Since(start))}
	}
}

// timed is the time of one call, as the victim sees it.
func (s *sealed) timed(count, nr int, args ...arg) float64 {
	r := s.do(order{Prog: "time", Nr: nr, Args: append([]arg{num(int64(count))}, args...)})
	return float64(r.Ret) / float64(count)
}

// bare is a victim whose getppid is answered at once, with nothing in between.
func bare(t testing.TB) *sealed {
	s := &sealed{t: t}
	s.launch(func(int, int) ([]byte, error) {
		p, err := bpf.Assemble([]bpf.Instruction{load(offNr), skipUnless(unix.SYS_GETPPID), answer(notify), answer(pass)})
		return unsafe.Slice((*byte)(unsafe.Pointer(&p[0])), len(p)*8), err
	}, func(f *os.File, _ int) error {
		fd := int(f.Fd())
		syncWakeup(fd)
		go func() {
			runtime.LockOSThread()
			defer f.Close()
			old := blockSignals()
			defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
			var n notification
			for {
				switch recv(fd, &n) {
				case 0:
					sendValue(fd, n.id, 1)
				case unix.ENOENT: // withdrawn, or the last process is gone
					p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
					if unix.Poll(p, 0); p[0].Revents&unix.POLLHUP != 0 {
						return
					}
				case unix.EINTR:
				default:
					return
				}
			}
		}()
		return nil
	})
	return s
}

// BenchmarkMonitor reports how many bare system calls, and how many bare
// notifications, each mediated call costs. All are measured in the same run.
func BenchmarkMonitor(b *testing.B) {
	other := stranger(b)
	const deny, allow = "/proc/sys/kernel/ostype", "/proc/sys/kernel/osrelease"
	for _, c := range []struct {
		name string
		nr   int
		args []arg
	}{
		{"sysctl-denied", unix.SYS_OPENAT, []arg{num(cwd), str(deny), num(0)}},
		{"sysctl-allowed", unix.SYS_OPENAT, []arg{num(cwd), str(allow), num(0)}},
		{"sysctl-walked", unix.SYS_OPENAT, []arg{num(cwd), str("/proc/self/root" + allow), num(0)}},
		{"plain-open", unix.SYS_OPENAT, []arg{num(cwd), str("/etc/passwd"), num(0)}},
		{"plain-access", unix.SYS_ACCESS, []arg{str("/etc/passwd"), num(0)}},
		{"proc-stat", unix.SYS_OPENAT, []arg{num(cwd), str("/proc/self/stat"), num(0)}},
		{"kill-denied", unix.SYS_KILL, []arg{num(1), num(0)}},
		{"kill-allowed", unix.SYS_KILL, []arg{num(int64(other)), num(0)}},
		{"kill-self", unix.SYS_KILL, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			base := bare(b)
			s := sealWith(b, denying("sysctl-read kernel.ostype", "signal initproc"))
			s.mu.Lock()
			s.keep = false
			s.mu.Unlock()
			if c.args == nil {
				c.args = []arg{num(int64(s.pid)), num(0)}
			}
			base.timed(1000, unix.SYS_GETPPID)
			s.timed(1000, c.nr, c.args...)
			count := max(b.N, 1000)
			b.ResetTimer()
			syscall := base.timed(count, unix.SYS_GETPGID, num(0))
			notification := base.timed(count, unix.SYS_GETPPID)
			native := base.timed(count, c.nr, c.args...)
			mediated := s.timed(count, c.nr, c.args...)
			b.StopTimer()
			b.ReportMetric(mediated, "ns/call")
			b.ReportMetric(native, "ns/native")
			b.ReportMetric(mediated/syscall, "x-syscall")
			b.ReportMetric(mediated/notification, "x-notification")
			b.ReportMetric(0, "ns/op")
		})
	}
}
