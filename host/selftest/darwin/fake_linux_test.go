package darwin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/needs"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// What the processes of a test find the played macOS by.
const (
	envLibrary = "FAKE_LIBRARY"
	envDir     = "FAKE_DIR"
	envWrong   = "FAKE_WRONG" // the fact that is not so
)

func init() { runtime.LockOSThread() }

// TestMain is also the program that the experiments run in, on a played macOS.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == selftest.Verb {
		darwin.Play(os.Getenv(envLibrary))
		play()
		os.Exit(selftest.Serve(All(), os.Args[2:]))
	}
	os.Exit(m.Run())
}

// library builds the played libraries.
func library(t *testing.T, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "libmac.so")
	args := append(flags, "-shared", "-fPIC", "-O1", "-o", path, "testdata/mac.c")
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		if _, missing := exec.LookPath("gcc"); missing != nil {
			needs.Missing(t, needs.GCC, missing.Error())
		}
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func wrong(fact string) bool { return os.Getenv(envWrong) == fact }

// play plays what the experiments ask of the system past package darwin.
func play() {
	goarch = "arm64"
	euid = func() int { return 501 }
	kill, open = playKill, playOpen
	program = playProgram
	native = playNative
	setrlimit, getFD, readUptime = playSetrlimit, playGetFD, playUptime
}

func denies(operation string, filter uint32, value ...darwin.Value) bool {
	no, _ := darwin.Check(os.Getpid(), operation, filter, value...)
	return no
}

// playSetrlimit follows XNU bsd/kern/kern_resource.c dosetrlimit: a data limit below
// the size of the map, here 384 GiB, is EINVAL.
func playSetrlimit(resource int, limit *unix.Rlimit) error {
	if resource == unix.RLIMIT_DATA && limit.Cur < 384<<30 && !wrong("limits.data") {
		return unix.EINVAL
	}
	return nil
}

// playGetFD follows XNU bsd/kern/kern_descrip.c sys_fcntl_nocancel: the number is
// looked up, then the policy is asked.
func playGetFD(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if denies("system-fcntl", 0) && (err == nil || wrong("apply.getfd")) {
		return syscall.EPERM
	}
	return err
}

// playUptime follows Libc gen/clock_gettime.c: CLOCK_UPTIME_RAW is the clock that Go
// reads, which on Linux is CLOCK_MONOTONIC.
func playUptime() (int64, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	if wrong("clock.uptime-raw") {
		return ts.Nano() + int64(time.Hour), err
	}
	return ts.Nano(), err
}

func playKill(pid int, s syscall.Signal) error {
	switch {
	case denies("signal", 0):
		if wrong("signal.denied") {
			return syscall.EACCES
		}
		return syscall.EPERM
	case pid == 1:
		return syscall.EPERM
	case pid > 99999:
		if wrong("signal.number-too-large") {
			return nil
		}
		return syscall.ESRCH
	}
	return syscall.Kill(pid, s)
}

func playOpen(path string) error {
	if !denies("file-read-data", 1, darwin.Text(path)) || wrong("apply.descriptors-survive") {
		return nil
	}
	if strings.Contains(path, "file-whole-name") {
		end := "<…>"
		if wrong("log.cut") {
			end = "..."
		}
		f, _ := os.OpenFile(filepath.Join(os.Getenv(envDir), "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		fmt.Fprintf(f, "Sandbox: hrhost(1) deny(1) file-read-data %s%s\n", path[:400], end)
		f.Close()
	}
	return syscall.EPERM
}

// playNative runs our own files, but for one that was changed: its signature does
// not fit.
func playNative(path string, args ...string) (string, int) {
	ours, _ := os.Executable()
	a, _ := os.ReadFile(ours)
	b, _ := os.ReadFile(path)
	switch {
	case string(a) != string(b) && wrong("launch.signature-kill"):
		return "", 43
	case string(a) != string(b), wrong("launch.copy-runs"):
		return "", -9
	}
	return execute(exec.Command(path, args...))
}

func playProgram(path string, args ...string) (string, int) {
	switch filepath.Base(path) {
	case "id":
		return "staff everyone\n", 0
	case "log":
		return playLog(args)
	case "launchctl":
		return playLaunchctl(args)
	}
	return "no such program", -1000
}

func playLog(args []string) (string, int) {
	if args[0] == "show" {
		text, _ := os.ReadFile(filepath.Join(os.Getenv(envDir), "log"))
		return string(text), 0
	}
	if slices.Contains(args, seatbelt.LogPredicate) {
		if wrong("log.predicate") {
			return "log: Bad predicate\n", 64
		}
		return "Filtering the log data using ...\n", 0
	}
	if wrong("log.admin") {
		return "Filtering the log data using ...\n", 0
	}
	return "log: Must be admin to run 'stream' command\n", 77
}

var (
	arrayStrings = regexp.MustCompile(`(?s)<array>(.*)</array>`)
	oneString    = regexp.MustCompile(`<string>([^<]*)</string>`)
)

// playLaunchctl has one job at most, whose plist is a file.
func playLaunchctl(args []string) (string, int) {
	jobFile := filepath.Join(os.Getenv(envDir), "job")
	_, missing := os.Stat(jobFile)
	switch verb, about := args[0], args[1]; {
	case verb == "bootstrap":
		return "", startJob(args[2], jobFile)
	case about == "gui/4294967294":
		return "", 112
	case verb == "print" && strings.Count(about, "/") == 1:
		return "", 0
	case missing != nil:
		if wrong("launch.error-codes") {
			return "", 1
		}
		return "Could not find service", 113
	case verb == "bootout":
		os.Remove(jobFile)
		if wrong("launch.bootout-later") {
			return "", 5
		}
		return "", 36
	}
	if wrong("launch.print") {
		return "job = {\nstate = not running\n\tlast exit code = 1\n}\n", 0
	}
	return "job = {\n\tstate = not running\n\tjob state = exited\n\tlast exit code = 1\n}\n", 0
}

// startJob runs a job's command to its end, as the leader of a session, and ends
// its group.
func startJob(plist, jobFile string) int {
	text, _ := os.ReadFile(plist)
	list := arrayStrings.FindString(string(text))
	if list == "" {
		return 109
	}
	os.WriteFile(jobFile, text, 0o600)
	var words []string
	for _, m := range oneString.FindAllStringSubmatch(list, -1) {
		words = append(words, m[1])
	}
	if !strings.Contains(list, selftest.Verb) { // not one of ours: only its name is wanted
		return 0
	}
	cmd := exec.Command(words[0], words[1:]...)
	if !wrong("launch.session") {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	}
	if cmd.Run() == nil && !wrong("launch.session") {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	return 0
}
