package sdk

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/hrhost/hrhost/internal/wire"
	"golang.org/x/sys/unix"
)

// maxDescriptors bounds the look for open descriptors: the limit on open files may
// be infinite.
const maxDescriptors = 1 << 16

// openNumbers are the ways to list open descriptors without /proc, which a sandbox may
// guard, by GOOS. Linux answers about all numbers in one call. XNU's poll does not:
// it registers nothing for events = 0, so that every number counts as open, and
// refuses more than OPEN_MAX, 10240 (bsd/kern/sys_generic.c poll_nocancel).
var openNumbers = map[string]func(k kernel, n int) ([]int, error){"linux": byPoll, "darwin": byFcntl}

// kernel is the calls that openNumbers make; tests play XNU's.
type kernel struct {
	poll  func([]unix.PollFd, int) (int, error)
	getFD func(fd int) error
}

var thisKernel = kernel{
	poll:  unix.Poll,
	getFD: func(fd int) error { _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); return err },
}

// descriptors lists the open descriptors. The detail says when numbers were left
// out.
func descriptors() (open []wire.Descriptor, detail string) {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		limit.Cur = maxDescriptors + 1
	}
	n, detail := lookedAt(limit.Cur)
	numbers, err := openNumbers[runtime.GOOS](thisKernel, n)
	if err != nil {
		return nil, fmt.Sprintf("open descriptors are not known: %v", err)
	}
	for _, fd := range numbers {
		open = append(open, wire.Descriptor{FD: fd, Kind: kindOf(fd)})
	}
	return open, detail
}

// lookedAt returns how many numbers are looked at under a limit on open files, and
// a sentence when there may be more.
func lookedAt(limit uint64) (n int, detail string) {
	if limit <= maxDescriptors {
		return int(limit), ""
	}
	return maxDescriptors, fmt.Sprintf("descriptors from %d on were not looked at", maxDescriptors)
}

// byPoll asks Linux about the first n numbers in one call.
func byPoll(k kernel, n int) (open []int, err error) {
	polled := make([]unix.PollFd, n)
	for fd := range polled {
		polled[fd].Fd = int32(fd)
	}
	if _, err := k.poll(polled, 0); err != nil {
		return nil, fmt.Errorf("poll: %w", err)
	}
	for fd := range polled {
		if polled[fd].Revents&unix.POLLNVAL == 0 {
			open = append(open, fd)
		}
	}
	return open, nil
}

// byFcntl asks about each of the first n numbers by F_GETFD, which looks the number
// up (EBADF) before any policy is asked. fact:apply.getfd
func byFcntl(k kernel, n int) (open []int, err error) {
	for fd := range n {
		if !errors.Is(k.getFD(fd), unix.EBADF) {
			open = append(open, fd)
		}
	}
	return open, nil
}

func kindOf(fd int) string {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return "other"
	}
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		return "file"
	case unix.S_IFDIR:
		return "directory"
	case unix.S_IFSOCK:
		return "socket"
	case unix.S_IFIFO:
		return "pipe"
	case unix.S_IFCHR:
		return "character"
	case unix.S_IFBLK:
		return "block"
	}
	return "other"
}
