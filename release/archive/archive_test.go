package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var when = time.Date(2026, 11, 24, 12, 0, 0, 999, time.FixedZone("elsewhere", 3600))

func files() []File {
	return []File{
		{Name: "bin/hrhost", Program: true, Data: []byte("program")},
		{Name: "README.md", Data: []byte("text")},
		{Name: "sb/a.sb", Data: []byte("(version 1)")},
		{Name: "bin/hrhost-probe-a", Program: true, Data: []byte("plugin")},
		{Name: "empty"},
	}
}

func written(t *testing.T, files []File, at time.Time) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, "top", at, files); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSameBytes: neither the order of the files nor the time's zone matters. The
// digest is of this very format: one that changes makes every archive another.
func TestSameBytes(t *testing.T) {
	first := written(t, files(), when)
	for range 20 {
		shuffled := files()
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if !bytes.Equal(written(t, shuffled, when.UTC().Add(time.Microsecond)), first) {
			t.Fatal("the same files make another archive")
		}
	}
	zip, err := gzip.NewReader(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if !zip.ModTime.IsZero() || zip.Name != "" || zip.Comment != "" || zip.OS != 255 {
		t.Errorf("gzip header %+v", zip.Header)
	}
	plain, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	const want = "012388f35e6023191d3e11772fd64147fd560a54df1360b565d4ce0cda6349ff"
	if sum := sha256.Sum256(plain); hex.EncodeToString(sum[:]) != want {
		t.Errorf("the tar stream has digest %x, want %s", sum, want)
	}
}

// TestContent: every entry as a tar program would see it.
func TestContent(t *testing.T) {
	zip, err := gzip.NewReader(bytes.NewReader(written(t, files(), when)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r)
		got = append(got, fmt.Sprintf("%c %o %d:%d%s%s %s %s %q", h.Typeflag, h.Mode, h.Uid, h.Gid, h.Uname, h.Gname, h.ModTime.UTC().Format(time.DateTime), h.Name, b))
	}
	const at = " 0:0 2026-11-24 11:00:00 "
	want := []string{
		`5 755` + at + `top/ ""`,
		`0 644` + at + `top/README.md "text"`,
		`5 755` + at + `top/bin/ ""`,
		`0 755` + at + `top/bin/hrhost "program"`,
		`0 755` + at + `top/bin/hrhost-probe-a "plugin"`,
		`0 644` + at + `top/empty ""`,
		`5 755` + at + `top/sb/ ""`,
		`0 644` + at + `top/sb/a.sb "(version 1)"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestRefused: names that would leave the directory, or be two things.
func TestRefused(t *testing.T) {
	for _, names := range [][]string{{"../a"}, {"/a"}, {"a/"}, {""}, {"."}, {"a", "a"}, {"a", "a/b"}, {"a/b", "a"}, {strings.Repeat("x", 300)}} {
		var list []File
		for _, n := range names {
			list = append(list, File{Name: n})
		}
		if err := Write(io.Discard, "top", when, list); err == nil {
			t.Errorf("%q: no error", names)
		}
	}
	if err := Write(io.Discard, "../top", when, files()); err == nil {
		t.Error("a directory outside: no error")
	}
}

// FuzzNames: what is not refused unpacks below the directory.
func FuzzNames(f *testing.F) {
	f.Add("a/b", "a")
	f.Add("../x", "y")
	f.Fuzz(func(t *testing.T, a, b string) {
		var out bytes.Buffer
		if Write(&out, "top", when, []File{{Name: a}, {Name: b}}) != nil {
			return
		}
		zip, err := gzip.NewReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		r := tar.NewReader(zip)
		for h, err := r.Next(); err == nil; h, err = r.Next() {
			names = append(names, h.Name)
			if h.Name != "top/" && !strings.HasPrefix(h.Name, "top/") || slices.Contains(strings.Split(h.Name, "/"), "..") {
				t.Errorf("%q is outside", h.Name)
			}
		}
		if !slices.Contains(names, "top/"+a) || !slices.Contains(names, "top/"+b) {
			t.Errorf("%q lacks %q or %q", names, a, b)
		}
	})
}
