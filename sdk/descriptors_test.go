package sdk

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// xnu plays XNU over this process's descriptors. Its poll follows
// bsd/kern/sys_generic.c poll_nocancel: more than OPEN_MAX numbers are EINVAL, and a
// number whose events are 0 is registered with no filter, so that nothing finds it
// closed. Its F_GETFD follows bsd/kern/kern_descrip.c sys_fcntl_nocancel: the number
// is looked up first, then the policy is asked, which here denies.
var xnu = kernel{
	poll: func(fds []unix.PollFd, _ int) (int, error) {
		if len(fds) > 10240 {
			return 0, unix.EINVAL
		}
		closed := 0
		for i := range fds {
			fds[i].Revents = 0
			if fds[i].Events != 0 && thisKernel.getFD(int(fds[i].Fd)) != nil {
				fds[i].Revents = unix.POLLNVAL
				closed++
			}
		}
		return closed, nil
	},
	getFD: func(fd int) error {
		if err := thisKernel.getFD(fd); err != nil {
			return err
		}
		return unix.EPERM
	},
}

// TestOpenNumbers: each system's way finds on its kernel the descriptor that is open
// and not the one that is closed, also among more numbers than XNU's poll takes.
func TestOpenNumbers(t *testing.T) {
	fds := make([]int, 2)
	if err := unix.Pipe(fds); err != nil {
		t.Fatal(err)
	}
	const far = 900 // above what the test has open, so that the number stays free
	held, err := unix.FcntlInt(uintptr(fds[0]), unix.F_DUPFD_CLOEXEC, far)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fds[0])
	unix.Close(fds[1])
	defer unix.Close(held)
	for goos, k := range map[string]kernel{"linux": thisKernel, "darwin": xnu} {
		for _, n := range []int{held + 100, 1 << 14} {
			var limit unix.Rlimit
			if goos == "linux" && (unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur < uint64(n)) {
				continue // Linux's poll takes no more than the limit
			}
			open, err := openNumbers[goos](k, n)
			if err != nil {
				t.Errorf("%s, %d numbers: %v", goos, n, err)
				continue
			}
			if !slices.Contains(open, held) || slices.Contains(open, held+50) || len(open) > far {
				t.Errorf("%s, %d numbers: %d open, %d among them %v, %d (closed) among them %v",
					goos, n, len(open), held, slices.Contains(open, held), held+50, slices.Contains(open, held+50))
			}
		}
	}
}

// TestLookedAt: an infinite limit, as XNU and as Linux write it, is bounded.
func TestLookedAt(t *testing.T) {
	const most = 1 << 16
	for limit, want := range map[uint64]int{0: 0, 256: 256, most: most, most + 1: most, 1<<63 - 1: most} {
		n, detail := lookedAt(limit)
		if n != want || (detail != "") != (limit > maxDescriptors) {
			t.Errorf("limit %d: %d, %q", limit, n, detail)
		}
	}
}
