package seatbelt

import (
	"regexp"
	"strings"
	"syscall"
)

// API is the call that puts a profile in force.
const API = "sandbox_init_with_parameters"

// ApplyReport is what that call answered, read.
type ApplyReport struct {
	API    string
	RC     int
	Errno  syscall.Errno // 0 on success
	Errbuf string        // the call's own words
	Class  ErrClass
	Source ClassSource // what Class was read from
}

// ErrClass is how a failed apply is read. The words are the predecessor's.
type ErrClass string

const (
	ClassOK               ErrClass = "ok"
	ClassAlreadySandboxed ErrClass = "already_sandboxed"
	ClassEPERM            ErrClass = "errno_eperm" // refused: an apply gate, or an outer sandbox that nobody could see
	ClassEACCES           ErrClass = "errno_eacces"
	ClassErrno            ErrClass = "errno_other"
	ClassUnknown          ErrClass = "unknown" // a failure without an errno
)

// ClassSource is what a class was read from.
type ClassSource string

const (
	FromNothing ClassSource = "none"
	FromText    ClassSource = "errbuf_regex"
	FromErrno   ClassSource = "errno_only"
	FromSelf    ClassSource = "sandbox_check" // the process was sandboxed before it tried
)

// alreadyText is what failed calls have said about a nested sandbox.
var alreadyText = regexp.MustCompile(`(?i)already (in a |been )?sandbox|reinit|nested`)

// ReadApply reads what the call answered. before is whether the process was
// sandboxed before, by sandbox_check, nil where that is not known: EPERM alone
// can't tell nested from refused. fact:apply.already
func ReadApply(rc int, errno syscall.Errno, errbuf string, before *bool) ApplyReport {
	r := ApplyReport{API: API, RC: rc, Errno: errno, Errbuf: errbuf}
	if rc == 0 {
		r.Errno, r.Class, r.Source = 0, ClassOK, FromNothing
		return r
	}
	r.Class, r.Source = classOf(errno), FromErrno
	switch {
	case alreadyText.MatchString(errbuf):
		r.Class, r.Source = ClassAlreadySandboxed, FromText
	case errno == syscall.EPERM && before != nil && *before:
		r.Class, r.Source = ClassAlreadySandboxed, FromSelf
	case errno == 0:
		r.Source = FromNothing
	}
	return r
}

func classOf(e syscall.Errno) ErrClass {
	switch e {
	case 0:
		return ClassUnknown
	case syscall.EPERM:
		return ClassEPERM
	case syscall.EACCES:
		return ClassEACCES
	}
	return ClassErrno
}

// Hint is what a person can do about a failed apply, "" when nothing is known.
func (r ApplyReport) Hint() string {
	switch r.Class {
	case ClassAlreadySandboxed:
		return "something confines this process already (an agent, an editor, an App Sandbox); start hrhost from Terminal, or through launchd"
	case ClassEPERM:
		return "the profile may need an entitlement, or an outer sandbox refuses; `hrhost world` says what confines hrhost"
	case ClassErrno:
		if r.Errbuf != "" {
			return "the system's compiler refuses the profile; `hrhost sb check` may say more"
		}
	}
	return ""
}

// Gate is why a profile can't be applied by an ordinary process, "" when nothing
// is known against it. It looks at the profile's text without its comments and
// strings. fact:apply.gate
func Gate(sbpl string) string {
	if messageFilter.MatchString(bare(sbpl)) {
		return "apply-message-filter needs the entitlement com.apple.private.security.message-filter: the profile compiles, but applying it answers EPERM"
	}
	return ""
}

var messageFilter = regexp.MustCompile(`\(\s*apply-message-filter`)

// bare is SBPL text with comments, strings and raw strings left out.
func bare(sbpl string) string {
	var b strings.Builder
	for i := 0; i < len(sbpl); i++ {
		switch c := sbpl[i]; c {
		case ';':
			for i < len(sbpl) && sbpl[i] != '\n' {
				i++
			}
			b.WriteByte('\n')
		case '"':
			raw := i > 0 && sbpl[i-1] == '#'
			for i++; i < len(sbpl) && sbpl[i] != '"'; i++ {
				if sbpl[i] == '\\' && !raw {
					i++
				}
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
