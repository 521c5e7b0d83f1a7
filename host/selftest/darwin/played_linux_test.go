package darwin

// played is the table of what macOS is played by: on one that is as the fact says
// each experiment passes, on one that is otherwise in this one thing it fails and
// says so. The behaviours are in testdata/mac.c, and in play for what does not go
// through package darwin, under the fact's name.
var played = []struct {
	fact      string
	otherwise string // what the played macOS does instead
	says      string // part of what the experiment says then
}{
	{"apply.error-buffer", "no words, and no line on descriptor 2", "there are words: false"},
	{"apply.same-again", "the same profile once more answers EINVAL", "ok or -1 EPERM: false"},
	{"apply.all-threads", "the profile is in force on the thread that applied it", "after: map[ok:8]"},
	{"apply.descriptors-survive", "the name of an open file can still be opened", "opening again: ok, not EPERM"},
	{"apply.deny-default-gaps", "(deny default) covers everything", "process information: EPERM, not ok"},
	{"compile.profile-layout", "the size field holds 3", "a size between 16 bytes and 1 MiB: false"},
	{"compile.exports", "libsandbox does not export it", "binding sandbox_create_params"},
	{"compile.import-dirs", "a profile beside the process is found by its name", "ours by its name: true, not false"},
	{"check.filters-decompiled", "13 answers EINVAL", "filter 13, denied: EINVAL, not 1"},
	{"check.filters-unsure", "17 answers EINVAL", "filter 17, denied: EINVAL, not 1"},
	{"check.no-report", "a question is reported with the flag too", "reports about it: 1, not 0"},
	{"check.dead-process", "a process that is gone is not sandboxed, and may everything", "an answer about a name (0): true"},
	{"check.variadic-stack", "the values are not seen", "one value, denied: 0, not 1"},
	{"sysctl.denied", "EACCES", "denied: EACCES, not EPERM"},
	{"sysctl.name-first", "the policy is asked about a missing name", "a missing name, denied: EPERM, not ENOENT"},
	{"notify.lookup-is-9", "7", "posting: 7, not 9"},
	{"notify.one-way", "the server's refusal is answered with 7", "posting the denied one: 7, not 0"},
	{"notify.filtered", "the option changes nothing", "the denied one arrived: true, not false"},
	{"notify.plain", "every post is judged", "the denied one arrived: false, not true"},
	{"notify.options-look-up", "the options look nothing up", "having set them: 9, not 0"},
	{"notify.cached-look-up", "the centre is looked up for each post", "having posted before: 0 9, not 0 0"},
	{"distributed.silent", "a denied post is delivered", "the denied one arrived: true"},
	{"distributed.look-up", "another name is looked up", "it arrived: false, not true"},
	{"distributed.main-run-loop", "the observer is never called", "arrived: , not org.hrhost.selftest.loop"},
	{"proc.zero-is-error", "-1", "proc_pidinfo: -1 ESRCH, not 0 ESRCH"},
	{"proc.denied", "EACCES", "denied: EACCES, not EPERM"},
	{"proc.other-user", "the long info of launchd is told, and what it used", "long info: ok, not EPERM; what it used: ok, not EPERM"},
	{"proc.permission-first", "the descriptor is looked at first", "denied: EBADF, not EPERM"},
	{"proc.call-to-operation", "proc_pid_rusage is process-info-pidinfo", "process-info-rusage denied refuses rusage: false"},
	{"proc.list-kinds", "2 and 6 the other way round", "it is among our children: false"},
	{"signal.denied", "EACCES", "denied: EACCES, not EPERM"},
	{"signal.number-too-large", "there is a process 100000", "kill of numbers above it: ok ok"},
	{"log.cut", "a cut report ends in three dots", "ends in <…>: false"},
	{"log.predicate", "it is refused", "exit status 64: true"},
	{"log.admin", "everybody may stream", "it fails: false"},
	{"apply.getfd", "the policy is asked first", "closed, inside: EPERM, not EBADF"},
	{"limits.data", "it is set", "4 GiB: ok, not EINVAL"},
	{"clock.uptime-raw", "another clock", "Go's clock read"},
	{"world.version-compat", "the compatibility version with either value", "the major version with 0: 10, not 14"},
	{"world.sysctls", "kern.osversion is no build", `kern.osversion is "Darwin Kernel"`},
	{"world.shared-cache", "false", "this process uses no shared cache"},
	{"world.sip", "EPERM inside a sandbox", "inside: EPERM, not 0x77"},
	{"world.code-signing", "EPERM about another user's process", "launchd's: EPERM, not ok"},
	{"world.entitlements", "a blob that claims more than there is", "a blob of 65536 bytes in a buffer of 16384"},
	{"launch.copy-runs", "a copy is killed", "-9, not 43"},
	{"launch.signature-kill", "a changed copy runs", "its end: 43, not -9"},
	{"launch.error-codes", "1 for no such job", "print of no job: 1, not one of [3 113]"},
	{"launch.bootout-later", "5", "bootout: 5, not one of [0 36]"},
	{"launch.print", "lines that are not indented", `a line "state", indented once: false`},
	{"launch.session", "the job is in its starter's session, and its child lives on", "the child is gone: false"},
}

// notPlayed are experiments that are not driven here, and why. They compile, and
// are vetted, for macOS.
var notPlayed = map[string]string{
	"apply.connected-socket": "the kernel itself must refuse accept, connect and bind",
	"apply.exec-minimum":     "the kernel itself must refuse what a program that starts asks for",
	"launch.fifo":            "it is about the kernel; Linux's does the same, and TestFIFO runs it there",
}
