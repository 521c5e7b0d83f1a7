package linux

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
)

var procExperiments = []*selftest.Experiment{
	{Fact: "proc.descriptors", Run: descriptors},
	{Fact: "proc.stat", Run: procStat, Roles: map[string]func(*selftest.Part){"hold": hold, "odd": oddName}},
	{Fact: "proc.children", Run: procChildren, Roles: map[string]func(*selftest.Part){"hold": hold}},
	{Fact: "proc.root", Run: procRoot},
	{Fact: "proc.namespaces", Run: namespaces, Roles: map[string]func(*selftest.Part){"hold": hold}},
	{Fact: "proc.not-dumpable", Run: notDumpable, Roles: map[string]func(*selftest.Part){"hide": hide, "peek": peek}},
}

func descriptors(t *selftest.Trial) selftest.Verdict {
	path := filepath.Join(t.Dir, "object")
	t.Must(os.WriteFile(path, []byte("judged"), 0o600), "writing a file")
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	t.Must(err, "opening it with O_PATH")
	t.Must(os.Remove(path), "removing it")
	t.Must(os.WriteFile(path, []byte("swapped"), 0o600), "writing another in its place")
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", fd))
	_, readErr := unix.Read(fd, make([]byte, 1))
	return selftest.Check("the first file was read, after another had taken its name",
		selftest.Finding{What: "opening", Got: err, Want: nil},
		selftest.Finding{What: "what was read", Got: string(text), Want: "judged"},
		selftest.Finding{What: "reading through O_PATH itself", Got: readErr, Want: error(unix.EBADF)},
	)
}

// oddName calls itself what could be read as fields.
func oddName(p *selftest.Part) {
	name := append([]byte(") R 1 (1 2 3)"), 0)
	p.Must(unix.Prctl(unix.PR_SET_NAME, uintptrOf(name), 0, 0, 0), "setting a name")
	p.Say("ready")
	p.Await()
}

func procStat(t *selftest.Trial) selftest.Verdict {
	odd := t.Part("odd")
	odd.Line()
	later := t.Part("hold")
	later.Line()
	whole, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", odd.Process.Pid))
	t.Must(err, "reading its stat")
	f, again, other := statFields(odd.Process.Pid), statFields(odd.Process.Pid), statFields(later.Process.Pid)
	if len(f) < 20 || len(again) < 20 || len(other) < 20 {
		return selftest.Refuted("%q has %d fields after the name", whole, len(f))
	}
	sid, _ := unix.Getsid(0)
	start, _ := strconv.ParseUint(f[19], 10, 64)
	next, _ := strconv.ParseUint(other[19], 10, 64)
	return selftest.Check(fmt.Sprintf("a process called %q: parent %s, start %s", ") R 1 (1 2 3)", f[1], f[19]),
		selftest.Finding{What: "the name is there", Got: bytes.Contains(whole, []byte("() R 1 (1 2 3))")), Want: true},
		selftest.Finding{What: "state, asleep or on its way there", Got: f[0] == "S" || f[0] == "R", Want: true},
		selftest.Finding{What: "parent", Got: f[1], Want: strconv.Itoa(os.Getpid())},
		selftest.Finding{What: "group", Got: f[2], Want: strconv.Itoa(unix.Getpgrp())},
		selftest.Finding{What: "session", Got: f[3], Want: strconv.Itoa(sid)},
		selftest.Finding{What: "start, read again", Got: again[19], Want: f[19]},
		selftest.Finding{What: "a later process started later or in the same tick", Got: start > 0 && next >= start, Want: true},
	)
}

func procChildren(t *selftest.Trial) selftest.Verdict {
	h := t.Part("hold")
	h.Line()
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	if len(lists) == 0 {
		return selftest.NotHere("this kernel has no such list; orphans are looked for in all of /proc")
	}
	find := func(pid int) bool {
		for _, l := range lists {
			b, _ := os.ReadFile(l)
			if slices.Contains(strings.Fields(string(b)), strconv.Itoa(pid)) {
				return true
			}
		}
		return false
	}
	alive := find(h.Process.Pid)
	h.End()
	return selftest.Check("a child is listed, and no more once it was reaped",
		selftest.Finding{What: "listed", Got: alive, Want: true},
		selftest.Finding{What: "listed afterwards", Got: find(h.Process.Pid), Want: false},
	)
}

func procRoot(t *selftest.Trial) selftest.Verdict {
	var fs unix.Statfs_t
	var st unix.Stat_t
	t.Must(unix.Statfs("/proc", &fs), "looking at /proc")
	t.Must(unix.Stat("/proc", &st), "looking at /proc")
	var u unix.Utsname
	t.Must(unix.Uname(&u), "asking uname")
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return selftest.Check("a proc file system, inode 1; kernel/osrelease is "+strings.TrimSpace(string(text)),
		selftest.Finding{What: "file system", Got: int64(fs.Type), Want: int64(unix.PROC_SUPER_MAGIC)},
		selftest.Finding{What: "inode", Got: st.Ino, Want: uint64(1)},
		selftest.Finding{What: "reading kernel/osrelease", Got: err, Want: nil},
		selftest.Finding{What: "kernel/osrelease", Got: strings.TrimSpace(string(text)), Want: unix.ByteSliceToString(u.Release[:])},
	)
}

func namespaces(t *selftest.Trial) selftest.Verdict {
	h := t.Part("hold")
	h.Line()
	var found []selftest.Finding
	for _, ns := range []string{"pid", "mnt"} {
		ours, err := os.Readlink("/proc/self/ns/" + ns)
		t.Must(err, "reading our own "+ns+" namespace")
		theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", h.Process.Pid, ns))
		found = append(found, selftest.Finding{What: "reading a child's " + ns, Got: err, Want: nil},
			selftest.Finding{What: ns, Got: theirs, Want: ours})
	}
	var ours, theirs unix.Stat_t
	t.Must(unix.Stat("/", &ours), "looking at /")
	err := unix.Stat(fmt.Sprintf("/proc/%d/root", h.Process.Pid), &theirs)
	found = append(found, selftest.Finding{What: "looking at a child's root", Got: err, Want: nil},
		selftest.Finding{What: "root", Got: [2]uint64{uint64(theirs.Dev), theirs.Ino}, Want: [2]uint64{uint64(ours.Dev), ours.Ino}})
	return selftest.Check("a child's pid and mnt links and its root equal this process's", found...)
}

// hide is a process that, once asked, may not be dumped any more.
func hide(p *selftest.Part) {
	for _, dumpable := range []uintptr{1, 0} {
		p.Must(unix.Prctl(unix.PR_SET_DUMPABLE, dumpable, 0, 0, 0), "setting dumpable")
		p.Say("%d", os.Getpid())
		p.Await()
	}
}

// peek says what opening another process's memory and environment answers.
func peek(p *selftest.Part) {
	said := ""
	for _, name := range []string{"mem", "environ"} {
		f, err := os.Open("/proc/" + p.Args[0] + "/" + name)
		word := "open"
		if err != nil {
			word = unix.ErrnoName(err.(*os.PathError).Err.(unix.Errno))
		} else {
			f.Close()
		}
		said += " " + word
	}
	p.Say("%s", strings.TrimSpace(said))
}

func notDumpable(t *selftest.Trial) selftest.Verdict {
	h := t.Start(asOrdinary(t.Command("hide")))
	pid := h.Line()
	if pid == "" {
		t.GiveUp("an ordinary user can't run this program")
	}
	before := t.Start(asOrdinary(t.Command("peek", pid))).Line()
	h.Say("hide")
	h.Line()
	after := t.Start(asOrdinary(t.Command("peek", pid))).Line()
	if before != "open open" {
		return selftest.NotHere("a process of the same user is kept out before already (%s): a security module is stricter", before)
	}
	return selftest.Check("a process of the same user could open mem and environ, and then neither",
		selftest.Finding{What: "mem and environ", Got: after, Want: "EACCES EACCES"})
}
