//go:build linux && amd64

package monitor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test binary plays four parts, by this variable: the test itself, the
// sealer (installs the filter and becomes the victim), the victim (runs raw
// system calls as told), the sleeper (a child of the victim) and the gate
// (tries int 0x80 with no filter).
const roleVar = "HRHOST_MONITOR_ROLE"

const (
	controlFD = 3 // sealer: program in, listener out; victim: orders in, reports out
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVar) {
	case "sealer":
		sealer()
	case "victim":
		victim()
	case "sleeper":
		sleeper()
	case "gate":
		int80(order{}, nil)
		os.Exit(0)
	}
	code := m.Run()
	if code == 0 && !everyCallSeen() {
		code = 1
	}
	os.Exit(code)
}

// order is one system call, or a program of the victim's own.
type order struct {
	Prog string `json:"prog,omitempty"`
	Nr   int    `json:"nr"`
	Args []arg  `json:"args"`
	Save string `json:"save,omitempty"` // keeps the result under a name
}

// arg is an argument: a number, a string's address, an empty buffer's, bytes' or
// a saved result.
type arg struct {
	N     int64   `json:"n,omitempty"`
	S     *string `json:"s,omitempty"`
	Buf   int     `json:"buf,omitempty"`
	Bytes []byte  `json:"bytes,omitempty"`
	Reg   string  `json:"reg,omitempty"`
}

// report is what came of it.
type report struct {
	Ret   int64    `json:"ret"`
	Errno int      `json:"errno"`
	Bufs  [][]byte `json:"bufs,omitempty"`
	Text  string   `json:"text,omitempty"`
}

func sealer() {
	runtime.LockOSThread()
	die := func(what string, err error) {
		os.Stderr.WriteString("sealer: " + what + ": " + err.Error() + "\n")
		os.Exit(99)
	}
	prog := make([]byte, 1<<16)
	n, err := unix.Read(controlFD, prog)
	if err != nil || n < 8 {
		die("program", unix.EIO)
	}
	if os.Getenv("HRHOST_MONITOR_NOLANDLOCK") == "" {
		if err := landlock(); err != nil {
			die("landlock", err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		die("no_new_privs", err)
	}
	fp := unix.SockFprog{Len: uint16(n / 8), Filter: (*unix.SockFilter)(unsafe.Pointer(&prog[0]))}
	fd, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, uintptr(unsafe.Pointer(&fp)))
	if e != 0 {
		unix.Sendto(controlFD, []byte("E"+strconv.Itoa(int(e))), 0, nil)
		os.Exit(98)
	}
	if err := unix.Sendmsg(controlFD, []byte("L"), unix.UnixRights(int(fd)), nil, 0); err != nil {
		die("handing over", err)
	}
	unix.Close(int(fd))
	if _, err := unix.Read(controlFD, prog[:1]); err != nil {
		die("acknowledgement", err)
	}
	os.Setenv(roleVar, "victim")
	die("exec", unix.Exec("/proc/self/exe", os.Args[:1], os.Environ()))
}

// landlock is the second layer as the launcher builds it: nothing below /proc,
// /sys and /dev, signals stay inside.
func landlock() error {
	const fs = 1<<16 - 1
	attr := unix.LandlockRulesetAttr{Handled_access_fs: fs, Scoped: unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET}
	r, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), 24, 0)
	if e != 0 {
		return e
	}
	top, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	var names []string
	for _, d := range top {
		if n := d.Name(); n != "proc" && n != "sys" && n != "dev" {
			names = append(names, "/"+n)
		}
	}
	for _, name := range names {
		fd, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		unix.Fstat(fd, &st)
		rights := uint64(fs)
		if st.Mode&unix.S_IFMT != unix.S_IFDIR {
			rights = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
		}
		rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
		unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, r, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
		unix.Close(fd)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, r, 0, 0); e != 0 {
		return e
	}
	return unix.Close(int(r))
}

// victim does what it is told until its control socket closes.
func victim() {
	regs := map[string]int64{}
	in := make([]byte, 1<<18)
	for {
		n, err := unix.Read(controlFD, in)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			os.Exit(0)
		}
		var orders []order
		if err := json.Unmarshal(in[:n], &orders); err != nil {
			os.Exit(97)
		}
		reports := make([]report, 0, len(orders))
		for _, o := range orders {
			r := perform(o, regs)
			if o.Save != "" {
				regs[o.Save] = r.Ret
			}
			reports = append(reports, r)
		}
		out, _ := json.Marshal(reports)
		unix.Write(controlFD, out)
	}
}

func perform(o order, regs map[string]int64) (r report) {
	if o.Prog != "" {
		return programs[o.Prog](o, regs)
	}
	var a [6]uintptr
	var keep [][]byte
	for i, x := range o.Args {
		switch {
		case x.S != nil:
			b := append([]byte(*x.S), 0)
			keep, a[i] = append(keep, b), uintptr(unsafe.Pointer(&b[0]))
		case x.Buf > 0:
			b := make([]byte, x.Buf)
			r.Bufs = append(r.Bufs, b)
			keep, a[i] = append(keep, b), uintptr(unsafe.Pointer(&b[0]))
		case x.Bytes != nil:
			keep, a[i] = append(keep, x.Bytes), uintptr(unsafe.Pointer(&x.Bytes[0]))
		case x.Reg != "":
			a[i] = uintptr(regs[x.Reg])
		default:
			a[i] = uintptr(x.N)
		}
	}
	ret, _, e := unix.Syscall6(uintptr(o.Nr), a[0], a[1], a[2], a[3], a[4], a[5])
	runtime.KeepAlive(keep)
	r.Ret, r.Errno = int64(ret), int(e)
	return r
}

// programs are what one system call cannot say.
var programs = map[string]func(order, map[string]int64) report{
	"self":  func(order, map[string]int64) report { return report{Ret: int64(os.Getpid())} },
	"child": startSleeper, "reap": reapSleeper, "opens": manyOpens, "race": raceOpens, "int80": int80, "read": readSaved,
	"childopens": childOpens, "shell": runShell, "sendmsg": sendMessage,
	"gettid": func(order, map[string]int64) report { return report{Ret: int64(unix.Gettid())} },
}

// child is a process that the victim started.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.Reader
}

var sleepers = map[int]child{}

// startSleeper starts a child that lives until its standard input closes, and
// opens what it is told.
func startSleeper(o order, _ map[string]int64) report {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{roleVar + "=sleeper"}
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return report{Errno: int(unix.EIO), Text: err.Error()}
	}
	sleepers[cmd.Process.Pid] = child{cmd, in, out}
	var b [1]byte
	out.Read(b[:]) // it is up
	return report{Ret: int64(cmd.Process.Pid)}
}

// reapSleeper waits for a child that was killed.
func reapSleeper(o order, regs map[string]int64) report {
	st, err := sleepers[int(regs[o.Args[0].Reg])].cmd.Process.Wait()
	if err != nil {
		return report{Errno: int(unix.EIO), Text: err.Error()}
	}
	return report{Text: st.String()}
}

// childOpens has the child open a file.
func childOpens(o order, regs map[string]int64) report {
	c := sleepers[int(regs[o.Args[0].Reg])]
	io.WriteString(c.in, *o.Args[1].S+"\n")
	var b [1]byte
	if n, err := c.out.Read(b[:]); n == 0 {
		return report{Errno: int(unix.EIO), Text: fmt.Sprint(err)}
	}
	return report{Errno: int(b[0])}
}

func sleeper() {
	os.Stdout.Write([]byte("!"))
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fd, err := unix.Open(lines.Text(), unix.O_RDONLY, 0)
		var e byte
		if err != nil {
			e = byte(err.(unix.Errno))
		} else {
			unix.Close(fd)
		}
		os.Stdout.Write([]byte{e})
	}
	os.Exit(0)
}

// sendMessage sends four bytes to an address by sendmsg or sendmmsg, whose
// arguments hold pointers.
func sendMessage(o order, regs map[string]int64) report {
	data, addr := []byte("ping"), o.Args[1].Bytes
	part := unix.Iovec{Base: &data[0], Len: 4}
	var m struct {
		unix.Msghdr
		sent uint32 // struct mmsghdr
	}
	m.Name, m.Namelen, m.Iov, m.Iovlen = &addr[0], uint32(len(addr)), &part, 1
	fd, flags := uintptr(regs[o.Args[0].Reg]), uintptr(o.Args[2].N)
	var e unix.Errno
	if o.Nr == unix.SYS_SENDMMSG {
		_, _, e = unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&m)), 1, flags, 0, 0)
	} else {
		_, _, e = unix.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&m)), flags)
	}
	return report{Errno: int(e)}
}

// runShell runs a command of this machine.
func runShell(o order, _ map[string]int64) report {
	out, err := exec.Command("/bin/sh", "-c", *o.Args[0].S).CombinedOutput()
	return report{Text: string(out) + fmt.Sprint(err)}
}

// readSaved reads a saved descriptor from its start.
func readSaved(o order, regs map[string]int64) report {
	b := make([]byte, 4096)
	n, err := unix.Pread(int(regs[o.Args[0].Reg]), b, 0)
	if err != nil {
		return report{Errno: int(err.(unix.Errno))}
	}
	return report{Ret: int64(n), Text: string(b[:n])}
}

// manyOpens opens a name many times on several threads and counts descriptors
// that are not what they should be. Ret is the number of good ones.
func manyOpens(o order, _ map[string]int64) report {
	name, count := *o.Args[0].S, int(o.Args[1].N)
	var good, bad atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range count / 2 {
				fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
				if err != nil {
					bad.Add(1)
					continue
				}
				var b [64]byte
				if n, err := unix.Read(fd, b[:]); fd < 3 || err != nil || n == 0 {
					bad.Add(1)
				} else {
					good.Add(1)
				}
				if fd > 2 {
					unix.Close(fd)
				}
			}
		})
	}
	wg.Wait()
	return report{Ret: good.Load(), Text: strconv.FormatInt(bad.Load(), 10)}
}

// raceOpens opens a path that another thread swaps between two names, and says
// how often it got hold of something that starts with the forbidden text.
func raceOpens(o order, _ map[string]int64) report {
	plain, forbidden, text, count := *o.Args[0].S, *o.Args[1].S, *o.Args[2].S, int(o.Args[3].N)
	buf := make([]byte, 256)
	set := func(s string) { copy(buf, s); buf[len(s)] = 0 }
	set(plain)
	var done atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread()
		for !done.Load() {
			set(forbidden)
			set(plain)
		}
	})
	var got, opened int64
	for range count {
		fd, _, e := unix.Syscall6(unix.SYS_OPENAT, ^uintptr(99), uintptr(unsafe.Pointer(&buf[0])), unix.O_RDONLY, 0, 0, 0)
		if e != 0 {
			continue
		}
		opened++
		var b [64]byte
		n, _ := unix.Read(int(fd), b[:])
		if n >= len(text) && string(b[:len(text)]) == text {
			got++
		}
		unix.Close(int(fd))
	}
	done.Store(true)
	wg.Wait()
	return report{Ret: got, Text: strconv.FormatInt(opened, 10)}
}

// int80 runs getpid by the i386 gate from a page of machine code.
func int80(order, map[string]int64) report {
	code := []byte{
		0x53,              // push rbx
		0xb8, 20, 0, 0, 0, // mov eax, 20 (i386 getpid)
		0xcd, 0x80, // int 0x80
		0x5b, // pop rbx
		0xc3, // ret
	}
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return report{Errno: int(err.(unix.Errno))}
	}
	copy(page, code)
	entry := uintptr(unsafe.Pointer(&page[0]))
	fn := &entry
	f := *(*func() int32)(unsafe.Pointer(&fn))
	return report{Ret: int64(callRaw(f))}
}

//go:noinline
func callRaw(f func() int32) int32 { return f() }
