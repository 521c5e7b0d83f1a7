package launch

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Landlock's access rights by ABI (Documentation/userspace-api/landlock.rst).
const (
	accessRead  = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	accessABI1  = 1<<13 - 1
	accessWrite = accessABI1 &^ accessRead
	// MinScopes is the first ABI with signal and abstract-socket scopes.
	MinScopes = 6
)

// writeAccess is every right that changes something, as far as abi knows it.
func writeAccess(abi int) uint64 {
	a := uint64(accessWrite)
	if abi >= 2 {
		a |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		a |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	return a
}

// LandlockABI is the kernel's Landlock version, 0 when there is none or an
// outer filter hides it.
func LandlockABI() int {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(n)
}

// ruleset builds the containment of one process. In every lane writes go to the
// process's own directory only. In sealed lanes nothing below /proc, /sys and
// /dev may be opened past the monitor either (a raced call that the kernel was
// told to continue gets EACCES there), and signals and abstract sockets stay
// inside. nil means that the kernel has no Landlock.
func ruleset(abi int, d *Dir, sealed bool) (*os.File, error) {
	if abi < 1 {
		return nil, nil
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: writeAccess(abi)}
	size := unsafe.Offsetof(attr.Handled_access_net) // the struct of ABI 1
	if sealed {
		attr.Handled_access_fs |= accessRead
		if abi >= MinScopes {
			attr.Scoped = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
			size = unsafe.Offsetof(attr.Quiet_access_fs) // the struct of ABI 6
		}
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return nil, fmt.Errorf("making a Landlock ruleset: %w", e)
	}
	f := os.NewFile(fd, "landlock")
	if err := addRules(f, attr.Handled_access_fs, d, sealed); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func addRules(f *os.File, handled uint64, d *Dir, sealed bool) error {
	if err := addRule(f, d.Root, handled); err != nil {
		return err
	}
	if !sealed {
		return addDevices(f, handled)
	}
	top, err := os.ReadDir("/")
	if err != nil {
		return fmt.Errorf("listing /: %w", err)
	}
	for _, e := range top {
		switch e.Name() {
		case "proc", "sys", "dev":
			continue
		}
		// A directory that vanished or may not be opened needs no rule.
		if err := addRule(f, "/"+e.Name(), handled&accessRead); err != nil && !os.IsNotExist(err) && !os.IsPermission(err) {
			return err
		}
	}
	return nil
}

// addDevices lets a process that nobody judges write to what takes anything. In
// sealed lanes the host opens these, as it opens what is below /proc.
func addDevices(f *os.File, handled uint64) error {
	for _, dev := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"} {
		if err := addRule(f, dev, handled); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// addRule allows access below path, or on it when it is a file. Rights that
// only directories have are left out for a file: the kernel refuses them.
func addRule(ruleset *os.File, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE |
			unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, ruleset.Fd(), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if e != 0 {
		return &os.PathError{Op: "landlock_add_rule", Path: path, Err: e}
	}
	return nil
}
