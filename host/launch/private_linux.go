package launch

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// privateFile makes an anonymous file for a program's bytes.
func privateFile(path string) (*os.File, error) {
	name := filepath.Base(path)
	flags := unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_EXEC) // MFD_EXEC: 6.3
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("making a memfd: %w", err)
	}
	return os.NewFile(uintptr(fd), "memfd:"+name), nil
}

// freeze seals the copy for ever and gives back a read-only descriptor of it:
// executing a file that is open for writing answers ETXTBSY.
func freeze(f *os.File) (*os.File, error) {
	seals := unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return f, fmt.Errorf("sealing the copy: %w", err)
	}
	ro, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	if err != nil {
		return f, fmt.Errorf("reopening the sealed copy: %w", err)
	}
	f.Close()
	return ro, nil
}

// discard frees the copy.
func discard(f *os.File) error { return f.Close() }
