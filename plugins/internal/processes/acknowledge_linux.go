package processes

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// usr1 is the set of SIGUSR1 alone.
var usr1 = unix.Sigset_t{Val: [16]uint64{1 << (unix.SIGUSR1 - 1)}}

// expectingUSR1 has start run with SIGUSR1 blocked. A process started so
// inherits that, and the signal waits in it until it is asked for.
func expectingUSR1(start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &usr1, &old); err != nil {
		return fmt.Errorf("blocking SIGUSR1: %w", err)
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	return start()
}

// acknowledge says that it is ready, tells of each SIGUSR1, answers a question on
// stdin by whether there is one to tell of, and ends when stdin does. The signal
// is pending from the moment that it was sent, so that one sent before the
// question is never missed, however busy the machine.
func acknowledge() {
	fd, err := unix.Signalfd(-1, &usr1, unix.SFD_CLOEXEC|unix.SFD_NONBLOCK)
	if err != nil {
		fmt.Fprintln(os.Stderr, "signalfd:", err)
		os.Exit(1)
	}
	fmt.Println("ready", os.Getpid())
	for {
		asked, ended := await(fd)
		switch {
		case ended:
			return
		case pending(fd):
			fmt.Println(signalled)
		case asked:
			fmt.Println(quiet)
		}
	}
}

// await waits for the signal, for a question or for stdin's end.
func await(fd int) (asked, ended bool) {
	events := []unix.PollFd{{Fd: 0, Events: unix.POLLIN}, {Fd: int32(fd), Events: unix.POLLIN}}
	if _, err := unix.Poll(events, -1); err != nil {
		return false, err != unix.EINTR
	}
	if events[0].Revents == 0 {
		return false, false
	}
	var b [64]byte
	n, err := unix.Read(0, b[:])
	return n > 0, n == 0 || err != nil && err != unix.EINTR
}

// pending takes the signal when there is one.
func pending(fd int) bool {
	var info [128]byte // struct signalfd_siginfo
	n, _ := unix.Read(fd, info[:])
	return n > 0
}
