package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
)

// references holds a directory for each build that reference bundles were made
// by: archives of `make reference`, and verdicts.json.
const references = root + "/host/bundle/testdata/reference"

// referenceNames are the bundles of every build. A bundle is valid unless the run
// was cut short or the bundle was broken on purpose; -update cannot change that.
var referenceNames = map[string]bool{
	"run": true, "selected": true, "sweep": true, "try": true, "wrap": true, "mismatch": true,
	"interrupted": false, "broken-digest": false, "broken-row": false, "broken-file": false,
}

// answer is the part of verify's answer that must stay as it is. Wording may
// change, and why a condition fails may name another row.
type answer struct {
	Exit       int      `json:"exit"`
	Valid      bool     `json:"valid"`
	Findings   []string `json:"findings"` // check and path, sorted, each once
	Promotable bool     `json:"promotable"`
	Unmet      []string `json:"unmet"` // conditions for promotion
}

// TestReferenceBundles verifies bundles of earlier builds. To accept a change of
// one build's verdicts: go test ./host/cmd/hrhost -run TestReferenceBundles/BUILD -update
func TestReferenceBundles(t *testing.T) {
	builds, err := os.ReadDir(references)
	if err != nil {
		t.Fatal(err)
	}
	if len(builds) == 0 {
		t.Fatalf("no builds in %s", references)
	}
	for _, build := range builds {
		t.Run(build.Name(), func(t *testing.T) { testReferences(t, filepath.Join(references, build.Name())) })
	}
}

func testReferences(t *testing.T, dir string) {
	got := map[string]answer{}
	for _, name := range archived(t, dir) {
		t.Run(name, func(t *testing.T) {
			v := verified(t, unpack(t, filepath.Join(dir, name+".tar.gz")))
			valid, known := referenceNames[name]
			if !known || v.Valid != valid || v.Promotable && !valid {
				t.Errorf("valid %v, promotable %v; known %v, want valid %v", v.Valid, v.Promotable, known, valid)
			}
			got[name] = v
		})
	}
	for name := range referenceNames {
		if _, made := got[name]; !made {
			t.Errorf("no bundle %s", name)
		}
	}
	golden := filepath.Join(dir, "verdicts.json")
	if *update && !t.Failed() {
		text, err := json.MarshalIndent(got, "", "  ")
		if err == nil {
			err = os.WriteFile(golden, append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]answer
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts differ from %s (-want +got):\n%s", golden, diff)
	}
}

// archived names the archives of a directory.
func archived(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".tar.gz")
	}
	return files
}

// verified runs the verb verify on a bundle.
func verified(t *testing.T, dir string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	u := newUI(&out, &errs)
	command := rootCommand(u)
	command.SetArgs([]string{"verify", "--json", dir})
	v := answer{Exit: u.exit(command.Execute()), Findings: []string{}, Unmet: []string{}}
	var r verify.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("reading the answer of verify: %v; it printed %q, and exit code %d", err, errs.String(), v.Exit)
	}
	if want := map[bool]int{true: 0, false: run.ExitMismatch}[r.Valid]; v.Exit != want {
		t.Errorf("exit code %d, want %d", v.Exit, want)
	}
	v.Valid, v.Promotable = r.Valid, r.Promotable
	for _, f := range r.Findings {
		v.Findings = append(v.Findings, f.Check+" "+f.Path)
	}
	slices.Sort(v.Findings)
	v.Findings = slices.Compact(v.Findings)
	for _, c := range r.Conditions {
		if !c.OK {
			v.Unmet = append(v.Unmet, c.Name)
		}
	}
	return v
}

// Bounds on an archive: the largest is of 784 KiB in 55 files.
const (
	maxArchive      = 16 << 20 // bytes, unpacked
	maxArchiveFiles = 1000
)

// unpack unpacks an archive and returns the one directory at its top.
func unpack(t *testing.T, path string) string {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	into, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer into.Close()
	archive := tar.NewReader(io.LimitReader(zip, maxArchive))
	for n := 0; ; n++ {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && n == maxArchiveFiles {
			err = fmt.Errorf("more than %d files", maxArchiveFiles)
		}
		if err == nil {
			err = unpackEntry(into, h, archive)
		}
		if err != nil {
			t.Fatalf("unpacking %s: %v", path, err)
		}
	}
	top, err := os.ReadDir(dir)
	if err != nil || len(top) != 1 {
		t.Fatalf("unpacking %s: %d entries at its top, want 1 (%v)", path, len(top), err)
	}
	return filepath.Join(dir, top[0].Name())
}

func unpackEntry(into *os.Root, h *tar.Header, data io.Reader) error {
	switch h.Typeflag {
	case tar.TypeDir:
		return into.Mkdir(strings.TrimSuffix(h.Name, "/"), 0o755)
	case tar.TypeReg:
		text, err := io.ReadAll(data)
		if err != nil {
			return err
		}
		return into.WriteFile(h.Name, text, 0o644)
	}
	return fmt.Errorf("%s is neither a file nor a directory", h.Name)
}
