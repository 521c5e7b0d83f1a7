package sbpl

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// truthRow is a decision of a real Mac: what was asked under which profile.
type truthRow struct {
	profile, operation, filter, value, expected, os, note string
}

// TestMacTruth compares with decisions that were observed on real Macs, and with
// cases of our own of the same kinds, which are always there.
func TestMacTruth(t *testing.T) {
	const observed = shared + "/../truth/mac_truth.tsv"
	for _, file := range []string{"testdata/mac_truth.tsv", observed} {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if os.IsNotExist(err) && file == observed {
				t.Skipf("the observed decisions are not on this machine: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int{}
			rows := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
			for i, line := range rows {
				f := append(strings.Split(line, "\t"), "")
				r := truthRow{f[0], f[1], f[2], f[3], f[4], f[5], f[7]}
				result, why := r.compare(t)
				counts[result]++
				switch {
				case result == "differ":
					t.Errorf("row %d, %s %s %s on %s: %s, want %s", i+1, r.profile, r.operation, r.value, r.os, why, r.expected)
				case result == "not known" && r.observed():
					t.Errorf("row %d, %s %s %s on %s was observed, and is not known: %s", i+1, r.profile, r.operation, r.value, r.os, why)
				case result == "not known":
					t.Logf("row %d, %s %s %s on %s: not known: %s", i+1, r.profile, r.operation, r.value, r.os, why)
				}
			}
			t.Logf("%d rows: agree %d, differ %d, not known %d", len(rows), counts["agree"], counts["differ"], counts["not known"])
			if len(rows) < 10 {
				t.Error("too few rows to show anything")
			}
		})
	}
}

// compare asks on each release that the row may be about.
func (r truthRow) compare(t *testing.T) (result, why string) {
	result = "agree"
	for _, release := range r.releases() {
		got, reason := r.decide(t, release)
		switch {
		case got == r.expected:
		case got == Unknown.String() && reason != "":
			result, why = "not known", release+": "+reason
		default:
			return "differ", release + ": " + got
		}
	}
	return result, why
}

func (r truthRow) decide(t *testing.T, release string) (got, reason string) {
	p, err := Compile([]byte(r.profile), Options{Name: "p.sb", Release: release})
	switch {
	case err != nil:
		if !strings.Contains(err.Error(), "unbound variable") {
			t.Errorf("%s: %v", r.profile, err)
		}
		return "refused", ""
	case r.operation == "COMPILE":
		return "compiles", ""
	}
	q := Query{Operation: r.operation}
	values := strings.Split(r.value, ",")
	for i, name := range strings.Split(r.filter, ",") {
		if name == "" {
			continue
		}
		f, err := ParseFilter(name + "=" + values[i])
		if err != nil {
			t.Error(err)
		}
		q.Filters = append(q.Filters, f)
	}
	d := compare(t, p, q)
	if d.Err != nil {
		t.Error(d.Err)
	}
	return d.Action.String(), d.Reason
}

// observed reports that the row is a call or a log of a release with a library that
// is known.
func (r truthRow) observed() bool {
	return !strings.Contains(r.note, "DERIVED") && !strings.Contains(r.note, "INFERRED") && !strings.HasPrefix(r.os, "13")
}

var stated = regexp.MustCompile(`^\d+`)

// releases are the tables that a row may be about: all that know several versions
// where its source does not state one. Of 12 and 13 there is no table: 14 is the next.
func (r truthRow) releases() []string {
	all := []string{"14", "15", "26"}
	switch n := stated.FindString(r.os); {
	case strings.HasPrefix(r.os, "12-15"):
		return all[:2]
	case n == "13":
		return all[:1]
	case slices.Contains(all, n):
		return []string{n}
	}
	return all
}
