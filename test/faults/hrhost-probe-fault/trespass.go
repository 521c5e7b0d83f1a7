//go:build linux

package main

import (
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
)

// complain writes past go-plugin, which has taken os.Stderr.
func complain(format string, args ...any) {
	unix.Write(2, fmt.Appendf(nil, format+"\n", args...))
}

// rewrite tries to change the file that it was started from.
func rewrite() {
	if err := os.WriteFile(os.Args[0], []byte("#!/bin/false\n"), 0o755); err != nil {
		complain("rewriting: %v", err)
		return
	}
	complain("REWRITTEN")
}

// trespass tries to reach what is another plugin's or the host's: every private
// directory of the run, the bundle and earlier ones, the programs, the memory and
// the recorder of every process beside this one, and these processes themselves.
// Under a policy it does so once, without one for a while.
func trespass(rec *sdk.Recorder) {
	end := time.Now().Add(700 * time.Millisecond)
	tried := map[string]int{}
	for {
		for _, p := range others(filepath.Dir(rec.Scratch())) {
			tried[kind(p)] += disturb(p)
			pry(p, rec.Scratch())
		}
		programs, _ := filepath.Glob(filepath.Dir(target(os.Args[0])) + "/*")
		for _, p := range programs {
			tried["programs"] += disturb(p)
		}
		if _, err := os.ReadFile("/proc/sys/kernel/osrelease"); err != nil {
			break // sealed: the processes are the policy's business
		}
		siblings(tried)
		if time.Now().After(end) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	kinds := slices.Sorted(maps.Keys(tried))
	complain("tried: %s", strings.Join(kinds, ", "))
}

func target(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// disturb tries to change a file or a directory, and says when it could.
func disturb(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return 0
	}
	if info.IsDir() {
		made := filepath.Join(path, "trespass")
		if os.WriteFile(made, nil, 0o600) == nil {
			complain("TRESPASSED into %s", path)
			os.Remove(made)
		}
		return 1
	}
	if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
		f.Close()
		complain("TRESPASSED into %s", path)
	}
	return 1
}

// siblings tries to signal the processes that the host has beside this one, to
// write to their flight recorders and into their memory.
func siblings(tried map[string]int) {
	self, parent := os.Getpid(), os.Getppid()
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	pids := []int{parent}
	for _, file := range children {
		text, _ := os.ReadFile(file)
		for _, word := range splitFields(text) {
			if n, err := strconv.Atoi(word); err == nil && n != self {
				pids = append(pids, n)
			}
		}
	}
	for _, pid := range pids {
		tried["processes"]++
		if syscall.Kill(pid, 0) == nil {
			complain("TRESPASSED: may signal process %d", pid)
		}
		for _, file := range []string{"fd/7", "mem"} {
			if f, err := os.Open(fmt.Sprintf("/proc/%d/%s", pid, file)); err == nil {
				f.Close()
				complain("TRESPASSED into %s of process %d", file, pid)
			}
		}
	}
}

func splitFields(b []byte) (words []string) {
	word := ""
	for _, c := range append(b, ' ') {
		if c != ' ' && c != '\n' {
			word += string(c)
		} else if word != "" {
			words, word = append(words, word), ""
		}
	}
	return words
}

// fill allocates files until nobody lets it, and then waits to be ended.
func fill(items []wire.RunItem, _ func(wire.Event) error) error {
	dir := os.Getenv(wire.EnvScratch)
	for i := range 64 {
		fd, err := unix.Open(fmt.Sprintf("%s/fill%d", dir, i), unix.O_CREAT|unix.O_WRONLY, 0o600)
		if err != nil || unix.Fallocate(fd, 0, 0, 16<<20) != nil {
			break
		}
		unix.Close(fd)
	}
	hang()
	return nil
}

// leaveDaemon leaves a process behind as daemon(7) does it, with an environment
// of its own.
func leaveDaemon() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "child":
		hang()
	case "daemon":
		startSelf("child", []string{"NOTHING=1"})
		os.Exit(0)
	}
	if c := startSelf("daemon", nil); c != nil {
		c.Wait()
	}
}

func startSelf(mode string, env []string) *exec.Cmd {
	c := exec.Command("/proc/self/exe", mode)
	c.Args[0], c.Env, c.SysProcAttr = os.Args[0], env, &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "no child:", err)
		return nil
	}
	return c
}

// impostor has another process listen in its place.
func impostor() {
	if len(os.Args) > 1 {
		listen()
		if err := os.WriteFile(socket()+".up", nil, 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		hang()
	}
	c := exec.Command("/proc/self/exe", "child")
	c.Args[0] = os.Args[0]
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for { // the socket's path is there before anybody listens
		if _, err := os.Stat(socket() + ".up"); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	shake("1|1|unix|" + socket() + "|grpc")
}

// floodBus looks names up without end once it is sealed. In the baseline it does
// not, since nobody counts there.
func floodBus(items []wire.RunItem, send func(wire.Event) error) error {
	if !sealed {
		return refused(items, send)
	}
	conn, err := net.FileConn(os.NewFile(8, "session bus"))
	if err != nil {
		return err
	}
	bus := dbuswire.NewConn(conn)
	if err := bus.Hello(); err != nil {
		return err
	}
	region.Begin(items[0].Slot)
	for {
		bus.CallBus("GetNameOwner", items[0].Target)
	}
}

// refused makes no call and says that it was refused.
func refused(items []wire.RunItem, send func(wire.Event) error) error {
	eperm := int(syscall.EPERM)
	for _, it := range items {
		region.Begin(it.Slot)
		start := region.Attempt(it.Slot, 0)
		end := region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno, Errno: eperm})
		if err := send(wire.Outcome{
			Slot: it.Slot, StartNS: start, EndNS: end, Attempted: true, Effect: terms.EffectUnobservable, Carrier: "dbus",
			FilterValue: it.Target, Result: &wire.Result{API: "open", Errno: &eperm},
		}); err != nil {
			return err
		}
	}
	return send(counted(len(items)))
}

// floodLog writes more than is kept and goes on.
func floodLog() {
	line := make([]byte, 64<<10)
	for i := range line {
		line[i] = 'x'
	}
	line[len(line)-1] = '\n'
	for range 9 << 20 / len(line) {
		unix.Write(2, line)
	}
}
