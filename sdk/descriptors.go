package sdk

import (
	"fmt"

	"github.com/hrhost/hrhost/internal/wire"
	"golang.org/x/sys/unix"
)

// maxDescriptors bounds the look for open descriptors.
const maxDescriptors = 1 << 16

// descriptors lists what is open, without /proc, which a sandbox may guard:
// poll says of each number whether it is open, in one call. The detail says
// when numbers were left out.
func descriptors() (open []wire.Descriptor, detail string) {
	n := maxDescriptors
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil && limit.Cur < maxDescriptors {
		n = int(limit.Cur)
	} else {
		detail = fmt.Sprintf("descriptors from %d on were not looked at", maxDescriptors)
	}
	polled := make([]unix.PollFd, n)
	for fd := range polled {
		polled[fd].Fd = int32(fd)
	}
	if _, err := unix.Poll(polled, 0); err != nil {
		return nil, fmt.Sprintf("open descriptors are not known: poll: %v", err)
	}
	for fd := range polled {
		if polled[fd].Revents&unix.POLLNVAL == 0 {
			open = append(open, wire.Descriptor{FD: fd, Kind: kindOf(fd)})
		}
	}
	return open, detail
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
