package clean

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Files and directories of a job's root.
const (
	dirCopies   = "in"  // of what the job reads
	dirResults  = "out" // of the job
	dirWork     = "w"   // the worker's own root
	fileRequest = "request.json"
	filePlist   = "job.plist"
	fileStdout  = "stdout"
	fileStderr  = "stderr"
	fileStatus  = "status"
	fileLife    = "life"
)

// modeWithdrawn is the mode of a request that its asker does not want any more. Of
// one that was killed it stays 0600.
const modeWithdrawn = 0o400

// launchd is the clean process as a job of launchd.
type launchd struct {
	launchctl   string                 // the program
	program     string                 // what the job runs: hrhost
	log         string                 // log(1), "" for none
	uid         int                    // whose sessions
	confined    func() (bool, error)   // is this process sandboxed? An error is unknown
	quarantined func(path string) bool // has the file the attribute?
	stdout      *os.File               // get what the job prints
	stderr      *os.File               //
	maxOutput   int64                  // bytes that the job may print
	settle      time.Duration          // how long to wait for what was told to end
	answer      time.Duration          // how long launchctl may take

	mu         sync.Mutex
	transcript []byte // what launchctl was asked and said

	stage   string
	job     *job
	domain  string
	request *os.File // locked as long as the run is wanted
	life    *life
	follow  follower

	up   chan struct{}
	done chan ending
	quit chan struct{}
	wg   sync.WaitGroup
}

// maxOutput bounds what a job may print into its root.
const maxOutput = 64 << 20

func newLaunchd(launchctl, program string) *launchd {
	return &launchd{
		launchctl: launchctl, program: program, uid: os.Getuid(), stdout: os.Stdout, stderr: os.Stderr,
		confined:    func() (bool, error) { return false, errors.New("there is nobody to ask") },
		quarantined: func(string) bool { return false },
		maxOutput:   maxOutput, settle: 5 * time.Second, answer: 15 * time.Second,
		up: make(chan struct{}), done: make(chan ending, 1), quit: make(chan struct{}),
	}
}

func (l *launchd) began() <-chan struct{} { return l.up }
func (l *launchd) ended() <-chan ending   { return l.done }

// start writes the job's files and has launchd load the job, which starts it.
func (l *launchd) start(s *Stage, req *Request) error {
	l.stage = s.Dir
	staged, err := stageCopies(append([]string{l.program}, req.Files...), l.file(dirCopies))
	if err != nil {
		return err
	}
	if staged[l.program] == "" {
		return &Failure{Kind: NotStarted, Cause: l.program + ": no such file"}
	}
	l.program = staged[l.program]
	request, err := req.encode(staged)
	if err != nil {
		return err
	}
	if err := l.writeRequest(request); err != nil {
		return stageFailure(err)
	}
	if l.life, err = newLife(l.file(fileLife)); err != nil {
		return stageFailure(err)
	}
	if err := l.load(req.Verb); err != nil {
		return err
	}
	l.follow = follower{l: l, out: tail{path: l.job.Stdout, to: l.stdout, lost: req.Lost}, started: time.Now()}
	if l.job.Stderr != l.job.Stdout {
		l.follow.err = &tail{path: l.job.Stderr, to: l.stderr}
	}
	l.wg.Go(l.follow.run)
	return nil
}

func (l *launchd) file(name string) string { return filepath.Join(l.stage, name) }

// writeRequest leaves the request under a lock that means: it is still wanted.
func (l *launchd) writeRequest(request []byte) error {
	f, err := os.OpenFile(l.file(fileRequest), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	l.request = f
	if _, err := f.Write(request); err != nil {
		return err
	}
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// load bootstraps the job in the graphical session, or in the background session
// if there is none or it takes no such jobs.
func (l *launchd) load(verb string) error {
	_, code, err := l.ask("print", domain(l.uid, true))
	if err != nil {
		return err
	}
	gui := code == 0
	f := l.bootstrap(verb, gui)
	if f != nil && gui && f.Kind == DomainMismatch {
		l.ask("bootout", l.job.Target)
		f = l.bootstrap(verb, false)
	}
	if f != nil {
		return f
	}
	return nil
}

// bootstrap loads the job in one of the sessions.
func (l *launchd) bootstrap(verb string, gui bool) *Failure {
	l.domain = domain(l.uid, gui)
	l.job = l.newJob(verb, gui)
	if err := os.WriteFile(l.file(filePlist), []byte(l.job.plist()), 0o600); err != nil {
		return stageFailure(err)
	}
	out, code, err := l.ask("bootstrap", l.domain, l.file(filePlist))
	switch {
	case err != nil:
		return failureOf(err, NoLaunchctl)
	case code == 0:
		return nil
	}
	f := &Failure{Kind: kindOfBootstrap(code), Cause: fmt.Sprintf("launchctl bootstrap %s: %s", l.domain, said(out, code))}
	switch sandboxed, err := l.confined(); {
	case err != nil:
		f.Cause += fmt.Sprintf("; whether something confines hrhost is unknown: %v", err)
	case sandboxed:
		f.Kind = CallerSandboxed
	}
	return f
}

func (l *launchd) newJob(verb string, gui bool) *job {
	label := labelOf(l.stage)
	wd, _ := os.Getwd()
	j := &job{
		Label: label, Program: l.program, Verb: verb, Dir: l.stage, Background: !gui,
		Stdout: l.file(fileStdout), Stderr: l.file(fileStderr), Result: l.file(fileStatus), Life: l.file(fileLife),
		Launchctl: l.launchctl, Target: domain(l.uid, gui) + "/" + label, Env: environment(l.stage, wd),
	}
	j.Env[envRequest] = l.file(fileRequest)
	if same(l.stdout, l.stderr) { // in the order in which it was printed
		j.Stderr = j.Stdout
	}
	return j
}

func labelOf(stage string) string { return "org.hrhost." + filepath.Base(stage) }

func same(a, b *os.File) bool {
	x, err1 := a.Stat()
	y, err2 := b.Stat()
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

// stop withdraws the request. A signal to the job would end its shell.
func (l *launchd) stop() { l.withdraw() }

// withdraw gives up the request's lock. Its mode says that we still live, and hold
// the root.
func (l *launchd) withdraw() {
	l.request.Chmod(modeWithdrawn)
	l.request.Close()
}

// remove boots the job out, whatever state it is in, and waits until nobody holds
// the life FIFO any more.
func (l *launchd) remove() error {
	if l.request != nil {
		l.withdraw()
	}
	var err error
	if l.job != nil {
		err = l.bootout(l.job.Target)
	}
	if l.life != nil {
		err = errors.Join(err, l.outlive())
	}
	close(l.quit)
	l.wg.Wait()
	if l.life != nil {
		l.life.close()
	}
	return err
}

// deliver moves the job's results.
func (l *launchd) deliver(out string) error { return deliver(l.file(dirResults), out) }

// bootout unloads a job and waits until launchd knows it no more: launchctl may
// answer 36, operation now in progress. fact:launch.bootout-later
func (l *launchd) bootout(target string) error {
	out, code, err := l.ask("bootout", target)
	if err != nil {
		return err
	}
	if gone(code) {
		return nil
	}
	for end := time.Now().Add(l.settle); ; time.Sleep(pollTime) {
		_, known, err := l.ask("print", target)
		if err == nil && gone(known) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the job %s is still loaded (%s): launchctl bootout %s", labelOf(l.stage), said(out, code), target)
		}
	}
}

// outlive waits for the job's processes, and kills them when they do not go.
// launchd makes a job the leader of a session. fact:launch.session
func (l *launchd) outlive() error {
	if l.life.waitEnd(l.settle) {
		return nil
	}
	if pid := l.life.pid("shell"); pid > 1 {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
	if l.life.waitEnd(l.settle) {
		return nil
	}
	return fmt.Errorf("a process of the job still runs: %d", l.life.pid("worker"))
}

// forget boots out the job of a root whose asker was killed. Which session it was
// in is not known any more.
func (l *launchd) forget(stage string) {
	if _, err := os.Lstat(filepath.Join(stage, filePlist)); err != nil {
		return
	}
	for _, gui := range []bool{true, false} {
		l.ask("bootout", domain(l.uid, gui)+"/"+labelOf(stage))
	}
}
