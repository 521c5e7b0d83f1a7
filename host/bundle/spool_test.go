package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// spooledRow is as much of a row as the writer asks for.
type spooledRow struct {
	Part int    `json:"part"`
	N    int    `json:"n"`
	Text string `json:"text,omitempty"`
}

func spools(t testing.TB, parts int) (*Writer, []*Spool, string) {
	t.Helper()
	out := t.TempDir()
	w, err := Create(out, "r")
	must(t, err)
	s, err := w.Spools(parts, map[string]string{"world_id": "w"})
	must(t, err)
	return w, s, out
}

// rowsOf are the parts and numbers of a document's rows: "1.1 1.2 2.1".
func rowsOf(t testing.TB, dir, name string) string {
	t.Helper()
	var out []string
	must(t, ReadRows(dir, name, func(r spooledRow) error {
		out = append(out, fmt.Sprintf("%d.%d", r.Part, r.N))
		return nil
	}))
	return strings.Join(out, " ")
}

// TestSpoolsJoinInOrder: parts end in any order, rest and go on, and one has a row
// that is longer than any buffer; another has none.
func TestSpoolsJoinInOrder(t *testing.T) {
	w, s, out := spools(t, 4)
	var all sync.WaitGroup
	ended := make([]chan struct{}, 4)
	for i := range ended {
		ended[i] = make(chan struct{})
	}
	for part := 3; part >= 0; part-- {
		all.Go(func() {
			defer close(ended[part])
			if part == 1 {
				return
			}
			if part < 3 {
				<-ended[part+1] // the last one ends first
			}
			for n := 1; n <= 3; n++ {
				row := spooledRow{Part: part, N: n}
				if part == 2 && n == 2 {
					row.Text = strings.Repeat("long\n\u2028", joinBuffer)
				}
				for _, name := range spooled {
					if err := s[part].Append(name, row); err != nil {
						t.Error(err)
					}
				}
				if n == 2 {
					must(t, s[part].Rest())
				}
			}
		})
	}
	all.Wait()
	dir, err := w.Commit()
	must(t, err)
	for _, name := range spooled {
		if got, want := rowsOf(t, dir, name), "0.1 0.2 0.3 2.1 2.2 2.3 3.1 3.2 3.3"; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if _, err := os.Lstat(filepath.Join(out, "runs", "r", SpoolDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the bundle has spools: %v", err)
	}
	if err := s[0].Append(WitnessEvents, spooledRow{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a row after all: %v", err)
	}
}

// TestSpoolJoinsAsTheWriterWrites: a document does not show that it was spooled.
func TestSpoolJoinsAsTheWriterWrites(t *testing.T) {
	w, s, _ := spools(t, 2)
	direct, err := Create(t.TempDir(), "r")
	must(t, err)
	a, err := direct.Array(RuntimeResults, map[string]string{"world_id": "w"})
	must(t, err)
	l, err := direct.Lines(WitnessEvents)
	must(t, err)
	for i, spool := range s {
		row := spooledRow{Part: i, N: 1}
		must(t, errors.Join(spool.Append(RuntimeResults, row), a.Append(row), spool.Append(WitnessEvents, row), l.Append(row)))
	}
	must(t, errors.Join(w.Join(), a.Close(), l.Close()))
	for _, name := range []string{RuntimeResults, WitnessEvents} {
		got, err := os.ReadFile(filepath.Join(w.Dir(), name))
		must(t, err)
		want, err := os.ReadFile(filepath.Join(direct.Dir(), name))
		must(t, err)
		if string(got) != string(want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestSpoolLosesNoRow: when Append returns, the row is where SIGKILL leaves it.
func TestSpoolLosesNoRow(t *testing.T) {
	w, s, _ := spools(t, 1)
	for n := 1; n <= 3; n++ {
		must(t, s[0].Append(WitnessEvents, spooledRow{Part: 1, N: n}))
		text, err := os.ReadFile(filepath.Join(w.Dir(), SpoolDir, "000001"))
		must(t, err)
		if rows := strings.Count(string(text), "\n"); rows != n || !strings.HasPrefix(string(text), WitnessEvents+` {"schema_version":`) {
			t.Fatalf("after %d rows the file has %d: %s", n, rows, text)
		}
	}
}

// TestAbortJoins: what there is of a run that ended early is in the documents.
func TestAbortJoins(t *testing.T) {
	w, s, out := spools(t, 2)
	must(t, s[1].Append(OracleResults, spooledRow{Part: 1, N: 1}))
	must(t, s[0].Append(OracleResults, spooledRow{Part: 0, N: 1}))
	must(t, w.Abort(Interrupted, "SIGINT"))
	dir := filepath.Join(out, "runs", "r.partial")
	if got := rowsOf(t, dir, OracleResults); got != "0.1 1.1" {
		t.Errorf("joined %s", got)
	}
	if _, err := os.Lstat(filepath.Join(dir, SpoolDir)); err == nil {
		t.Error("the spools are still there")
	}
}

// TestSpoolFails: a spool that cannot be written fails the row and the run, and the
// rows that were written whole are joined when the run is aborted.
func TestSpoolFails(t *testing.T) {
	w, s, out := spools(t, 2)
	must(t, s[0].Append(OracleResults, spooledRow{Part: 0, N: 1}))
	must(t, s[1].Append(OracleResults, spooledRow{Part: 1, N: 1}))
	s[0].f.WriteString("oracle_results.json {\"torn") // as a full disk leaves it
	s[0].f.Close()
	if err := s[0].Append(OracleResults, spooledRow{}); err == nil {
		t.Fatal("a row was taken that is nowhere")
	}
	if err := w.Abort(Failed, "disk"); err == nil {
		t.Error("the spool that failed was joined without a word")
	}
	dir := filepath.Join(out, "runs", "r.partial")
	if got := rowsOf(t, dir, OracleResults); got != "0.1 1.1" {
		t.Errorf("joined %q", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, SpoolDir, "*"))
	must(t, err)
	if want := []string{filepath.Join(dir, SpoolDir, "000001")}; !slices.Equal(left, want) {
		t.Errorf("left %q, want the torn spool alone", left)
	}
}

// TestJoinKeepsNoRow: what joining allocates does not grow with the rows.
func TestJoinKeepsNoRow(t *testing.T) {
	allocated := func(rows int) uint64 {
		w, s, _ := spools(t, 1)
		row := spooledRow{Text: strings.Repeat("x", 1000)}
		for range rows {
			must(t, s[0].Append(RuntimeResults, row))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		must(t, w.Join())
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1) // pays for package state
	few, many := allocated(10), allocated(10_000)
	if many > few+10_000 {
		t.Errorf("joining 10 rows allocates %d bytes, 10,000 rows %d", few, many)
	}
}
