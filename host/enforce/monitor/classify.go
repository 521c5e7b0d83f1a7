//go:build linux

package monitor

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// access is what a call wants of an object.
type access int

const (
	reads  access = 1 << iota // contents, or the list of a directory
	writes                    // contents
	looks                     // names and metadata only: stat, access, readlink, O_PATH
)

// class is how a name is answered.
type class int

const (
	plain   class = iota // not guarded: the kernel does it, Landlock stands behind
	guarded              // judged by the policy, then done by the host
	lent                 // not judged; opened by the host, since Landlock would refuse
	fenced               // refused by containment
)

// finding is what an object means to the policy.
type finding struct {
	class    class
	subjects []subject
	fence    string // why containment refuses, after the policy allowed
	peer     *peer  // whose file it is
}

// sysctlName turns a path below /proc/sys into a dotted name. Dots inside a
// part become slashes, as sysctl(8) does: net/ipv4/conf/eth0.1/mtu is
// net.ipv4.conf.eth0/1.mtu.
func sysctlName(rel string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '/':
			return '.'
		case '.':
			return '/'
		}
		return r
	}, rel)
}

// procPid splits "123/stat" into 123 and "stat"; 0 when it names no process.
func procPid(rel string) (pid int, rest string) {
	head, rest, _ := strings.Cut(rel, "/")
	if head == "" || head[0] < '1' || head[0] > '9' {
		return 0, ""
	}
	pid, err := strconv.Atoi(head)
	if err != nil {
		return 0, ""
	}
	return pid, rest
}

// find says what an object is to the policy.
func (c *call) find(o *object, a access) finding {
	if o.fstype != unix.PROC_SUPER_MAGIC {
		if o.foreign != 0 {
			p := c.m.peerOf(c.pid, o.foreign)
			return finding{guarded, []subject{p.subject(opPidInfo)}, "a magic link of another process", &p}
		}
		if lentSysfs(o.path) && a == reads {
			return finding{class: lent}
		}
		return finding{class: plain}
	}
	rel, ok := strings.CutPrefix(o.path, "/proc/")
	switch {
	case o.path == "/proc" && o.dev == c.m.procDev:
		if a == reads {
			return finding{class: guarded, subjects: []subject{{op: opListPids, object: "exists"}}}
		}
		return finding{class: plain}
	case !ok || o.dev != c.m.procDev:
		return finding{class: fenced, fence: "an object of a proc file system that is not below /proc"}
	}
	f := c.findName(rel, a, o.exists())
	if o.foreign != 0 && f.fence == "" {
		f.fence = "a magic link of another process"
	}
	return f
}

// findName is find by name below /proc, for clean names of the real /proc.
func (c *call) findName(rel string, a access, exists bool) finding {
	if name, ok := strings.CutPrefix(rel, "sys/"); ok || rel == "sys" {
		return finding{class: guarded, subjects: sysctlSubjects(sysctlName(name), a, exists)}
	}
	if pid, rest := procPid(rel); pid != 0 {
		return c.findProcess(pid, rest, a)
	}
	return findOther(rel, a)
}

func sysctlSubjects(name string, a access, exists bool) []subject {
	s := subject{
		filter: lane.Filter{Name: "sysctl-name", Value: name},
		facts:  []sbpl.Filter{{Name: "sysctl-name", Value: name}},
		object: "unknown",
	}
	if exists {
		s.object = "exists"
	}
	var l []subject
	if a&(reads|looks) != 0 {
		s.op = opSysctlRead
		l = append(l, s)
	}
	if a&writes != 0 {
		s.op = opSysctlWrite
		l = append(l, s)
	}
	return l
}

// Files below /proc/PID, by the first part of the rest. What is not listed is
// process-info-pidinfo.
var (
	fdFiles    = map[string]bool{"fd": true, "fdinfo": true}
	usageFiles = map[string]bool{"io": true, "schedstat": true, "sched": true}
	// The kernel lets only a tracer read these; nobody traces here.
	tracerFiles = map[string]bool{
		"mem": true, "environ": true, "auxv": true, "maps": true, "smaps": true, "smaps_rollup": true,
		"numa_maps": true, "pagemap": true, "syscall": true, "stack": true, "personality": true,
		"map_files": true, "ns": true, "attr": true, "clear_refs": true, "timers": true,
	}
)

// findProcess judges a file of a process's directory.
func (c *call) findProcess(pid int, rest string, a access) finding {
	p := c.m.peerOf(c.pid, pid)
	head, below, _ := strings.Cut(rest, "/")
	if head == "task" && below != "" {
		_, sub, _ := strings.Cut(below, "/")
		head, _, _ = strings.Cut(sub, "/")
	}
	op := opPidInfo
	switch {
	case fdFiles[head]:
		op = opPidFDInfo
	case usageFiles[head]:
		op = opRusage
	}
	f := finding{class: guarded, peer: &p}
	if a&(reads|looks) != 0 {
		f.subjects = append(f.subjects, p.subject(op))
	}
	if a&writes != 0 {
		f.subjects = append(f.subjects, p.subject(opSetControl))
	}
	if !p.self && tracerFiles[head] {
		f.fence = "a file that the kernel keeps for a process's tracer"
	}
	return f
}

// Files of /proc that name no process and no sysctl. They are not mediated:
// these may be read, what is not listed may not.
var openFiles = map[string]bool{
	"meminfo": true, "cpuinfo": true, "stat": true, "uptime": true, "loadavg": true, "filesystems": true,
	"mounts": true, "cgroups": true, "devices": true, "diskstats": true, "partitions": true, "swaps": true,
	"vmstat": true, "misc": true, "crypto": true, "interrupts": true, "softirqs": true, "locks": true,
	"zoneinfo": true, "buddyinfo": true, "pressure": true, "self": true, "thread-self": true, "net": true, "cmdline": true,
}

func findOther(rel string, a access) finding {
	head, _, _ := strings.Cut(rel, "/")
	switch {
	case a&writes != 0:
		return finding{class: fenced, fence: "writing a file of /proc that no operation covers"}
	case openFiles[head]:
		return finding{class: lent}
	case a == looks && head != "version": // metadata only
		return finding{class: lent}
	case head == "version":
		return finding{class: fenced, fence: "/proc/version mirrors kernel.* sysctls: read those"}
	}
	return finding{class: fenced, fence: "a file of /proc that no operation covers"}
}

// lentSysfs are files that the Go runtime reads when it starts.
func lentSysfs(p string) bool {
	return strings.HasPrefix(p, "/sys/kernel/mm/transparent_hugepage/") ||
		strings.HasPrefix(p, "/sys/fs/cgroup/") || strings.HasPrefix(p, "/sys/devices/system/cpu/")
}
