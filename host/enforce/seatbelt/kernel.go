package seatbelt

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Kernel is what the host asks of a system that enforces profiles itself.
type Kernel interface {
	// Sandboxed reports whether a process has a sandbox.
	Sandboxed(pid int) (bool, error)
	// Check asks whether a process's sandbox denies, without performing.
	Check(pid int, q seatbelt.Question) (denied bool, err error)
	// Signature is what the kernel says of a process's code signature.
	Signature(pid int) codesign.Signature
	// Members are the process's descendants and who is in its process group
	// now, without itself.
	Members(pid int) []Member
	// Records are the log's records from a moment on, after a wait for those
	// that are still under way. Why says why there is no log, "" when there is.
	Records(since time.Time) (records []Record, why string)
	// Listen counts the posts of notifications from outside, until Close. Only
	// one listens at a time: the names have no room for a nonce.
	Listen(posts []Post) (Receiver, error)
	// Compile returns a profile in the kernel's own form.
	Compile(text string, params map[string]string) ([]byte, error)
	// Watch starts reading the log. A log that can't be read is no error of the run:
	// Records says why there is none.
	Watch()
	Close() error
}

// Post is one notification to be listened for.
type Post struct{ Operation, Name string }

// Receiver tells which notifications arrived.
type Receiver interface {
	// Arrived is lane.EffectSeen, EffectAbsent or EffectUnobservable.
	Arrived(Post) lane.Effect
	Close()
}

// Believe decides whether a plugin that says it sealed itself has. The plugin's
// word is never enough: sandbox_check about its process must say that there is a
// sandbox, and must deny a canary that the profile denies. A profile that denies
// no canary is believed on the first alone.
func Believe(k Kernel, pid int, r wire.SealReport, policy enforce.Policy) error {
	if err := applied(r); err != nil {
		return err
	}
	sandboxed, err := k.Sandboxed(pid)
	switch {
	case err != nil:
		return notBelieved("sandbox_check about process %d: %w", pid, err)
	case !sandboxed:
		return notBelieved("the plugin says that it sealed itself, but sandbox_check says that process %d has no sandbox", pid)
	}
	canary, ok := Canary(policy)
	if !ok {
		return nil
	}
	denied, err := k.Check(pid, canary)
	switch {
	case err != nil:
		return notBelieved("sandbox_check about the canary %s %q: %w", canary.Operation, canary.Texts, err)
	case !denied:
		return notBelieved("process %d has a sandbox, but not this profile's: the canary %s %q is allowed", pid, canary.Operation, canary.Texts)
	}
	return nil
}

func notBelieved(format string, args ...any) error {
	return &point.Refused{Reason: lane.ApplyFailed, Err: fmt.Errorf(format, args...)}
}

// applied reads the plugin's apply report.
func applied(r wire.SealReport) error {
	if r.Apply == nil {
		if r.InForce {
			return nil // applied before exec
		}
		return &point.Refused{Reason: lane.ApplyFailed, Err: errors.New("the plugin did not apply the profile: " + r.Detail)}
	}
	nested := seatbelt.ErrClass(r.Detail) == seatbelt.ClassAlreadySandboxed
	a := seatbelt.ReadApply(r.Apply.RC, syscall.Errno(r.Apply.Errno), r.Apply.Errbuf, &nested)
	if a.Class == seatbelt.ClassOK {
		return nil
	}
	reason := lane.ApplyFailed
	if a.Class == seatbelt.ClassAlreadySandboxed {
		reason = lane.ApplyAlreadySandboxed
	}
	text := fmt.Sprintf("%s returned %d: %s", a.API, a.RC, a.Class)
	for _, more := range []string{a.Errbuf, a.Hint()} {
		if more != "" {
			text += ": " + more
		}
	}
	return &point.Refused{Reason: reason, Err: errors.New(text)}
}

// canaries are questions that a profile may deny. A path is not among them:
// sandbox_check denies any that does not exist.
func canaries() []sbpl.Query {
	var nonce [4]byte
	rand.Read(nonce[:])
	name := "org.hrhost.canary." + hex.EncodeToString(nonce[:])
	return []sbpl.Query{
		{Operation: "mach-lookup", Filters: []sbpl.Filter{{Name: "global-name", Value: name}}},
		{Operation: "distributed-notification-post", Filters: []sbpl.Filter{{Name: "notification-name", Value: name}}},
		{Operation: "process-fork"},
	}
}

// Canary is a question that the policy denies. ok is false when there is none.
func Canary(policy enforce.Policy) (q seatbelt.Question, ok bool) {
	for _, c := range canaries() {
		if policy.Decide(c).Action != sbpl.Deny {
			continue
		}
		if q, err := Question(c); err == nil {
			return q, true
		}
	}
	return q, false
}

// Question is a query of the evaluator as one of sandbox_check.
func Question(q sbpl.Query) (seatbelt.Question, error) {
	switch len(q.Filters) {
	case 0:
		return seatbelt.Ask(q.Operation, "", "")
	case 1:
		return seatbelt.Ask(q.Operation, q.Filters[0].Name, q.Filters[0].Value)
	}
	return seatbelt.Ask(q.Operation, q.Filters[0].Name, "") // relations of a process: there is no such filter
}

// Answer is the oracle's row about one planned probe.
func Answer(k Kernel, pid int, q sbpl.Query) enforce.Answer {
	a := enforce.Answer{Source: "sandbox_check", Prediction: "unsupported_by_api", By: lane.ByPolicy, Epoch: 1}
	question, err := Question(q)
	if err != nil {
		a.Detail = err.Error()
		return a
	}
	denied, err := k.Check(pid, question)
	switch {
	case err != nil:
		a.Prediction, a.Detail = "error", err.Error()
	case denied:
		a.Prediction = "deny"
	default:
		a.Prediction = "allow"
	}
	return a
}
