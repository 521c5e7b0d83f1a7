package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestRest: a file that rested goes on where it was, its digest too; one that was
// closed while it rested stays closed.
func TestRest(t *testing.T) {
	w, err := Create(t.TempDir(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.File("logs/a.log")
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) error { _, err := f.Write([]byte(text)); return err }
	if err := errors.Join(write("one "), f.Rest(), f.Rest(), write("two"), f.Rest(), f.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if err := write("three"); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	got, err := os.ReadFile(filepath.Join(w.Dir(), "logs", "a.log"))
	if want := wholeFile("logs/a.log", []byte("one two")).entry(); err != nil || string(got) != "one two" || f.(*file).entry() != want {
		t.Errorf("%q, %v, %+v, want %+v", got, err, f.(*file).entry(), want)
	}
}
