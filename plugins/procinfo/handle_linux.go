package procinfo

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

// hold is a process that is held from before sealing, by a descriptor of one of
// three kinds.
type hold struct {
	target *processes.Target
	fd     int
}

func (h *hold) Close() error {
	unix.Close(h.fd)
	return h.target.Close()
}

// handle of process-info-pidinfo, in the form that the options say.
func handle() *sdk.Handle {
	return &sdk.Handle{
		Kind:    "descriptor of /proc/PID/stat, descriptor of /proc/PID or pidfd, by option handle",
		Acquire: func(name string) (io.Closer, error) { return acquire(name, openers[form]) },
		Use:     func(rec *sdk.Recorder, held io.Closer) error { users[form](rec, held.(*hold)); return nil },
		Again: func(rec *sdk.Recorder, held io.Closer) error {
			attemptOn(rec, held.(*hold).target, "stat", readFile)
			return nil
		},
	}
}

var openers = map[string]func(*processes.Target) (int, error){
	formFile:      func(t *processes.Target) (int, error) { return open(pathOf(t, "stat")) },
	formDirectory: func(t *processes.Target) (int, error) { return open(pathOf(t, "")) },
	formPidfd:     func(t *processes.Target) (int, error) { return unix.PidfdOpen(t.PID, 0) },
}

var users = map[string]func(*sdk.Recorder, *hold){
	formFile: readHeld, formDirectory: readBelow("stat"), formPidfd: askPidfd,
}

// listHandle of process-info-pidfdinfo is the open directory of descriptors.
func listHandle() *sdk.Handle {
	return &sdk.Handle{
		Kind: "descriptor of /proc/PID/fd",
		Acquire: func(name string) (io.Closer, error) {
			return acquire(name, func(t *processes.Target) (int, error) { return open(pathOf(t, "fd")) })
		},
		Use: func(rec *sdk.Recorder, held io.Closer) error { listHeld(rec, held.(*hold)); return nil },
		Again: func(rec *sdk.Recorder, held io.Closer) error {
			attemptOn(rec, held.(*hold).target, "fd", func(path string) (string, error) { return countNumbers(path, "descriptors") })
			return nil
		},
	}
}

// usageHandle of process-info-rusage is the process's directory, below which the
// file is opened anew.
func usageHandle() *sdk.Handle {
	return &sdk.Handle{
		Kind:    "descriptor of /proc/PID",
		Acquire: func(name string) (io.Closer, error) { return acquire(name, openers[formDirectory]) },
		Use: func(rec *sdk.Recorder, held io.Closer) error {
			readBelow("schedstat")(rec, held.(*hold))
			return nil
		},
		Again: func(rec *sdk.Recorder, held io.Closer) error {
			attemptOn(rec, held.(*hold).target, "schedstat", readFile)
			return nil
		},
	}
}

func acquire(name string, open func(*processes.Target) (int, error)) (io.Closer, error) {
	target, err := processes.Acquire(name)
	if err != nil {
		return nil, err
	}
	fd, err := open(target)
	if err != nil {
		target.Close()
		return nil, err
	}
	return &hold{target, fd}, nil
}

func open(path string) (int, error) {
	return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
}

// use makes an attempt through what is held. No path is named: the call has a
// descriptor and nothing else.
func (h *hold) use(rec *sdk.Recorder, api, carrier string, do func() (string, error)) {
	rec.Attempt(sdk.Call{API: api, Carrier: carrier, Filter: h.target.Filter(), TargetPID: h.target.PID}, do)
}

func readHeld(rec *sdk.Recorder, h *hold) {
	h.use(rec, "pread", "pread held "+pathOf(h.target, "stat"), func() (string, error) {
		buf := make([]byte, maxFile)
		n, err := syscall.Pread(h.fd, buf, 0)
		return strings.TrimSpace(string(buf[:max(n, 0)])), err
	})
}

// readBelow opens a file below the held directory.
func readBelow(file string) func(*sdk.Recorder, *hold) {
	return func(rec *sdk.Recorder, h *hold) {
		h.use(rec, api, "openat held "+pathOf(h.target, "")+" "+file, func() (string, error) {
			fd, err := syscall.Openat(h.fd, file, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
			if err != nil {
				return "", err
			}
			defer syscall.Close(fd)
			buf := make([]byte, maxFile)
			n, err := syscall.Read(fd, buf)
			return strings.TrimSpace(string(buf[:max(n, 0)])), sdk.In("read", err)
		})
	}
}

// listHeld asks for the directory's first entries only: that they come is what
// counts.
func listHeld(rec *sdk.Recorder, h *hold) {
	h.use(rec, "getdents64", "getdents64 held "+pathOf(h.target, "fd"), func() (string, error) {
		if _, err := syscall.Seek(h.fd, 0, io.SeekStart); err != nil {
			return "", sdk.In("lseek", err)
		}
		n, err := syscall.ReadDirent(h.fd, make([]byte, maxFile))
		return fmt.Sprintf("%d bytes of entries", n), err
	})
}

// PIDFD_GET_INFO of include/uapi/linux/pidfd.h (6.13): struct pidfd_info of 64
// bytes, with pid, tgid, ppid and the credentials.
const (
	pidfdGetInfo  = 0xC040FF0B
	pidfdInfoSize = 64
	pidfdInfoAll  = 1 | 1<<1 // PIDFD_INFO_PID, PIDFD_INFO_CREDS
)

func askPidfd(rec *sdk.Recorder, h *hold) {
	h.use(rec, "ioctl", "ioctl PIDFD_GET_INFO held pidfd", func() (string, error) {
		var info [pidfdInfoSize]byte
		binary.NativeEndian.PutUint64(info[:], pidfdInfoAll)
		_, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(h.fd), pidfdGetInfo, uintptr(unsafe.Pointer(&info[0])))
		if e != 0 {
			return "", e
		}
		return fmt.Sprintf("pid %d, parent %d", binary.NativeEndian.Uint32(info[16:]), binary.NativeEndian.Uint32(info[24:])), nil
	})
}
