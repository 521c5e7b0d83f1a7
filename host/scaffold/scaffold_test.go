package scaffold

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func checkout(t *testing.T) SDK {
	t.Helper()
	s, err := Checkout(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRefused(t *testing.T) {
	for want, o := range map[string]Options{
		`name ""`:           {},
		`name "Chdir"`:      {Name: "Chdir"},
		`name "../x"`:       {Name: "../x"},
		`name "a b"`:        {Name: "a b"},
		`name "9p"`:         {Name: "9p"},
		`name "a\n"`:        {Name: "a\n"},
		"has a family":      {Name: "sysctl"},
		"longer than":       {Name: strings.Repeat("a", 33)},
		`path "a b"`:        {Name: "x", Module: "a b"},
		`path "/x"`:         {Name: "x", Module: "/x"},
		"x\\nreplace":       {Name: "x", Module: "x\nreplace a => b"},
		"no such file or d": {Name: "x", Dir: filepath.Join(t.TempDir(), "none", "x")},
	} {
		if o.Dir == "" {
			o.Dir = filepath.Join(t.TempDir(), "x")
		}
		o.SDK = checkout(t)
		if _, _, err := Write(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o.Name, err, want)
		}
		if _, err := os.Lstat(o.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: something was made: %v", o.Name, err)
		}
	}
}

// TestNothingIsTouched: a file, a directory, a dangling link in the way.
func TestNothingIsTouched(t *testing.T) {
	dir := t.TempDir()
	for name, put := range map[string]func(string) error{
		"file":      func(p string) error { return os.WriteFile(p, []byte("mine"), 0o600) },
		"directory": func(p string) error { return os.Mkdir(p, 0o700) },
		"link":      func(p string) error { return os.Symlink("nowhere", p) },
	} {
		path := filepath.Join(dir, name)
		if err := put(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(path)
		if _, _, err := Write(Options{Name: "x", Dir: path, SDK: checkout(t)}); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s in the way: %v", name, err)
		}
		if after, err := os.Lstat(path); err != nil || after.Mode() != before.Mode() || after.Size() != before.Size() {
			t.Errorf("%s was touched: %v, %v", name, after, err)
		}
	}
}

// TestAllOrNothing: what fails in the middle leaves nothing, not even a partial
// directory.
func TestAllOrNothing(t *testing.T) {
	files["none"] = "zzz" // a template that is not there
	defer delete(files, "none")
	parent := t.TempDir()
	if _, _, err := Write(Options{Name: "x", Dir: filepath.Join(parent, "x"), SDK: checkout(t)}); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestEveryTemplateIsUsed: and each file that is written is listed.
func TestEveryTemplateIsUsed(t *testing.T) {
	entries, err := templates.ReadDir("templates")
	if err != nil || len(entries) != len(files) {
		t.Errorf("%d templates for %d files, %v", len(entries), len(files), err)
	}
	dir, written, err := Write(Options{Name: "my-own", Dir: filepath.Join(t.TempDir(), "x"), SDK: checkout(t)})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			found = append(found, rel)
		}
		return err
	})
	slices.Sort(found)
	if !slices.Equal(found, written) {
		t.Errorf("written %v\nlisted  %v", found, written)
	}
	out, err := exec.Command("gofmt", "-l", dir).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("not gofmt-clean: %s, %v", out, err)
	}
}

// TestNeeded: go.mod of a checkout's plugin is complete and has nothing more.
func TestNeeded(t *testing.T) {
	var found []string
	for _, system := range []string{"linux", "darwin"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./sdk", "./sdk/sdktest")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, strings.Fields(string(out))...)
	}
	slices.Sort(found)
	found = slices.DeleteFunc(slices.Compact(found), func(path string) bool { return path == Module })
	if !slices.Equal(found, needed) {
		t.Errorf("the SDK is built from\n%v\nand needed are\n%v", found, needed)
	}
	if got := checkout(t); len(got.Indirect) != len(needed) {
		t.Errorf("versions of %v", got.Indirect)
	}
}

func TestRelease(t *testing.T) {
	dir, _, err := Write(Options{Name: "x", Dir: filepath.Join(t.TempDir(), "x"), SDK: Release("v1.2.3", "1.26.0")})
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if want := "module example.com/hrhost-probe-x\n\ngo 1.26.0\n\nrequire github.com/hrhost/hrhost v1.2.3\n"; err != nil || string(mod) != want {
		t.Errorf("go.mod is\n%s%v", mod, err)
	}
}

func TestNoCheckout(t *testing.T) {
	if _, err := Checkout(t.TempDir()); err == nil {
		t.Error("an empty directory is a checkout")
	}
	if IsCheckout(".") {
		t.Error("a directory without go.mod is a checkout")
	}
}
