package clean

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// job is a launchd job that does one run's work. launchd starts it with nothing
// of the caller's: environment, descriptors, parents, sandbox.
type job struct {
	Label      string
	Program    string // hrhost itself
	Verb       string
	Dir        string // working directory
	Stdout     string
	Stderr     string
	Result     string // the file that gets the exit status, last
	Env        map[string]string
	Background bool // no graphical session
}

// script runs the worker and writes its status when it has ended, under the
// final name only once it is whole: a job that printed something may not be done.
const script = `"$0" "$1"; echo $? > "$2.part" && mv "$2.part" "$2"`

// plist is the job in launchd's words. fact:launch.domain
func (j *job) plist() string {
	var b strings.Builder
	b.WriteString(xml.Header)
	b.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n")
	b.WriteString("<plist version=\"1.0\">\n<dict>\n")
	text := func(key, value string) {
		fmt.Fprintf(&b, "  <key>%s</key>\n  <string>%s</string>\n", key, escaped(value))
	}
	text("Label", j.Label)
	b.WriteString("  <key>ProgramArguments</key>\n  <array>\n")
	for _, arg := range []string{"/bin/sh", "-c", script, j.Program, j.Verb, j.Result} {
		fmt.Fprintf(&b, "    <string>%s</string>\n", escaped(arg))
	}
	b.WriteString("  </array>\n  <key>RunAtLoad</key>\n  <true/>\n")
	text("WorkingDirectory", j.Dir)
	text("StandardOutPath", j.Stdout)
	text("StandardErrorPath", j.Stderr)
	b.WriteString("  <key>EnvironmentVariables</key>\n  <dict>\n")
	for _, k := range slices.Sorted(maps.Keys(j.Env)) {
		fmt.Fprintf(&b, "    <key>%s</key>\n    <string>%s</string>\n", escaped(k), escaped(j.Env[k]))
	}
	b.WriteString("  </dict>\n")
	if j.Background {
		b.WriteString("  <key>LimitLoadToSessionType</key>\n  <array>\n    <string>Background</string>\n  </array>\n")
	}
	b.WriteString("</dict>\n</plist>\n")
	return b.String()
}

func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// domain is where a job is bootstrapped: the user's graphical session when there
// is one, the user's background session otherwise.
func domain(uid int, gui bool) string {
	if gui {
		return fmt.Sprintf("gui/%d", uid)
	}
	return fmt.Sprintf("user/%d", uid)
}

// explainBootstrap says what a failed `launchctl bootstrap` means, as far as it
// is known.
func explainBootstrap(out string, sandboxed bool) string {
	switch {
	case sandboxed:
		return "something confines hrhost, and launchd takes no jobs from inside a sandbox"
	case strings.Contains(out, "Input/output error"), strings.Contains(out, "Bootstrap failed: 5"):
		return "launchd refuses the job: no session of that kind, or a job of the same name is still there"
	case strings.Contains(out, "Operation not permitted"), strings.Contains(out, "Not privileged"):
		return "this user may not start jobs in that session"
	}
	return ""
}

// status reads the worker's exit status from the result file.
func status(text string) (code int, ok bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0 && n <= 255
}
