package clean

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Kind names a way in which there is no exit code.
type Kind string

// The kinds, in the order of the table of docs/clean.md.
const (
	NoStage         Kind = "no_stage"
	StageFull       Kind = "stage_full"
	NoLaunchctl     Kind = "no_launchctl"
	CallerSandboxed Kind = "caller_sandboxed"
	PlistInvalid    Kind = "plist_invalid"
	DomainMismatch  Kind = "domain_mismatch"
	NotPermitted    Kind = "not_permitted"
	BootstrapFailed Kind = "bootstrap_failed"
	SpawnFailed     Kind = "spawn_failed"
	NotStarted      Kind = "not_started"
	NeverBegan      Kind = "never_began"
	Quarantined     Kind = "quarantined"
	BadSignature    Kind = "bad_signature"
	Protected       Kind = "protected"
	Stopped         Kind = "stopped"
	Died            Kind = "died"
	NoResult        Kind = "no_result"
	TooMuchOutput   Kind = "too_much_output"
	NotStopped      Kind = "not_stopped"
	Undelivered     Kind = "undelivered"
	Left            Kind = "left"
)

// Failure is a clean process without an exit code, told to a person: what
// happened, the system's own words, what to do, and where more is kept.
type Failure struct {
	Kind  Kind
	Cause string // what the system said; may be ""
	Kept  string // directory with the logs; may be ""
}

// texts are a kind's sentence and hint. facts are those of docs/macos.md that
// telling the kind apart rests on.
type texts struct {
	kind           Kind
	sentence, hint string
	when           string // what it is told by
}

const channelHint = `channel = "direct" does without launchd; its bundles are not promotable`

var kinds = []texts{
	{NoStage, "the staged root could not be made", "", "mkdtemp or flock failed, or there is more to copy than 512 MiB"},
	{StageFull, "there is no room for the staged root", "free some space on that file system",
		"less than 16 MiB are free at the start, or a write said so"},
	{NoLaunchctl, "launchctl could not be asked", channelHint, "it could not be started, or did not answer for 15 s"},
	{CallerSandboxed, "something confines hrhost, and launchd takes no jobs from inside a sandbox", "start hrhost from a plain terminal; " + channelHint,
		"bootstrap failed, and sandbox_check says that hrhost is sandboxed"},
	{PlistInvalid, "launchd does not accept the job's description", "this is a mistake of hrhost's: report it with the job.plist that was kept",
		"launchctl said 107, 109, 110, 111 or 140"},
	{DomainMismatch, "launchd has no session of this user that takes the job", "log in at the screen once; " + channelHint,
		"launchctl said 112, 124, 125, 134, 146 or 156, in gui/UID and in user/UID"},
	{NotPermitted, "this user may not start jobs in that session", "run hrhost as the user who is logged in, not by sudo; " + channelHint,
		"launchctl said 1, 122, 144 or 150"},
	{BootstrapFailed, "launchd refuses the job", channelHint, "launchctl said anything else: 5 most often, which launchd says for many reasons"},
	{SpawnFailed, "launchd took the job and could not start it", channelHint, "the job did not begin, and launchctl print tells an exit code or a failed spawn"},
	{NotStarted, "the clean process could not be started", "", "fork or exec failed; the job's shell said 126 or 127"},
	{NeverBegan, "the clean process was started and did not begin in time", "a dialog may be waiting at the screen", "30 s without a sign of it"},
	{Quarantined, "macOS does not run hrhost: it is quarantined, as all that a browser downloaded", "xattr -d com.apple.quarantine on hrhost and the programs beside it",
		"launchctl said 155; or it could not be started or was killed before it began, and has the attribute"},
	{BadSignature, "macOS killed hrhost before it began: its signature is missing or not that of its bytes", "copy it anew under another name, or build it again; codesign -s - signs it",
		"SIGKILL before it began, and no quarantine"},
	{Protected, "macOS keeps the clean process out of a directory", "run hrhost from another directory than Desktop, Documents and Downloads; " + channelHint,
		"the working directory could not be entered, or the shell got EPERM for hrhost's copy"},
	{Stopped, "interrupted", "", "it was told to stop, and ended by that signal: it did not listen yet"},
	{Died, "the process that did the run was ended", "", "it ended by a signal, or its shell did"},
	{NoResult, "the process that did the run left no whole result", "", "it ended, and the file with its exit status is missing or not a number"},
	{TooMuchOutput, "the clean process printed more than 64 MiB and was ended", "", "the size of its output files"},
	{NotStopped, "the clean process did not stop when it was told to, and was ended", "", "30 s after it was told"},
	{Undelivered, "the run's files could not be moved where they belong", "move them by hand", "rename or write said so; they stay where the second hint says"},
	{Left, "the clean process could not be removed altogether", "", "bootout failed, a process would not die, or the root could not be removed"},
}

func (f *Failure) texts() texts {
	for _, t := range kinds {
		if t.kind == f.Kind {
			return t
		}
	}
	return texts{kind: f.Kind, sentence: string(f.Kind)}
}

func (f *Failure) Error() string {
	s := f.texts().sentence
	if f.Cause != "" {
		s += ": " + f.Cause
	}
	return s
}

// Hints say what to try, one line each.
func (f *Failure) Hints() []string {
	var hints []string
	if h := f.texts().hint; h != "" {
		hints = append(hints, h)
	}
	if f.Kept != "" {
		hints = append(hints, map[bool]string{false: "the job's logs", true: "the run's files"}[f.Kind == Undelivered]+" are kept in "+f.Kept)
	}
	return hints
}

// and adds what could not be removed to a failure, or makes one of it.
func (f *Failure) and(left error) *Failure {
	if f == nil {
		return &Failure{Kind: Left, Cause: left.Error()}
	}
	f.Cause = strings.TrimPrefix(f.Cause+"; and what could not be removed: "+left.Error(), "; and ")
	return f
}

// undelivered is the failure of results that could not be moved and are in kept,
// which does not hide what failed before.
func (f *Failure) undelivered(err error, kept string) *Failure {
	u := &Failure{Kind: Undelivered, Cause: err.Error(), Kept: kept}
	if f != nil {
		u.Cause += "; and before that: " + f.Error()
	}
	return u
}

// byStopSignal says that a signal ended the process which it gets when it, or
// the whole terminal, is told to stop.
func (f *Failure) byStopSignal() bool {
	if f == nil || f.Kind != Died {
		return false
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if f.Cause == "signal: "+s.String() {
			return true
		}
	}
	return false
}

// failureOf is err as a failure, of that kind unless it is one already.
func failureOf(err error, kind Kind) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Kind: kind, Cause: err.Error()}
}

// Table is the kinds as a Markdown table, for docs/clean.md.
func Table() string {
	var b strings.Builder
	b.WriteString("| kind | what a person sees | told by | hint |\n|---|---|---|---|\n")
	for _, t := range kinds {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", t.kind, t.sentence, t.when, t.hint)
	}
	return b.String()
}
