package recorder

import (
	"os"

	"golang.org/x/sys/unix"
)

// createFile makes a memfd whose size can't change any more, so that mapping it
// is safe whatever the plugin does to it.
func createFile(slots int) (*os.File, error) {
	fd, err := unix.MemfdCreate("hrhost-recorder", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL { // before Linux 6.3 there is no MFD_NOEXEC_SEAL
		fd, err = unix.MemfdCreate("hrhost-recorder", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "hrhost-recorder")
	if err := fill(f, slots); err != nil {
		f.Close()
		return nil, err
	}
	seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		f.Close()
		return nil, os.NewSyscallError("fcntl F_ADD_SEALS", err)
	}
	return f, nil
}

func openReader(f *os.File, size int) (memory, error) { return mapFile(f, size, unix.PROT_READ) }
