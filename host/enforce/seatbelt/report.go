package seatbelt

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Report is one judgement in the kernel's words:
//
//	[N duplicate report(s) for ]Sandbox: name(pid) deny(1) operation[ target]
//	[the text of (with message "...")]
//
// fact:log.grammar
type Report struct {
	Duplicates int    // how many more of a report made before; 0 for the report itself
	Policy     string // "Sandbox", or "System Policy" for the platform's own
	Process    string // its name, as the process chose it
	PID        int
	Denied     bool
	Code       int // the N of deny(N), 0 for allow
	Operation  string
	Target     string
	Message    string // the lines after the first
	Cut        bool   // the report was too long, so the target or message is not whole
}

var (
	// verdictPart is what stands between a process's name and the operation. A
	// name or a target may look like it.
	verdictPart = regexp.MustCompile(`\((\d+)\) (?:deny\((\d+)\)|(allow)) `)
	duplicates  = regexp.MustCompile(`^(\d+) duplicate reports? for `)
	operation   = regexp.MustCompile(`^[a-z][a-z0-9*+-]*$`)
)

// cutMark ends a report that did not fit. fact:log.cut
const cutMark = "<…>"

// Reasons not to read a message.
var (
	errNoReport  = errors.New("not a sandbox report")
	errAmbiguous = errors.New("a sandbox report that can be read in two ways")
)

// ParseReport reads a log record's message. A name or a path can imitate the
// part that names the process: a message that can be read in two ways is
// refused, since it could put a denial to another process's account.
func ParseReport(text string) (Report, error) {
	var r Report
	if m := duplicates.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < 1 {
			return r, errNoReport
		}
		r.Duplicates, text = n, text[len(m[0]):]
	}
	policy, rest, found := strings.Cut(text, ": ")
	if !found || policy != "Sandbox" && policy != "System Policy" {
		return r, errNoReport
	}
	r.Policy = policy
	line, message, _ := strings.Cut(rest, "\n")
	at := verdictPart.FindAllStringSubmatchIndex(line, 2)
	switch len(at) {
	case 0:
		return r, errNoReport
	case 2:
		return r, errAmbiguous
	}
	r.Message = message
	return r, r.verdict(line, at[0])
}

// verdict takes the one line apart around the part that was found at m.
func (r *Report) verdict(line string, m []int) (err error) {
	r.Process = line[:m[0]]
	if r.PID, err = strconv.Atoi(line[m[2]:m[3]]); err != nil {
		return errNoReport
	}
	if r.Denied = m[4] >= 0; r.Denied {
		if r.Code, err = strconv.Atoi(line[m[4]:m[5]]); err != nil {
			return errNoReport
		}
	}
	r.Operation, r.Target, _ = strings.Cut(line[m[1]:], " ")
	for _, part := range []*string{&r.Target, &r.Message} {
		if whole, cut := strings.CutSuffix(*part, cutMark); cut {
			*part, r.Cut = whole, true
		}
	}
	if r.Process == "" || r.PID == 0 || !operation.MatchString(r.Operation) {
		return errNoReport
	}
	return nil
}

// String is the report as the kernel would write it, in one spelling.
func (r Report) String() string {
	var b strings.Builder
	if r.Duplicates > 0 {
		fmt.Fprintf(&b, "%d duplicate reports for ", r.Duplicates)
	}
	fmt.Fprintf(&b, "%s: %s(%d) ", r.Policy, r.Process, r.PID)
	if r.Denied {
		fmt.Fprintf(&b, "deny(%d) %s", r.Code, r.Operation)
	} else {
		fmt.Fprintf(&b, "allow %s", r.Operation)
	}
	if r.Target != "" {
		b.WriteString(" " + r.Target)
	}
	if r.Message != "" {
		b.WriteString("\n" + r.Message)
	}
	if r.Cut {
		b.WriteString(cutMark)
	}
	return b.String()
}

// Subject is the process that an operation was about, as a report names it.
type Subject struct {
	Relation string // self, children, others, initproc...
	Name     string // "" when not told
	PID      int    // 0 when not told
	Signal   int    // of a signal, 0 when not told
}

// subject is "others [Safari(5085)] signum:15" and its parts.
// fact:log.process-target
var subject = regexp.MustCompile(`^([a-z][a-z-]*)(?: \[(.+)\((\d+)\)\])?(?: signum:(\d+))?$`)

// ParseSubject reads a report's target as a process. ok is false for any other
// target, which then names no process.
func ParseSubject(target string) (s Subject, ok bool) {
	m := subject.FindStringSubmatch(target)
	if m == nil {
		return s, false
	}
	s.Relation, s.Name = m[1], m[2]
	s.PID, _ = strconv.Atoi(m[3])
	s.Signal, _ = strconv.Atoi(m[4])
	return s, true
}
