package seatbelt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind is what a line of the log stream is.
type Kind string

const (
	KindBanner Kind = "banner" // the stream listens from here on
	KindReport Kind = "report" // a judgement of the kernel
	KindLoss   Kind = "loss"   // the log says itself that it lost records
	KindEnd    Kind = "end"    // of what log show had
	KindForged Kind = "forged" // looks like a report, but the kernel did not send it
	KindOther  Kind = "other"
)

// Record is one line of `log stream --style ndjson`.
type Record struct {
	Kind   Kind
	Time   time.Time
	Report Report // of KindReport
	Why    string // why a line is forged or other
}

// logLine is what is read of a record. A missing process number is not the
// kernel's 0.
type logLine struct {
	EventType        string `json:"eventType"`
	EventMessage     string `json:"eventMessage"`
	ProcessImagePath string `json:"processImagePath"`
	SenderImagePath  string `json:"senderImagePath"`
	ProcessID        *int64 `json:"processID"`
	Timestamp        string `json:"timestamp"`
	Finished         *int   `json:"finished"`
}

// banner is how the stream says that it listens. fact:log.banner
const banner = "Filtering the log data using "

// timestampLayout is how log(1) writes a moment. fact:log.clock
const timestampLayout = "2006-01-02 15:04:05.999999-0700"

// ParseRecord reads one line. Only an error means that the line is not in the
// stream's format.
func ParseRecord(line []byte) (Record, error) {
	line = bytes.TrimSpace(line)
	if bytes.HasPrefix(line, []byte(banner)) {
		return Record{Kind: KindBanner}, nil
	}
	var l logLine
	if err := json.Unmarshal(line, &l); err != nil {
		return Record{}, fmt.Errorf("reading a log record: %w", err)
	}
	switch {
	case l.Finished != nil:
		return Record{Kind: KindEnd}, nil
	case l.EventType == "lossEvent":
		return Record{Kind: KindLoss, Why: l.EventMessage}, nil
	}
	return l.record()
}

func (l *logLine) record() (Record, error) {
	report, err := ParseReport(l.EventMessage)
	if err != nil {
		return Record{Kind: KindOther, Why: err.Error()}, nil
	}
	if why := l.forged(); why != "" {
		return Record{Kind: KindForged, Why: why}, nil
	}
	at, err := time.Parse(timestampLayout, l.Timestamp)
	if err != nil {
		return Record{}, fmt.Errorf("reading a log record: %w", err)
	}
	return Record{Kind: KindReport, Time: at.UTC(), Report: report}, nil
}

// forged says what shows that a record is not the kernel's own, "" for one that
// is: any process may log any text. fact:log.sender
func (l *logLine) forged() string {
	switch {
	case l.EventType != "logEvent":
		return fmt.Sprintf("event type %q", l.EventType)
	case l.ProcessImagePath != "/kernel":
		return fmt.Sprintf("sent by process %q", l.ProcessImagePath)
	case l.ProcessID == nil || *l.ProcessID != 0:
		return "sent by another process than the kernel"
	case !strings.HasPrefix(l.SenderImagePath, "/System/Library/Extensions/"),
		!strings.HasSuffix(l.SenderImagePath, "/Sandbox.kext/Contents/MacOS/Sandbox"):
		return fmt.Sprintf("sent by %q", l.SenderImagePath)
	}
	return ""
}

// ExplainLog says what log(1)'s own words mean, "" when they are not known.
// fact:log.sandboxed, fact:log.admin
func ExplainLog(stderr string, status int) string {
	switch {
	case strings.Contains(stderr, "Cannot run while sandboxed"):
		return "log(1) refuses inside any sandbox: hrhost is confined by something else"
	case strings.Contains(stderr, "Must be admin"):
		return "log(1) streams for administrators only: run as a user of the group admin"
	case status == 64:
		return "log(1) refused its arguments or this environment (exit status 64)"
	}
	return ""
}
