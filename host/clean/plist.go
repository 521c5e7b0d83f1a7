package clean

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// job is a launchd job that does one run's work. launchd starts it with nothing
// of the caller's: environment, descriptors, parents, sandbox.
type job struct {
	Label      string
	Program    string // hrhost itself
	Verb       string
	Dir        string // working directory: the staged root, which no privacy rule is about
	Stdout     string
	Stderr     string
	Result     string // the file that gets the exit status, last
	Life       string // the FIFO that the job holds while it lives
	Launchctl  string
	Target     string // domain and label
	Env        map[string]string
	Background bool // no graphical session
}

// script runs the worker and writes its status when it has ended, under the
// final name only once it is whole: a job that printed something may not be done.
// The life FIFO is opened for reading too, so that nobody waits in open(2)
// (fact:launch.fifo). A job whose root is gone, or kept,
// has nobody to remove it but itself.
const script = `exec 9<>"$3"; echo "shell $$" >&9
"$0" "$1"; s=$?
if [ -d "${2%/*}" ] && [ ! -e "${2%/*}/` + fileKept + `" ]; then echo $s > "$2.part" && mv "$2.part" "$2"; else exec "$4" bootout "$5"; fi`

// fdLife is the life FIFO in script.
const fdLife = 9

func (j *job) arguments() []string {
	return []string{"/bin/sh", "-c", script, j.Program, j.Verb, j.Result, j.Life, j.Launchctl, j.Target}
}

// plist is the job in launchd's words. fact:launch.domain fact:launch.process-type
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
	for _, arg := range j.arguments() {
		fmt.Fprintf(&b, "    <string>%s</string>\n", escaped(arg))
	}
	b.WriteString("  </array>\n  <key>RunAtLoad</key>\n  <true/>\n")
	text("ProcessType", "Interactive")
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
