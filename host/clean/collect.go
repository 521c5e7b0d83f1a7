package clean

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxKept is how much of each file of a failed job is kept, in bytes, from its end.
const maxKept = 256 << 10

// logTime is how long log(1) may take.
const logTime = 20 * time.Second

// collect asks launchd about the job and keeps its description, the conversation
// with launchctl, what it printed, and what the unified log has about it.
func (l *launchd) collect(f *Failure, logs string) {
	if l.job == nil {
		return
	}
	if out, code, err := l.ask("print", l.job.Target); err == nil && code == 0 {
		f.learn(readPrint(out))
	}
	if logs == "" {
		return
	}
	dir := filepath.Join(logs, labelOf(l.stage))
	if os.MkdirAll(dir, 0o700) != nil {
		return // the failure itself is told all the same
	}
	f.Kept = dir
	for _, name := range []string{filePlist, fileStdout, fileStderr} {
		if b := readEnd(l.file(name), maxKept); b != nil {
			os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
	}
	os.WriteFile(filepath.Join(dir, "launchctl.txt"), l.conversation(), 0o600)
	if text := l.unifiedLog(); text != "" {
		os.WriteFile(filepath.Join(dir, "log.txt"), []byte(text), 0o600)
	}
}

// learn completes a failure by what launchd tells about the job.
// fact:launch.print fact:launch.signature-kill
func (f *Failure) learn(p printed) {
	switch f.Kind {
	case SpawnFailed, NeverBegan:
		if strings.Contains(p.reason, "CODESIGNING") {
			f.Kind = BadSignature
		}
	case NoResult, Died:
	default:
		return
	}
	if s := p.String(); s != "" {
		f.Cause = strings.TrimPrefix(f.Cause+"; launchd: "+s, "; ")
	}
}

// unifiedLog is what the last minutes' log has about the job, and about programs
// that were not allowed to run. Only log(1)'s own refusal is told otherwise.
func (l *launchd) unifiedLog() string {
	if l.log == "" {
		return ""
	}
	about := fmt.Sprintf(`eventMessage CONTAINS %q OR (sender == "AppleMobileFileIntegrity" AND eventMessage CONTAINS %q)`,
		l.job.Label, filepath.Base(l.program))
	out, code, err := runTool(logTime, l.log, "show", "--style", "compact", "--last", "2m", "--predicate", about)
	switch {
	case err != nil:
		return err.Error() + "\n"
	case code != 0:
		return said(out, code) + "\n"
	}
	return out[max(0, len(out)-maxKept):]
}
