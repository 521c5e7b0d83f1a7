package seatbelt

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestStream(t *testing.T) {
	in, err := os.Open("testdata/stream.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s := newStream()
	if err := s.read(in); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ready:
	default:
		t.Error("the banner was not seen")
	}
	all := s.since(time.Time{})
	if len(all) != 5 || s.lost != 1 || s.forged != 1 {
		t.Errorf("%d reports, %d lost, %d forged", len(all), s.lost, s.forged)
	}
	if late := s.since(time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)); len(late) != 1 || late[0].Report.Duplicates != 2 {
		t.Errorf("since noon: %+v", late)
	}
}

// TestStreamSkipsWhatIsTooLong: the line after it is read.
func TestStreamSkipsWhatIsTooLong(t *testing.T) {
	s := newStream()
	const forged = `{"eventType":"lossEvent"}`
	if err := s.read(strings.NewReader(strings.Repeat(" ", 3*maxLine) + forged + "\n" + banner + "\"p\"\n")); err != nil {
		t.Fatal(err)
	}
	if s.lost != 0 {
		t.Error("the end of a long line was read as a line")
	}
	select {
	case <-s.ready:
	default:
		t.Error("the line after a long one was not read")
	}
}
