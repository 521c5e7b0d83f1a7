//go:build linux

package monitor

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// procStat is what /proc/PID/stat says about who a process is.
type procStat struct {
	pid, ppid, pgrp int
	start           uint64 // clock ticks since boot: a pid and its start time name one process
}

// readProc reads a small file below /proc; nil when it is not there.
func (m *Monitor) readProc(rel string, buf []byte) []byte {
	fd, err := unix.Openat(m.proc, rel, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf)
	if err != nil || n <= 0 {
		return nil
	}
	return buf[:n]
}

// readStat reads /proc/PID/stat. The name in parentheses may hold anything, so
// fields are counted from the last parenthesis.
func (m *Monitor) readStat(pid int) (procStat, bool) {
	var buf [1024]byte
	b := m.readProc(strconv.Itoa(pid)+"/stat", buf[:])
	i := bytes.LastIndexByte(b, ')')
	if i < 0 {
		return procStat{}, false
	}
	f := bytes.Fields(b[i+1:]) // state ppid pgrp session ... starttime is the 22nd of the line
	if len(f) < 20 {
		return procStat{}, false
	}
	s := procStat{pid: pid, ppid: atoi(f[1]), pgrp: atoi(f[2])}
	start, err := strconv.ParseUint(string(f[19]), 10, 64)
	if err != nil {
		return procStat{}, false
	}
	s.start = start
	return s, true
}

// readStatus reads the process (thread group) and the real user of a task.
func (m *Monitor) readStatus(tid int) (tgid, uid int, ok bool) {
	var buf [1024]byte
	b := m.readProc(strconv.Itoa(tid)+"/status", buf[:])
	t, u := field(b, "\nTgid:"), field(b, "\nUid:")
	if t == nil || u == nil {
		return 0, 0, false
	}
	return atoi(t), atoi(u), true
}

// pidfdInfo is struct pidfd_info as of its first version (6.13); x/sys has a
// later one, which 6.13 refuses.
type pidfdInfo struct {
	mask, cgroup                   uint64
	pid, tgid, ppid                uint32
	ruid, rgid, euid, egid         uint32
	suid, sgid, fsuid, fsgid, exit uint32
}

const ioctlPidfdInfo = 0xc040ff0b // PIDFD_GET_INFO of that size

// identify is readStatus by the quicker way, where the kernel has it: a pidfd
// opens for processes only, and knows the user.
func (m *Monitor) identify(pid int) (tgid, uid int, ok bool) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return m.readStatus(pid) // a thread, or nobody
	}
	info := pidfdInfo{mask: unix.PIDFD_INFO_PID | unix.PIDFD_INFO_CREDS}
	e := ioctl(fd, ioctlPidfdInfo, unsafe.Pointer(&info))
	unix.Close(fd)
	if e != 0 || info.mask&unix.PIDFD_INFO_CREDS == 0 || info.tgid != uint32(pid) {
		return m.readStatus(pid)
	}
	return pid, int(info.ruid), true
}

// field is the first word after key.
func field(b []byte, key string) []byte {
	_, rest, ok := bytes.Cut(b, []byte(key))
	if !ok {
		return nil
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	f := bytes.Fields(line)
	if len(f) == 0 {
		return nil
	}
	return f[0]
}

func atoi(b []byte) int { n, _ := strconv.Atoi(string(b)); return n }

// processOf is the process that thread tid belongs to, 0 when there is none.
// Nothing is cached: thread ids are used again.
func (m *Monitor) processOf(tid int) int {
	if tid == m.root {
		return tid
	}
	if isThread(m.root, tid) {
		return m.root
	}
	tgid, _, ok := m.readStatus(tid)
	if !ok {
		return 0
	}
	return tgid
}

// isThread says whether thread tid belongs to process pid. Signal 0 is sent to
// nobody, and tgkill(2) knows of no thread that the process does not have; one
// that this user may not signal is there.
func isThread(pid, tid int) bool {
	_, _, e := unix.RawSyscall(unix.SYS_TGKILL, uintptr(pid), uintptr(tid), 0)
	return e == 0 || e == unix.EPERM
}

// meet remembers a process that was seen on the listener: the filter is
// inherited, so it descends from the plugin whatever its parent is now.
func (m *Monitor) meet(pid int) {
	if s, ok := m.readStat(pid); ok {
		m.seen[pid] = s.start
	}
}

// inside says whether a process belongs to the sealed tree: it was seen on the
// listener, or its line of parents leads to the plugin. A parent is never
// younger than its child, or its pid was used again in between; and nothing in
// the tree is older than the plugin.
func (m *Monitor) inside(s procStat) bool {
	for range 64 {
		if s.start < m.rootStart {
			return false
		}
		if s.pid == m.root && s.start == m.rootStart {
			return true
		}
		if start, ok := m.seen[s.pid]; ok && start == s.start {
			return true
		}
		if s.ppid <= 1 {
			return false
		}
		parent, ok := m.readStat(s.ppid)
		if !ok || parent.start > s.start {
			return false
		}
		s = parent
	}
	return false
}

// peer is another process (or the caller itself) as an operation's target.
type peer struct {
	procStat
	exists    bool
	self      bool
	inside    bool
	uid       int
	relations []string
}

// peerOf looks at the process that task pid (a process or one of its threads)
// belongs to, as the caller's process sees it.
func (m *Monitor) peerOf(caller, pid int) peer {
	p := peer{procStat: procStat{pid: pid}, relations: []string{"others"}}
	if pid <= 0 {
		return p
	}
	if pid == m.root && caller == m.root { // who it is is known, and it waits for us
		p.start = m.rootStart
		if _, p.uid, p.exists = m.identify(pid); p.exists {
			p.self, p.inside, p.relations = true, true, []string{"self"}
		}
		return p
	}
	tgid, uid, ok := m.identify(pid)
	if !ok {
		return p
	}
	st, ok := m.readStat(tgid)
	if !ok {
		return p
	}
	p.procStat, p.exists, p.uid = st, true, uid
	if tgid == caller {
		p.self, p.inside, p.relations = true, true, []string{"self"}
		return p
	}
	if st.ppid == caller {
		p.relations = append(p.relations, "children")
	}
	if pgrp, err := unix.Getpgid(caller); err == nil && pgrp == st.pgrp {
		p.relations = append(p.relations, "pgrp")
	}
	if p.inside = m.inside(st); p.inside {
		p.relations = append(p.relations, "same-sandbox")
	}
	if tgid == 1 {
		p.relations = append(p.relations, "initproc")
	}
	return p
}

// same says whether the process is still the one that was looked at.
func (p *peer) same(m *Monitor) bool {
	st, ok := m.readStat(p.pid)
	return ok && st.start == p.start
}

// replaced says whether the pid means another process by now than the one that
// was judged, or one where there was none. The caller waits, and stays itself.
func (p *peer) replaced(m *Monitor) bool { return !p.self && !p.same(m) }

func (p *peer) object() string {
	if p.exists {
		return "exists"
	}
	return "absent"
}

func (p *peer) row() *lane.ProcessTarget {
	t := &lane.ProcessTarget{PID: p.pid, Relations: p.relations}
	if p.exists {
		uid := p.uid
		t.StartTime, t.UID = strconv.FormatUint(p.start, 10), &uid
	}
	return t
}

// facts are the relations as the policy is asked: one fact for each.
func (p *peer) facts() []sbpl.Filter {
	fs := make([]sbpl.Filter, 0, len(p.relations)+1)
	for _, r := range p.relations {
		fs = append(fs, sbpl.Filter{Name: "target", Value: r})
	}
	return fs
}

// subject is an operation on this process.
func (p *peer) subject(op string) subject {
	return subject{
		op: op, filter: lane.Filter{Name: "target", Value: processName(p.pid, p.start, p.exists)},
		facts: p.facts(), target: p.row(), object: p.object(),
	}
}

// pids lists every process, ascending.
func (m *Monitor) pids() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var l []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			l = append(l, pid)
		}
	}
	slices.Sort(l)
	return l, nil
}
