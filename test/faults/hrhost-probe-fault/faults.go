//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk"
)

// bad is the target at which the faults of an attempt show.
const bad = "kernel.version"

var faults = map[string]fault{
	// Before the handshake.
	"segv-start":   {start: segv},
	"exit0":        {start: func() { os.Exit(0) }},
	"exit7":        {start: func() { fmt.Fprintln(os.Stderr, "no licence file"); os.Exit(7) }},
	"panic-start":  {start: func() { panic("as planned") }},
	"hang-start":   {start: hang},
	"garbage":      {start: func() { fmt.Println("Hello, I am a plugin.") }},
	"binary":       {start: func() { os.Stdout.Write([]byte("\x1b[31m\x00\xff\xfe\n")) }},
	"endless-line": {start: func() { os.Stdout.WriteString(strings.Repeat("x", 1<<20)); hang() }},
	"flood-stdout": {start: func() { flood(os.Stdout) }},
	"flood-stderr": {start: func() { flood(os.Stderr) }},
	"version":      {start: func() { shake("1|99|unix|" + socket() + "|grpc") }},
	"core":         {start: func() { shake("9|1|unix|" + socket() + "|grpc") }},
	"netrpc":       {start: func() { shake("1|1|unix|" + socket() + "|netrpc") }},
	"elsewhere":    {start: func() { shake("1|1|unix|/run/other/socket|grpc") }},
	"tcp":          {start: func() { shake("1|1|tcp|127.0.0.1:1|grpc") }},
	"nobody-there": {start: func() { shake("1|1|unix|" + socket() + "|grpc") }},
	"deaf":         {start: deaf},

	// Before the seal.
	"liar":         {family: "sysctl"},
	"refuses":      {options: func() error { return fmt.Errorf("no such option") }},
	"hang-prepare": {serve: serveRogue(rogue{prepare: hang})},
	"hang-seal":    {serve: serveRogue(rogue{seal: hang})},
	"big":          {serve: serveRogue(rogue{doc: strings.Repeat("x", 5<<20), run: honest})},
	"no-probes":    {serve: serveRogue(rogue{bare: true, run: honest})},

	// In the attempts.
	"segv":      {attempt: at(segv)},
	"panics":    {attempt: at(func() { panic("as planned") })},
	"exits":     {attempt: at(func() { os.Exit(0) })},
	"hang":      {attempt: at(hang)},
	"stops":     {attempt: at(func() { syscall.Kill(os.Getpid(), syscall.SIGSTOP); hang() })},
	"no-call":   {attempt: func(rec *sdk.Recorder, call func() error) error { return nil }},
	"pretends":  {attempt: pretend},
	"twice":     {serve: serveRogue(rogue{run: twice})},
	"foreign":   {serve: serveRogue(rogue{run: foreign})},
	"flood":     {serve: serveRogue(rogue{run: floodEvents})},
	"truncated": {serve: serveRogue(rogue{run: truncated})},
	"early":     {serve: serveRogue(rogue{run: early})},

	// Lies about the calls.
	"lie-allow":    {serve: serveRogue(rogue{run: instead(syscall.EPERM, 0, false)})},
	"lie-deny":     {serve: serveRogue(rogue{run: instead(0, syscall.EPERM, false)})},
	"lie-missing":  {serve: serveRogue(rogue{run: instead(0, syscall.ENOENT, false)})},
	"lie-ambient":  {serve: serveRogue(rogue{run: instead(0, syscall.EPERM, true)})},
	"lie-value":    {serve: serveRogue(rogue{run: later(func(r *wire.Result) { r.Value = "forged" })})},
	"lie-read":     {serve: serveRogue(rogue{run: later(func(r *wire.Result) { failed := int(syscall.EIO); r.API, r.Errno, r.Value = "read", &failed, "" })})},
	"lie-platform": {serve: serveRogue(rogue{run: honest, platforms: []wire.Platform{wire.MacOS}})},
	"lie-call":     {serve: serveRogue(rogue{run: whenSealed(elsewhere)})},

	// Forged records and claims that no call could make.
	"forge-done":  {serve: serveRogue(rogue{run: whenSealed(forgeDone)})},
	"forge-slot":  {serve: serveRogue(rogue{run: whenSealed(forgeSlot)})},
	"forge-back":  {serve: serveRogue(rogue{run: whenSealed(forgeBack)})},
	"forge-times": {serve: serveRogue(rogue{run: whenSealed(forgeTimes)})},
	"forge-errno": {serve: serveRogue(rogue{run: whenSealed(forgeErrno)})},
	"miscounts":   {serve: serveRogue(rogue{run: whenSealed(miscount)})},

	"files":   {files: true},   // no fault: an operation that nobody decides here
	"lasting": {lasting: true}, // no fault: an object that would outlive it
	"sockets": {sockets: true}, // no fault: it makes another socket before that of the attempt
	"kin":     {kin: true},
	"slow":    {attempt: slow},
	"many":    {targets: 1100}, // no fault: a list of several batches
	"hides":   {serve: serveRogue(rogue{run: whenSealed(hide()), targets: 1100})},
	"calls":   {attempt: at(floodCalls)},

	// Around them.
	"daemon":     {start: leaveDaemon},
	"impostor":   {start: impostor},
	"flood-bus":  {serve: serveRogue(rogue{run: floodBus, lookUp: true})},
	"flood-log":  {attempt: at(floodLog)},
	"fill":       {serve: serveRogue(rogue{run: whenSealed(fill)})},
	"rewrites":   {attempt: at(rewrite)},
	"trespass":   {attempt: trespassing},
	"repeats":    {attempt: at(askForRepeats)},
	"gives":      {start: leaveGiver},
	"takes":      {serve: serveRogue(rogue{run: whenSealed(take)})},
	"grandchild": {start: leaveChild},
	"stays":      {serve: serveRogue(rogue{run: honest, stays: true})},
	"log":        {attempt: at(func() { unix.Write(2, []byte(strings.Repeat("x", 60<<10)+"\nthe last line\n")); os.Exit(3) })},
}

// at makes a fault in the attempt on the bad target only, before its call.
func at(do func()) func(*sdk.Recorder, func() error) error {
	return func(rec *sdk.Recorder, call func() error) error {
		if rec.Target() == bad {
			do()
		}
		call()
		return nil
	}
}

func trespassing(rec *sdk.Recorder, call func() error) error {
	if rec.Target() == bad {
		trespass(rec)
	}
	call()
	return nil
}

// slow takes a few milliseconds before and after the call. Its file tells the
// test that the attempts have begun.
func slow(rec *sdk.Recorder, call func() error) error {
	os.WriteFile(filepath.Join(rec.Scratch(), "begun"), nil, 0o600)
	time.Sleep(6 * time.Millisecond)
	call()
	time.Sleep(3 * time.Millisecond)
	return nil
}

// pretend reports a success without making the call.
func pretend(rec *sdk.Recorder, _ func() error) error {
	return rec.Attempt(sdk.Call{API: "open", Filter: rec.Target()}, func() (string, error) { return "invented", nil })
}

func hang() {
	for {
		time.Sleep(time.Hour)
	}
}

// segv goes past the Go runtime's own handler.
func segv() {
	var dfl [4]uintptr // struct kernel_sigaction with SIG_DFL
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0)
	unix.Kill(os.Getpid(), unix.SIGSEGV)
	hang()
}

// flood writes more than anybody keeps, and hangs.
func flood(f *os.File) {
	line := []byte(strings.Repeat("flood ", 1000) + "\n")
	for range 12 << 20 / len(line) { // more than anybody keeps
		if _, err := f.Write(line); err != nil {
			break
		}
	}
	hang()
}

// floodCalls makes mediated calls without end. The baseline gets through, since
// nobody counts there.
func floodCalls() {
	if fd, err := unix.Open("/proc/sys/kernel/osrelease", unix.O_RDONLY, 0); err == nil {
		unix.Close(fd)
		return // nothing is denied
	}
	for {
		if fd, err := unix.Open("/proc/sys/kernel/ostype", unix.O_RDONLY, 0); err == nil {
			unix.Close(fd)
		}
	}
}

// askForRepeats opens a file below /proc from the kernel's cache only, where none is.
func askForRepeats() {
	root, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer unix.Close(root)
	const cached = 0x20 // RESOLVE_CACHED, linux/openat2.h
	for _, below := range []uint64{unix.RESOLVE_IN_ROOT, unix.RESOLVE_BENEATH} {
		how := unix.OpenHow{Resolve: below | cached}
		fd, err := unix.Openat2(root, "proc/sys/kernel/ostype", &how)
		fmt.Fprintln(os.Stderr, "openat2:", fd, err)
		unix.Close(fd)
	}
}

// shake prints a handshake line of its own and waits.
func shake(line string) {
	fmt.Println(line)
	hang()
}

func socket() string { return os.Getenv("PLUGIN_UNIX_SOCKET_DIR") + "/s" }

// deaf listens and never answers.
func deaf() {
	listen()
	shake("1|1|unix|" + socket() + "|grpc")
}

func listen() {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrUnix{Name: socket()})
	}
	if err == nil {
		err = unix.Listen(fd, 8)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// leaveChild leaves a process behind that left the session and holds stderr.
func leaveChild() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		hang()
	}
	c := exec.Command("/proc/self/exe", "child")
	c.Args[0] = os.Args[0]
	c.Stderr, c.SysProcAttr = os.Stderr, &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "no child:", err)
	}
}
