package launch

import (
	"errors"
	"fmt"
	"os"
	"strings"
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
// process's own directory only, and what is behind the fence is not read: others'
// directories, the bundle. In sealed lanes nothing below /proc, /sys and /dev may
// be opened past the monitor either (a raced call that the kernel was told to
// continue gets EACCES there), and signals stay inside. They stay inside of a
// baseline too, unless it is there to send some: no monitor judges it, and the
// host runs as the same user. In every lane abstract sockets stay inside: no
// other process of the run is reached through one. nil means that the kernel has
// no Landlock.
func (l *Launcher) ruleset(spec *Spec) (*os.File, error) {
	abi := l.containment.LandlockABI
	if abi < 1 {
		return nil, nil
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: writeAccess(abi)}
	size := unsafe.Offsetof(attr.Handled_access_net) // the struct of ABI 1
	if spec.Sealed || len(l.fence.names) > 0 {
		attr.Handled_access_fs |= accessRead
	}
	if abi >= MinScopes {
		attr.Scoped = scopes(spec.Sealed, spec.Signals)
		size = unsafe.Offsetof(attr.Quiet_access_fs) // the struct of ABI 6
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return nil, fmt.Errorf("making a Landlock ruleset: %w", e)
	}
	f := os.NewFile(fd, "landlock")
	if err := l.addRules(int(fd), attr.Handled_access_fs, spec); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// scopes are what may not leave a process's own domain.
func scopes(sealed, signals bool) uint64 {
	if !sealed && signals {
		return unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	return unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
}

func (l *Launcher) addRules(ruleset int, handled uint64, spec *Spec) error {
	own, err := hold(spec.Dir.Root)
	if err != nil {
		return err
	}
	defer own.close()
	if err := own.allow(ruleset, handled); err != nil {
		return err
	}
	if !spec.Sealed { // in sealed lanes the host opens these, as it opens what is below /proc
		for i := range l.devices {
			if err := l.devices[i].allow(ruleset, handled); err != nil {
				return err
			}
		}
	}
	reads := handled & accessRead
	for i := range l.fence.granted {
		if o := &l.fence.granted[i]; reads != 0 && !(spec.Sealed && o.guarded) {
			if err := o.allow(ruleset, reads); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdDevices opens what a process that nobody judges may write to: devices that
// take anything.
func holdDevices() (devices []object) {
	for _, dev := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"} {
		if o, err := hold(dev); err == nil {
			devices = append(devices, o)
		}
	}
	return devices
}

// object is what a rule is about. It is held, so that a launch need not look it
// up again; fd is -1 when too many others are.
type object struct {
	path    string
	fd      int
	dir     bool
	id      inode
	guarded bool // sealed processes have it opened by the monitor
}

// inode is what a rule is tied to, whatever its names.
type inode struct{ dev, ino uint64 }

var errLink = errors.New("a symbolic link")

// hold opens an object for rules. A link is none.
func hold(path string) (object, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return object{}, &os.PathError{Op: "open", Path: path, Err: err}
	}
	o := object{path: path, fd: fd, guarded: isGuarded(path)}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
		err = errLink
	}
	if err != nil {
		o.close()
		return object{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	o.dir, o.id = st.Mode&unix.S_IFMT == unix.S_IFDIR, inode{st.Dev, st.Ino}
	return o, nil
}

func isGuarded(path string) bool {
	for _, top := range []string{"/proc", "/sys", "/dev"} {
		if path == top || strings.HasPrefix(path, top+"/") {
			return true
		}
	}
	return false
}

func (o *object) close() {
	if o.fd >= 0 {
		unix.Close(o.fd)
	}
	o.fd = -1
}

// allow adds a rule for the object and what is below it. Rights that only
// directories have are left out for a file: the kernel refuses them.
func (o *object) allow(ruleset int, access uint64) error {
	if o.fd < 0 {
		again, err := hold(o.path)
		if err != nil {
			return nil // it has gone since
		}
		defer again.close()
		if again.id != o.id {
			return nil // another has its name, which nobody has looked at
		}
		o = &again
	}
	if !o.dir {
		access &= unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE |
			unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(o.fd)}
	_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if e != 0 {
		return &os.PathError{Op: "landlock_add_rule", Path: o.path, Err: e}
	}
	return nil
}
