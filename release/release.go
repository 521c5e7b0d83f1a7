// Package release makes what people download: an archive for each target with
// the programs, the default plan, the manual page, completions and the pages
// that they link to; a list of digests; and a Homebrew formula. Two releases of
// one commit by one Go release have the same bytes, wherever they are made.
package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/hrhost/hrhost/release/archive"
)

// Target is a system that archives are made for.
type Target struct{ OS, Arch string }

func (t Target) String() string { return t.OS + "/" + t.Arch }

// Targets are all of them. linux/arm64 is none: the monitor has no table of that
// machine's system calls, so nothing could be sealed there.
var Targets = []Target{{"darwin", "arm64"}, {"darwin", "amd64"}, {"linux", "amd64"}}

// Options is one release.
type Options struct {
	Root    string    // the checkout
	Out     string    // directory for the results; it is made
	Version string    // without a leading v
	Time    time.Time // of the commit: every file's, and the manual page's date
	Targets []Target
	Log     func(format string, args ...any)
}

// sums is the name of the list of digests, in each archive and beside them.
const sums = "SHA256SUMS"

var versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+-]*$`)

// Make builds and writes a release. Results replace those of the same name.
func Make(o Options) error {
	if !versionPattern.MatchString(o.Version) {
		return fmt.Errorf("version %q: letters, digits and . + - only", o.Version)
	}
	work, err := os.MkdirTemp("", "hrhost-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	common, err := o.common(work)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	var made []archive.File
	for _, t := range o.Targets {
		a, err := o.target(t, filepath.Join(work, t.OS+"-"+t.Arch), common)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		made = append(made, a)
	}
	if len(o.Targets) == len(Targets) {
		f, err := formula(o.Version, made)
		if err != nil {
			return err
		}
		made = append(made, archive.File{Name: "hrhost.rb", Data: f})
	}
	return o.write(append(made, digests(made)))
}

// target makes one archive.
func (o Options) target(t Target, dir string, common []archive.File) (archive.File, error) {
	programs, err := o.build(t, dir)
	if err != nil {
		return archive.File{}, err
	}
	for _, p := range programs {
		if err := check(t, p.Data); err != nil {
			return archive.File{}, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	o.Log("%s: %d programs, %s", t, len(programs), checked(t))
	files := append(programs, common...)
	files = append(files, digests(files))
	name := o.name(t)
	var b bytes.Buffer
	if err := archive.Write(&b, name, o.Time, files); err != nil {
		return archive.File{}, err
	}
	return archive.File{Name: name + ".tar.gz", Data: b.Bytes()}, nil
}

// name is an archive's, and of the one directory in it.
func (o Options) name(t Target) string {
	return strings.Join([]string{"hrhost", o.Version, t.OS, t.Arch}, "-")
}

func (o Options) write(files []archive.File) error {
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(o.Out, f.Name), f.Data, 0o644); err != nil {
			return err
		}
		o.Log("%s  %9d  %s", digest(f.Data), len(f.Data), f.Name)
	}
	return nil
}

// digests lists files as `sha256sum -c` and `shasum -a 256 -c` read them.
func digests(files []archive.File) archive.File {
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", digest(f.Data), f.Name)
	}
	return archive.File{Name: sums, Data: b.Bytes()}
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
